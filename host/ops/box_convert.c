/* box_convert: boxes from one form of coordinates to another.
 * in: boxes [..., 4]; optional sizes [N, 2] (width, height of the image) for boxes [N, ..., 4].
 * out: the boxes' shape. Forms are xyxy (x1, y1, x2, y2), xywh (x1, y1, width, height) and cxcywh
 * (centre, width, height), each in pixels or normalised, that is x and width divided by the width
 * of the image, y and height by its height. A box that keeps its form keeps its bits. NaN and
 * infinities go the way of the arithmetic: corners from centres c -+ 0.5 w, centres from corners
 * (x1 + x2) / 2. */
#include "detcl/boxes.h"
#include "ops/boxes.h"
#include "ops/typed.h"

enum { SAME, TIMES, DIVIDED };

static const char *const forms[] = {"xyxy", "xywh", "cxcywh", NULL};

struct attrs {
    int from, to;
    int64_t from_normalized, to_normalized;
    float width, height;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, from, NULL, forms),
                                             DCL_CHOICE(struct attrs, to, NULL, forms),
                                             DCL_INT(struct attrs, from_normalized, "0"),
                                             DCL_INT(struct attrs, to_normalized, "0"),
                                             DCL_FLOAT(struct attrs, width, "0"),
                                             DCL_FLOAT(struct attrs, height, "0"),
                                             DCL_ATTRS_END};

static int scale_of(const struct attrs *a)
{
    if (!a->from_normalized == !a->to_normalized)
        return SAME;
    return a->from_normalized ? TIMES : DIVIDED;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_boxes(call));
    if (scale_of(a) != SAME || dcl_has_in(call, 1))
        DCL_TRY(call->error, dcl_need_sizes(call, a->width, a->height));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

/* One axis: `low` and `high` are the two numbers of a box on it. */
static void convert(enum detcl_box_form from, enum detcl_box_form to, float *low, float *high)
{
    if (from == to)
        return;
    const float p = *low, q = *high;
    if (from == DETCL_BOX_XYWH) {
        *high = p + q;
    } else if (from == DETCL_BOX_CXCYWH) {
        *low = p - 0.5f * q;
        *high = p + 0.5f * q;
    }
    const float start = *low, end = *high;
    if (to != DETCL_BOX_XYXY)
        *high = end - start;
    if (to == DETCL_BOX_CXCYWH)
        *low = (start + end) * 0.5f;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int scale = scale_of(a);
    for (int64_t i = 0; i < dcl_box_count(call); i++) {
        const float *b = (const float *)call->in[0]->data + 4 * i;
        float *y = (float *)call->out[0]->data + 4 * i, size[2];
        dcl_size_of_box(call, i, a->width, a->height, size);
        for (int k = 0; k < 4; k++)
            y[k] = scale == TIMES     ? b[k] * size[k % 2]
                   : scale == DIVIDED ? b[k] / size[k % 2]
                                      : b[k];
        for (int k = 0; k < 2; k++)
            convert((enum detcl_box_form)a->from, (enum detcl_box_form)a->to, &y[k], &y[2 + k]);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_box_launch(call, r, "box_convert_f32", a->width, a->height);
    dcl_arg_int(l, a->from);
    dcl_arg_int(l, a->to);
    dcl_arg_int(l, scale_of(a));
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_box_count(call)}, NULL);
}

const struct dcl_op dcl_op_box_convert = {
    .name = "box_convert",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .tolerance = 1e-6f,
    .source = "torchvision.ops.box_convert",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_convert(struct detcl_context *ctx,
                                    const struct detcl_box_convert_params *params,
                                    struct detcl_tensor *boxes, struct detcl_tensor *sizes,
                                    struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.from = (int)params->from,
                                .to = (int)params->to,
                                .from_normalized = params->from_normalized != 0,
                                .to_normalized = params->to_normalized != 0,
                                .width = params->width,
                                .height = params->height};
    return DCL_CALL_OP(ctx, box_convert, &attrs, sync, DCL_TENSORS(boxes, sizes), DCL_TENSORS(out));
}
