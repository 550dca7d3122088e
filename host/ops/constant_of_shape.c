/* constant_of_shape: a tensor of the shape in input 0 (known before the run), filled with the one
 * element of input 1 (ONNX's attribute `value`; default float32 0). Always folded. */
#include "ops/walk.h"

#include <string.h>

static const struct dcl_onnx_name onnx[] = {{"ConstantOfShape", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_ints none = {0};
    struct dcl_ints shape;
    DCL_TRY(call->error, dcl_const_ints(call, 0, &none, &shape));
    struct detcl_desc y = {.dtype = DETCL_F32, .rank = shape.n};
    if (shape.n > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", shape.n,
                             DETCL_MAX_RANK);
    for (int i = 0; i < shape.n; i++) {
        if (shape.v[i] < 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the shape holds %lld",
                                 (long long)shape.v[i]);
        y.dims[i] = shape.v[i];
    }
    if (dcl_has_in(call, 1)) {
        if (!call->in[1]->constant || dcl_count(call->in[1]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the value must be one constant");
        y.dtype = call->in[1]->desc.dtype;
    }
    call->out[0]->desc = y;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *y = call->out[0];
    const size_t size = detcl_dtype_size(y->desc.dtype);
    static const float zero = 0;
    const void *value = dcl_has_in(call, 1) ? call->in[1]->data : &zero;
    const int64_t n = dcl_count(y);
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)y->data + (size_t)i * size, value, size);
    return DETCL_OK;
}

const struct dcl_op dcl_op_constant_of_shape = {
    .name = "constant_of_shape",
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_record_constant,
};
