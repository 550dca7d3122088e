/* cluster_nms: suppression in parallel, image by image (and class by class).
 *   kind=cluster  Zheng et al. 2021, Cluster-NMS: the end of its iteration, which is the result of
 *                 greedy suppression: candidates by score (equal scores by position), one is kept
 *                 unless a kept one before suppresses it
 *   kind=fast     Bolya et al. 2019 (YOLACT), Fast NMS: its first iteration: one is kept unless any
 *                 one before suppresses it
 *   overlap=iou   by inter > iou_threshold * union
 *   overlap=diou  Zheng et al. 2020, DIoU-NMS: by iou - d / c > iou_threshold, d the squared
 * distance of the centres, c the squared diagonal of the hull, computed without a division as inter
 * * c - d * union > iou_threshold * (union * c) in: boxes, scores and optional classes, anchors,
 * count as nms; a score must be greater than score_threshold (-infinity or NaN: any will do). out:
 * keep [N, K] int32, positions by score; kept [N] int32. At most max_output an image (0: no limit).
 * Single rounded additions and products decide, so the result is the same on every device. No limit
 * on iterations: rounds over all candidates decide most, a last launch the rest in order. */
#include "detcl/suppression.h"
#include "ops/cluster.h"
#include "ops/typed.h"

#define ROUNDS 4

static const char *const kinds[] = {"cluster", "fast", NULL};
static const char *const overlaps[] = {"iou", "diou", NULL};

struct attrs {
    int kind, overlap;
    float iou_threshold, score_threshold;
    int64_t max_output;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "cluster", kinds),
                                             DCL_CHOICE(struct attrs, overlap, "iou", overlaps),
                                             DCL_FLOAT(struct attrs, iou_threshold, NULL),
                                             DCL_FLOAT(struct attrs, score_threshold, "nan"),
                                             DCL_INT(struct attrs, max_output, "0"),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_candidates_check(call));
    DCL_TRY(call->error, dcl_candidates_overlap(call, a->iou_threshold, a->overlap ? -1 : 0));
    DCL_TRY(call->error, dcl_candidates_limit(call, a->max_output));
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "keep and kept are both needed");
    dcl_candidates_shape(call, 0, DETCL_I32, DCL_EACH);
    dcl_candidates_shape(call, 1, DETCL_I32, DCL_EACH_IMAGE);
    call->out[0]->count = call->out[1];
    call->cpu_workspace = dcl_candidates_workspace(call, 1);
    return DETCL_OK;
}

static struct dcl_candidates_out outputs(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_candidates_out){
        .keep = call->out[0], .kept = call->out[1], .most = a->max_output};
}

static struct dcl_cluster_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_cluster_rule){a->iou_threshold, a->overlap, a->kind};
}

/* --- the twin ---------------------------------------------------------------------------- */

static float squared(float x)
{
    return x * x;
}

static bool suppresses(const struct dcl_cluster_rule *rule, const float *a, const float *b)
{
    const float inter = dcl_box_inter(a, b), joint = dcl_box_area(a) + dcl_box_area(b) - inter;
    if (!rule->diou)
        return joint > 0 && inter > rule->threshold * joint;
    const float c = squared((a[2] > b[2] ? a[2] : b[2]) - (a[0] < b[0] ? a[0] : b[0])) +
                    squared((a[3] > b[3] ? a[3] : b[3]) - (a[1] < b[1] ? a[1] : b[1]));
    const float d =
        (squared((a[0] + a[2]) - (b[0] + b[2])) + squared((a[1] + a[3]) - (b[1] + b[3]))) * 0.25f;
    return joint > 0 && inter * c - d * joint > rule->threshold * (joint * c);
}

void dcl_cluster_cpu(const struct dcl_cluster_rule *rule, struct dcl_candidate_row *row,
                     int64_t start, int64_t end, int32_t *leaders)
{
    for (int64_t j = start; j < end; j++) {
        leaders[j] = (int32_t)j;
        for (int64_t i = start; i < j && leaders[j] == j; i++)
            if ((rule->fast || leaders[i] == i) &&
                suppresses(rule, row->boxes + 4 * i, row->boxes + 4 * j))
                leaders[j] = rule->fast ? -1 : (int32_t)i;
        if (leaders[j] == j)
            row->final[row->order[j]] = row->scores[j];
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, false);
    const struct dcl_candidates_out out = outputs(call);
    const struct dcl_cluster_rule rule = rule_of(call);
    struct dcl_candidate_row row;
    for (int64_t n = 0; n < c.images; n++) {
        dcl_candidates_cpu(call, &c, n, &row);
        for (int64_t start = 0, end; start < row.count; start = end) {
            end = dcl_segment_end(&c, &row, start);
            dcl_cluster_cpu(&rule, &row, start, dcl_valid_end(&row, start, end), row.more);
        }
        dcl_candidates_emit_cpu(&c, &row, n, &out);
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static void record_round(struct dcl_recorder *r, const struct dcl_candidates *c,
                         const struct dcl_cluster_rule *rule, const struct dcl_value *from,
                         const struct dcl_value *to)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "cluster_nms", "cluster_round");
    dcl_arg_value(l, c->planes);
    dcl_arg_value(l, c->sorted_classes);
    dcl_arg_value(l, from);
    dcl_arg_value(l, to);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    dcl_arg_float(l, rule->threshold);
    dcl_arg_int(l, rule->diou);
    dcl_arg_int(l, rule->fast);
    dcl_candidates_grid(l, c);
}

