/* Points of curves: the time of an operation over what its series says, ours and the peers'. */
#ifndef DCL_BENCH_SERIES_H
#define DCL_BENCH_SERIES_H

#include <jansson.h>

#define DCL_MOST_LINES 64

struct dcl_line {
    const char *name; /* of the series */
    const char *peer; /* NULL: ours */
    double *x, *y;    /* ascending x; y in ms */
    int n;
};

struct dcl_series {
    struct dcl_line lines[DCL_MOST_LINES];
    int n;
};

/* Names of the operations of a run that have series, as keys in order; the caller's. */
json_t *dcl_series_operations(const json_t *run);

/* The lines of an operation; those beyond DCL_MOST_LINES are left out. */
void dcl_series_fill(struct dcl_series *series, const json_t *run, const char *op);
void dcl_series_free(struct dcl_series *series);

#endif
