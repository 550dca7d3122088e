/* nonzero: the positions of the elements that are not zero, one column each, in row-major order
 * (ONNX NonZero; NumPy nonzero), int64 of shape rank x count. The input must be known before the
 * run: always folded. */
#include "ops/walk.h"

static const struct dcl_onnx_name onnx[] = {{"NonZero", NULL}, {NULL, NULL}};

static bool is_set(const struct dcl_value *x, int64_t i)
{
    const void *data = x->constant;
    switch (x->desc.dtype) {
    case DETCL_F32:
        return ((const float *)data)[i] != 0;
    case DETCL_I32:
        return ((const int32_t *)data)[i] != 0;
    case DETCL_I64:
        return ((const int64_t *)data)[i] != 0;
    default:
        return ((const uint8_t *)data)[i] != 0;
    }
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0];
    if (!x->constant)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input '%s' must be known before the run", x->name);
    int64_t count = 0;
    for (int64_t i = 0; i < dcl_count(x); i++)
        count += is_set(x, i);
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_I64, .rank = 2, .dims = {x->desc.rank, count}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0];
    const int64_t count = DCL_DIM(call->out[0], 1);
    int64_t *y = call->out[0]->data;
    int64_t column = 0;
    for (int64_t i = 0; column < count; i++) {
        if (!is_set(x, i))
            continue;
        int64_t rest = i;
        for (int d = x->desc.rank - 1; d >= 0; d--) {
            y[d * count + column] = rest % DCL_DIM(x, d);
            rest /= DCL_DIM(x, d);
        }
        column++;
    }
    return DETCL_OK;
}

const struct dcl_op dcl_op_nonzero = {
    .name = "nonzero",
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_record_constant,
};
