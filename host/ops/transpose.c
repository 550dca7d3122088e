/* transpose: y[i_0, i_1, ...] = x with its axes in the order `perm` (default: reversed), any
 * element type. A channel-blocked x is read as it is (SSD and YOLO heads: NCHW to NHWC). */
#include "ops/walk.h"

struct attrs {
    struct dcl_ints perm;
};

static const struct dcl_attr_spec specs[] = {DCL_INTS(struct attrs, perm, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Transpose", NULL}, {NULL, NULL}};

static int axis_at(const struct dcl_call *call, int i)
{
    const struct attrs *a = call->attrs;
    return a->perm.n ? (int)a->perm.v[i] : call->in[0]->desc.rank - 1 - i;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct detcl_desc y = *x;
    unsigned seen = 0;
    if (a->perm.n && a->perm.n != x->rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "perm has %d entries, the input has rank %d",
                             a->perm.n, x->rank);
    for (int i = 0; i < x->rank; i++) {
        if (a->perm.n && (a->perm.v[i] < 0 || a->perm.v[i] >= x->rank))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "perm entry %lld is outside rank %d",
                                 (long long)a->perm.v[i], x->rank);
        y.dims[i] = x->dims[axis_at(call, i)];
        seen |= 1u << axis_at(call, i);
    }
    if (seen != (1u << x->rank) - 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "perm is not a permutation");
    call->out[0]->desc = y;
    if (x->rank > 0 && axis_at(call, 0) == 0)
        dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    struct dcl_walk from, w;
    dcl_walk_over(&from, &x->desc);
    dcl_walk_operand(&from, 0, &x->desc);
    dcl_walk_over(&w, &y->desc);
    dcl_walk_operand(&w, 1, &y->desc);
    for (int i = 0; i < w.rank; i++)
        w.stride[0][i] = from.stride[0][axis_at(call, i)];
    dcl_walk_simplify(&w);
    dcl_copy_cpu(&w, detcl_dtype_size(x->desc.dtype), x->data, y->data);
    return DETCL_OK;
}

/* Channels first_block * block and on: `blocks` blocks of `lanes` channels each. */
static enum detcl_status record_blocks(struct dcl_call *call, struct dcl_recorder *r,
                                       int64_t first_block, int64_t blocks, int64_t lanes)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    const struct detcl_desc stored = dcl_stored_desc(x);
    struct dcl_walk from, to, w = {0};
    dcl_walk_over(&from, &stored);
    dcl_walk_operand(&from, 0, &stored);
    dcl_walk_over(&to, &y->desc);
    dcl_walk_operand(&to, 1, &y->desc);
    w.rank = to.rank + 1;
    for (int i = 0, at = 0; i < to.rank; i++, at++) {
        const int axis = axis_at(call, i);
        w.extent[at] = axis == 1 ? blocks : to.extent[i];
        w.stride[0][at] = from.stride[0][axis];
        w.stride[1][at] = axis == 1 ? to.stride[1][i] * x->block : to.stride[1][i];
        if (axis != 1)
            continue;
        w.at[0] = first_block * w.stride[0][at];
        w.at[1] = first_block * w.stride[1][at];
        at++;
        w.extent[at] = lanes;
        w.stride[0][at] = 1;
        w.stride[1][at] = to.stride[1][i];
    }
    dcl_walk_simplify(&w);
    return dcl_record_copy(r, &w, x, y);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_value *x = call->in[0];
    if (x->block == 1 && x->desc.rank < 2)
        return dcl_record_same(r, x, call->out[0]);
    if (x->block == 1)
        return record_blocks(call, r, 0, DCL_DIM(x, 1), 1);
    const int64_t whole = DCL_DIM(x, 1) / x->block, rest = DCL_DIM(x, 1) % x->block;
    if (whole)
        DCL_TRY(call->error, record_blocks(call, r, 0, whole, x->block));
    if (rest)
        DCL_TRY(call->error, record_blocks(call, r, whole, 1, rest));
    return DETCL_OK;
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank != 4 || x->dtype != DETCL_F32)
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 0};
}

const struct dcl_op dcl_op_transpose = {
    .name = "transpose",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
