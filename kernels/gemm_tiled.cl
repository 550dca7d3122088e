/* The matrix product for many small processors that share local memory, and what CLBlast leaves to do.
 *
 *   y[i][m, n] = alpha * sum over k of a[m, k] * b[k, n] + beta * c[m, n]
 *
 * Layout: a, b and c are strided (a step per dimension), y is batch, M, N dense. batches[i] holds the
 * batches of a and b that make batch i of y.
 * Mapping: gemm_tiled: a group of SIDE x SIDE work-items makes a tile of 4 SIDE x 4 SIDE; group (j, i,
 * batch) has column 4 SIDE j and row 4 SIDE i; work-item (x, y) keeps rows y + SIDE r and columns x + SIDE
 * s, so that neighbours read and write neighbours. Bounds: m, n, k. gemm_spread: one work-item an element
 * of y, bounds n and m. */
#define TILE (4 * SIDE)
#define DEPTH 16
#define ITEMS (SIDE * SIDE)

/* Bring rows first .. first + TILE - 1 of depth k0 .. k0 + DEPTH - 1 into `to`, zero beyond the matrix.
 * The work-items follow the dimension whose elements are neighbours. */
static void fetch(local float to[DEPTH][TILE + 1], global const float *x, const int first, const int rows,
           const int row_step, const int k0, const int k, const int k_step, const int item)
{
    for (int i = item; i < TILE * DEPTH; i += ITEMS) {
        const int r = k_step == 1 ? i / DEPTH : i % TILE;
        const int d = k_step == 1 ? i % DEPTH : i / TILE;
        to[d][r] = first + r < rows && k0 + d < k ? x[(first + r) * row_step + (k0 + d) * k_step]
                                                  : 0.0f;
    }
}

kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void
gemm_tiled(TENSOR(const float, a), TENSOR(const float, b), TENSOR(const float, c),
           TENSOR(const int, batches), TENSOR(float, y), const int m, const int n, const int k,
           const float alpha, const float beta, const int has_c, const int c_row,
           const int c_column, const int a_row, const int a_k, const int a_batch, const int b_k,
           const int b_column, const int b_batch)
{
    OPEN(a);
    OPEN(b);
    OPEN(c);
    OPEN(batches);
    OPEN(y);
    local float left[DEPTH][TILE + 1], right[DEPTH][TILE + 1];
    const int x = (int)get_local_id(0), row = (int)get_local_id(1), item = row * SIDE + x;
    const int row0 = (int)get_group_id(1) * TILE, column0 = (int)get_group_id(0) * TILE;
    const int batch = (int)get_group_id(2);
    a += batches[2 * batch] * a_batch;
    b += batches[2 * batch + 1] * b_batch;
    float sum[4][4] = {{0.0f}};
    for (int k0 = 0; k0 < k; k0 += DEPTH) {
        fetch(left, a, row0, m, a_row, k0, k, a_k, item);
        fetch(right, b, column0, n, b_column, k0, k, b_k, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int d = 0; d < DEPTH; d++)
            for (int r = 0; r < 4; r++)
                for (int s = 0; s < 4; s++)
                    sum[r][s] = fma(left[d][row + r * SIDE], right[d][x + s * SIDE], sum[r][s]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int r = 0; r < 4; r++)
        for (int s = 0; s < 4; s++) {
            const int i = row0 + row + r * SIDE, j = column0 + x + s * SIDE;
            if (i >= m || j >= n)
                continue;
            const float bias = has_c ? beta * c[i * c_row + j * c_column] : 0.0f;
            y[(batch * m + i) * n + j] = alpha * sum[r][s] + bias;
        }
}

/* y = c, broadcast: what CLBlast adds its product to. */
kernel void gemm_spread(TENSOR(const float, c), TENSOR(float, y), const int m, const int n,
                        const int c_row, const int c_column)
{
    OPEN(c);
    OPEN(y);
    const int j = (int)get_global_id(0), i = (int)get_global_id(1);
    if (i < m && j < n)
        y[i * n + j] = c[i * c_row + j * c_column];
}
