/* non_max_suppression: ONNX NonMaxSuppression (opsets 10, 11).
 * in: boxes [N, M, 4], scores [N, C, M] float32; optional scalars max_output_boxes_per_class
 * (int64; absent or 0: nothing is selected), iou_threshold and score_threshold (float32), known
 * before the run or not. A score must be greater than score_threshold, and a box is dropped when
 * its intersection with a kept one of its class is greater than iou_threshold * union (ONNX Runtime
 * divides instead; results can differ where that rounds across the threshold). Order: image, class,
 * falling score, equal scores by box. out: [capacity, 3] int64 of (image, class, box), zero past
 * the count; count, an int32 scalar. capacity = N * C * min(M, max_output_boxes_per_class) where
 * that is known, else N * C * M. */
#include "detcl/suppression.h"
#include "ops/nms.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

enum { BOXES, SCORES, LIMIT, IOU, SCORE };

struct attrs {
    int64_t center_point_box;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, center_point_box, "0"),
                                             DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"NonMaxSuppression", NULL}, {NULL, NULL}};

static enum detcl_status check(const struct dcl_call *call)
{
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, i == LIMIT ? DCL_I64 : DCL_F32));
        if (i > SCORES && dcl_count(call->in[i]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' must hold one number",
                                 call->in[i]->name);
    }
    DCL_TRY(call->error, dcl_need_rank(call, BOXES, 3));
    DCL_TRY(call->error, dcl_need_rank(call, SCORES, 3));
    const int64_t *boxes = call->in[BOXES]->desc.dims, *scores = call->in[SCORES]->desc.dims;
    if (boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld x %lld boxes do not go with %lld x %lld x %lld scores",
                             (long long)boxes[0], (long long)boxes[1], (long long)scores[0],
                             (long long)scores[1], (long long)scores[2]);
    if (boxes[1] > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than 2^31 - 1 boxes");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "selection and count are both needed");
    const int64_t *scores = call->in[SCORES]->desc.dims;
    int64_t each = scores[2];
    if (!dcl_has_in(call, LIMIT)) {
        each = 0;
    } else if (call->in[LIMIT]->constant) {
        const int64_t limit = *(const int64_t *)call->in[LIMIT]->constant;
        each = limit < 0 ? 0 : limit < each ? limit : each;
    }
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_I64, .rank = 2, .dims = {scores[0] * scores[1] * each, 3}};
    call->out[0]->count = call->out[1];
    call->out[1]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 0};
    call->cpu_workspace = 14 * 4 * (size_t)scores[2];
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------- */

static struct dcl_nms_rule rule_of(const struct dcl_call *call)
{
    struct dcl_nms_rule rule = {.threshold = 0, .limit = 0, .score_threshold = NAN};
    if (dcl_has_in(call, LIMIT)) {
        const int64_t limit = *(const int64_t *)call->in[LIMIT]->data;
        rule.limit = limit < 0 ? 0 : limit < INT32_MAX ? limit : INT32_MAX;
    }
    if (dcl_has_in(call, IOU))
        rule.threshold = *(const float *)call->in[IOU]->data;
    if (dcl_has_in(call, SCORE))
        rule.score_threshold = *(const float *)call->in[SCORE]->data;
    return rule;
}

static void corners(const struct attrs *a, const float *from, float *box)
{
    for (int k = 0; k < 2; k++) {
        const float p = from[k], q = from[k + 2];
        box[k] = a->center_point_box ? p - q * 0.5f : q < p ? q : p;
        box[k + 2] = a->center_point_box ? p + q * 0.5f : q < p ? p : q;
    }
}

