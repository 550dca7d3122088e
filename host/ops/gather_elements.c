/* gather_elements: y[p] = x[p with its position along `axis` replaced by indices[p]] (ONNX
 * GatherElements; NumPy take_along_axis), any element type. */
#include "ops/indices.h"
#include "ops/walk.h"

#include <string.h>

struct attrs {
    int64_t axis;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, axis, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"GatherElements", NULL}, {NULL, NULL}};

static int axis_of(const struct dcl_call *call)
{
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    return (int)(axis < 0 ? axis + call->in[0]->desc.rank : axis);
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    int axis;
    DCL_TRY(call->error, dcl_axis(call, ((const struct attrs *)call->attrs)->axis, x->rank, &axis));
    DCL_TRY(call->error, dcl_need_rank(call, 1, x->rank));
    for (int i = 0; i < x->rank; i++)
        if (i != axis && index->dims[i] > x->dims[i])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "dimension %d of the indices is %lld, "
                                 "the input has %lld",
                                 i, (long long)index->dims[i], (long long)x->dims[i]);
    DCL_TRY(call->error, dcl_need_indices(call, 1, 0, 1, x->dims[axis]));
    call->out[0]->desc = *index;
    call->out[0]->desc.dtype = x->dtype;
    dcl_follow_count(call, call->in[1]);
    return DETCL_OK;
}

/* Over the indices; operand 0 is x, left at the start of the axis. Returns x's step along it. */
static int64_t make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    const int axis = axis_of(call);
    struct dcl_walk x;
    dcl_walk_over(&x, &call->in[0]->desc);
    dcl_walk_operand(&x, 0, &call->in[0]->desc);
    dcl_walk_over(w, &call->in[1]->desc);
    memcpy(w->stride[0], x.stride[0], sizeof x.stride[0]);
    w->stride[0][axis] = 0;
    dcl_walk_simplify(w);
    dcl_walk_points(w);
    return x.stride[0][axis];
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *index = call->in[1];
    const size_t size = detcl_dtype_size(x->desc.dtype);
    const int64_t extent = DCL_DIM(x, axis_of(call)), n = dcl_count(index);
    struct dcl_walk w;
    const int64_t step = make_walk(call, &w);
    for (int64_t i = 0; i < n; i++) {
        int64_t at[DCL_WALK_OPERANDS];
        dcl_walk_row(&w, i, at);
        at[0] += step * dcl_index_at(index->desc.dtype, index->data, i, extent);
        memcpy((char *)call->out[0]->data + (size_t)i * size,
               (const char *)x->data + (size_t)at[0] * size, size);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_value *x = call->in[0];
    struct dcl_walk w;
    const int64_t step = make_walk(call, &w);
    char options[96];
    dcl_index_options(r, x, call->in[1], options);
    struct dcl_launch *l = dcl_launch(r, "gather_elements", options, "gather_elements");
    dcl_arg_value(l, x);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_walk(r, l, &w);
    dcl_arg_int(l, DCL_DIM(x, axis_of(call)));
    dcl_arg_int(l, step);
    return dcl_grid_line(r, l, dcl_walk_rows(&w));
}

const struct dcl_op dcl_op_gather_elements = {
    .name = "gather_elements",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
