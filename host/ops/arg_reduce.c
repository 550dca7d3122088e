/* arg_reduce: ONNX ArgMax and ArgMin along one axis; float32, int32, int64, uint8. A NaN counts as
 * the largest for max and as the smallest for min, as in NumPy. */
#include "ops/axes.h"

#include <math.h>
#include <stdio.h>

enum kind { MAX, MIN };

static const char *const kinds[] = {"max", "min", NULL};

struct attrs {
    int kind;
    int64_t axis, keepdims, select_last_index;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds), DCL_INT(struct attrs, axis, "0"),
    DCL_INT(struct attrs, keepdims, "1"), DCL_INT(struct attrs, select_last_index, "0"),
    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"ArgMax", "kind=max"}, {"ArgMin", "kind=min"}, {NULL, NULL}};

static enum detcl_status split(const struct dcl_call *call, struct dcl_axes *s,
                               struct detcl_desc *out)
{
    const struct attrs *a = call->attrs;
    const struct dcl_ints axes = {1, {a->axis}};
    return dcl_axes_split(call, &call->in[0]->desc, &axes, a->keepdims != 0, s, out);
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_axes s;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_NUMERIC));
    DCL_TRY(call->error, split(call, &s, &call->out[0]->desc));
    call->out[0]->desc.dtype = DETCL_I64;
    if (s.count == 0 && s.rows > 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the axis is empty");
    return DETCL_OK;
}

/* Integers below 2^53 are exact as double; int64 compares as it is. */
static int compare(const struct dcl_value *x, int64_t a, int64_t b)
{
    if (x->desc.dtype == DETCL_F32) {
        const float u = ((const float *)x->data)[a], v = ((const float *)x->data)[b];
        return (u > v) - (u < v);
    }
    if (x->desc.dtype == DETCL_I64) {
        const int64_t u = ((const int64_t *)x->data)[a], v = ((const int64_t *)x->data)[b];
        return (u > v) - (u < v);
    }
    if (x->desc.dtype == DETCL_I32) {
        const int32_t u = ((const int32_t *)x->data)[a], v = ((const int32_t *)x->data)[b];
        return (u > v) - (u < v);
    }
    return ((const uint8_t *)x->data)[a] - ((const uint8_t *)x->data)[b];
}

static bool is_nan(const struct dcl_value *x, int64_t i)
{
    return x->desc.dtype == DETCL_F32 && isnan(((const float *)x->data)[i]);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    struct dcl_axes s;
    DCL_TRY(call->error, split(call, &s, NULL));
    for (int64_t row = 0; row < s.rows; row++) {
        const int64_t start = dcl_axes_offset(s.n_kept, s.kept, s.kept_stride, row);
        int64_t best = 0;
        for (int64_t i = 1; i < s.count; i++) {
            const int64_t u = start + i * s.reduced_stride[0];
            const int64_t v = start + best * s.reduced_stride[0];
            const int order = is_nan(x, v)   ? is_nan(x, u) - 1
                              : is_nan(x, u) ? 1
                                             : compare(x, u, v) * (a->kind == MIN ? -1 : 1);
            if (order > 0 || (order == 0 && a->select_last_index))
                best = i;
        }
        ((int64_t *)call->out[0]->data)[row] = best;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {[DETCL_F32] = "float -DFLOAT",
                                        [DETCL_I32] = "int",
                                        [DETCL_I64] = "long",
                                        [DETCL_U8] = "uchar"};
    const struct attrs *a = call->attrs;
    struct dcl_axes s;
    char options[64];
    DCL_TRY(call->error, split(call, &s, NULL));
    snprintf(options, sizeof options, "-DSIGN=%d -DT=%s", a->kind == MIN ? -1 : 1,
             types[call->in[0]->desc.dtype]);
    struct dcl_launch *l = dcl_launch(r, "arg_reduce", options, "arg_reduce");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, s.rows);
    dcl_arg_int(l, s.count);
    dcl_arg_int(l, s.reduced_stride[0]);
    dcl_arg_int(l, a->select_last_index != 0);
    return dcl_grid(l, 1, (size_t[]){(size_t)s.rows}, NULL);
}

const struct dcl_op dcl_op_arg_reduce = {
    .name = "arg_reduce",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