/* One (image, class): the kept boxes, best first, into `kept`; returns how many. */
static int64_t run_row(const struct dcl_call *call, const struct dcl_nms_rule *rule, int64_t row,
                       int32_t *kept)
{
    const int64_t m = DCL_DIM(call->in[SCORES], 2);
    const float *scores = (const float *)call->in[SCORES]->data + row * m;
    const float *boxes =
        (const float *)call->in[BOXES]->data + row / DCL_DIM(call->in[SCORES], 1) * m * 4;
    uint32_t *keys = call->workspace;
    int32_t *order = (int32_t *)call->workspace + m, *spare = order + m;
    float *sorted = (float *)(order + 2 * m);
    for (int64_t i = 0; i < m; i++) {
        const bool good = !(scores[i] <= rule->score_threshold) && dcl_finite_box(boxes + 4 * i);
        keys[i] = good ? dcl_order_key(scores[i], true) : UINT32_MAX;
        order[i] = (int32_t)i;
    }
    dcl_order_cpu(keys, m, order, spare);
    /* The spare order has done its work: its memory takes the flags. */
    const struct dcl_nms_row list = {sorted, NULL, order, m, sorted + 4 * m, (uint8_t *)spare};
    for (int64_t i = 0; i < m; i++) {
        static const float none[] = {NAN, NAN, NAN, NAN};
        corners(call->attrs, keys[order[i]] == UINT32_MAX ? none : boxes + 4 * order[i],
                sorted + 4 * i);
        list.flags[i] = 0;
    }
    dcl_nms_greedy(rule, &list);
    int64_t n = 0;
    for (int64_t i = 0; i < m; i++)
        if (list.flags[order[i]])
            kept[n++] = order[i];
    return n;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_nms_rule rule = rule_of(call);
    const int64_t *scores = call->in[SCORES]->desc.dims;
    int64_t *out = call->out[0]->data;
    int32_t *kept = (int32_t *)call->workspace + 13 * scores[2];
    int64_t total = 0;
    memset(out, 0, (size_t)dcl_count(call->out[0]) * sizeof *out);
    for (int64_t row = 0; row < scores[0] * scores[1] && rule.limit > 0; row++) {
        const int64_t n = run_row(call, &rule, row, kept);
        for (int64_t i = 0; i < n; i++, total++) {
            out[3 * total] = row / scores[1];
            out[3 * total + 1] = row % scores[1];
            out[3 * total + 2] = kept[i];
        }
    }
    *(int32_t *)call->out[1]->data = (int32_t)total;
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static const struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

static enum detcl_status record_rule(const struct dcl_call *call, struct dcl_recorder *r,
                                     const char *options, const struct dcl_value *rule)
{
    struct dcl_launch *l = dcl_launch(r, "non_max_suppression", options, "nms_onnx_rule");
    for (int i = LIMIT; i <= SCORE; i++)
        dcl_arg_value(l, input(call, i));
    dcl_arg_value(l, rule);
    return dcl_grid(l, 1, (size_t[]){1}, (size_t[]){1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t *scores = call->in[SCORES]->desc.dims;
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    const char *options = dcl_nms_options(r);
    struct dcl_nms n = {.boxes = call->in[BOXES],
                        .scores = call->in[SCORES],
                        .rule = dcl_workspace(r, DETCL_I32, DCL_NMS_RULE_INTS),
                        .rows = scores[0] * scores[1],
                        .per_image = scores[1],
                        .n_boxes = scores[2],
                        .length = scores[2],
                        .form = a->center_point_box ? DCL_NMS_CENTER : DCL_NMS_CORNERS};
    DCL_TRY(call->error, record_rule(call, r, options, n.rule));
    DCL_TRY(call->error, dcl_nms_record(r, &n));
    struct dcl_launch *l = dcl_launch(r, "non_max_suppression", options, "nms_onnx_emit");
    dcl_arg_value(l, n.kept);
    dcl_arg_value(l, n.row_kept);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, call->out[1]);
    /* One group at least writes the count; rows without boxes have no kept candidates to read. */
    dcl_arg_int(l, n.length ? n.rows : 0);
    dcl_arg_int(l, n.length);
    dcl_arg_int(l, scores[1]);
    dcl_arg_int(l, DCL_DIM(call->out[0], 0));
    return dcl_grid(l, 2, (size_t[]){width, n.rows ? (size_t)n.rows : 1}, (size_t[]){width, 1});
}

const struct dcl_op dcl_op_non_max_suppression = {
    .name = "non_max_suppression",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 2,
    .flags = DCL_OP_COUNTED,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_non_max_suppression(
    struct detcl_context *ctx, int center_point_box, struct detcl_tensor *boxes,
    struct detcl_tensor *scores, struct detcl_tensor *max_output_boxes_per_class,
    struct detcl_tensor *iou_threshold, struct detcl_tensor *score_threshold,
    struct detcl_tensor *selected, struct detcl_tensor *count, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.center_point_box = center_point_box != 0};
    return DCL_CALL_OP(
        ctx, non_max_suppression, &attrs, sync,
        DCL_TENSORS(boxes, scores, max_output_boxes_per_class, iou_threshold, score_threshold),
        DCL_TENSORS(selected, count));
}
