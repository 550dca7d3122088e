#include "report/markup.h"
#include "report/page.h"
#include "report/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The colour of a line is that of its series, which a peer's line shares. */
static int colour_of(const struct dcl_series *c, const struct dcl_line *line)
{
    int colour = 0;
    for (int i = 0; i < c->n && strcmp(c->lines[i].name, line->name) != 0; i++)
        colour += c->lines[i].peer == NULL;
    return colour % DCL_COLOURS;
}

static void put_line(const struct dcl_plot *p, const struct dcl_line *l, int colour)
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

static struct dcl_scale scale_of(const struct dcl_series *c, bool times)
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

static void put_legend(FILE *out, const struct dcl_series *c)
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
    struct dcl_series c;
    dcl_series_fill(&c, run, op);
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
    for (int i = 0; i < c.n; i++)
        put_line(&p, &c.lines[i], colour_of(&c, &c.lines[i]));
    dcl_plot_end(&p);
    put_legend(out, &c);
    dcl_series_free(&c);
    fputs("</figure>\n", out);
}

void dcl_page_curves(FILE *out, const json_t *run)
{
    json_t *operations = dcl_series_operations(run), *value;
    const char *op;
    fputs("<div class=\"pair\">\n", out);
    json_object_foreach(operations, op, value)
    {
        put_curves(out, run, op);
    }
    fputs("</div>\n", out);
    json_decref(operations);
}
