/* box_area: (x2 - x1) * (y2 - y1). in: boxes [..., 4]; out: that shape without the 4. */
#include "detcl/boxes.h"
#include "ops/boxes.h"
#include "ops/typed.h"

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_boxes(call));
    call->out[0]->desc = call->in[0]->desc;
    call->out[0]->desc.rank--;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const float *b = call->in[0]->data;
    for (int64_t i = 0; i < dcl_box_count(call); i++, b += 4)
        ((float *)call->out[0]->data)[i] = (b[2] - b[0]) * (b[3] - b[1]);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "boxes", "", "box_area_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, dcl_box_count(call));
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_box_count(call)}, NULL);
}

const struct dcl_op dcl_op_box_area = {
    .name = "box_area",
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "torchvision.ops.box_area",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_area(struct detcl_context *ctx, struct detcl_tensor *boxes,
                                 struct detcl_tensor *out, const struct detcl_sync *sync)
{
    return DCL_CALL_OP(ctx, box_area, NULL, sync, DCL_TENSORS(boxes), DCL_TENSORS(out));
}
