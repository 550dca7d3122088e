/* gather: y = x[..., indices, ...] along one axis (NumPy take), any element type. */
#include "ops/indices.h"

#include <string.h>

struct attrs {
    int64_t axis;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, axis, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Gather", NULL}, {NULL, NULL}};

/* x seen as outer x extent x inner. */
struct view {
    int axis;
    int64_t outer, extent, inner;
};

static struct view view_of(const struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    struct view v = {(int)(axis < 0 ? axis + x->rank : axis), 1, 0, 1};
    v.extent = x->dims[v.axis];
    for (int i = 0; i < x->rank; i++)
        if (i != v.axis)
            *(i < v.axis ? &v.outer : &v.inner) *= x->dims[i];
    return v;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    struct detcl_desc y = {.dtype = x->dtype, .rank = x->rank - 1 + index->rank};
    int axis;
    DCL_TRY(call->error, dcl_axis(call, ((const struct attrs *)call->attrs)->axis, x->rank, &axis));
    DCL_TRY(call->error, dcl_need_indices(call, 1, 0, 1, x->dims[axis]));
    if (y.rank > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", y.rank,
                             DETCL_MAX_RANK);
    int at = 0;
    for (int i = 0; i < axis; i++)
        y.dims[at++] = x->dims[i];
    for (int i = 0; i < index->rank; i++)
        y.dims[at++] = index->dims[i];
    for (int i = axis + 1; i < x->rank; i++)
        y.dims[at++] = x->dims[i];
    call->out[0]->desc = y;
    dcl_follow_count(call, call->in[axis == 0]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *index = call->in[1];
    const struct view v = view_of(call);
    const size_t run = (size_t)v.inner * detcl_dtype_size(x->desc.dtype);
    const int64_t count = dcl_count(index);
    char *y = call->out[0]->data;
    for (int64_t o = 0; o < v.outer && run > 0; o++)
        for (int64_t j = 0; j < count; j++, y += run) {
            const int64_t from = dcl_index_at(index->desc.dtype, index->data, j, v.extent);
            memcpy(y, (const char *)x->data + (size_t)(o * v.extent + from) * run, run);
        }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct view v = view_of(call);
    return dcl_record_gather(r, call->in[0], call->in[1], call->out[0], v.outer, v.extent, v.inner);
}

const struct dcl_op dcl_op_gather = {
    .name = "gather",
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
