/* lrn: ONNX LRN, local response normalisation across channels (Krizhevsky et al. 2012,
 * section 3.3). */
#include "ops/record.h"

#include <math.h>

struct attrs {
    float alpha, beta, bias;
    int64_t size;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, alpha, "0.0001"), DCL_FLOAT(struct attrs, beta, "0.75"),
    DCL_FLOAT(struct attrs, bias, "1"), DCL_INT(struct attrs, size, NULL), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"LRN", ""}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    if (call->in[0]->desc.rank < 2 || a->size < 1 || a->size > 1 << 20)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "size is %lld and the rank %d; at least 1 and 2 are expected",
                             (long long)a->size, call->in[0]->desc.rank);
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static int64_t plane_of(const struct dcl_call *call)
{
    int64_t plane = 1;
    for (int i = 2; i < call->in[0]->desc.rank; i++)
        plane *= DCL_DIM(call->in[0], i);
    return plane;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t channels = DCL_DIM(call->in[0], 1), plane = plane_of(call);
    const int64_t before = (a->size - 1) / 2, after = a->size / 2;
    for (int64_t n = 0; n < DCL_DIM(call->in[0], 0); n++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t p = 0; p < plane; p++) {
                const float *x = (const float *)call->in[0]->data + n * channels * plane + p;
                double squares = 0;
                for (int64_t k = c - before; k <= c + after; k++)
                    if (k >= 0 && k < channels)
                        squares += (double)x[k * plane] * (double)x[k * plane];
                const double base = (double)a->bias + (double)a->alpha / (double)a->size * squares;
                ((float *)call->out[0]->data)[(n * channels + c) * plane + p] =
                    (float)((double)x[c * plane] / pow(base, (double)a->beta));
            }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t plane = plane_of(call);
    struct dcl_launch *l = dcl_launch(r, "lrn", "", "lrn");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, DCL_DIM(call->in[0], 1));
    dcl_arg_int(l, plane);
    dcl_arg_int(l, (a->size - 1) / 2);
    dcl_arg_int(l, a->size / 2);
    dcl_arg_float(l, a->alpha / (float)a->size);
    dcl_arg_float(l, a->beta);
    dcl_arg_float(l, a->bias);
    return dcl_grid(
        l, 3,
        (size_t[]){(size_t)plane, (size_t)DCL_DIM(call->in[0], 1), (size_t)DCL_DIM(call->in[0], 0)},
        NULL);
}

const struct dcl_op dcl_op_lrn = {
    .name = "lrn",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
