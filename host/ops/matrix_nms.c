/* matrix_nms: Wang et al. 2020, "SOLOv2", section 3.3, on boxes: every score decays at once by what
 * all better ones of its image (and class) overlap it, each discounted by how far it is suppressed
 * itself. With o(i, j) the IoU, candidates by score (equal scores by position) and m(i) = max o(k,
 * i) over k before i, score j is multiplied by the smallest, over i before j, of method=linear (1 -
 * o(i, j)) / (1 - m(i)); a candidate with m(i) = 1 does not count method=gaussian   exp(-(o(i, j)^2
 * - m(i)^2) / sigma) in: boxes, scores and optional classes, anchors, count as nms; a score must be
 * greater than score_threshold before and than post_threshold after. out: keep [N, K] int32,
 * positions by decayed score, equal ones by position; scores [N, K] float32; kept [N] int32. At
 * most max_output an image (0: no limit). The same bits on every device (exact.h), subnormal areas
 * and scores aside. */
#include "detcl/suppression.h"
#include "ops/candidates.h"
#include "ops/exact.h"
#include "ops/typed.h"

static const char *const methods[] = {"linear", "gaussian", NULL};

struct attrs {
    int method;
    float sigma, score_threshold, post_threshold;
    int64_t max_output;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, method, "linear", methods),
                                             DCL_FLOAT(struct attrs, sigma, "0.5"),
                                             DCL_FLOAT(struct attrs, score_threshold, "0"),
                                             DCL_FLOAT(struct attrs, post_threshold, "0"),
                                             DCL_INT(struct attrs, max_output, "0"),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_candidates_check(call));
    DCL_TRY(call->error, dcl_candidates_positive(call, "score_threshold", a->score_threshold));
    DCL_TRY(call->error, dcl_candidates_positive(call, "post_threshold", a->post_threshold));
    DCL_TRY(call->error, dcl_candidates_limit(call, a->max_output));
    return dcl_candidates_rescored(call, a->sigma, 1);
}

static struct dcl_candidates_out outputs(const struct dcl_call *call)
{
    return dcl_candidates_rescored_out(call, ((const struct attrs *)call->attrs)->max_output);
}

static float inverse_sigma(const struct attrs *a)
{
    return a->method ? 1 / a->sigma : 0;
}

/* The factor of candidate j of a segment, given m of those before. */
static float decay(const struct attrs *a, const float *boxes, const float *most, int64_t start,
                   int64_t j)
{
    float factor = 1, power = 0;
    for (int64_t i = start; i < j; i++) {
        const float iou = dcl_box_iou(boxes + 4 * i, boxes + 4 * j), m = most[i];
        const float f = m < 1 && iou > 0 ? (1 - iou) / (1 - m) : 1;
        const float p = iou * iou - m * m;
        factor = f < factor ? f : factor;
        power = p > power ? p : power;
    }
    return a->method ? dcl_exact_exp(-(power * inverse_sigma(a))) : factor;
}

static void run_segment(const struct attrs *a, struct dcl_candidate_row *row, int64_t start,
                        int64_t end)
{
    float *most = (float *)(void *)row->more;
    for (int64_t j = start; j < end; j++) {
        most[j] = 0;
        for (int64_t i = start; i < j; i++) {
            const float iou = dcl_box_iou(row->boxes + 4 * i, row->boxes + 4 * j);
            most[j] = iou > most[j] ? iou : most[j];
        }
        const float score = row->scores[j] * decay(a, row->boxes, most, start, j);
        row->final[row->order[j]] = score > a->post_threshold ? score : NAN;
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, false);
    const struct dcl_candidates_out out = outputs(call);
    struct dcl_candidate_row row;
    for (int64_t n = 0; n < c.images; n++) {
        dcl_candidates_cpu(call, &c, n, &row);
        for (int64_t start = 0, end; start < row.count; start = end) {
            end = dcl_segment_end(&c, &row, start);
            run_segment(a, &row, start, dcl_valid_end(&row, start, end));
        }
        dcl_candidates_emit_cpu(&c, &row, n, &out);
    }
    return DETCL_OK;
}

static struct dcl_launch *launch(struct dcl_recorder *r, const char *kernel,
                                 const struct dcl_candidates *c, const struct dcl_value *most)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "matrix_nms", kernel);
    dcl_arg_value(l, c->planes);
    dcl_arg_value(l, c->sorted_classes);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    dcl_arg_value(l, most);
    return l;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_candidates c = dcl_candidates_of(call, a->score_threshold, false);
    const struct dcl_candidates_out out = outputs(call);
    DCL_TRY(call->error, dcl_candidates_record(r, &c));
    const struct dcl_value *most = dcl_workspace(r, DETCL_F32, c.images * c.stride);
    DCL_TRY(call->error, dcl_candidates_grid(launch(r, "matrix_max", &c, most), &c));
    struct dcl_launch *l = launch(r, "matrix_decay", &c, most);
    dcl_arg_value(l, c.sorted_scores);
    dcl_arg_value(l, c.order);
    dcl_arg_value(l, c.final);
    dcl_arg_float(l, a->post_threshold);
    dcl_arg_float(l, inverse_sigma(a));
    DCL_TRY(call->error, dcl_candidates_grid(l, &c));
    return dcl_candidates_emit(r, &c, &out);
}

const struct dcl_op dcl_op_matrix_nms = {
    .name = "matrix_nms",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 3,
    .source = "Wang et al. 2020, \"SOLOv2: Dynamic and Fast Instance Segmentation\", section 3.3",
    .limits = "tests all pairs of a class in an image",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_matrix_nms(struct detcl_context *ctx,
                                   const struct detcl_matrix_nms_params *params,
                                   struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                   struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                   struct detcl_tensor *count, struct detcl_tensor *keep,
                                   struct detcl_tensor *out_scores, struct detcl_tensor *kept,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.method = (int)params->decay,
                                .sigma = params->sigma != 0 ? params->sigma : 0.5f,
                                .score_threshold = params->score_threshold,
                                .post_threshold = params->post_threshold,
                                .max_output = params->max_output};
    return DCL_CALL_OP(ctx, matrix_nms, &attrs, sync,
                       DCL_TENSORS(boxes, scores, classes, anchors, count),
                       DCL_TENSORS(keep, out_scores, kept));
}
