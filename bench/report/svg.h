/* Plots as inline SVG that fills whatever width it is given: horizontal places are percentages,
 * vertical ones pixels, so that text keeps its size on a phone. */
#ifndef DCL_BENCH_SVG_H
#define DCL_BENCH_SVG_H

#include "report/format.h"

#include <stdbool.h>
#include <stdio.h>

struct dcl_scale {
    double low, high;
    bool log;
};

/* A logarithmic scale that holds low..high with room on both sides. */
struct dcl_scale dcl_log_scale(double low, double high);
/* A linear scale from 0 to a round number that is at least `high`. */
struct dcl_scale dcl_linear_scale(double high);

/* 0 at low, 1 at high, cut to that. */
double dcl_scale_at(const struct dcl_scale *scale, double v);

#define DCL_TICKS 16
/* Round values for labels, about `most` < DCL_TICKS. */
int dcl_scale_ticks(const struct dcl_scale *scale, int most, double ticks[DCL_TICKS]);

/* The text-anchor that keeps the label of a tick inside. */
const char *dcl_tick_anchor(const struct dcl_scale *scale, double tick);

struct dcl_plot {
    FILE *out;
    int height;
    struct dcl_scale x, y;
    const char *x_name, *y_name;                             /* with units; NULL: no axis */
    struct dcl_words (*x_label)(double), (*y_label)(double); /* of ticks */
};

/* `title` names the plot for those who do not see it. */
void dcl_plot_begin(const struct dcl_plot *plot, const char *title);
void dcl_plot_end(const struct dcl_plot *plot);

/* In the units of the scales. `class` is a class of style.css, "roof" or "c3". */
void dcl_plot_line(const struct dcl_plot *plot, double x0, double y0, double x1, double y1,
                   const char *class);
void dcl_plot_rect(const struct dcl_plot *plot, double x0, double y0, double x1, double y1,
                   const char *class, const char *title);
/* The marker of a colour, with words that show when pointed at. */
void dcl_plot_mark(const struct dcl_plot *plot, double x, double y, int colour, bool hollow,
                   const char *title);
/* `up` pixels above a place, to the side where there is room; or to the left of it where there is.
 */
void dcl_plot_text(const struct dcl_plot *plot, double x, double y, int up, const char *class,
                   const char *text);
void dcl_plot_text_left(const struct dcl_plot *plot, double x, double y, int up, const char *class,
                        const char *text);

/* The markers that plots refer to, once a page; and one in the line of a legend. */
void dcl_svg_markers(FILE *out);
void dcl_svg_key(FILE *out, int colour, const char *name);

#endif
