/* concat: operands joined along one axis, any element type and any number of them. Channel-blocked
 * when every operand but the last fills whole blocks. */
#include "ops/walk.h"

struct attrs {
    int64_t axis;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, axis, NULL), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Concat", NULL}, {NULL, NULL}};

static int axis_of(const struct dcl_call *call)
{
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    return (int)(axis < 0 ? axis + call->in[0]->desc.rank : axis);
}

static bool joins(const struct detcl_desc *a, const struct detcl_desc *b, int axis)
{
    if (a->rank != b->rank || a->dtype != b->dtype)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (i != axis && a->dims[i] != b->dims[i])
            return false;
    return true;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct detcl_desc y = call->in[0]->desc;
    int axis;
    DCL_TRY(call->error, dcl_axis(call, a->axis, y.rank, &axis));
    for (int i = 1; i < call->n_in; i++) {
        if (!call->in[i] || !joins(&y, &call->in[i]->desc, axis))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "input %d does not fit the first along axis %d", i, axis);
        if (__builtin_add_overflow(y.dims[axis], DCL_DIM(call->in[i], axis), &y.dims[axis]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the extent overflows");
    }
    call->out[0]->desc = y;
    if (axis != 0)
        dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static void make_walk(const struct detcl_desc *x, const struct detcl_desc *y, int axis,
                      int64_t start, struct dcl_walk *w)
{
    dcl_walk_over(w, x);
    dcl_walk_operand(w, 0, x);
    dcl_walk_operand(w, 1, y);
    w->at[1] = start * w->stride[1][axis];
    dcl_walk_simplify(w);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *y = call->out[0];
    const int axis = axis_of(call);
    int64_t start = 0;
    for (int i = 0; i < call->n_in; start += DCL_DIM(call->in[i++], axis)) {
        struct dcl_walk w;
        if (dcl_in_place(call, i))
            continue;
        make_walk(&call->in[i]->desc, &y->desc, axis, start, &w);
        dcl_copy_cpu(&w, detcl_dtype_size(y->desc.dtype), call->in[i]->data, y->data);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_value *y = call->out[0];
    const struct detcl_desc stored = dcl_stored_desc(y);
    const int axis = axis_of(call);
    int64_t start = 0;
    for (int i = 0; i < call->n_in; start += DCL_DIM(call->in[i++], axis)) {
        const struct detcl_desc x = dcl_stored_desc(call->in[i]);
        struct dcl_walk w;
        if (dcl_in_place(call, i))
            continue;
        make_walk(&x, &stored, axis, axis == 1 ? start / y->block : start, &w);
        DCL_TRY(call->error, dcl_record_copy(r, &w, call->in[i], y));
    }
    return DETCL_OK;
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    const struct dcl_layout plain = {DCL_LAYOUT_PLAIN, 0, 0};
    const struct detcl_desc *y = &call->out[0]->desc;
    const int axis = axis_of(call);
    if (y->rank != 4 || y->dtype != DETCL_F32 || call->n_in > 31)
        return plain;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i]->constant ||
            (axis == 1 && i < call->n_in - 1 && DCL_DIM(call->in[i], 1) % block != 0))
            return plain;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, (1u << call->n_in) - 1, 1};
}

/* In one piece where nothing lies outside the axis: images of a batch of one, above all. */
static int64_t part(const struct dcl_call *call, int i)
{
    const struct detcl_desc y = dcl_stored_desc(call->out[0]);
    const int axis = axis_of(call);
    int64_t at = 0;
    for (int k = 0; k < axis; k++)
        if (y.dims[k] != 1)
            return -1;
    for (int k = 0; k < i; k++)
        at += dcl_stored_count(call->in[k]);
    return at;
}

const struct dcl_op dcl_op_concat = {
    .name = "concat",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = DCL_MANY,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
    .part = part,
};
