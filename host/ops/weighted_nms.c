/* weighted_nms: greedy suppression that keeps what it suppresses: a kept box becomes the mean,
 * weighted by score, of itself and the boxes that it suppresses first (BlazeFace, Bazarevsky et al.
 * 2019, "Post-processing"; MediaPipe's weighted NonMaxSuppression).
 * in: boxes, scores and optional classes, anchors, count as nms; a score must be greater than
 * score_threshold (0 or more); a box is suppressed by inter > iou_threshold * union. out: boxes [N,
 * K, 4] and scores [N, K] float32, keep [N, K] int32, the positions kept, by score, equal ones by
 * position; kept [N] int32. A fused box has the score of the kept one. At most max_output an image
 * (0: no limit). Sums run by falling score in single precision and divisions are rounded to
 * nearest, so boxes, too, are the same bits on every device (subnormal numbers aside). */
#include "detcl/suppression.h"
#include "ops/cluster.h"
#include "ops/typed.h"

struct attrs {
    float iou_threshold, score_threshold;
    int64_t max_output;
};

static const struct dcl_attr_spec specs[] = {DCL_FLOAT(struct attrs, iou_threshold, NULL),
                                             DCL_FLOAT(struct attrs, score_threshold, "0"),
                                             DCL_INT(struct attrs, max_output, "0"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_candidates_check(call));
    DCL_TRY(call->error, dcl_candidates_overlap(call, a->iou_threshold, 0));
    DCL_TRY(call->error, dcl_candidates_positive(call, "score_threshold", a->score_threshold));
    DCL_TRY(call->error, dcl_candidates_limit(call, a->max_output));
    for (int i = 0; i < 4; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    dcl_candidates_shape(call, 0, DETCL_F32, DCL_EACH_BOX);
    dcl_candidates_shape(call, 1, DETCL_F32, DCL_EACH);
    dcl_candidates_shape(call, 2, DETCL_I32, DCL_EACH);
    dcl_candidates_shape(call, 3, DETCL_I32, DCL_EACH_IMAGE);
    call->out[0]->count = call->out[1]->count = call->out[2]->count = call->out[3];
    call->cpu_workspace = dcl_candidates_workspace(call, 1);
    return DETCL_OK;
}

static struct dcl_candidates_out outputs(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_candidates_out){.boxes = call->out[0],
                                       .scores = call->out[1],
                                       .keep = call->out[2],
                                       .kept = call->out[3],
                                       .most = a->max_output};
}

static struct dcl_cluster_rule rule_of(const struct dcl_call *call)
{
    return (struct dcl_cluster_rule){.threshold =
                                         ((const struct attrs *)call->attrs)->iou_threshold};
}

/* The mean box of those that candidate j leads. */
static void fuse(struct dcl_candidate_row *row, int64_t j, int64_t end)
{
    float sum[4] = {0}, total = 0;
    for (int64_t i = j; i < end; i++) {
        if (row->more[i] != j)
            continue;
        total += row->scores[i];
        for (int d = 0; d < 4; d++)
            sum[d] += row->scores[i] * row->boxes[4 * i + d];
    }
    for (int d = 0; d < 4; d++)
        row->fused[4 * row->order[j] + d] = sum[d] / total;
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
            const int64_t valid = dcl_valid_end(&row, start, end);
            dcl_cluster_cpu(&rule, &row, start, valid, row.more);
            for (int64_t j = start; j < valid; j++)
                if (row.more[j] == j)
                    fuse(&row, j, valid);
        }
        dcl_candidates_emit_cpu(&c, &row, n, &out);
    }
    return DETCL_OK;
}

static struct dcl_launch *launch(struct dcl_recorder *r, const char *kernel,
                                 const struct dcl_candidates *c)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "weighted_nms", kernel);
    dcl_arg_value(l, c->planes);
    dcl_arg_value(l, c->sorted_classes);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    return l;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_cluster_rule rule = rule_of(call);
    struct dcl_candidates_out out = outputs(call);
    struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, false);
    DCL_TRY(call->error, dcl_candidates_record(r, &c));
    const struct dcl_value *states = dcl_cluster_record(r, &c, &rule);
    const struct dcl_value *leaders = dcl_workspace(r, DETCL_I32, c.images * c.stride);
    out.fused = dcl_workspace(r, DETCL_F32, 4 * c.images * c.length);
    struct dcl_launch *l = launch(r, "weighted_leaders", &c);
    dcl_arg_value(l, states);
    dcl_arg_value(l, leaders);
    dcl_arg_float(l, rule.threshold);
    DCL_TRY(call->error, dcl_candidates_grid(l, &c));
    l = launch(r, "weighted_means", &c);
    dcl_arg_value(l, leaders);
    dcl_arg_value(l, c.sorted_scores);
    dcl_arg_value(l, c.order);
    dcl_arg_value(l, c.count);
    dcl_arg_value(l, out.fused);
    DCL_TRY(call->error, dcl_candidates_grid(l, &c));
    return dcl_candidates_emit(r, &c, &out);
}

const struct dcl_op dcl_op_weighted_nms = {
    .name = "weighted_nms",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 4,
    .source = "Bazarevsky et al. 2019 (BlazeFace), post-processing; MediaPipe's weighted "
              "NonMaxSuppression",
    .limits = "tests up to all pairs of a class in an image",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_weighted_nms(struct detcl_context *ctx,
                                     const struct detcl_weighted_nms_params *params,
                                     struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                     struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                     struct detcl_tensor *count, struct detcl_tensor *out_boxes,
                                     struct detcl_tensor *out_scores, struct detcl_tensor *keep,
                                     struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {params->iou_threshold, params->score_threshold, params->max_output};
    return DCL_CALL_OP(ctx, weighted_nms, &attrs, sync,
                       DCL_TENSORS(boxes, scores, classes, anchors, count),
                       DCL_TENSORS(out_boxes, out_scores, keep, kept));
}
