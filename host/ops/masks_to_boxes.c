/* masks_to_boxes: the smallest box around each mask.
 * in: masks [N, H, W] uint8 or bool, a pixel belongs to the mask when it is not 0. out: boxes [N,
 * 4] float32: first column, first row, last column, last row with such a pixel, so a mask of one
 * pixel has a box without extent. A mask without pixels gives 0, 0, 0, 0. */
#include "detcl/boxes.h"
#include "ops/record.h"
#include "ops/typed.h"

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_U8 | DCL_BOOL));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {DCL_DIM(call->in[0], 0), 4}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int64_t height = DCL_DIM(call->in[0], 1), width = DCL_DIM(call->in[0], 2);
    const uint8_t *pixel = call->in[0]->data;
    for (int64_t n = 0; n < DCL_DIM(call->in[0], 0); n++) {
        int64_t box[4] = {width, height, -1, -1};
        for (int64_t y = 0; y < height; y++)
            for (int64_t x = 0; x < width; x++) {
                if (!*pixel++)
                    continue;
                box[0] = x < box[0] ? x : box[0];
                box[1] = y < box[1] ? y : box[1];
                box[2] = x > box[2] ? x : box[2];
                box[3] = y;
            }
        for (int k = 0; k < 4; k++)
            ((float *)call->out[0]->data)[4 * n + k] = box[2] < 0 ? 0 : (float)box[k];
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const int64_t n = DCL_DIM(call->in[0], 0), height = DCL_DIM(call->in[0], 1);
    const int64_t width = DCL_DIM(call->in[0], 2);
    const struct dcl_value *spans = dcl_workspace(r, DETCL_I32, 2 * n * height);
    struct dcl_launch *l = dcl_launch(r, "masks", "", "mask_rows");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, spans);
    dcl_arg_int(l, n * height);
    dcl_arg_int(l, width);
    DCL_TRY(call->error, dcl_grid(l, 1, (size_t[]){(size_t)(n * height)}, NULL));
    l = dcl_launch(r, "masks", "", "mask_boxes");
    dcl_arg_value(l, spans);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    dcl_arg_int(l, height);
    dcl_arg_int(l, width);
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
}

const struct dcl_op dcl_op_masks_to_boxes = {
    .name = "masks_to_boxes",
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "torchvision.ops.masks_to_boxes",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_masks_to_boxes(struct detcl_context *ctx, struct detcl_tensor *masks,
                                       struct detcl_tensor *out, const struct detcl_sync *sync)
{
    return DCL_CALL_OP(ctx, masks_to_boxes, NULL, sync, DCL_TENSORS(masks), DCL_TENSORS(out));
}
