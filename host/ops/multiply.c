#include "ops/multiply.h"

#include "core/simd.h"

#define TERMS 16 /* products added in float */

/* The compiler keeps `part` in registers: the two inner loops have constant bounds. */
DCL_VECTORISED void dcl_multiply_rows(const float *const w[DCL_ROWS], int64_t step, const float *x,
                                      const int64_t *at, int64_t depth,
                                      double sum[DCL_ROWS][DCL_COLUMNS])
{
    for (int64_t first = 0; first < depth; first += TERMS) {
        const int64_t last = depth - first < TERMS ? depth : first + TERMS;
        float part[DCL_ROWS][DCL_COLUMNS] = {{0}};
        for (int64_t k = first; k < last; k++)
            for (int m = 0; m < DCL_ROWS; m++)
                for (int j = 0; j < DCL_COLUMNS; j++)
                    part[m][j] += w[m][k * step] * x[at[k] + j];
        for (int m = 0; m < DCL_ROWS; m++)
            for (int j = 0; j < DCL_COLUMNS; j++)
                sum[m][j] += (double)part[m][j];
    }
}

DCL_VECTORISED void dcl_multiply_row(const float *w, int64_t step, const float *x,
                                     const int64_t *at, int64_t depth, double sum[DCL_COLUMNS])
{
    double total[DCL_COLUMNS];
    for (int j = 0; j < DCL_COLUMNS; j++)
        total[j] = sum[j];
    for (int64_t k = 0; k < depth; k++)
        for (int j = 0; j < DCL_COLUMNS; j++)
            total[j] += (double)w[k * step] * (double)x[at[k] + j];
    for (int j = 0; j < DCL_COLUMNS; j++)
        sum[j] = total[j];
}
