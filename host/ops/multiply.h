/* The sums of products of the CPU twins: rows of weights times columns that lie side by side. */
#ifndef DCL_OPS_MULTIPLY_H
#define DCL_OPS_MULTIPLY_H

#include "ops/spread.h"

#define DCL_ROWS 4

/* One product of a sum: a weight of the row times a stretch of x, by their offsets. */
struct dcl_term {
    int64_t w, x;
};

/* sum[m][j] = first[m] + the sum of w[m * row_step + t.w] * x[t.x + j] over n_terms terms t, for 1
 * to DCL_ROWS rows and at least the first n columns; reads x as if n were DCL_COLUMNS. `first` may
 * be NULL: zeros. */
void dcl_multiply(const float *w, int64_t row_step, int rows, const float *x,
                  const struct dcl_term *terms, int64_t n_terms, const float *first, int64_t n,
                  double sum[DCL_ROWS][DCL_COLUMNS]);

#endif
