/* weighted_boxes_fusion: Solovyev et al. 2021, "Weighted boxes fusion: Ensembling boxes from
 * different object detection models", after its reference code (ensemble-boxes). Boxes of one image
 * (and class), of all models together, by weighted score s = score * weight of the model, equal
 * ones by position: each joins the cluster whose fused box overlaps it most, beyond iou_threshold
 * (the oldest among equals), or starts one. A cluster's fused box is the mean of its boxes weighted
 * by s (of the first alone: that box). Its confidence, with n boxes from T models of weights w:
 *   conf_type=avg   mean(s) * min(T, n) / sum(w)
 *   conf_type=max   max(s) / max(w)
 * in: boxes [N, M, 4] and scores [N, M] float32; optional classes [N, M], count [N] and models [N,
 * M] (0..T-1; absent: 0) int32; weights [T] float32. A box takes no part if its score is not
 * greater than score_threshold (0 or more), its model is out of range, its weight not positive, its
 * area 0 or a coordinate not finite. out: boxes [N, M, 4], scores [N, M] float32, classes [N, M]
 * int32 (0 when none are given) by confidence, equal ones by the position of the box that started
 * the cluster; count [N] int32. Single precision in this order of operations, divisions rounded to
 * nearest: the same bits on every device (subnormal numbers aside). */
#include "detcl/suppression.h"
#include "ops/candidates.h"
#include "ops/typed.h"

#include <string.h>

#define TWIN_WORDS 12 /* a box: its weighted score, and 11 of a cluster */

enum { WEIGHTS = DCL_IN_REST, MODELS }; /* after the candidates, which have no anchors */

static const char *const conf_types[] = {"avg", "max", NULL};

struct attrs {
    int conf_type;
    float iou_threshold, score_threshold;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, conf_type, "avg", conf_types),
                                             DCL_FLOAT(struct attrs, iou_threshold, "0.55"),
                                             DCL_FLOAT(struct attrs, score_threshold, "0"),
                                             DCL_ATTRS_END};

static enum detcl_status check_models(const struct dcl_call *call)
{
    if (dcl_has_in(call, DCL_IN_ANCHORS))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "candidates with anchors");
    if (!dcl_has_in(call, WEIGHTS))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the weights of the models are missing");
    DCL_TRY(call->error, dcl_need_dtype(call, WEIGHTS, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, WEIGHTS, 1));
    if (!dcl_has_in(call, MODELS))
        return DETCL_OK;
    DCL_TRY(call->error, dcl_need_dtype(call, MODELS, DCL_I32));
    DCL_TRY(call->error, dcl_need_rank(call, MODELS, 2));
    for (int d = 0; d < 2; d++)
        if (DCL_DIM(call->in[MODELS], d) != DCL_DIM(call->in[DCL_IN_SCORES], d))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "models and scores differ in shape");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_candidates_check(call));
    DCL_TRY(call->error, check_models(call));
    DCL_TRY(call->error, dcl_candidates_overlap(call, a->iou_threshold, 0));
    DCL_TRY(call->error, dcl_candidates_positive(call, "score_threshold", a->score_threshold));
    for (int i = 0; i < 4; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    dcl_candidates_shape(call, 0, DETCL_F32, DCL_EACH_BOX);
    dcl_candidates_shape(call, 1, DETCL_F32, DCL_EACH);
    dcl_candidates_shape(call, 2, DETCL_I32, DCL_EACH);
    dcl_candidates_shape(call, 3, DETCL_I32, DCL_EACH_IMAGE);
    call->out[0]->count = call->out[1]->count = call->out[2]->count = call->out[3];
    call->cpu_workspace = dcl_candidates_workspace(call, TWIN_WORDS);
    return DETCL_OK;
}

static struct dcl_candidates_out outputs(const struct dcl_call *call)
{
    return (struct dcl_candidates_out){.boxes = call->out[0],
                                       .scores = call->out[1],
                                       .classes = call->out[2],
                                       .kept = call->out[3],
                                       .rescored = true};
}

