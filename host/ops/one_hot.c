/* one_hot: for each index a vector of `depth` entries along a new axis: values[1] at the index and
 * values[0] elsewhere (ONNX OneHot). The depth must be known before the run; indices and values
 * need not be. A negative index counts from the end; one outside the depth matches nothing. */
#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

struct attrs {
    int64_t axis;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, axis, "-1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"OneHot", NULL}, {NULL, NULL}};

/* The index as a number; float32 holds every index that can match exactly or is truncated. */
static double number_at(enum detcl_dtype type, const void *data, int64_t i)
{
    switch (type) {
    case DETCL_F32:
        return (double)((const float *)data)[i];
    case DETCL_I32:
        return ((const int32_t *)data)[i];
    case DETCL_I64:
        return (double)((const int64_t *)data)[i];
    default:
        return ((const uint8_t *)data)[i];
    }
}

static enum detcl_status depth_of(const struct dcl_call *call, int64_t *depth)
{
    const struct dcl_value *v = call->in[1];
    DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_NUMERIC));
    if (!v->constant)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input '%s' must be known before the run", v->name);
    const double number = dcl_count(v) == 1 ? number_at(v->desc.dtype, v->constant, 0) : -1;
    if (!(number >= 0 && number <= INT32_MAX))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the depth must be one number, not negative");
    *depth = (int64_t)number;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    struct detcl_desc y = {.dtype = call->in[2]->desc.dtype, .rank = x->rank + 1};
    int64_t depth;
    int axis;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_NUMERIC));
    DCL_TRY(call->error, depth_of(call, &depth));
    DCL_TRY(call->error, dcl_axis(call, ((const struct attrs *)call->attrs)->axis, y.rank, &axis));
    if (y.rank > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", y.rank,
                             DETCL_MAX_RANK);
    if (dcl_count(call->in[2]) != 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "values must be [off, on]");
    for (int i = 0; i < y.rank; i++)
        y.dims[i] = i == axis ? depth : x->dims[i - (i > axis)];
    call->out[0]->desc = y;
    return DETCL_OK;
}

/* Elements of y after the new axis. */
static int64_t inner_of(const struct dcl_call *call)
{
    const struct detcl_desc *y = &call->out[0]->desc;
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    int64_t inner = 1;
    for (int64_t i = (axis < 0 ? axis + y->rank : axis) + 1; i < y->rank; i++)
        inner *= y->dims[i];
    return inner;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    const size_t size = detcl_dtype_size(y->desc.dtype);
    const int64_t inner = inner_of(call), n = dcl_count(y);
    int64_t depth;
    DCL_TRY(call->error, depth_of(call, &depth));
    for (int64_t i = 0; i < n; i++) {
        const int64_t o = i / inner / depth, d = i / inner % depth;
        const double v = number_at(x->desc.dtype, x->data, o * inner + i % inner);
        const bool known = v < (double)depth && v >= (double)-depth;
        const int64_t position = known ? (int64_t)v : -depth - 1;
        const bool on = (position < 0 ? position + depth : position) == d;
        memcpy((char *)y->data + (size_t)i * size,
               (const char *)call->in[2]->data + (on ? size : 0), size);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {"float -DSIGNED=1", "int -DSIGNED=1", "long -DSIGNED=1",
                                        "uchar -DSIGNED=0"};
    const struct dcl_value *y = call->out[0];
    int64_t depth;
    char options[96];
    DCL_TRY(call->error, depth_of(call, &depth));
    snprintf(options, sizeof options, "-D%s -DINDEX=%s", dcl_bits_type(y->desc.dtype),
             types[call->in[0]->desc.dtype]);
    struct dcl_launch *l = dcl_launch(r, "one_hot", options, "one_hot");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[2]);
    dcl_arg_value(l, y);
    dcl_arg_int(l, dcl_count(y));
    dcl_arg_int(l, depth);
    dcl_arg_int(l, inner_of(call));
    return dcl_grid_line(r, l, dcl_count(y));
}

const struct dcl_op dcl_op_one_hot = {
    .name = "one_hot",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 3,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
