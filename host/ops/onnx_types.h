/* ONNX's numbers of element types, as attributes name them. */
#ifndef DCL_OPS_ONNX_TYPES_H
#define DCL_OPS_ONNX_TYPES_H

#include "ops/op.h"

/* The element type behind a TensorProto.DataType; fails naming the attribute when it is none of
 * float32 (1), uint8 (2), int32 (6), int64 (7) and bool (9). */
static inline enum detcl_status dcl_dtype_from_onnx(const struct dcl_call *call, const char *name,
                                                    int64_t number, enum detcl_dtype *out)
{
    static const int numbers[] = {
        [DETCL_F32] = 1, [DETCL_I32] = 6, [DETCL_I64] = 7, [DETCL_U8] = 2, [DETCL_BOOL] = 9};
    for (int i = 0; i < 5; i++)
        if (numbers[i] == number) {
            *out = (enum detcl_dtype)i;
            return DETCL_OK;
        }
    return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                         "attribute '%s' is %lld; float32 (1), uint8 (2), int32 (6), int64 (7) and "
                         "bool (9) are supported",
                         name, (long long)number);
}

#endif
