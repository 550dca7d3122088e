/* compress: the slices of x along an axis, or its elements, where a bool vector is set (NumPy
 * compress). The vector must be known before the run, since the output's shape depends on it; x
 * need not be. */
#include "ops/indices.h"
#include "ops/walk.h"

#include <string.h>

struct attrs {
    struct dcl_ints axis; /* none: x is flattened */
};

static const struct dcl_attr_spec specs[] = {DCL_INTS(struct attrs, axis, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Compress", NULL}, {NULL, NULL}};

/* x seen as outer x extent x inner. */
struct view {
    int64_t outer, extent, inner;
};

static struct view view_of(const struct dcl_call *call, int axis)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    const struct attrs *a = call->attrs;
    struct view v = {1, detcl_desc_count(x), 1};
    if (a->axis.n == 0)
        return v;
    v.extent = x->dims[axis];
    for (int i = 0; i < x->rank; i++)
        if (i != axis)
            *(i < axis ? &v.outer : &v.inner) *= x->dims[i];
    return v;
}

static int axis_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t axis = a->axis.n ? a->axis.v[0] : 0;
    return (int)(axis < 0 ? axis + call->in[0]->desc.rank : axis);
}

/* How many of the first `extent` entries are set; their positions go to `out` unless it is NULL. */
static int64_t chosen(const struct dcl_value *condition, int64_t extent, int64_t *out)
{
    const uint8_t *set = condition->constant;
    const int64_t n = dcl_count(condition) < extent ? dcl_count(condition) : extent;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!set[i])
            continue;
        if (out)
            out[count] = i;
        count++;
    }
    return count;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *condition = call->in[1];
    struct detcl_desc y = call->in[0]->desc;
    int axis = 0;
    DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_BOOL));
    DCL_TRY(call->error, dcl_need_rank(call, 1, 1));
    if (!condition->constant)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input '%s' must be known before the run", condition->name);
    if (a->axis.n)
        DCL_TRY(call->error, dcl_axis(call, a->axis.v[0], y.rank, &axis));
    else
        y.rank = 1;
    const struct view v = view_of(call, axis);
    if (dcl_count(condition) > v.extent)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld conditions for an extent of %lld",
                             (long long)dcl_count(condition), (long long)v.extent);
    y.dims[axis] = chosen(condition, v.extent, NULL);
    call->out[0]->desc = y;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct view v = view_of(call, axis_of(call));
    const size_t run = (size_t)v.inner * detcl_dtype_size(call->in[0]->desc.dtype);
    const uint8_t *set = call->in[1]->constant;
    const int64_t n = dcl_count(call->in[1]);
    const char *x = call->in[0]->data;
    char *y = call->out[0]->data;
    for (int64_t o = 0; o < v.outer; o++)
        for (int64_t j = 0; j < n; j++)
            if (set[j] && run > 0) {
                memcpy(y, x + (size_t)(o * v.extent + j) * run, run);
                y += run;
            }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct view v = view_of(call, axis_of(call));
    const int64_t count = chosen(call->in[1], v.extent, NULL);
    if (count == 0)
        return DETCL_OK;
    void *data;
    struct dcl_value *indices = dcl_packed(r, DETCL_I64, count, &data);
    if (!indices)
        return dcl_recorded(r);
    chosen(call->in[1], v.extent, data);
    return dcl_record_gather(r, call->in[0], indices, call->out[0], v.outer, v.extent, v.inner);
}

const struct dcl_op dcl_op_compress = {
    .name = "compress",
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
