/* where: y = condition ? a : b elementwise with NumPy broadcasting of all three, any element type.
 */
#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

static const struct dcl_onnx_name onnx[] = {{"Where", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *a = &call->in[1]->desc, *b = &call->in[2]->desc;
    struct detcl_desc y;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_BOOL));
    DCL_TRY(call->error, dcl_need_dtype(call, 2, 1u << a->dtype));
    DCL_TRY(call->error, dcl_broadcast(call, a, b, &y));
    DCL_TRY(call->error, dcl_broadcast(call, &y, &call->in[0]->desc, &y));
    call->out[0]->desc = y;
    for (int i = 2; i >= 0; i--)
        if (call->in[i]->desc.rank == y.rank)
            dcl_follow_count(call, call->in[i]);
    return DETCL_OK;
}

static void make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    dcl_walk_over(w, &call->out[0]->desc);
    for (int i = 0; i < 3; i++)
        dcl_walk_operand(w, i, &call->in[i]->desc);
    dcl_walk_simplify(w);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const size_t size = detcl_dtype_size(call->out[0]->desc.dtype);
    struct dcl_walk w;
    make_walk(call, &w);
    const int last = w.rank - 1;
    const int64_t rows = dcl_walk_rows(&w), n = dcl_walk_row_length(&w);
    const uint8_t *condition = call->in[0]->data;
    char *y = call->out[0]->data;
    for (int64_t row = 0; row < rows; row++) {
        int64_t at[DCL_WALK_OPERANDS];
        dcl_walk_row(&w, row, at);
        for (int64_t i = 0; i < n; i++, y += size) {
            const int from = condition[at[0] + i * w.stride[0][last]] ? 1 : 2;
            const int64_t offset = at[from] + i * w.stride[from][last];
            memcpy(y, (const char *)call->in[from]->data + (size_t)offset * size, size);
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_walk w;
    char options[64];
    make_walk(call, &w);
    snprintf(options, sizeof options, "-D%s -DWIDTH=%d", dcl_bits_type(call->out[0]->desc.dtype),
             dcl_walk_width(r));
    struct dcl_launch *l = dcl_launch(r, "where", options, "where");
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, call->in[i]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_walk(r, l, &w);
    for (int i = 0; i < 3; i++)
        dcl_arg_int(l, w.stride[i][w.rank - 1]);
    return dcl_grid_walk(r, l, &w);
}

const struct dcl_op dcl_op_where = {
    .name = "where",
    .min_in = 3,
    .max_in = 3,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
