#include "report/markup.h"
#include "report/page.h"
#include "report/profile.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

#define LEVELS 3 /* of modules above the nodes */
#define ROW 20
#define LEAF 34

struct flame {
    FILE *out;
    const json_t *profile;
    double total;
};

/* Length of the first `depth` parts of "/a/b/c" that are modules, not the node itself; 0: none. */
static size_t module_length(const char *name, int depth)
{
    const char *at = name;
    for (int d = 0; d < depth; d++) {
        at = *at ? strchr(at + 1, '/') : NULL;
        if (!at)
            return 0;
    }
    return (size_t)(at - name);
}

static void put_block(const struct flame *f, double start, double ms, int y, int height,
                      const char *class, const char *label, const char *title)
{
    const double x = 100 * start / f->total, width = 100 * ms / f->total;
    fprintf(f->out,
            "<rect class=\"%s\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"%d\"><title>",
            class, x, y, width, height - 1);
    dcl_put(f->out, title);
    fputs("</title></rect>", f->out);
    if (width < 3.5)
        return;
    fprintf(f->out,
            "<svg x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"%d\"><text x=\"4\" y=\"%d\">", x,
            y, width, height, height / 2 + 4);
    dcl_put(f->out, label);
    fputs("</text></svg>\n", f->out);
}

static bool same_module(const char *a, const char *b, int depth)
{
    const size_t length = module_length(a, depth);
    return module_length(b, depth) == length && strncmp(a, b, length) == 0;
}

static const char *name_of(const struct flame *f, size_t i)
{
    return dcl_text_at(json_array_get(f->profile, i), "node");
}

/* Whether a row of modules would tell something: there are several of them. */
static bool has_modules(const struct flame *f, int depth)
{
    bool same = true;
    for (size_t i = 1; i < json_array_size(f->profile); i++)
        same = same && same_module(name_of(f, 0), name_of(f, i), depth);
    return !same;
}

static void put_module(const struct flame *f, const char *name, size_t length, double start,
                       double ms, int y)
{
    char label[160], title[256];
    snprintf(label, sizeof label, "%.*s", (int)length, name);
    snprintf(title, sizeof title, "%s\n%s, %s", label, dcl_ms(ms).text,
             dcl_percent(ms / f->total).text);
    const char *last = strrchr(label, '/');
    put_block(f, start, ms, y, ROW, "module", last ? last + 1 : label, title);
}

static void put_modules(const struct flame *f, int depth, int y)
{
    const size_t n = json_array_size(f->profile);
    double start = 0;
    for (size_t i = 0, end; i < n; i = end) {
        const char *name = name_of(f, i);
        const size_t length = module_length(name, depth);
        double ms = 0;
        for (end = i; end < n && same_module(name, name_of(f, end), depth); end++)
            ms += dcl_number_at(json_array_get(f->profile, end), "ms");
        if (length)
            put_module(f, name, length, start, ms, y);
        start += ms;
    }
}

static void put_nodes(const struct flame *f, int y)
{
    double start = 0;
    size_t i;
    json_t *node;
    json_array_foreach(f->profile, i, node)
    {
        const char *op = dcl_text_at(node, "op");
        const double ms = dcl_number_at(node, "ms");
        char class[16], title[640];
        snprintf(class, sizeof class, "node c%d", dcl_colour_of_op(op));
        snprintf(title, sizeof title, "%.256s\n%.200s: %s, %s", dcl_text_at(node, "node"), op,
                 dcl_ms(ms).text, dcl_percent(ms / f->total).text);
        put_block(f, start, ms, y, LEAF, class, op, title);
        start += ms;
    }
}

#define MOST_SUMS 8

static void put_sums(const struct flame *f)
{
    json_t *sums = dcl_profile_sums(f->profile), *sum;
    size_t i;
    fputs("<p class=\"legend\">", f->out);
    json_array_foreach(sums, i, sum)
    {
        char text[320];
        const char *op = dcl_text_at(sum, "op");
        snprintf(text, sizeof text, "%.256s %s", op,
                 dcl_percent(dcl_number_at(sum, "ms") / f->total).text);
        if (i < MOST_SUMS)
            dcl_svg_key(f->out, dcl_colour_of_op(op), text);
    }
    fputs("</p>\n", f->out);
    json_decref(sums);
}

void dcl_page_flame(FILE *out, const json_t *profile, const char *network)
{
    const struct flame f = {.out = out, .profile = profile, .total = dcl_profile_total(profile)};
    if (!(f.total > 0))
        return;
    fputs("<figure class=\"flame\"><figcaption>", out);
    dcl_putf(out, "%zu nodes in order of execution, %s", json_array_size(profile),
             dcl_ms(f.total).text);
    int rows = 0;
    for (int depth = 1; depth <= LEVELS; depth++)
        rows += has_modules(&f, depth);
    fprintf(out, "</figcaption>\n<svg role=\"img\" height=\"%d\" aria-label=\"", rows * ROW + LEAF);
    dcl_putf(out, "%s: time of each node", network);
    fputs("\">\n", out);
    int y = 0;
    for (int depth = 1; depth <= LEVELS; depth++)
        if (has_modules(&f, depth)) {
            put_modules(&f, depth, y);
            y += ROW;
        }
    put_nodes(&f, y);
    fputs("</svg>\n", out);
    put_sums(&f);
    fputs("</figure>\n", out);
}
