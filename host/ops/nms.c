/* nms: exact greedy non-maximum suppression of a candidate list, class by class or of all classes
 * together; no cap on boxes, classes or batch.
 * in: boxes [N, M, 4] (x1, y1, x2, y2), scores [N, K] float32; optional classes [N, K], anchors [N,
 * K] (candidate k has box anchors[k]; without it box k) and count [N] (candidates of each image;
 * without it K), all int32: what select gives. Candidates are taken by score, equal scores by
 * position; one is kept unless a kept one (of its class) overlaps it beyond iou_threshold, as
 * `boundary` says. NaN scores, scores that are not greater than score_threshold (-infinity or NaN:
 * any will do) and boxes that are not finite or not there are never kept. At most
 * max_per_class of a class and max_output in all (0: no limit). out: keep [N, K] int32, the
 * positions kept, best score first; kept [N] int32, how many. The result is the same on every
 * device; subnormal areas aside, where a device flushes them. */
#include "ops/nms.h"
#include "detcl/suppression.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

enum { BOXES, SCORES, CLASSES, ANCHORS, COUNT };

static const char *const boundaries[] = {"strict", "greater_equal", "legacy", NULL};

struct attrs {
    float iou_threshold, score_threshold;
    int boundary;
    int64_t class_agnostic, max_per_class, max_output;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, iou_threshold, NULL),
    DCL_FLOAT(struct attrs, score_threshold, "nan"),
    DCL_CHOICE(struct attrs, boundary, "strict", boundaries),
    DCL_INT(struct attrs, class_agnostic, "0"),
    DCL_INT(struct attrs, max_per_class, "0"),
    DCL_INT(struct attrs, max_output, "0"),
    DCL_ATTRS_END};

static const struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

static const struct dcl_value *classes_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return a->class_agnostic ? NULL : input(call, CLASSES);
}

static struct dcl_nms_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t each = dcl_nms_limit(a->max_per_class), all = dcl_nms_limit(a->max_output);
    /* A class can fill the output alone, but never needs more. */
    return (struct dcl_nms_rule){a->iou_threshold, (enum dcl_boundary)a->boundary,
                                 each < all ? each : all,
                                 a->score_threshold > -INFINITY ? a->score_threshold : NAN};
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    static const int ranks[] = {3, 2, 2, 2, 1};
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, i <= SCORES ? DCL_F32 : DCL_I32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t n = DCL_DIM(call->in[SCORES], 0), k = DCL_DIM(call->in[SCORES], 1);
    bool fits = DCL_DIM(call->in[BOXES], 0) == n && DCL_DIM(call->in[BOXES], 2) == 4 &&
                (dcl_has_in(call, ANCHORS) || DCL_DIM(call->in[BOXES], 1) == k);
    for (int i = CLASSES; i < call->n_in; i++)
        fits = fits && (!dcl_has_in(call, i) || (DCL_DIM(call->in[i], 0) == n &&
                                                 (i == COUNT || DCL_DIM(call->in[i], 1) == k)));
    if (!fits)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    if (!(a->iou_threshold >= 0 && a->iou_threshold <= 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "an iou_threshold of %g, not 0 to 1",
                             (double)a->iou_threshold);
    if (a->max_per_class < 0 || a->max_output < 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "limits are 0 (none) or more");
    return DETCL_OK;
}

/* The twin's arrays of one image. */
struct scratch {
    uint32_t *keys, *class_keys;
    int32_t *by_score, *by_class, *classes, *spare;
    float *boxes;
    void *greedy;
    uint8_t *flags;
};

#define TWIN_WORDS 17 /* four bytes each, a candidate */

/* Lay the arrays out from `base` on. */
static void carve(struct scratch *s, void *base, int64_t length)
{
    char *at = base;
    const size_t words = (size_t)length * 4;
    s->keys = (uint32_t *)(void *)at;
    s->class_keys = (uint32_t *)(void *)(at + words);
    s->by_score = (int32_t *)(void *)(at + 2 * words);
    s->by_class = (int32_t *)(void *)(at + 3 * words);
    s->classes = (int32_t *)(void *)(at + 4 * words);
    s->spare = (int32_t *)(void *)(at + 5 * words);
    s->boxes = (float *)(void *)(at + 6 * words);
    s->greedy = at + 10 * words;
    s->flags = (uint8_t *)(at + 16 * words);
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "keep and kept are both needed");
    call->out[0]->desc = call->in[SCORES]->desc;
    call->out[0]->desc.dtype = DETCL_I32;
    call->out[0]->count = call->out[1];
    call->out[1]->desc =
        (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {DCL_DIM(call->in[SCORES], 0)}};
    const int64_t length = DCL_DIM(call->in[SCORES], 1);
    if (length > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than 2^31 - 1 candidates");
    call->cpu_workspace = TWIN_WORDS * 4 * (size_t)length;
    return DETCL_OK;
}

