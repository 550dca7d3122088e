/* Products are added in float a few at a time, which fills the vectors, and the sums of these
 * chains in double. An error grows with the length of a chain, so a sum is more exact than the
 * kernels', one chain of fused products, although products are rounded here. Sums of so few terms
 * that this does not hold are double throughout.
 *
 * The inner loops have constant bounds, so that compilers unroll them and keep the chains in
 * registers. */
#include "ops/multiply.h"

#include "core/simd.h"

#define TILE 32       /* columns in registers */
#define LEAST_CHAIN 8 /* products added in float: half the terms, between these */
#define MOST_CHAIN 64
#define ALL_DOUBLE 8 /* terms of a sum that is double throughout */

/* Equal chains: a sum of nine is one of five and one of four. */
static int64_t chain_of(int64_t n_terms)
{
    const int64_t half = n_terms / 2;
    const int64_t most = half < LEAST_CHAIN ? LEAST_CHAIN : half > MOST_CHAIN ? MOST_CHAIN : half;
    const int64_t chains = (n_terms + most - 1) / most;
    return (n_terms + chains - 1) / chains;
}

/* One tile of columns; a row of sums is DCL_COLUMNS long. */
DCL_VECTORISED static void add_rows(const float *const w[DCL_ROWS], const float *x,
                                    const struct dcl_term *terms, int64_t n_terms, int64_t chain,
                                    const float first[DCL_ROWS], double *sum)
{
    for (int m = 0; m < DCL_ROWS; m++)
        for (int j = 0; j < TILE; j++)
            sum[m * DCL_COLUMNS + j] = (double)first[m];
    for (int64_t begin = 0; begin < n_terms; begin += chain) {
        const int64_t end = n_terms - begin < chain ? n_terms : begin + chain;
        float part[DCL_ROWS][TILE];
        for (int m = 0; m < DCL_ROWS; m++)
            for (int j = 0; j < TILE; j++)
                part[m][j] = w[m][terms[begin].w] * x[terms[begin].x + j];
        for (int64_t k = begin + 1; k < end; k++)
            for (int m = 0; m < DCL_ROWS; m++)
                for (int j = 0; j < TILE; j++)
                    part[m][j] += w[m][terms[k].w] * x[terms[k].x + j];
        for (int m = 0; m < DCL_ROWS; m++)
            for (int j = 0; j < TILE; j++)
                sum[m * DCL_COLUMNS + j] += (double)part[m][j];
    }
}

/* Tiles in two parts: GCC unrolls a single inner loop into scalar code. */
DCL_VECTORISED static void add_row(const float *w, const float *x, const struct dcl_term *terms,
                                   int64_t n_terms, int64_t chain, float first, int64_t n,
                                   double *sum)
{
    for (int64_t c = 0; c < n; c += 2 * TILE) {
        for (int j = 0; j < 2 * TILE; j++)
            sum[c + j] = (double)first;
        for (int64_t begin = 0; begin < n_terms; begin += chain) {
            const int64_t end = n_terms - begin < chain ? n_terms : begin + chain;
            float part[2][TILE];
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE; j++)
                    part[h][j] = w[terms[begin].w] * x[terms[begin].x + c + h * TILE + j];
            for (int64_t k = begin + 1; k < end; k++)
                for (int h = 0; h < 2; h++)
                    for (int j = 0; j < TILE; j++)
                        part[h][j] += w[terms[k].w] * x[terms[k].x + c + h * TILE + j];
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE; j++)
                    sum[c + h * TILE + j] += (double)part[h][j];
        }
    }
}

DCL_VECTORISED static void add_short_row(const float *w, const float *x,
                                         const struct dcl_term *terms, int64_t n_terms, float first,
                                         int64_t n, double *sum)
{
    for (int64_t c = 0; c < n; c += TILE) {
        double part[2][TILE / 2] = {{0}};
        for (int64_t k = 0; k < n_terms; k++)
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE / 2; j++)
                    part[h][j] +=
                        (double)w[terms[k].w] * (double)x[terms[k].x + c + h * TILE / 2 + j];
        for (int h = 0; h < 2; h++)
            for (int j = 0; j < TILE / 2; j++)
                sum[c + h * TILE / 2 + j] = (double)first + part[h][j];
    }
}

void dcl_multiply(const float *w, int64_t row_step, int rows, const float *x,
                  const struct dcl_term *terms, int64_t n_terms, const float *first, int64_t n,
                  double sum[DCL_ROWS][DCL_COLUMNS])
{
    const float *row[DCL_ROWS];
    float start[DCL_ROWS];
    for (int m = 0; m < DCL_ROWS; m++) { /* rows that are not there are the first once more */
        row[m] = w + (m < rows ? m * row_step : 0);
        start[m] = first ? first[m < rows ? m : 0] : 0;
    }
    if (n_terms <= ALL_DOUBLE)
        for (int m = 0; m < rows; m++)
            add_short_row(row[m], x, terms, n_terms, start[m], n, sum[m]);
    else if (rows == 1)
        add_row(row[0], x, terms, n_terms, chain_of(n_terms), start[0], n, sum[0]);
    else
        for (int64_t c = 0; c < n; c += TILE)
            add_rows(row, x + c, terms, n_terms, chain_of(n_terms), start, sum[0] + c);
}
