#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 64

/* A line of the plot of one operation. */
struct line {
    const char *name;
    const char *peer; /* NULL: ours */
    double *x, *y;
    int n;
};

struct curves {
    const json_t *run;
    const char *op;
    struct line lines[MOST_LINES];
    int n;
};

static struct line *line_of(struct curves *c, const char *name, const char *peer, size_t most)
{
    for (int i = 0; i < c->n; i++) {
        const struct line *l = &c->lines[i];
        if (strcmp(l->name, name) == 0 &&
            (l->peer ? peer && strcmp(l->peer, peer) == 0 : peer == NULL))
            return &c->lines[i];
    }
    if (c->n == MOST_LINES)
        return NULL;
    struct line *l = &c->lines[c->n];
    *l = (struct line){.name = name,
                       .peer = peer,
                       .x = malloc(most * sizeof *l->x),
                       .y = malloc(most * sizeof *l->y)};
    c->n++;
    return l;
}

/* In order of x. */
static void add_point(struct line *l, double x, double y)
{
    if (!l || !l->x || !l->y || !(x > 0 && y > 0))
        return;
    int at = l->n++;
    for (; at > 0 && l->x[at - 1] > x; at--) {
        l->x[at] = l->x[at - 1];
        l->y[at] = l->y[at - 1];
    }
    l->x[at] = x;
    l->y[at] = y;
}

static void collect(struct curves *c)
{
    const json_t *operations = json_object_get(c->run, "operations");
    const json_t *peers = json_object_get(c->run, "peers");
    const size_t most = json_array_size(operations) + json_array_size(peers);
    json_t *of_case = json_object(); /* name -> operation, for the peers */
    size_t i;
    json_t *o;
    json_array_foreach(operations, i, o)
    {
        const char *series = json_string_value(dcl_at(o, "series.name"));
        if (!series || strcmp(dcl_text_at(o, "op"), c->op) != 0)
            continue;
        json_object_set(of_case, dcl_text_at(o, "name"), o);
        if (!dcl_failure(o))
            add_point(line_of(c, series, NULL, most), dcl_number_at(o, "series.x"),
                      dcl_number_at(dcl_times(o), "median"));
    }
    json_array_foreach(peers, i, o)
    {
        const json_t *operation = json_object_get(of_case, dcl_text_at(o, "case"));
        if (operation && !dcl_failure(o))
            add_point(
                line_of(c, dcl_text_at(operation, "series.name"), dcl_text_at(o, "peer"), most),
                dcl_number_at(operation, "series.x"), dcl_number_at(o, "time.median"));
    }
    json_decref(of_case);
}

/* The colour of a line is that of its series, which a peer's line shares. */
static int colour_of(const struct curves *c, const struct line *line)
{
    int colour = 0;
    for (int i = 0; i < c->n && strcmp(c->lines[i].name, line->name) != 0; i++)
        colour += c->lines[i].peer == NULL;
    return colour % DCL_COLOURS;
}

static void put_line(const struct dcl_plot *p, const struct line *l, int colour)
{
    char class[32], title[512];
    snprintf(class, sizeof class, "curve c%d%s", colour, l->peer ? " peer" : "");
    for (int i = 1; i < l->n; i++)
        dcl_plot_line(p, l->x[i - 1], l->y[i - 1], l->x[i], l->y[i], class);
    for (int i = 0; i < l->n; i++) {
        snprintf(title, sizeof title, "%.200s%s%.200s\n%s: %s", l->name, l->peer ? ", " : "",
                 l->peer ? l->peer : "", dcl_tick(l->x[i]).text, dcl_ms(l->y[i]).text);
        dcl_plot_mark(p, l->x[i], l->y[i], colour, l->peer != NULL, title);
    }
}

static struct dcl_scale scale_of(const struct curves *c, bool times)
{
    double low = INFINITY, high = 0;
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->lines[i].n; k++) {
            const double v = times ? c->lines[i].y[k] : c->lines[i].x[k];
            low = fmin(low, v);
            high = fmax(high, v);
        }
    return dcl_log_scale(low, high);
}

static void put_legend(FILE *out, const struct curves *c)
{
    fputs("<p class=\"legend\">", out);
    bool peers = false;
    for (int i = 0; i < c->n; i++) {
        peers = peers || c->lines[i].peer;
        if (!c->lines[i].peer)
            dcl_svg_key(out, colour_of(c, &c->lines[i]), c->lines[i].name);
    }
    for (int i = 0; peers && i < c->n; i++) {
        bool again = !c->lines[i].peer;
        for (int k = 0; k < i; k++)
            again = again || (c->lines[k].peer && strcmp(c->lines[k].peer, c->lines[i].peer) == 0);
        if (again)
            continue;
        fputs("<span class=\"key\">dashed: ", out);
        dcl_put(out, c->lines[i].peer);
        fputs("</span>", out);
    }
    fputs("</p>\n", out);
}

static void put_curves(FILE *out, const json_t *run, const char *op)
{
    struct curves c = {.run = run, .op = op};
    collect(&c);
    const struct dcl_plot p = {.out = out,
                               .height = 300,
                               .x = scale_of(&c, false),
                               .y = scale_of(&c, true),
                               .x_name = "boxes",
                               .y_name = "time",
                               .x_label = dcl_tick,
                               .y_label = dcl_tick_ms};
    char title[320];
    fputs("<figure class=\"panel\"><h4>", out);
    dcl_put(out, op);
    fputs("</h4>\n", out);
    snprintf(title, sizeof title, "%.256s: time over the number of boxes", op);
    dcl_plot_begin(&p, title);
    for (int i = 0; i < c.n; i++) {
        put_line(&p, &c.lines[i], colour_of(&c, &c.lines[i]));
        free(c.lines[i].x);
        free(c.lines[i].y);
    }
    dcl_plot_end(&p);
    put_legend(out, &c);
    fputs("</figure>\n", out);
}

void dcl_page_curves(FILE *out, const json_t *run)
{
    json_t *seen = json_object();
    size_t i;
    json_t *o;
    fputs("<div class=\"pair\">\n", out);
    json_array_foreach(json_object_get(run, "operations"), i, o)
    {
        const char *op = dcl_text_at(o, "op");
        if (!json_object_get(o, "series") || json_object_get(seen, op))
            continue;
        json_object_set_new(seen, op, json_true());
        put_curves(out, run, op);
    }
    fputs("</div>\n", out);
    json_decref(seen);
}
