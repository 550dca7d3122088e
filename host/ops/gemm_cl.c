/* The OpenCL variants of gemm: packed panels on processors with vectors, local tiles elsewhere,
 * CLBlast where it wins. */
#include "ops/gemm.h"

#include <stdio.h>

#define VECTORS 2 /* a tile of gemm_simd is this many vectors wide */

/* Rows of a tile: sums and the vectors of b stay in the 32 (AVX-512) or 16 registers. */
static int tile_rows(int lanes)
{
    return lanes >= 16 ? 12 : 6;
}

/* The table of dcl_product_batches for the kernels. */
static struct dcl_value *batch_table(struct dcl_recorder *r, const struct dcl_product *p)
{
    void *data;
    struct dcl_value *table = dcl_packed(r, DETCL_I32, 2 * p->batches, &data);
    for (int64_t i = 0; table && i < p->batches; i++) {
        int64_t a, b;
        dcl_product_batches(p, i, &a, &b);
        ((int32_t *)data)[2 * i] = (int32_t)a;
        ((int32_t *)data)[2 * i + 1] = (int32_t)b;
    }
    return table;
}

static void arg_product(struct dcl_launch *l, const struct dcl_call *call,
                        const struct dcl_product *p, const struct dcl_value *a,
                        const struct dcl_value *b, const struct dcl_value *table)
{
    const bool has_c = dcl_has_in(call, 2);
    dcl_arg_value(l, a);
    dcl_arg_value(l, b);
    dcl_arg_value(l, has_c ? call->in[2] : NULL);
    dcl_arg_value(l, table);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, p->m);
    dcl_arg_int(l, p->n);
    dcl_arg_int(l, p->k);
    dcl_arg_float(l, p->alpha);
    dcl_arg_float(l, p->beta);
    dcl_arg_int(l, has_c);
    dcl_arg_int(l, p->c.row_step);
    dcl_arg_int(l, p->c.column_step);
}

/* --- processors with vectors --------------------------------------------------------------------
 */

/* gemm_pack on the host, for constants. */
static void pack(const float *x, float *packed, const struct dcl_matrix *m, int64_t tile)
{
    const int64_t tiles = (m->rows + tile - 1) / tile;
    for (int64_t batch = 0; batch < m->batches; batch++)
        for (int64_t r = 0; r < m->rows; r++)
            for (int64_t k = 0; k < m->columns; k++)
                packed[((batch * tiles + r / tile) * m->columns + k) * tile + r % tile] =
                    x[batch * m->batch_step + r * m->row_step + k * m->column_step];
}

/* The packed form of matrix `m` of value `v`, whose rows go side by side in tiles. */
static struct dcl_value *packed_form(struct dcl_recorder *r, const char *options,
                                     const struct dcl_value *v, const struct dcl_matrix *m,
                                     int64_t tile)
{
    const int64_t tiles = (m->rows + tile - 1) / tile;
    const int64_t count = m->batches * tiles * tile * m->columns;
    if (v->constant) {
        void *data;
        struct dcl_value *constant = dcl_packed(r, DETCL_F32, count, &data);
        if (constant)
            pack(v->constant, data, m, tile);
        return constant;
    }
    struct dcl_value *space = dcl_workspace(r, DETCL_F32, count);
    struct dcl_launch *l = dcl_launch(r, "gemm_simd", options, "gemm_pack");
    dcl_arg_value(l, v);
    dcl_arg_value(l, space);
    dcl_arg_int(l, m->rows);
    dcl_arg_int(l, m->columns);
    dcl_arg_int(l, m->row_step);
    dcl_arg_int(l, m->column_step);
    dcl_arg_int(l, m->batch_step);
    dcl_arg_int(l, tile);
    dcl_grid(l, 3, (size_t[]){(size_t)m->columns, (size_t)tiles, (size_t)m->batches}, NULL);
    return space;
}

