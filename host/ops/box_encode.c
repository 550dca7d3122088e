/* box_encode: boxes to deltas relative to anchors; operands and codes in ops/box_deltas.h.
 * out: [N, M, 4]. */
#include "ops/box_deltas.h"
#include "ops/typed.h"

#include <math.h>

struct attrs {
    int code;
    struct dcl_floats weights;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, code, "center_size", dcl_box_codes),
    DCL_FLOATS(struct attrs, weights, "1,1,1,1"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_deltas_infer(call, &a->weights));
    if (dcl_deltas_classes(call) != 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "boxes are not [N, M, 4]");
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int64_t i = 0; i < dcl_count(call->out[0]) / 4; i++) {
        float unit[4], *y = (float *)call->out[0]->data + 4 * i;
        const float *box = (const float *)call->in[0]->data + 4 * i;
        const float *anchor = dcl_deltas_anchor(call, &a->weights, i, 1, unit);
        for (int k = 0; k < 2; k++) {
            const float low = anchor[k], extent = anchor[2 + k] - low;
            if (a->code == DETCL_CODE_CENTER_SIZE) {
                const float size = box[2 + k] - box[k];
                y[k] = (box[k] + 0.5f * size - (low + 0.5f * extent)) / extent / unit[k];
                y[2 + k] = logf(size / extent) / unit[2 + k];
            } else {
                const float scale = a->code == DETCL_CODE_CORNER_SIZE ? extent : 1;
                y[k] = (box[k] - low) / scale / unit[k];
                y[2 + k] = (box[2 + k] - anchor[2 + k]) / scale / unit[2 + k];
            }
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_deltas_launch(call, r, "box_encode_f32", &a->weights, a->code);
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_count(call->out[0]) / 4}, NULL);
}

const struct dcl_op dcl_op_box_encode = {
    .name = "box_encode",
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

enum detcl_status detcl_box_encode(struct detcl_context *ctx,
                                   const struct detcl_box_code_params *params,
                                   struct detcl_tensor *boxes, struct detcl_tensor *anchors,
                                   struct detcl_tensor *variances, struct detcl_tensor *out,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.code = (int)params->code,
                                .weights = dcl_deltas_weights(params->weights)};
    return DCL_CALL_OP(ctx, box_encode, &attrs, sync, DCL_TENSORS(boxes, anchors, variances),
                       DCL_TENSORS(out));
}
