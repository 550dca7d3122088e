/* slice: x[starts : ends : steps] along the given axes, any element type; starts and ends count
 * from the end when negative and are clamped, steps may be negative (ONNX Slice; opset 1 gives
 * attributes instead of inputs). Channel-blocked when the channels start at a block and have
 * step 1. */
#include "ops/slice.h"
#include "ops/walk.h"

struct attrs {
    struct dcl_ints starts, ends, axes;
};

static const struct dcl_attr_spec specs[] = {DCL_INTS(struct attrs, starts, ""),
                                             DCL_INTS(struct attrs, ends, ""),
                                             DCL_INTS(struct attrs, axes, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Slice", NULL}, {NULL, NULL}};

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static struct dcl_slice_range cut(int64_t extent, int64_t start, int64_t end, int64_t step)
{
    const int64_t lo = step < 0 ? -1 : 0, hi = step < 0 ? extent - 1 : extent;
    if (extent == 0)
        return (struct dcl_slice_range){0, 1, 0};
    start = clamp(start < 0 ? start + extent : start, step < 0 ? 0 : lo, hi);
    end = clamp(end < 0 ? end + extent : end, lo, hi);
    const int64_t span = step < 0 ? start - end : end - start;
    const uint64_t stride = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
    struct dcl_slice_range r = {start, step, 0};
    if (span > 0)
        r.length = (int64_t)(((uint64_t)span - 1) / stride) + 1;
    if (r.length <= 1) /* the step leads nowhere and may be of any size */
        r.step = 1;
    return r;
}

enum detcl_status dcl_slice_ranges(const struct dcl_call *call,
                                   struct dcl_slice_range out[DETCL_MAX_RANK])
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_ints starts, ends, axes, steps = {0};
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->starts, &starts));
    DCL_TRY(call->error, dcl_const_ints(call, 2, &a->ends, &ends));
    DCL_TRY(call->error, dcl_const_ints(call, 3, &a->axes, &axes));
    DCL_TRY(call->error, dcl_const_ints(call, 4, &steps, &steps));
    const bool all_axes = axes.n == 0, unit_steps = steps.n == 0;
    if (ends.n != starts.n || (!all_axes && axes.n != starts.n) ||
        (!unit_steps && steps.n != starts.n) || starts.n > x->rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "starts, ends, axes and steps have %d, %d, %d and %d entries",
                             starts.n, ends.n, axes.n, steps.n);
    for (int i = 0; i < x->rank; i++)
        out[i] = (struct dcl_slice_range){0, 1, x->dims[i]};
    for (int i = 0; i < starts.n; i++) {
        int axis;
        DCL_TRY(call->error, dcl_axis(call, all_axes ? i : axes.v[i], x->rank, &axis));
        const int64_t step = unit_steps ? 1 : steps.v[i];
        if (step == 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the step of axis %d is 0", axis);
        out[axis] = cut(x->dims[axis], starts.v[i], ends.v[i], step);
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_slice_range ranges[DETCL_MAX_RANK];
    struct detcl_desc y = call->in[0]->desc;
    DCL_TRY(call->error, dcl_slice_ranges(call, ranges));
    for (int i = 0; i < y.rank; i++)
        y.dims[i] = ranges[i].length;
    call->out[0]->desc = y;
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

/* `x` and `y` as stored; with blocks, axis 1 counts blocks. */
static enum detcl_status make_walk(const struct dcl_call *call, const struct detcl_desc *x,
                                   const struct detcl_desc *y, int block, struct dcl_walk *w)
{
    struct dcl_slice_range ranges[DETCL_MAX_RANK];
    DCL_TRY(call->error, dcl_slice_ranges(call, ranges));
    dcl_walk_over(w, y);
    dcl_walk_operand(w, 0, x);
    dcl_walk_operand(w, 1, y);
    for (int i = 0; i < call->in[0]->desc.rank; i++) {
        w->at[0] += ranges[i].start / (i == 1 ? block : 1) * w->stride[0][i];
        w->stride[0][i] = w->extent[i] == 1 ? 0 : w->stride[0][i] * ranges[i].step;
    }
    dcl_walk_simplify(w);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    struct dcl_walk w;
    DCL_TRY(call->error, make_walk(call, &x->desc, &y->desc, 1, &w));
    dcl_copy_cpu(&w, detcl_dtype_size(x->desc.dtype), x->data, y->data);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct detcl_desc x = dcl_stored_desc(call->in[0]), y = dcl_stored_desc(call->out[0]);
    struct dcl_walk w;
    DCL_TRY(call->error, make_walk(call, &x, &y, call->in[0]->block, &w));
    return dcl_record_copy(r, &w, call->in[0], call->out[0]);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    const struct dcl_layout plain = {DCL_LAYOUT_PLAIN, 0, 0};
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_slice_range ranges[DETCL_MAX_RANK];
    if (x->rank != 4 || x->dtype != DETCL_F32 || dcl_slice_ranges(call, ranges) != DETCL_OK ||
        ranges[1].step != 1 || ranges[1].start % block != 0)
        return plain;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_slice = {
    .name = "slice",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 5,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
