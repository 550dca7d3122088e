/* Charts of named rows over one scale. */
#include "report/markup.h"
#include "report/page.h"

#include <math.h>
#include <string.h>

#define MOST_TICKS 6

void dcl_chart_begin(const struct dcl_plot *p, const char *title)
{
    fputs("<div class=\"chart\" role=\"group\" aria-label=\"", p->out);
    dcl_put(p->out, title);
    fputs("\">\n", p->out);
}

void dcl_chart_row(const struct dcl_plot *p, const char *name)
{
    double ticks[DCL_TICKS];
    fputs("<div class=\"row\"><span class=\"name\">", p->out);
    dcl_put_name(p->out, name);
    fprintf(p->out, "</span><svg aria-hidden=\"true\" height=\"%d\">", p->height);
    const int n = dcl_scale_ticks(&p->x, MOST_TICKS, ticks);
    for (int i = 0; i < n; i++)
        dcl_plot_line(p, ticks[i], p->y.low, ticks[i], p->y.high, "grid");
}

void dcl_chart_row_end(const struct dcl_plot *p, const char *value)
{
    fputs("</svg><span class=\"value\">", p->out);
    dcl_put(p->out, value);
    fputs("</span></div>\n", p->out);
}

void dcl_chart_end(const struct dcl_plot *p)
{
    double ticks[DCL_TICKS];
    fputs("<div class=\"row\" aria-hidden=\"true\"><span class=\"name\">", p->out);
    dcl_put(p->out, p->x_name);
    fputs("</span><svg height=\"18\">", p->out);
    const int n = dcl_scale_ticks(&p->x, MOST_TICKS, ticks);
    for (int i = 0; i < n; i++) {
        fprintf(p->out, "<text class=\"tick\" x=\"%.2f%%\" y=\"13\" text-anchor=\"%s\">%s</text>",
                100 * dcl_scale_at(&p->x, ticks[i]), dcl_tick_anchor(&p->x, ticks[i]),
                p->x_label(ticks[i]).text);
    }
    fputs("</svg><span class=\"value\"></span></div>\n</div>\n", p->out);
}

void dcl_chart_include(struct dcl_scale *s, double v)
{
    if (!(v > 0 && v < INFINITY))
        return;
    s->low = fmin(s->low, v);
    s->high = fmax(s->high, v);
}

void dcl_chart_bar(const struct dcl_plot *p, double value, double low, double high,
                   const char *title)
{
    const char *class = low < 1 && high > 1 ? "even" : value >= 1 ? "faster" : "slower";
    const double h = p->y.high;
    dcl_plot_rect(p, fmin(value, 1), 0.2 * h, fmax(value, 1), 0.8 * h, class, title);
    if (low > 0 && high > 0)
        dcl_plot_line(p, low, 0.5 * h, high, 0.5 * h, "whisker");
    dcl_plot_line(p, 1, 0, 1, h, "one");
}
