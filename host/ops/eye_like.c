/* eye_like: ones on diagonal k (k > 0: above the main one) of a matrix shaped like the input, zeros
 * elsewhere, of the element type `dtype` (default: the input's). Depends on shapes only: folded. */
#include "ops/onnx_types.h"
#include "ops/walk.h"

#include <string.h>

struct attrs {
    int64_t dtype, k;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, dtype, "0"),
                                             DCL_INT(struct attrs, k, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"EyeLike", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_rank(call, 0, 2));
    call->out[0]->desc = call->in[0]->desc;
    if (a->dtype != 0)
        DCL_TRY(call->error,
                dcl_dtype_from_onnx(call, "dtype", a->dtype, &call->out[0]->desc.dtype));
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    static const float real = 1;
    static const int32_t narrow = 1;
    static const int64_t wide = 1;
    static const uint8_t byte = 1;
    static const void *const ones[] = {&real, &narrow, &wide, &byte, &byte};
    const struct attrs *a = call->attrs;
    const struct dcl_value *y = call->out[0];
    const size_t size = detcl_dtype_size(y->desc.dtype);
    const int64_t columns = DCL_DIM(y, 1), n = dcl_count(y);
    for (int64_t i = 0; i < n; i++) {
        char *to = (char *)y->data + (size_t)i * size;
        memset(to, 0, size);
        if (i % columns - i / columns == a->k)
            memcpy(to, ones[y->desc.dtype], size);
    }
    return DETCL_OK;
}

const struct dcl_op dcl_op_eye_like = {
    .name = "eye_like",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .flags = DCL_OP_SHAPE_ONLY,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_record_constant,
};
