#include "ops/multiply.h"

#include "core/simd.h"

/* Columns whose sums stay in registers: inner loops have constant bounds, so that compilers unroll
 * them and keep the arrays there. */
#define TILE 32
#define TERMS 16 /* products added in float */

/* One tile of columns; a row of sums is DCL_COLUMNS long. */
DCL_VECTORISED static void add_tile(const float *const w[DCL_ROWS], int64_t step, const float *x,
                                    const int64_t *at, int64_t depth, double *sum)
{
    for (int64_t begin = 0; begin < depth; begin += TERMS) {
        const int64_t end = depth - begin < TERMS ? depth : begin + TERMS;
        float part[DCL_ROWS][TILE];
        for (int m = 0; m < DCL_ROWS; m++)
            for (int j = 0; j < TILE; j++)
                part[m][j] = w[m][begin * step] * x[at[begin] + j];
        for (int64_t k = begin + 1; k < end; k++)
            for (int m = 0; m < DCL_ROWS; m++)
                for (int j = 0; j < TILE; j++)
                    part[m][j] += w[m][k * step] * x[at[k] + j];
        for (int m = 0; m < DCL_ROWS; m++)
            for (int j = 0; j < TILE; j++)
                sum[m * DCL_COLUMNS + j] += (double)part[m][j];
    }
}

void dcl_multiply_rows(const float *const w[DCL_ROWS], int64_t step, const float *x,
                       const int64_t *at, int64_t depth, const float first[DCL_ROWS], int64_t n,
                       double sum[DCL_ROWS][DCL_COLUMNS])
{
    for (int m = 0; m < DCL_ROWS; m++)
        for (int64_t j = 0; j < DCL_COLUMNS; j++)
            sum[m][j] = (double)first[m];
    for (int64_t c = 0; c < n; c += TILE)
        add_tile(w, step, x + c, at, depth, sum[0] + c);
}

/* In halves of a tile, because GCC unrolls a single inner loop into scalar code. */
DCL_VECTORISED void dcl_multiply_row(const float *w, int64_t step, const float *x,
                                     const int64_t *at, int64_t depth, float first, int64_t n,
                                     double sum[DCL_COLUMNS])
{
    for (int64_t c = 0; c < n; c += TILE) {
        double part[2][TILE / 2] = {{0}};
        for (int64_t k = 0; k < depth; k++)
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE / 2; j++)
                    part[h][j] += (double)w[k * step] * (double)x[at[k] + c + h * TILE / 2 + j];
        for (int h = 0; h < 2; h++)
            for (int j = 0; j < TILE / 2; j++)
                sum[c + h * TILE / 2 + j] = (double)first + part[h][j];
    }
}
