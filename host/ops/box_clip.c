/* box_clip: boxes cut at the borders of their image.
 * in: boxes [..., 4] x1, y1, x2, y2; optional sizes [N, 2] (width, height) for boxes [N, ..., 4],
 * without which `width` and `height` hold for all. out: the boxes' shape, x in 0..width and y in
 * 0..height. NaN stays NaN. */
#include "detcl/boxes.h"
#include "ops/boxes.h"
#include "ops/typed.h"

struct attrs {
    float width, height;
};

static const struct dcl_attr_spec specs[] = {DCL_FLOAT(struct attrs, width, "0"),
                                             DCL_FLOAT(struct attrs, height, "0"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_boxes(call));
    DCL_TRY(call->error, dcl_need_sizes(call, a->width, a->height));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int64_t i = 0; i < dcl_box_count(call); i++) {
        const float *b = (const float *)call->in[0]->data + 4 * i;
        float *y = (float *)call->out[0]->data + 4 * i, size[2];
        dcl_size_of_box(call, i, a->width, a->height, size);
        for (int k = 0; k < 4; k++) {
            const float positive = b[k] < 0 ? 0 : b[k];
            y[k] = positive > size[k % 2] ? size[k % 2] : positive;
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_box_launch(call, r, "box_clip_f32", a->width, a->height);
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_box_count(call)}, NULL);
}

const struct dcl_op dcl_op_box_clip = {
    .name = "box_clip",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .source = "torchvision.ops.clip_boxes_to_image",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_clip(struct detcl_context *ctx, float width, float height,
                                 struct detcl_tensor *boxes, struct detcl_tensor *sizes,
                                 struct detcl_tensor *out, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.width = width, .height = height};
    return DCL_CALL_OP(ctx, box_clip, &attrs, sync, DCL_TENSORS(boxes, sizes), DCL_TENSORS(out));
}
