/* The matrix product for processors with vectors, on operands packed into panels.
 *
 *   y[i][m, n] = alpha * sum over k of a[m, k] * b[k, n] + beta * c[m, n]
 *
 * Layout: packed a is batch, ceil(M / ROWS), K, ROWS; packed b is batch, ceil(N / WIDTH), K, WIDTH
 * with WIDTH = VECTORS * LANES; rows and columns beyond the matrix are zero. y is batch, M, N. c
 * has steps and no batches. batches[i] holds the batches of a and b that make batch i of y.
 * Mapping: gemm_simd: one work-item a group; group (i, j, batch) makes the ROWS x WIDTH tile at row
 * i * ROWS, column j * WIDTH in registers. gemm_pack: one work-item a run of `tile` elements of one
 * k. The grids have no work-items beyond what is to be done, except in dimension 0 of gemm_pack
 * (bound depth). Build options: LANES, ROWS, VECTORS. */
#pragma OPENCL FP_CONTRACT ON
#include "lanes.h"

#define WIDTH (VECTORS * LANES)
#define EACH_ROW UNROLL for (int r = 0; r < R; r++)
#define EACH_VECTOR UNROLL for (int v = 0; v < VECTORS; v++)

/* `rows` is what goes side by side in a tile: the rows of a, the columns of b. */
KERNEL void CHAINED(gemm_pack)(TENSOR(const float, x), TENSOR(float, packed), const int rows,
                               const int depth, const int row_step, const int depth_step,
                               const int batch_step, const int tile PLACED)
{
    OPEN(x);
    OPEN(packed);
    const int k = ID(0), first = ID(1) * tile;
    const int batch = ID(2), tiles = (rows + tile - 1) / tile;
    if (k >= depth)
        return;
    x += batch * batch_step + first * row_step + k * depth_step;
    packed += ((batch * tiles + first / tile) * depth + k) * tile;
    const int count = min(tile, rows - first);
    for (int i = 0; i < tile; i++)
        packed[i] = i < count ? x[i * row_step] : 0.0f;
}

/* Write the part of a tile that lies within y, from `to` on; `c` may be of no use (has_c). */
#define FINISH                                                                                     \
    EACH_ROW if (row + r < m) EACH_VECTOR                                                          \
    {                                                                                              \
        vec value = alpha * sum[r][v];                                                             \
        const int at = column + v * LANES, count = min(LANES, n - at);                             \
        global float *to = y + (row + r) * n + at;                                                 \
        float lane[LANES];                                                                         \
        if (has_c) {                                                                               \
            for (int i = 0; i < LANES; i++)                                                        \
                lane[i] = i < count ? c[(row + r) * c_row + (at + i) * c_column] : 0.0f;           \
            value += beta * VLOAD(0, lane);                                                        \
        }                                                                                          \
        if (count == LANES) {                                                                      \
            VSTORE(value, 0, to);                                                                  \
        } else {                                                                                   \
            VSTORE(value, 0, lane);                                                                \
            for (int i = 0; i < count; i++)                                                        \
                to[i] = lane[i];                                                                   \
        }                                                                                          \
    }

#define DEFINE_GEMM(name, rows)                                                                    \
    KERNEL_OF_ONE void name(TENSOR(const float, a), TENSOR(const float, b),                        \
                            TENSOR(const float, c), TENSOR(const int, batches), TENSOR(float, y),  \
                            const int m, const int n, const int k, const float alpha,              \
                            const float beta, const int has_c, const int c_row,                    \
                            const int c_column PLACED)                                             \
    {                                                                                              \
        enum { R = rows };                                                                         \
        OPEN(a);                                                                                   \
        OPEN(b);                                                                                   \
        OPEN(c);                                                                                   \
        OPEN(batches);                                                                             \
        OPEN(y);                                                                                   \
        const int row = ID(0) * R, column = ID(1) * WIDTH;                                         \
        const int batch = ID(2);                                                                   \
        a += (batches[2 * batch] * ((m + R - 1) / R) * R + row) * k;                               \
        b += (batches[2 * batch + 1] * ((n + WIDTH - 1) / WIDTH) * WIDTH + column) * k;            \
        y += batch * m * n;                                                                        \
        vec sum[R][VECTORS];                                                                       \
        EACH_ROW EACH_VECTOR sum[r][v] = (vec)0.0f;                                                \
        for (int i = 0; i < k; i++, a += R, b += WIDTH) {                                          \
            vec right[VECTORS];                                                                    \
            EACH_VECTOR right[v] = VLOAD(v, b);                                                    \
            EACH_ROW EACH_VECTOR sum[r][v] += a[r] * right[v];                                     \
        }                                                                                          \
        FINISH                                                                                     \
    }

DEFINE_GEMM(CHAINED(gemm_simd), ROWS)
DEFINE_GEMM(CHAINED(gemm_simd__row), 1)
