/* The parts of the HTML page. Each writes nothing where its run has nothing of the kind. */
#ifndef DCL_BENCH_PAGE_H
#define DCL_BENCH_PAGE_H

#include "report/runs.h"
#include "report/svg.h"

#include <stdio.h>

/* Device, host, limits. */
void dcl_page_card(FILE *out, const struct dcl_shown_run *run);

/* GFLOP/s over operations a byte under the roofs of bandwidth and of multiply-adds. (S. Williams,
 * A. Waterman, D. Patterson, "Roofline", CACM 52(4), 2009) */
void dcl_page_roofline(FILE *out, const json_t *run);

/* A row a group of operations, a marker each at the share of its limit that it reaches. */
void dcl_page_shares(FILE *out, const json_t *run);

void dcl_page_operations(FILE *out, const json_t *run);

/* Time over the number of boxes: a plot an operation, a line a series, peers beside it. */
void dcl_page_curves(FILE *out, const json_t *run);

void dcl_page_network_table(FILE *out, const json_t *run);
/* Start of a process: cold, and with compiled programs at hand. */
void dcl_page_starts(FILE *out, const json_t *run);
/* Images a second, devices side by side. */
void dcl_page_throughput(FILE *out, const struct dcl_shown_runs *runs);
void dcl_page_networks(FILE *out, const struct dcl_shown_runs *runs);

/* Distribution of the samples of a scenario. */
void dcl_page_latency(FILE *out, const json_t *scenario, const char *name);
/* Nodes in order of execution, width is time, those of one module under it. */
void dcl_page_flame(FILE *out, const json_t *profile, const char *network);

/* Times of other libraries over ours. */
void dcl_page_peers(FILE *out, const json_t *run);

/* Runs held against the first. */
void dcl_page_comparison(FILE *out, const struct dcl_shown_runs *runs);

/* A row of a chart: name, plot over the common scale, value. */
void dcl_chart_begin(const struct dcl_plot *plot, const char *title);
void dcl_chart_row(const struct dcl_plot *plot, const char *name);
void dcl_chart_row_end(const struct dcl_plot *plot, const char *value);
/* The axis, then the end of the chart. */
void dcl_chart_end(const struct dcl_plot *plot);

/* A bar from 1 to `value` with the range low..high (NaN: not known), which tells nothing where 1 is
 * in it. */
void dcl_chart_bar(const struct dcl_plot *plot, double value, double low, double high,
                   const char *title);
/* Widen a scale so that it holds v, unless that is no positive number. */
void dcl_chart_include(struct dcl_scale *scale, double v);

#endif