/* --- the twin ---------------------------------------------------------------------------- */

/* The clusters of one segment; arrays of its length. */
struct clusters {
    float (*box)[4], (*sum)[4], *total;
    int32_t *size, *first;
    int64_t n;
};

/* Weighted scores of one image, NaN for boxes that take no part. */
static void weigh(const struct dcl_call *call, int64_t image, float *weighted)
{
    const struct attrs *a = call->attrs;
    const int64_t length = DCL_DIM(call->in[DCL_IN_SCORES], 1), at = image * length;
    const float *boxes = (const float *)call->in[DCL_IN_BOXES]->data + 4 * at;
    const float *scores = (const float *)call->in[DCL_IN_SCORES]->data + at;
    const float *weights = call->in[WEIGHTS]->data;
    for (int64_t i = 0; i < length; i++) {
        const int32_t model =
            dcl_has_in(call, MODELS) ? ((const int32_t *)call->in[MODELS]->data)[at + i] : 0;
        const float w = model >= 0 && model < dcl_count(call->in[WEIGHTS]) ? weights[model] : 0;
        const bool good =
            scores[i] > a->score_threshold && w > 0 && dcl_box_area(boxes + 4 * i) > 0;
        weighted[i] = good ? scores[i] * w : NAN;
    }
}

static float all_weights(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const float *weights = call->in[WEIGHTS]->data;
    float result = 0;
    for (int64_t k = 0; k < dcl_count(call->in[WEIGHTS]); k++) {
        const float w = weights[k] > 0 ? weights[k] : 0;
        result = !a->conf_type ? result + w : w > result ? w : result;
    }
    return result;
}

/* The cluster that overlaps the box most, beyond the threshold; -1: none. */
static int64_t find(const struct clusters *c, const float *box, float threshold)
{
    int64_t found = -1;
    float best = threshold;
    for (int64_t k = 0; k < c->n; k++) {
        const float iou = dcl_box_iou(c->box[k], box);
        if (iou > best) {
            best = iou;
            found = k;
        }
    }
    return found;
}

static void join(struct clusters *c, int64_t k, const float *box, float s)
{
    c->total[k] += s;
    c->size[k]++;
    for (int d = 0; d < 4; d++) {
        c->sum[k][d] += s * box[d];
        c->box[k][d] = c->size[k] == 1 ? box[d] : c->sum[k][d] / c->total[k];
    }
}

