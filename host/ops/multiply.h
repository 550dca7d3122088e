/* The sums of products of the CPU twins: rows of weights times columns that lie side by side. */
#ifndef DCL_OPS_MULTIPLY_H
#define DCL_OPS_MULTIPLY_H

#include "ops/spread.h"

#define DCL_ROWS 4

/* sum[m][j] = first[m] + the sum of w[m][k * step] * x[at[k] + j] for k = 0 .. depth, for all rows
 * and at least the first n columns; reads x as if n were DCL_COLUMNS. */
void dcl_multiply_rows(const float *const w[DCL_ROWS], int64_t step, const float *x,
                       const int64_t *at, int64_t depth, const float first[DCL_ROWS], int64_t n,
                       double sum[DCL_ROWS][DCL_COLUMNS]);

/* The same for one row. */
void dcl_multiply_row(const float *w, int64_t step, const float *x, const int64_t *at,
                      int64_t depth, float first, int64_t n, double sum[DCL_COLUMNS]);

#endif
