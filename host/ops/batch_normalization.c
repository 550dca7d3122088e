/* batch_normalization: ONNX BatchNormalization in inference, float32, channels along axis 1. */
#include "core/simd.h"
#include "ops/record.h"

#include <math.h>

struct attrs {
    float epsilon, momentum;
    int64_t training_mode, spatial;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, epsilon, "1e-5"), DCL_FLOAT(struct attrs, momentum, "0.9"),
    DCL_INT(struct attrs, training_mode, "0"), DCL_INT(struct attrs, spatial, "1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"BatchNormalization", ""}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    if (a->training_mode || !a->spatial)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "only inference with spatial statistics is supported");
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank < 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operand has rank %d, expected 2 or more",
                             x->rank);
    for (int i = 0; i < 5; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    for (int i = 1; i < 5; i++)
        if (dcl_count(call->in[i]) != x->dims[1])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' must have %lld elements",
                                 call->in[i]->name, (long long)x->dims[1]);
    call->out[0]->desc = *x;
    return DETCL_OK;
}

static int64_t plane_of(const struct dcl_call *call)
{
    int64_t plane = 1;
    for (int i = 2; i < call->in[0]->desc.rank; i++)
        plane *= DCL_DIM(call->in[0], i);
    return plane;
}

DCL_VECTORISED static void run_plane(const float *x, double mean, double factor, double shift,
                                     float *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = (float)(((double)x[i] - mean) * factor + shift);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const float *x = call->in[0]->data, *p[5];
    float *y = call->out[0]->data;
    const int64_t channels = DCL_DIM(call->in[0], 1), plane = plane_of(call);
    for (int i = 1; i < 5; i++)
        p[i] = call->in[i]->data;
    for (int64_t row = 0; row < DCL_DIM(call->in[0], 0) * channels; row++) {
        const int64_t c = row % channels;
        const double k = (double)p[1][c] / sqrt((double)p[4][c] + (double)a->epsilon);
        run_plane(x + row * plane, (double)p[3][c], k, (double)p[2][c], y + row * plane, plane);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t plane = plane_of(call);
    struct dcl_launch *l = dcl_launch(r, "batch_normalization", "", "batch_normalization");
    for (int i = 0; i < 5; i++)
        dcl_arg_value(l, call->in[i]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, plane);
    dcl_arg_float(l, a->epsilon);
    return dcl_grid(
        l, 3,
        (size_t[]){(size_t)plane, (size_t)DCL_DIM(call->in[0], 1), (size_t)DCL_DIM(call->in[0], 0)},
        NULL);
}

const struct dcl_op dcl_op_batch_normalization = {
    .name = "batch_normalization",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 5,
    .max_in = 5,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
