/* box_decode: deltas relative to anchors to boxes; operands and codes in ops/box_deltas.h. C = 1:
 * class-agnostic, else a box a class. out: [N, M, 4 * C] x1, y1, x2, y2. The logarithm of a
 * relative size (center_size) is at most `clip`, 0: no limit; log(1000 / 16) by default. The
 * arithmetic is decode_ssd's. */
#include "ops/box_deltas.h"
#include "ops/typed.h"

#include <math.h>

struct attrs {
    int code;
    struct dcl_floats weights;
    float clip;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, code, "center_size", dcl_box_codes),
    DCL_FLOATS(struct attrs, weights, "1,1,1,1"),
    DCL_FLOAT(struct attrs, clip, "4.135166556742356"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_deltas_infer(call, &a->weights));
    if (!(a->clip >= 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a clip of %g, not 0 or more",
                             (double)a->clip);
    return DETCL_OK;
}

static float limit_of(const struct attrs *a)
{
    return a->clip > 0 ? a->clip : INFINITY;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t classes = dcl_deltas_classes(call);
    const float limit = limit_of(a);
    for (int64_t i = 0; i < dcl_count(call->out[0]) / 4; i++) {
        float unit[4], *y = (float *)call->out[0]->data + 4 * i;
        const float *x = (const float *)call->in[0]->data + 4 * i;
        const float *anchor = dcl_deltas_anchor(call, &a->weights, i, classes, unit);
        for (int k = 0; k < 2; k++) {
            const float low = anchor[k], extent = anchor[2 + k] - low;
            const float first = x[k] * unit[k], second = x[2 + k] * unit[2 + k];
            if (a->code == DETCL_CODE_CENTER_SIZE) {
                float centre, size;
                dcl_from_deltas(low + 0.5f * extent, extent, first, second, limit, &centre, &size);
                y[k] = centre - 0.5f * size;
                y[2 + k] = centre + 0.5f * size;
            } else {
                const float scale = a->code == DETCL_CODE_CORNER_SIZE ? extent : 1;
                y[k] = low + first * scale;
                y[2 + k] = anchor[2 + k] + second * scale;
            }
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_deltas_launch(call, r, "box_decode_f32", &a->weights, a->code);
    dcl_arg_float(l, limit_of(a));
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_count(call->out[0]) / 4}, NULL);
}

const struct dcl_op dcl_op_box_decode = {
    .name = "box_decode",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = DCL_DELTAS_INPUTS,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision's BoxCoder; Caffe's SSD (corner codes, variances)",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_decode(struct detcl_context *ctx,
                                   const struct detcl_box_code_params *params,
                                   struct detcl_tensor *deltas, struct detcl_tensor *anchors,
                                   struct detcl_tensor *variances, struct detcl_tensor *out,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const float clip = params->max_log_size;
    const struct attrs attrs = {.code = (int)params->code,
                                .weights = dcl_deltas_weights(params->weights),
                                .clip = clip == 0 ? 4.135166556742356f : clip};
    return DCL_CALL_OP(ctx, box_decode, &attrs, sync, DCL_TENSORS(deltas, anchors, variances),
                       DCL_TENSORS(out));
}
