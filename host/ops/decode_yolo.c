/* decode_yolo: anchor-based YOLO heads, one map a level.
 * in, one for each stride: [N, A * (5 + C), H, W], channels of an anchor x, y, w, h, objectness,
 * classes; H and W are the network input's over the stride. out: see ops/decode.h.
 *   yolov2  c = (cell + g sigmoid(xy) - (g - 1) / 2) * s, wh = anchor * exp(wh), anchors in cells
 *           (YOLO9000, fig. 3; g = 1)
 *   yolov3  the same, anchors in pixels (YOLOv3: g = 1; YOLOv4: g of each level in scale_xy)
 *   yolov5  the same centre, wh = anchor * (2 sigmoid(wh))^2, anchors in pixels; g = 2 where
 *           scale_xy does not say otherwise (Ultralytics YOLOv5; YOLOv7; Scaled-YOLOv4)
 * scale_xy (Darknet's scale_x_y, "grid sensitivity") is one number for all levels or one a level.
 * score = sigmoid(objectness) * activation(class); without classes the objectness alone. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <string.h>

static const char *const kinds[] = {"yolov2", "yolov3", "yolov5", NULL};

struct attrs {
    int kind, activation;
    struct dcl_ints strides;
    struct dcl_floats anchors; /* width, height pairs, as many for each stride */
    struct dcl_floats scale_xy;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_score_codes),
    DCL_INTS(struct attrs, strides, NULL),
    DCL_FLOATS(struct attrs, anchors, NULL),
    DCL_FLOATS(struct attrs, scale_xy, ""),
    DCL_ATTRS_END};

static enum detcl_status describe_level(const struct dcl_call *call, struct dcl_decode *d, int i,
                                        int anchors)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[i];
    const int64_t per_anchor = DCL_DIM(x, 1) / anchors;
    if (DCL_DIM(x, 0) != d->images || DCL_DIM(x, 1) % anchors || per_anchor < 5 ||
        per_anchor != DCL_DIM(call->in[0], 1) / anchors)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "map '%s' has %lld channels for %d anchors",
                             x->name, (long long)DCL_DIM(x, 1), anchors);
    struct dcl_level *l = &d->level[i];
    *l = (struct dcl_level){.box = dcl_map_field(x, per_anchor, 0),
                            .cls = dcl_map_field(x, per_anchor, per_anchor > 5 ? 5 : 4),
                            .anchors = anchors,
                            .cells = DCL_DIM(x, 2) * DCL_DIM(x, 3),
                            .columns = DCL_DIM(x, 3)};
    if (per_anchor > 5)
        l->object = dcl_map_field(x, per_anchor, 4);
    l->stride_x = l->stride_y = (float)a->strides.v[i];
    l->scale_xy = a->scale_xy.n ? a->scale_xy.v[a->scale_xy.n > 1 ? i : 0] : a->kind == 2 ? 2 : 1;
    for (int k = 0; k < 2 * anchors; k++)
        l->anchor[k] = a->anchors.v[2 * anchors * i + k] * (a->kind == 0 ? l->stride_x : 1);
    d->classes = per_anchor > 5 ? per_anchor - 5 : 1;
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    const int n = a->strides.n;
    if (n < 1 || n > DCL_MAX_LEVELS || n != call->n_in || a->anchors.n < 2 * n ||
        a->anchors.n % (2 * n))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%d maps, %d strides and %d anchor numbers do not go together",
                             call->n_in, n, a->anchors.n);
    if (a->scale_xy.n > 1 && a->scale_xy.n != n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%d scale_xy for %d strides",
                             a->scale_xy.n, n);
    const int anchors = a->anchors.n / (2 * n);
    *d = (struct dcl_decode){.code = a->kind == 2 ? DCL_BOX_SIGMOID_SQUARE : DCL_BOX_SIGMOID_EXP,
                             .n_levels = n,
                             .images = DCL_DIM(call->in[0], 0),
                             .cls_code = (enum dcl_score_code)a->activation,
                             .object_code = DCL_SCORE_SIGMOID};
    for (int i = 0; i < n; i++)
        DCL_TRY(call->error, describe_level(call, d, i, anchors));
    /* The objectness stands for the one class: always a sigmoid. */
    if (!d->level[0].object.value)
        d->cls_code = DCL_SCORE_SIGMOID;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "map %d is absent", i);
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
    }
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    return dcl_decode_shape(call, &d);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_yolo = {
    .name = "decode_yolo",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = DCL_MAX_LEVELS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "YOLO9000, fig. 3; YOLOv3; YOLOv4 (scale_x_y); Ultralytics YOLOv5; YOLOv7",
    .limits = "8 levels, as many anchors in each, 32 in all",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_yolo(struct detcl_context *ctx,
                                    const struct detcl_decode_yolo_params *params,
                                    struct detcl_tensor *const *maps, struct detcl_tensor *boxes,
                                    struct detcl_tensor *scores, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct detcl_decode_yolo_params *p = params;
    const int usual = p->kind == DETCL_YOLO_V2 ? DCL_SCORE_SOFTMAX : DCL_SCORE_SIGMOID;
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.kind = (int)p->kind;
    a.activation = dcl_take_activation(p->activation, usual);
    struct detcl_tensor *in[DCL_MAX_LEVELS];
    int n = 0;
    DCL_TRY(&ctx->error, dcl_take_tensors(ctx, "maps", maps, p->n_levels, DCL_MAX_LEVELS, in, &n));
    DCL_TRY(&ctx->error, dcl_take_ints(ctx, "strides", p->strides, p->n_levels, &a.strides));
    const int numbers = p->n_anchors > DCL_MAX_FLOATS / 2 ? DCL_MAX_FLOATS + 1 : 2 * p->n_anchors;
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "anchor numbers", p->anchors, numbers, &a.anchors));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "scale_xy", p->scale_xy,
                                         p->scale_xy ? p->n_levels : 0, &a.scale_xy));
    return DCL_CALL_OP(ctx, decode_yolo, &a, sync, ((struct dcl_operands){in, n}),
                       DCL_TENSORS(boxes, scores));
}
