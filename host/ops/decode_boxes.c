/* decode_boxes: heads whose boxes need no grid (exported with their decoding).
 * in: boxes [N, M, 4] and scores [N, M, C], or one tensor [N, M, 4 + C]; objectness=1 puts one more
 * channel before the classes; channels_first=1 transposes the inputs ([N, 4 + C, M]: YOLOv8's
 * exports). Numbers are pixels of the network input, or 0..1 of (width, height) with normalized=1.
 * out: see ops/decode.h. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <string.h>

static const char *const formats[] = {"xyxy", "cxcywh", "xywh", NULL};
static const char *const orders[] = {"xy", "yx", NULL};

struct attrs {
    int format, order, activation;
    int64_t normalized, height, width; /* height and width only with normalized=1 */
    int64_t objectness, channels_first;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, format, "xyxy", formats),
    DCL_CHOICE(struct attrs, order, "xy", orders),
    DCL_CHOICE(struct attrs, activation, "none", dcl_score_codes),
    DCL_INT(struct attrs, normalized, "0"),
    DCL_INT(struct attrs, height, "0"),
    DCL_INT(struct attrs, width, "0"),
    DCL_INT(struct attrs, objectness, "0"),
    DCL_INT(struct attrs, channels_first, "0"),
    DCL_ATTRS_END};

static int64_t rows_of(const struct dcl_call *call, int i)
{
    const struct attrs *a = call->attrs;
    return DCL_DIM(call->in[i], a->channels_first ? 2 : 1);
}

static int64_t channels_of(const struct dcl_call *call, int i)
{
    const struct attrs *a = call->attrs;
    return DCL_DIM(call->in[i], a->channels_first ? 1 : 2);
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const bool pair = dcl_has_in(call, 1);
    for (int i = 0; i < (pair ? 2 : 1); i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 3));
    }
    const int64_t extra = a->objectness ? 1 : 0;
    if (pair && (DCL_DIM(call->in[1], 0) != DCL_DIM(call->in[0], 0) ||
                 rows_of(call, 1) != rows_of(call, 0) || channels_of(call, 0) != 4))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld boxes of %lld numbers, %lld score rows",
                             (long long)rows_of(call, 0), (long long)channels_of(call, 0),
                             (long long)rows_of(call, 1));
    if (channels_of(call, pair) < (pair ? 0 : 4) + extra)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld channels hold no scores",
                             (long long)channels_of(call, pair));
    if (a->normalized && (a->height < 1 || a->width < 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "normalized boxes need the network input's height and width");
    return DETCL_OK;
}

static struct dcl_field field(const struct dcl_call *call, int i, int64_t channel)
{
    const struct attrs *a = call->attrs;
    struct dcl_field f = dcl_rows_field(call->in[i], 0, channel);
    if (a->channels_first) {
        f.offset = channel * rows_of(call, i);
        f.cell = 1;
        f.channel = rows_of(call, i);
    }
    return f;
}

static struct dcl_decode describe(const struct dcl_call *call)
{
    static const enum dcl_box_code codes[] = {DCL_BOX_XYXY, DCL_BOX_CXCYWH, DCL_BOX_XYWH};
    const struct attrs *a = call->attrs;
    const int scores = dcl_has_in(call, 1);
    const int64_t object = scores ? 0 : 4, cls = a->objectness ? object + 1 : object;
    struct dcl_decode d = {.code = codes[a->format],
                           .n_levels = 1,
                           .images = DCL_DIM(call->in[0], 0),
                           .classes = channels_of(call, scores) - cls,
                           .cls_code = (enum dcl_score_code)a->activation,
                           .object_code = a->activation ? DCL_SCORE_SIGMOID : DCL_SCORE_PLAIN,
                           .swap = a->order,
                           .scale_x = a->normalized ? (float)a->width : 1,
                           .scale_y = a->normalized ? (float)a->height : 1};
    d.level[0] = (struct dcl_level){.box = field(call, 0, 0),
                                    .cls = field(call, scores, cls),
                                    .anchors = 1,
                                    .cells = rows_of(call, 0),
                                    .columns = 1};
    if (a->objectness)
        d.level[0].object = field(call, scores, object);
    return d;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    const struct dcl_decode d = describe(call);
    return dcl_decode_shape(call, &d);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_decode d = describe(call);
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_decode d = describe(call);
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_boxes = {
    .name = "decode_boxes",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "boxes as exporters write them: corners, centre and size, corner and size",
    .limits = "one level",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_boxes(struct detcl_context *ctx,
                                     const struct detcl_decode_boxes_params *params,
                                     struct detcl_tensor *in, struct detcl_tensor *in_scores,
                                     struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                     const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.format = (int)params->coding;
    a.order = params->yx != 0;
    a.activation = dcl_take_activation(params->activation, DCL_SCORE_PLAIN);
    a.normalized = params->normalized != 0;
    a.height = params->height;
    a.width = params->width;
    a.objectness = params->objectness != 0;
    a.channels_first = params->channels_first != 0;
    return DCL_CALL_OP(ctx, decode_boxes, &a, sync, DCL_TENSORS(in, in_scores),
                       DCL_TENSORS(boxes, scores));
}
