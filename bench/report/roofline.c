#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

#define LABELS 3

/* What the plot is made of, found in a first pass. */
struct roofline {
    double gbs, gflops; /* the roofs */
    double least_x, most_x, least_y, most_y;
    const json_t *extremes[LABELS]; /* most GFLOP/s, most share, least share */
    int without_arithmetic;
    bool seen[DCL_COLOURS];
};

static double intensity_of(const json_t *operation)
{
    return dcl_number_at(operation, "flops") / dcl_number_at(operation, "bytes");
}

static bool has_place(const json_t *operation)
{
    const double x = intensity_of(operation), y = dcl_number_at(operation, "gflops");
    return !dcl_failure(operation) && x > 0 && isfinite(x) && y > 0;
}

static bool is_bound_by(const json_t *operation, const char *what)
{
    return strcmp(dcl_text_at(operation, "bound_by"), what) == 0;
}

static void prefer(const json_t **best, const json_t *o, const char *path, int sign)
{
    if (!*best || sign * dcl_number_at(o, path) > sign * dcl_number_at(*best, path))
        *best = o;
}

static void include(struct roofline *r, const json_t *o)
{
    const double x = intensity_of(o), y = dcl_number_at(o, "gflops");
    r->least_x = fmin(r->least_x, x);
    r->most_x = fmax(r->most_x, x);
    r->least_y = fmin(r->least_y, y);
    r->most_y = fmax(r->most_y, y);
    r->seen[dcl_colour_of_group(dcl_text_at(o, "group"))] = true;
    prefer(&r->extremes[0], o, "gflops", 1);
    if (is_bound_by(o, "launch"))
        return;
    prefer(&r->extremes[1], o, "share", 1);
    prefer(&r->extremes[2], o, "share", -1);
}

static struct roofline survey(const json_t *run)
{
    const double gbs = dcl_measured_limit(run, "copy"), gflops = dcl_measured_limit(run, "fp32");
    struct roofline r = {.gbs = gbs, .gflops = gflops};
    r.least_x = r.most_x = gflops / gbs;
    r.least_y = r.most_y = gflops;
    size_t i;
    json_t *o;
    json_array_foreach(json_object_get(run, "operations"), i, o)
    {
        if (has_place(o))
            include(&r, o);
        else if (dcl_number_at(o, "flops") == 0)
            r.without_arithmetic++;
    }
    return r;
}

static void put_roofs(const struct dcl_plot *p, const struct roofline *r)
{
    const double ridge = r->gflops / r->gbs;
    const double start = fmax(p->x.low, p->y.low / r->gbs);
    dcl_plot_line(p, start, start * r->gbs, ridge, r->gflops, "roof");
    dcl_plot_line(p, ridge, r->gflops, p->x.high, r->gflops, "roof");
    dcl_plot_text(p, p->x.high, r->gflops, 7, "label", dcl_rate(r->gflops, "GFLOP/s").text);
    const double middle = start * pow(ridge / start, 0.7);
    dcl_plot_text_left(p, middle, middle * r->gbs, 6, "label", dcl_rate(r->gbs, "GB/s").text);
}

static void put_points(const struct dcl_plot *p, const json_t *operations)
{
    size_t i;
    json_t *o;
    json_array_foreach(operations, i, o)
    {
        char title[640];
        if (!has_place(o))
            continue;
        snprintf(title, sizeof title, "%.256s\n%s, %s GFLOP/s, %s GB/s\n%s of the limit (%s)",
                 dcl_text_at(o, "name"), dcl_ms(dcl_number_at(dcl_times(o), "median")).text,
                 dcl_number(dcl_number_at(o, "gflops")).text,
                 dcl_number(dcl_number_at(o, "gbs")).text,
                 dcl_percent(dcl_number_at(o, "share")).text, dcl_text_at(o, "bound_by"));
        dcl_plot_mark(p, intensity_of(o), dcl_number_at(o, "gflops"),
                      dcl_colour_of_group(dcl_text_at(o, "group")), is_bound_by(o, "launch"),
                      title);
    }
}

static void put_labels(const struct dcl_plot *p, const struct roofline *r)
{
    for (int k = 0; k < LABELS; k++) {
        const json_t *o = r->extremes[k];
        bool again = !o;
        for (int before = 0; before < k; before++)
            again = again || r->extremes[before] == o;
        if (again)
            continue;
        char text[128];
        const char *name = dcl_text_at(o, "name");
        snprintf(text, sizeof text, "%.40s, %s", name, dcl_percent(dcl_number_at(o, "share")).text);
        dcl_plot_text(p, intensity_of(o), dcl_number_at(o, "gflops"), k == 2 ? -18 : 10,
                      "label point", text);
    }
}

void dcl_page_roofline(FILE *out, const json_t *run)
{
    const struct roofline r = survey(run);
    if (!r.extremes[0] || !(r.gbs > 0 && r.gflops > 0))
        return;
    const struct dcl_plot p = {.out = out,
                               .height = 380,
                               .x = dcl_log_scale(r.least_x, r.most_x),
                               .y = dcl_log_scale(r.least_y, r.most_y),
                               .x_name = "operations a byte",
                               .y_name = "GFLOP/s",
                               .x_label = dcl_tick,
                               .y_label = dcl_tick};
    dcl_plot_begin(&p, "Roofline: GFLOP/s of each operation over its operations a byte");
    put_roofs(&p, &r);
    put_points(&p, json_object_get(run, "operations"));
    put_labels(&p, &r);
    dcl_plot_end(&p);
    fputs("<p class=\"legend\">", out);
    for (int c = 0; c < DCL_COLOURS; c++)
        if (r.seen[c])
            dcl_svg_key(out, c, dcl_group_of_colour(c));
    fputs("<span>hollow: held back by launches</span>"
          "<span>above the roof: fewer products than the definition has (Winograd)</span>",
          out);
    if (r.without_arithmetic)
        fprintf(out, "<span>%d without arithmetic are not shown</span>", r.without_arithmetic);
    fputs("</p>\n", out);
}
