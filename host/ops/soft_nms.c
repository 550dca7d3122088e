/* soft_nms: Bodla et al. 2017, "Soft-NMS": instead of dropping the boxes that overlap a chosen one,
 * lower their scores. In each image (and class) the best of the scores left is chosen, equal scores
 * by position, while it is greater than score_threshold; then each other score s becomes, with the
 * overlap o of its box and the chosen one,
 *   method=linear     s * (1 - o) where o >= iou_threshold
 *   method=gaussian   s * exp(-o * o / sigma)
 * in: boxes, scores and optional classes, anchors, count as nms. out: keep [N, K] int32, positions
 * in the order chosen; scores [N, K] float32, those they were chosen with; kept [N] int32. At most
 * max_output an image (0: no limit). Scores and order are the same bits on every device: division
 * is rounded to nearest and exp is this library's own (exact.h); subnormal areas and scores aside.
 */
#include "detcl/suppression.h"
#include "ops/candidates.h"
#include "ops/exact.h"
#include "ops/nms.h"
#include "ops/typed.h"

static const char *const methods[] = {"linear", "gaussian", NULL};

struct attrs {
    int method;
    float iou_threshold, sigma, score_threshold;
    int64_t max_output;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, method, "linear", methods),
                                             DCL_FLOAT(struct attrs, iou_threshold, "0.3"),
                                             DCL_FLOAT(struct attrs, sigma, "0.5"),
                                             DCL_FLOAT(struct attrs, score_threshold, "0"),
                                             DCL_INT(struct attrs, max_output, "0"),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_candidates_check(call));
    DCL_TRY(call->error, dcl_candidates_overlap(call, a->iou_threshold, 0));
    DCL_TRY(call->error, dcl_candidates_positive(call, "score_threshold", a->score_threshold));
    DCL_TRY(call->error, dcl_candidates_limit(call, a->max_output));
    return dcl_candidates_rescored(call, a->sigma, 0);
}

static struct dcl_candidates_out outputs(const struct dcl_call *call)
{
    return dcl_candidates_rescored_out(call, ((const struct attrs *)call->attrs)->max_output);
}

static float inverse_sigma(const struct attrs *a)
{
    return a->method ? 1 / a->sigma : 0;
}

static float rescore(const struct attrs *a, float s, float iou)
{
    if (a->method)
        return s * dcl_exact_exp(-(iou * iou * inverse_sigma(a)));
    return iou >= a->iou_threshold ? s * (1 - iou) : s;
}

static void run_segment(const struct attrs *a, struct dcl_candidate_row *row, int64_t start,
                        int64_t end)
{
    const int64_t limit = dcl_nms_limit(a->max_output);
    for (int64_t total = 0; total < limit; total++) {
        int64_t best = -1;
        for (int64_t i = start; i < end; i++)
            if (row->scores[i] > (best < 0 ? a->score_threshold : row->scores[best]))
                best = i;
        if (best < 0)
            break;
        row->final[row->order[best]] = row->scores[best];
        row->scores[best] = -1;
        for (int64_t i = start; i < end; i++)
            if (i != best)
                row->scores[i] = rescore(a, row->scores[i],
                                         dcl_box_iou(row->boxes + 4 * i, row->boxes + 4 * best));
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, true);
    const struct dcl_candidates_out out = outputs(call);
    struct dcl_candidate_row row;
    for (int64_t n = 0; n < c.images; n++) {
        dcl_candidates_cpu(call, &c, n, &row);
        for (int64_t start = 0, end; start < row.count; start = end) {
            end = dcl_segment_end(&c, &row, start);
            run_segment(a, &row, start, end);
        }
        dcl_candidates_emit_cpu(&c, &row, n, &out);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, true);
    const struct dcl_candidates_out out = outputs(call);
    DCL_TRY(call->error, dcl_candidates_record(r, &c));
    struct dcl_launch *l = dcl_candidates_launch(r, &c, "soft_nms", "soft_nms");
    dcl_arg_value(l, c.planes);
    dcl_arg_value(l, c.sorted_scores);
    dcl_arg_value(l, c.sorted_classes);
    dcl_arg_value(l, c.order);
    dcl_arg_value(l, c.count);
    dcl_arg_value(l, c.final);
    dcl_arg_int(l, c.length);
    dcl_arg_int(l, c.stride);
    dcl_arg_int(l, dcl_candidates_tile(&c));
    dcl_arg_int(l, dcl_nms_limit(a->max_output));
    dcl_arg_float(l, a->score_threshold);
    dcl_arg_float(l, a->iou_threshold);
    dcl_arg_float(l, inverse_sigma(a));
    DCL_TRY(call->error, dcl_candidates_segment_grid(r, l, &c));
    return dcl_candidates_emit(r, &c, &out);
}

const struct dcl_op dcl_op_soft_nms = {
    .name = "soft_nms",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 3,
    .source = "Bodla et al. 2017, \"Soft-NMS - Improving Object Detection With One Line of Code\"",
    .limits = "O(kept * candidates) work in each class of an image, one work-group each",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_soft_nms(struct detcl_context *ctx,
                                 const struct detcl_soft_nms_params *params,
                                 struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                 struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                 struct detcl_tensor *count, struct detcl_tensor *keep,
                                 struct detcl_tensor *out_scores, struct detcl_tensor *kept,
                                 const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.method = (int)params->decay,
                                .iou_threshold = params->iou_threshold,
                                .sigma = params->sigma != 0 ? params->sigma : 0.5f,
                                .score_threshold = params->score_threshold,
                                .max_output = params->max_output};
    return DCL_CALL_OP(ctx, soft_nms, &attrs, sync,
                       DCL_TENSORS(boxes, scores, classes, anchors, count),
                       DCL_TENSORS(keep, out_scores, kept));
}
