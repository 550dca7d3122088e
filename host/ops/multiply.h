/* The sums of products of the CPU twins: rows of weights times columns that lie side by side. */
#ifndef DCL_OPS_MULTIPLY_H
#define DCL_OPS_MULTIPLY_H

#include "ops/spread.h"

#define DCL_ROWS 4

/* One product of a sum: a weight of the row times a stretch of x, by their offsets. */
struct dcl_term {
    int64_t w, x;
};

/* sum[m][j] = first[m] + the sum of w[m][t.w] * x[t.x + j] over n_terms terms t, for all rows and
 * at least the first n columns; reads x as if n were DCL_COLUMNS. */
void dcl_multiply_rows(const float *const w[DCL_ROWS], const float *x, const struct dcl_term *terms,
                       int64_t n_terms, const float first[DCL_ROWS], int64_t n,
                       double sum[DCL_ROWS][DCL_COLUMNS]);

/* The same for one row. */
void dcl_multiply_row(const float *w, const float *x, const struct dcl_term *terms, int64_t n_terms,
                      float first, int64_t n, double sum[DCL_COLUMNS]);

#endif
