/* A few products at a time are added in float, which fills the vectors, and their sums in double.
 * With products rounded, a sum of that many is as exact as the kernels' fused ones over twice as
 * many; the longer the sum, the more exact than theirs. What is too short for that is double
 * throughout.
 *
 * The inner loops have constant bounds, so that compilers unroll them and keep the parts in
 * registers. */
#include "ops/multiply.h"

#include "core/simd.h"

#define TILE 32       /* columns in registers */
#define TERMS 16      /* products added in float, in a long sum */
#define FEW_TERMS 8   /* and in a sum of up to twice TERMS products */
#define SHORT_DEPTH 8 /* all in double */

static int64_t terms_for(int64_t depth)
{
    return depth > 2 * TERMS ? TERMS : FEW_TERMS;
}

/* One tile of columns; a row of sums is DCL_COLUMNS long. */
DCL_VECTORISED static void add_rows(const float *const w[DCL_ROWS], int64_t step, const float *x,
                                    const int64_t *at, int64_t depth, int64_t terms,
                                    const float first[DCL_ROWS], double *sum)
{
    for (int m = 0; m < DCL_ROWS; m++)
        for (int j = 0; j < TILE; j++)
            sum[m * DCL_COLUMNS + j] = (double)first[m];
    for (int64_t begin = 0; begin < depth; begin += terms) {
        const int64_t end = depth - begin < terms ? depth : begin + terms;
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

/* Halves of a tile: GCC unrolls a single inner loop into scalar code. */
DCL_VECTORISED static void add_row(const float *w, int64_t step, const float *x, const int64_t *at,
                                   int64_t depth, int64_t terms, float first, int64_t n,
                                   double *sum)
{
    for (int64_t c = 0; c < n; c += 2 * TILE) {
        for (int j = 0; j < 2 * TILE; j++)
            sum[c + j] = (double)first;
        for (int64_t begin = 0; begin < depth; begin += terms) {
            const int64_t end = depth - begin < terms ? depth : begin + terms;
            float part[2][TILE];
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE; j++)
                    part[h][j] = w[begin * step] * x[at[begin] + c + h * TILE + j];
            for (int64_t k = begin + 1; k < end; k++)
                for (int h = 0; h < 2; h++)
                    for (int j = 0; j < TILE; j++)
                        part[h][j] += w[k * step] * x[at[k] + c + h * TILE + j];
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE; j++)
                    sum[c + h * TILE + j] += (double)part[h][j];
        }
    }
}

DCL_VECTORISED static void add_short_row(const float *w, int64_t step, const float *x,
                                         const int64_t *at, int64_t depth, float first, int64_t n,
                                         double *sum)
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

void dcl_multiply_row(const float *w, int64_t step, const float *x, const int64_t *at,
                      int64_t depth, float first, int64_t n, double sum[DCL_COLUMNS])
{
    if (depth <= SHORT_DEPTH)
        add_short_row(w, step, x, at, depth, first, n, sum);
    else
        add_row(w, step, x, at, depth, terms_for(depth), first, n, sum);
}

void dcl_multiply_rows(const float *const w[DCL_ROWS], int64_t step, const float *x,
                       const int64_t *at, int64_t depth, const float first[DCL_ROWS], int64_t n,
                       double sum[DCL_ROWS][DCL_COLUMNS])
{
    if (depth <= SHORT_DEPTH)
        for (int m = 0; m < DCL_ROWS; m++)
            add_short_row(w[m], step, x, at, depth, first[m], n, sum[m]);
    else
        for (int64_t c = 0; c < n; c += TILE)
            add_rows(w, step, x + c, at, depth, terms_for(depth), first, sum[0] + c);
}
