#include "report/svg.h"
#include "report/markup.h"
#include "report/runs.h"

#include <float.h>
#include <math.h>

/* --- scales ------------------------------------------------------------------------------ */

struct dcl_scale dcl_log_scale(double low, double high)
{
    if (!(low > 0 && high >= low && high < INFINITY))
        low = high = 1;
    const double room = fmax(0.04 * (log(high) - log(low)), 0.2);
    return (struct dcl_scale){fmax(exp(log(low) - room), DBL_MIN),
                              fmin(exp(log(high) + room), DBL_MAX), true};
}

/* 1, 2 or 5 times a power of ten, at least v > 0. */
static double round_up(double v)
{
    const double power = pow(10, floor(log10(v)));
    const double steps[] = {1, 2, 5};
    for (int i = 0; i < 3; i++)
        if (steps[i] * power >= v * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

struct dcl_scale dcl_linear_scale(double high)
{
    const double step = high > 0 ? round_up(high / 5) : 1;
    return (struct dcl_scale){0, ceil(high / step - 1e-9) * step + (high > 0 ? 0 : 1), false};
}

double dcl_scale_at(const struct dcl_scale *s, double v)
{
    const double at = s->log ? (log(v) - log(s->low)) / (log(s->high) - log(s->low))
                             : (v - s->low) / (s->high - s->low);
    return at > 0 ? fmin(at, 1) : 0; /* NaN too */
}

/* Powers of ten times the steps, every `stride`-th power. */
static int power_ticks(const struct dcl_scale *s, const double *steps, int count, int stride,
                       double *ticks)
{
    const int first = (int)ceil(log10(s->low)), last = (int)floor(log10(s->high));
    int n = 0;
    for (int p = count > 1 ? first - 1 : first; p <= last; p += stride)
        for (int k = 0; k < count; k++) {
            const double v = steps[k] * pow(10, p);
            if (v >= s->low * (1 - 1e-9) && v <= s->high * (1 + 1e-9) && n < DCL_TICKS)
                ticks[n++] = v;
        }
    return n;
}

static int log_ticks(const struct dcl_scale *s, int most, double *ticks)
{
    const double fine[] = {1, 2, 5}, coarse[] = {1, 3};
    const double decades = log10(s->high) - log10(s->low);
    if (3 * decades <= most)
        return power_ticks(s, fine, 3, 1, ticks);
    if (2 * decades <= most)
        return power_ticks(s, coarse, 2, 1, ticks);
    return power_ticks(s, coarse, 1, (int)decades / most + 1, ticks);
}

static int linear_ticks(const struct dcl_scale *s, int most, double *ticks)
{
    const double step = round_up((s->high - s->low) / (most - 1));
    int n = 0;
    for (double k = ceil(s->low / step - 1e-9); k * step <= s->high + step * 1e-6 && n < most; k++)
        ticks[n++] = k * step + 0.0; /* not -0 */
    return n;
}

int dcl_scale_ticks(const struct dcl_scale *s, int most, double ticks[DCL_TICKS])
{
    /* Over less than a decade, even steps are rounder. */
    return s->log && s->high > 6 * s->low ? log_ticks(s, most, ticks)
                                          : linear_ticks(s, most, ticks);
}

const char *dcl_tick_anchor(const struct dcl_scale *s, double tick)
{
    const double at = dcl_scale_at(s, tick);
    return at < 0.04 ? "start" : at > 0.96 ? "end" : "middle";
}

/* --- plots ------------------------------------------------------------------------------- */

static double left(const struct dcl_plot *p, double x)
{
    return 100 * dcl_scale_at(&p->x, x);
}

static double top(const struct dcl_plot *p, double y)
{
    return p->height * (1 - dcl_scale_at(&p->y, y));
}

static void put_axes(const struct dcl_plot *p)
{
    double ticks[DCL_TICKS];
    const int across = dcl_scale_ticks(&p->x, p->y_name ? 7 : 5, ticks);
    for (int i = 0; p->x_name && i < across; i++) {
        fprintf(p->out, "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>",
                left(p, ticks[i]), left(p, ticks[i]), p->height);
        fprintf(p->out, "<text class=\"tick\" x=\"%.2f%%\" y=\"%d\" text-anchor=\"%s\">%s</text>",
                left(p, ticks[i]), p->height + 17,
                p->y_name ? "middle" : dcl_tick_anchor(&p->x, ticks[i]), p->x_label(ticks[i]).text);
    }
    const int up = dcl_scale_ticks(&p->y, 10, ticks);
    for (int i = 0; p->y_name && i < up; i++) {
        fprintf(p->out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
                top(p, ticks[i]), top(p, ticks[i]));
        fprintf(p->out, "<text class=\"tick\" x=\"-7\" y=\"%.1f\" text-anchor=\"end\">",
                top(p, ticks[i]) + 4);
        dcl_putf(p->out, "%s", p->y_label(ticks[i]).text);
        fputs("</text>", p->out);
    }
}

void dcl_plot_begin(const struct dcl_plot *p, const char *title)
{
    fprintf(p->out, "<div class=\"plot%s%s\">", p->y_name ? "" : " bare", p->x_name ? "" : " flat");
    if (p->y_name) {
        fputs("<p class=\"axis\">", p->out);
        dcl_put(p->out, p->y_name);
        fputs("</p>", p->out);
    }
    fprintf(p->out, "<svg role=\"img\" height=\"%d\" aria-label=\"", p->height);
    dcl_put(p->out, title);
    fputs("\">", p->out);
    put_axes(p);
    fputc('\n', p->out);
}

void dcl_plot_end(const struct dcl_plot *p)
{
    fputs("</svg>", p->out);
    if (p->x_name) {
        fputs("<p class=\"axis x\">", p->out);
        dcl_put(p->out, p->x_name);
        fputs("</p>", p->out);
    }
    fputs("</div>\n", p->out);
}

void dcl_plot_line(const struct dcl_plot *p, double x0, double y0, double x1, double y1,
                   const char *class)
{
    fprintf(p->out, "<line class=\"%s\" x1=\"%.2f%%\" y1=\"%.1f\" x2=\"%.2f%%\" y2=\"%.1f\"/>\n",
            class, left(p, x0), top(p, y0), left(p, x1), top(p, y1));
}

static void put_title(FILE *out, const char *title)
{
    fputs("<title>", out);
    dcl_put(out, title);
    fputs("</title>", out);
}

void dcl_plot_rect(const struct dcl_plot *p, double x0, double y0, double x1, double y1,
                   const char *class, const char *title)
{
    const double x = left(p, x0), y = top(p, y1);
    fprintf(p->out, "<rect class=\"%s\" x=\"%.3f%%\" y=\"%.1f\" width=\"%.3f%%\" height=\"%.1f\">",
            class, x, y, left(p, x1) - x, top(p, y0) - y);
    put_title(p->out, title);
    fputs("</rect>\n", p->out);
}

void dcl_plot_mark(const struct dcl_plot *p, double x, double y, int colour, bool hollow,
                   const char *title)
{
    fprintf(p->out, "<use class=\"c%d%s\" href=\"#m%d\" x=\"%.2f%%\" y=\"%.1f\">", colour,
            hollow ? " hollow" : "", colour, left(p, x), top(p, y));
    put_title(p->out, title);
    fputs("</use>\n", p->out);
}

static void put_text(const struct dcl_plot *p, double x, double y, const char *anchor,
                     const char *class, const char *text)
{
    const int aside = *anchor == 's' ? 4 : *anchor == 'e' ? -4 : 0;
    fprintf(p->out, "<text class=\"%s\" x=\"%.2f%%\" dx=\"%d\" y=\"%.1f\" text-anchor=\"%s\">",
            class, left(p, x), aside, y, anchor);
    dcl_put(p->out, text);
    fputs("</text>\n", p->out);
}

void dcl_plot_text(const struct dcl_plot *p, double x, double y, int up, const char *class,
                   const char *text)
{
    const double at = left(p, x);
    put_text(p, x, top(p, y) - up, at < 15 ? "start" : at > 85 ? "end" : "middle", class, text);
}

void dcl_plot_text_left(const struct dcl_plot *p, double x, double y, int up, const char *class,
                        const char *text)
{
    put_text(p, x, top(p, y) - up, left(p, x) < 22 ? "start" : "end", class, text);
}

/* --- markers ----------------------------------------------------------------------------- */

/* Shapes tell the groups apart where colours do not. */
static const char *const shapes[DCL_COLOURS] = {
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",             /* circle */
    "M-4-4h8v8h-8z",                                             /* square */
    "M0-5.5L5 4H-5z",                                            /* triangle */
    "M0-5.5L5.5 0L0 5.5L-5.5 0z",                                /* diamond */
    "M0 5.5L5-4H-5z",                                            /* triangle on its point */
    "M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z", /* plus */
    "M-5-3h10v6h-10z",                                           /* bar */
    "M0-5L4.8-1.5L2.9 4H-2.9L-4.8-1.5z",                         /* pentagon */
    "M-5-1.6L-1.6-5L5 1.6L1.6 5z",                               /* slanted bar */
    "M-2.8-5h5.6v10h-5.6z",                                      /* upright bar */
    "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z",                       /* small circle */
};

void dcl_svg_markers(FILE *out)
{
    fputs("<svg class=\"defs\" aria-hidden=\"true\" width=\"0\" height=\"0\"><defs>", out);
    for (int i = 0; i < DCL_COLOURS; i++)
        fprintf(out, "<path id=\"m%d\" d=\"%s\"/>", i, shapes[i]);
    fputs("</defs></svg>\n", out);
}

void dcl_svg_key(FILE *out, int colour, const char *name)
{
    fprintf(out,
            "<span class=\"key\"><svg width=\"14\" height=\"14\" aria-hidden=\"true\"><use "
            "class=\"c%d\" href=\"#m%d\" x=\"7\" y=\"7\"/></svg>",
            colour, colour);
    dcl_put(out, name);
    fputs("</span>\n", out);
}