static void run_segment(const struct dcl_call *call, struct dcl_candidate_row *row, int64_t start,
                        int64_t end)
{
    const struct attrs *a = call->attrs;
    const int64_t length = DCL_DIM(call->in[DCL_IN_SCORES], 1);
    const int32_t models = (int32_t)dcl_count(call->in[WEIGHTS]);
    const float weight = all_weights(call);
    int32_t *at = row->more + length;
    struct clusters c = {(float(*)[4])(at),
                         (float(*)[4])(at + 4 * length),
                         (float *)(void *)(at + 8 * length),
                         at + 9 * length,
                         at + 10 * length,
                         0};
    for (int64_t i = start; i < end; i++) {
        int64_t k = find(&c, row->boxes + 4 * i, a->iou_threshold);
        if (k < 0) {
            k = c.n++;
            memset(c.sum[k], 0, sizeof c.sum[k]);
            c.total[k] = 0;
            c.size[k] = 0;
            c.first[k] = (int32_t)i;
        }
        join(&c, k, row->boxes + 4 * i, row->scores[i]);
    }
    for (int64_t k = 0; k < c.n; k++) {
        const int32_t candidate = row->order[c.first[k]];
        const float mean = c.total[k] / (float)c.size[k];
        const float some = (float)(c.size[k] < models ? c.size[k] : models);
        row->final[candidate] = (a->conf_type ? row->scores[c.first[k]] : mean * some) / weight;
        memcpy(row->fused + 4 * candidate, c.box[k], sizeof c.box[k]);
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_candidates c = dcl_candidates_of(call, NAN, false);
    const struct dcl_candidates_out out = outputs(call);
    struct dcl_candidate_row row;
    for (int64_t n = 0; n < c.images; n++) {
        dcl_candidates_carve(call, &row);
        weigh(call, n, (float *)(void *)row.more);
        c.weighted = (const float *)(void *)row.more;
        dcl_candidates_cpu(call, &c, n, &row);
        for (int64_t start = 0, end; start < row.count; start = end) {
            end = dcl_segment_end(&c, &row, start);
            run_segment(call, &row, start, dcl_valid_end(&row, start, end));
        }
        dcl_candidates_emit_cpu(&c, &row, n, &out);
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static enum detcl_status record_scores(const struct dcl_call *call, struct dcl_recorder *r,
                                       const struct dcl_candidates *c)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_candidates_launch(r, c, "weighted_boxes_fusion", "fusion_scores");
    dcl_arg_value(l, c->boxes);
    dcl_arg_value(l, call->in[DCL_IN_SCORES]);
    dcl_arg_value(l, dcl_has_in(call, MODELS) ? call->in[MODELS] : NULL);
    dcl_arg_value(l, call->in[WEIGHTS]);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, c->scores);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, dcl_count(call->in[WEIGHTS]));
    dcl_arg_float(l, a->score_threshold);
    return dcl_grid(l, 2, (size_t[]){(size_t)c->length, (size_t)c->images}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_candidates_out out = outputs(call);
    struct dcl_candidates c = dcl_candidates_of(call, NAN, false);
    c.scores = dcl_workspace(r, DETCL_F32, c.images * c.length);
    out.fused = dcl_workspace(r, DETCL_F32, 4 * c.images * c.length);
    DCL_TRY(call->error, record_scores(call, r, &c));
    DCL_TRY(call->error, dcl_candidates_record(r, &c));
    struct dcl_launch *l = dcl_candidates_launch(r, &c, "weighted_boxes_fusion", "fusion_clusters");
    dcl_arg_value(l, c.planes);
    dcl_arg_value(l, c.sorted_scores);
    dcl_arg_value(l, c.sorted_classes);
    dcl_arg_value(l, c.order);
    dcl_arg_value(l, c.count);
    dcl_arg_value(l, call->in[WEIGHTS]);
    dcl_arg_value(l, dcl_workspace(r, DETCL_F32, 9 * c.images * c.stride));
    dcl_arg_value(l, dcl_workspace(r, DETCL_I32, 2 * c.images * c.stride));
    dcl_arg_value(l, c.final);
    dcl_arg_value(l, out.fused);
    dcl_arg_int(l, c.length);
    dcl_arg_int(l, c.stride);
    dcl_arg_int(l, dcl_candidates_tile(&c));
    dcl_arg_int(l, dcl_count(call->in[WEIGHTS]));
    dcl_arg_float(l, a->iou_threshold);
    dcl_arg_int(l, a->conf_type);
    DCL_TRY(call->error, dcl_candidates_segment_grid(r, l, &c));
    return dcl_candidates_emit(r, &c, &out);
}

const struct dcl_op dcl_op_weighted_boxes_fusion = {
    .name = "weighted_boxes_fusion",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 7,
    .max_out = 4,
    .source =
        "Solovyev et al. 2021, \"Weighted boxes fusion\"; ensemble-boxes' conf_type avg and max",
    .limits = "O(boxes * clusters) work in each class of an image, one work-group each",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_weighted_boxes_fusion(
    struct detcl_context *ctx, const struct detcl_weighted_boxes_fusion_params *params,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *count, struct detcl_tensor *weights, struct detcl_tensor *models,
    struct detcl_tensor *out_boxes, struct detcl_tensor *out_scores,
    struct detcl_tensor *out_classes, struct detcl_tensor *out_count, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {(int)params->confidence, params->iou_threshold,
                                params->score_threshold};
    return DCL_CALL_OP(ctx, weighted_boxes_fusion, &attrs, sync,
                       DCL_TENSORS(boxes, scores, classes, NULL, count, weights, models),
                       DCL_TENSORS(out_boxes, out_scores, out_classes, out_count));
}