/* Keys, orders and sorted boxes of image n; returns how many candidates it has. */
static int64_t prepare(const struct dcl_call *call, const struct dcl_nms_rule *rule, int64_t n,
                       struct scratch *s)
{
    const int64_t length = DCL_DIM(call->in[SCORES], 1), m = DCL_DIM(call->in[BOXES], 1);
    const float *boxes = (const float *)call->in[BOXES]->data + 4 * n * m;
    const float *scores = (const float *)call->in[SCORES]->data + n * length;
    const struct dcl_value *classes = classes_of(call), *anchors = input(call, ANCHORS);
    int64_t count = length;
    if (dcl_has_in(call, COUNT))
        count = ((const int32_t *)call->in[COUNT]->data)[n];
    count = count < 0 ? 0 : count < length ? count : length;
    for (int64_t i = 0; i < count; i++) {
        const int64_t box = anchors ? ((const int32_t *)anchors->data)[n * length + i] : i;
        const bool good = !(scores[i] <= rule->score_threshold) && box >= 0 && box < m &&
                          dcl_finite_box(boxes + 4 * box);
        s->keys[i] = good ? dcl_order_key(scores[i], true) : UINT32_MAX;
        s->class_keys[i] = classes ? (uint32_t)((const int32_t *)classes->data)[n * length + i] : 0;
        s->by_score[i] = (int32_t)i;
        s->flags[i] = 0;
    }
    dcl_order_cpu(s->keys, count, s->by_score, s->spare);
    if (count > 0)
        memcpy(s->by_class, s->by_score, (size_t)count * sizeof *s->by_class);
    if (classes)
        dcl_order_cpu(s->class_keys, count, s->by_class, s->spare);
    for (int64_t i = 0; i < count; i++) {
        const int64_t c = s->by_class[i];
        s->classes[i] = (int32_t)s->class_keys[c];
        for (int k = 0; k < 4; k++) {
            const int64_t box = anchors ? ((const int32_t *)anchors->data)[n * length + c] : c;
            s->boxes[4 * i + k] = s->keys[c] == UINT32_MAX ? NAN : boxes[4 * box + k];
        }
    }
    return count;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_nms_rule rule = rule_of(call);
    const int64_t length = DCL_DIM(call->in[SCORES], 1), most = dcl_nms_limit(a->max_output);
    struct scratch s;
    carve(&s, call->workspace, length);
    for (int64_t n = 0; n < DCL_DIM(call->in[SCORES], 0); n++) {
        const int64_t count = prepare(call, &rule, n, &s);
        const struct dcl_nms_row row = {s.boxes, s.classes, s.by_class, count, s.greedy, s.flags};
        dcl_nms_greedy(&rule, &row);
        int32_t *keep = (int32_t *)call->out[0]->data + n * length, kept = 0;
        for (int64_t i = 0; i < count && kept < most; i++)
            if (s.flags[s.by_score[i]])
                keep[kept++] = s.by_score[i];
        ((int32_t *)call->out[1]->data)[n] = kept;
    }
    return DETCL_OK;
}

static enum detcl_status record_keep(const struct dcl_call *call, const struct dcl_nms *n,
                                     struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    struct dcl_launch *l = dcl_launch(r, "nms", dcl_nms_options(r), "nms_keep");
    dcl_arg_value(l, n->by_score);
    dcl_arg_value(l, n->flags);
    dcl_arg_value(l, n->count);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_int(l, n->length);
    dcl_arg_int(l, dcl_nms_limit(a->max_output));
    return dcl_grid(l, 2, (size_t[]){width, (size_t)n->rows}, (size_t[]){width, 1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_nms_rule rule = rule_of(call);
    void *data;
    struct dcl_nms n = {.boxes = call->in[BOXES],
                        .scores = call->in[SCORES],
                        .classes = classes_of(call),
                        .anchors = input(call, ANCHORS),
                        .count = input(call, COUNT),
                        .rule = dcl_packed(r, DETCL_I32, DCL_NMS_RULE_INTS, &data),
                        .rows = DCL_DIM(call->in[SCORES], 0),
                        .per_image = 1,
                        .n_boxes = DCL_DIM(call->in[BOXES], 1),
                        .length = DCL_DIM(call->in[SCORES], 1)};
    if (!n.rule)
        return dcl_recorded(r);
    dcl_nms_rule_data(&rule, data);
    DCL_TRY(call->error, dcl_nms_record(r, &n));
    return record_keep(call, &n, r);
}

const struct dcl_op dcl_op_nms = {
    .name = "nms",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 2,
    .source =
        "torchvision.ops.nms and batched_nms (per class); ONNX, OpenVINO and legacy boundaries",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_nms(struct detcl_context *ctx, const struct detcl_nms_params *params,
                            struct detcl_tensor *boxes, struct detcl_tensor *scores,
                            struct detcl_tensor *classes, struct detcl_tensor *anchors,
                            struct detcl_tensor *count, struct detcl_tensor *keep,
                            struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.iou_threshold = params->iou_threshold,
                                .score_threshold = params->score_threshold,
                                .boundary = (int)params->boundary,
                                .class_agnostic = params->class_agnostic != 0,
                                .max_per_class = params->max_per_class,
                                .max_output = params->max_output};
    return DCL_CALL_OP(ctx, nms, &attrs, sync, DCL_TENSORS(boxes, scores, classes, anchors, count),
                       DCL_TENSORS(keep, kept));
}
