/* split: x cut into consecutive parts along one axis, any element type. Part sizes come from input
 * 1, from `split`, or are equal (the last one smaller), one a output. Channel-blocked when every
 * part starts at a block. */
#include "ops/walk.h"

struct attrs {
    int64_t axis, num_outputs;
    struct dcl_ints split;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, axis, "0"),
                                             DCL_INT(struct attrs, num_outputs, "0"),
                                             DCL_INTS(struct attrs, split, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Split", NULL}, {NULL, NULL}};

static int axis_of(const struct dcl_call *call)
{
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    return (int)(axis < 0 ? axis + call->in[0]->desc.rank : axis);
}

/* Sizes of all parts, one an output. */
static enum detcl_status parse(const struct dcl_call *call, int64_t extent, struct dcl_ints *sizes)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->split, sizes));
    if (call->n_out > DCL_MAX_INTS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%d outputs, limit %d", call->n_out,
                             DCL_MAX_INTS);
    if (sizes->n == 0) {
        const int64_t part = (extent + call->n_out - 1) / call->n_out;
        sizes->n = call->n_out;
        for (int i = 0; i < sizes->n; i++) {
            const int64_t left = extent - i * part;
            sizes->v[i] = left < 0 ? 0 : left < part ? left : part;
        }
    }
    int64_t total = 0;
    for (int i = 0; i < sizes->n; i++) {
        if (sizes->v[i] < 0 || sizes->v[i] > extent - total)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the parts exceed %lld",
                                 (long long)extent);
        total += sizes->v[i];
    }
    if (sizes->n != call->n_out || total != extent ||
        (a->num_outputs && a->num_outputs != call->n_out))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%d parts of %lld in all for %d outputs and an extent of %lld",
                             sizes->n, (long long)total, call->n_out, (long long)extent);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_ints sizes;
    int axis;
    DCL_TRY(call->error, dcl_axis(call, a->axis, x->rank, &axis));
    DCL_TRY(call->error, parse(call, x->dims[axis], &sizes));
    for (int i = 0; i < call->n_out; i++) {
        if (!call->out[i])
            continue;
        call->out[i]->desc = *x;
        call->out[i]->desc.dims[axis] = sizes.v[i];
        if (axis != 0)
            call->out[i]->count = call->in[0]->count;
    }
    return DETCL_OK;
}

static void make_walk(const struct detcl_desc *x, const struct detcl_desc *y, int axis,
                      int64_t start, struct dcl_walk *w)
{
    dcl_walk_over(w, y);
    dcl_walk_operand(w, 0, x);
    dcl_walk_operand(w, 1, y);
    w->at[0] = start * w->stride[0][axis];
    dcl_walk_simplify(w);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0];
    const int axis = axis_of(call);
    struct dcl_ints sizes;
    DCL_TRY(call->error, parse(call, DCL_DIM(x, axis), &sizes));
    int64_t start = 0;
    for (int i = 0; i < call->n_out; start += sizes.v[i++]) {
        if (!call->out[i])
            continue;
        struct dcl_walk w;
        make_walk(&x->desc, &call->out[i]->desc, axis, start, &w);
        dcl_copy_cpu(&w, detcl_dtype_size(x->desc.dtype), x->data, call->out[i]->data);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_value *x = call->in[0];
    const struct detcl_desc stored = dcl_stored_desc(x);
    const int axis = axis_of(call);
    struct dcl_ints sizes;
    DCL_TRY(call->error, parse(call, DCL_DIM(x, axis), &sizes));
    int64_t start = 0;
    for (int i = 0; i < call->n_out; start += sizes.v[i++]) {
        if (!call->out[i])
            continue;
        const struct detcl_desc y = dcl_stored_desc(call->out[i]);
        struct dcl_walk w;
        make_walk(&stored, &y, axis, axis == 1 ? start / x->block : start, &w);
        DCL_TRY(call->error, dcl_record_copy(r, &w, x, call->out[i]));
    }
    return DETCL_OK;
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    const struct dcl_layout plain = {DCL_LAYOUT_PLAIN, 0, 0};
    const struct detcl_desc *x = &call->in[0]->desc;
    const int axis = axis_of(call);
    struct dcl_ints sizes;
    if (x->rank != 4 || x->dtype != DETCL_F32 || parse(call, x->dims[axis], &sizes) != DETCL_OK)
        return plain;
    int64_t start = 0;
    for (int i = 0; i < sizes.n; start += sizes.v[i++])
        if (axis == 1 && start % block != 0)
            return plain;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, (1u << call->n_out) - 1};
}

const struct dcl_op dcl_op_split = {
    .name = "split",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = DCL_MAX_INTS,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