static enum detcl_status record_simd(struct dcl_call *call, struct dcl_recorder *r,
                                     const struct dcl_product *p, const struct dcl_value *table)
{
    const int lanes = dcl_limits(r)->block;
    const int64_t rows = p->m < 4 ? 1 : tile_rows(lanes), width = (int64_t)VECTORS * lanes;
    /* The columns of b go side by side. */
    const struct dcl_matrix b = {p->b.columns,  p->b.rows,       p->b.column_step,
                                 p->b.row_step, p->b.batch_step, p->b.batches};
    char options[64];
    snprintf(options, sizeof options, "-DLANES=%d -DROWS=%d -DVECTORS=%d", lanes, tile_rows(lanes),
             VECTORS);
    const struct dcl_value *left = packed_form(r, options, call->in[0], &p->a, rows);
    const struct dcl_value *right = packed_form(r, options, call->in[1], &b, width);
    struct dcl_launch *l =
        dcl_launch(r, "gemm_simd", options, rows == 1 ? "gemm_simd__row" : "gemm_simd");
    arg_product(l, call, p, left, right, table);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)((p->m + rows - 1) / rows),
                               (size_t)((p->n + width - 1) / width), (size_t)p->batches},
                    (size_t[]){1, 1, 1});
}

/* --- local tiles --------------------------------------------------------------------------------
 */

static enum detcl_status record_tiled(struct dcl_call *call, struct dcl_recorder *r,
                                      const struct dcl_product *p, const char *options, size_t side,
                                      const struct dcl_value *table)
{
    const size_t tile = 4 * side;
    struct dcl_launch *l = dcl_launch(r, "gemm_tiled", options, "gemm_tiled");
    arg_product(l, call, p, call->in[0], call->in[1], table);
    dcl_arg_int(l, p->a.row_step);
    dcl_arg_int(l, p->a.column_step);
    dcl_arg_int(l, p->a.batch_step);
    dcl_arg_int(l, p->b.row_step);
    dcl_arg_int(l, p->b.column_step);
    dcl_arg_int(l, p->b.batch_step);
    return dcl_grid(l, 3,
                    (size_t[]){((size_t)p->n + tile - 1) / tile * side,
                               ((size_t)p->m + tile - 1) / tile * side, (size_t)p->batches},
                    (size_t[]){side, side, 1});
}

/* --- CLBlast ------------------------------------------------------------------------------------
 */

static bool record_clblast(struct dcl_call *call, struct dcl_recorder *r,
                           const struct dcl_product *p, const char *options)
{
    const bool has_c = dcl_has_in(call, 2);
    if (!dcl_limits(r)->gemm || p->batches != 1 || p->a.batches != 1 || p->b.batches != 1 ||
        p->m == 0 || p->n == 0 || p->k == 0)
        return false;
    if (has_c) {
        struct dcl_launch *l = dcl_launch(r, "gemm_tiled", options, "gemm_spread");
        dcl_arg_value(l, call->in[2]);
        dcl_arg_value(l, call->out[0]);
        dcl_arg_int(l, p->m);
        dcl_arg_int(l, p->n);
        dcl_arg_int(l, p->c.row_step);
        dcl_arg_int(l, p->c.column_step);
        dcl_grid(l, 2, (size_t[]){(size_t)p->n, (size_t)p->m}, NULL);
    }
    return dcl_record_gemm(r, call->in[0], p->a.row_step != p->k, call->in[1],
                           p->b.row_step != p->n, call->out[0], p->m, p->n, p->k, p->alpha,
                           has_c ? p->beta : 0);
}

enum detcl_status dcl_gemm_record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_product p;
    DCL_TRY(call->error, dcl_product_describe(call, &p, NULL));
    const size_t side = dcl_limits(r)->max_work_group >= 256 ? 16 : 8;
    char options[32];
    snprintf(options, sizeof options, "-DSIDE=%zu", side);
    if (record_clblast(call, r, &p, options))
        return dcl_recorded(r);
    const struct dcl_value *table = batch_table(r, &p);
    if (dcl_limits(r)->profile == DCL_PROFILE_SIMD)
        return record_simd(call, r, &p, table);
    return record_tiled(call, r, &p, options, side, table);
}
