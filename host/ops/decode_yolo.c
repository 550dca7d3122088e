/* decode_yolo: anchor-based YOLO heads, one map a level.
 * in, one for each stride: [N, A * (5 + C), H, W], channels of an anchor x, y, w, h, objectness,
 * classes; H and W are the network input's over the stride. out: see ops/decode.h.
 *   yolov2  c = (cell + sigmoid(xy)) * s, wh = anchor * exp(wh), anchors in cells   (YOLO9000, fig.
 * 3) yolov3  the same, anchors in pixels                                             (YOLOv3)
 *   yolov5  c = (cell + 2 sigmoid(xy) - 0.5) * s, wh = anchor * (2 sigmoid(wh))^2, anchors in
 * pixels (Ultralytics YOLOv5; also YOLOv7) score = sigmoid(objectness) * activation(class); without
 * classes the objectness alone. */
#include "ops/decode.h"

static const char *const kinds[] = {"yolov2", "yolov3", "yolov5", NULL};

struct attrs {
    int kind, activation;
    struct dcl_ints strides;
    struct dcl_floats anchors; /* width, height pairs, as many for each stride */
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_score_codes),
    DCL_INTS(struct attrs, strides, NULL), DCL_FLOATS(struct attrs, anchors, NULL), DCL_ATTRS_END};

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
    .source = "YOLOv2, YOLOv3 (Redmon and Farhadi 2017, 2018), YOLOv5",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