static void record_finish(struct dcl_recorder *r, const struct dcl_candidates *c,
                          const struct dcl_cluster_rule *rule, const struct dcl_value *states)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "cluster_nms", "cluster_finish");
    dcl_arg_value(l, c->planes);
    dcl_arg_value(l, c->sorted_classes);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, states);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    dcl_arg_int(l, dcl_candidates_tile(c));
    dcl_arg_float(l, rule->threshold);
    dcl_arg_int(l, rule->diou);
    dcl_candidates_segment_grid(r, l, c);
}

const struct dcl_value *dcl_cluster_record(struct dcl_recorder *r, const struct dcl_candidates *c,
                                           const struct dcl_cluster_rule *rule)
{
    const struct dcl_value *states[2];
    for (int i = 0; i < 2; i++)
        states[i] = dcl_workspace(r, DETCL_I32, c->images * c->stride);
    const int rounds = rule->fast ? 1 : ROUNDS;
    for (int i = 0; i < rounds; i++)
        record_round(r, c, rule, i ? states[(i - 1) % 2] : NULL, states[i % 2]);
    const struct dcl_value *last = states[(rounds - 1) % 2];
    if (!rule->fast)
        record_finish(r, c, rule, last);
    struct dcl_launch *l = dcl_candidates_launch(r, c, "cluster_nms", "cluster_write");
    dcl_arg_value(l, last);
    dcl_arg_value(l, c->sorted_scores);
    dcl_arg_value(l, c->order);
    dcl_arg_value(l, c->final);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    dcl_candidates_grid(l, c);
    return last;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_cluster_rule rule = rule_of(call);
    const struct dcl_candidates_out out = outputs(call);
    struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, false);
    DCL_TRY(call->error, dcl_candidates_record(r, &c));
    dcl_cluster_record(r, &c, &rule);
    return dcl_candidates_emit(r, &c, &out);
}

const struct dcl_op dcl_op_cluster_nms = {
    .name = "cluster_nms",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 2,
    .source = "Bolya et al. 2019 (YOLACT), Fast NMS; Zheng et al. 2021, Cluster-NMS; Zheng et al. "
              "2020, DIoU-NMS",
    .limits = "tests up to all pairs of a class in an image",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

static enum detcl_status call_kind(struct detcl_context *ctx, int kind, int overlap,
                                   const struct detcl_cluster_nms_params *params,
                                   struct dcl_operands in, struct dcl_operands out,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {kind, overlap, params->iou_threshold, params->score_threshold,
                                params->max_output};
    return DCL_CALL_OP(ctx, cluster_nms, &attrs, sync, in, out);
}

enum detcl_status detcl_fast_nms(struct detcl_context *ctx,
                                 const struct detcl_cluster_nms_params *params,
                                 struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                 struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                 struct detcl_tensor *count, struct detcl_tensor *keep,
                                 struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    return call_kind(ctx, 1, 0, params, DCL_TENSORS(boxes, scores, classes, anchors, count),
                     DCL_TENSORS(keep, kept), sync);
}

enum detcl_status detcl_cluster_nms(struct detcl_context *ctx,
                                    const struct detcl_cluster_nms_params *params,
                                    struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                    struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                    struct detcl_tensor *count, struct detcl_tensor *keep,
                                    struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    return call_kind(ctx, 0, 0, params, DCL_TENSORS(boxes, scores, classes, anchors, count),
                     DCL_TENSORS(keep, kept), sync);
}

enum detcl_status detcl_diou_nms(struct detcl_context *ctx,
                                 const struct detcl_cluster_nms_params *params,
                                 struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                 struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                 struct detcl_tensor *count, struct detcl_tensor *keep,
                                 struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    return call_kind(ctx, 0, 1, params, DCL_TENSORS(boxes, scores, classes, anchors, count),
                     DCL_TENSORS(keep, kept), sync);
}
