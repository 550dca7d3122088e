/* decode_cornernet: pairs of corners to boxes (Law & Deng 2018, section 3.3 and 4.2).
 * in: heatmaps of top left and bottom right corners [N, C, H, W], their embeddings (tags)
 * [N, 1, H, W] each and, or not, their offsets [N, 2, H, W] (x, y in cells): tl_heat, br_heat,
 * tl_tag, br_tag, tl_offset, br_offset. Of each kind the k best peaks of an image are taken
 * (ops/peaks.h; equal ones by class, row, column) and each top left one is paired with each bottom
 * right one, unless classes differ, tags differ by more than tag_threshold (or are NaN), or the
 * bottom right corner, offset included, lies left of or above the other. score = mean of the two,
 * and the max_output best pairs are given, equal ones by top left, then bottom right rank. With
 * activation=sigmoid the heatmaps hold logits. Box = (cell + offset) * stride. out: boxes
 * [N, max_output, 4], scores [N, max_output] float32, classes [N, max_output] and count [N] int32;
 * past the count zeros and class -1. The logistic function is kernels/exact.h's: same bits on every
 * device. */
#include "detcl/proposals.h"
#include "ops/exact.h"
#include "ops/lists.h"
#include "ops/peaks.h"
#include "ops/typed.h"

#include <math.h>

enum { HEAT, TAG = 2, OFFSET = 4 }; /* of top left corners; bottom right: one more */

#define MOST_CORNERS 4096

struct attrs {
    int64_t k, max_output;
    float stride, tag_threshold;
    int activation;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, k, "100"),
    DCL_INT(struct attrs, max_output, "1000"),
    DCL_FLOAT(struct attrs, stride, "4"),
    DCL_FLOAT(struct attrs, tag_threshold, "0.5"),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_peak_activations),
    DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
        const int64_t *heat = call->in[HEAT]->desc.dims, *dims = call->in[i]->desc.dims;
        if (dims[0] != heat[0] ||
            dims[1] != (i < TAG      ? heat[1]
                        : i < OFFSET ? 1
                                     : 2) ||
            dims[2] != heat[2] || dims[3] != heat[3])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' does not go with the heatmap",
                                 call->in[i]->name);
    }
    if (dcl_has_in(call, OFFSET) != dcl_has_in(call, OFFSET + 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "offsets of one kind of corner only");
    if (a->k < 1 || a->k > MOST_CORNERS || a->max_output < 1 || a->max_output > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "k is %lld, max_output is %lld",
                             (long long)a->k, (long long)a->max_output);
    const int64_t *heat = call->in[HEAT]->desc.dims;
    call->cpu_workspace = 4 * (size_t)(4 * heat[1] * heat[2] * heat[3] + 3 * a->k * a->k);
    return dcl_detections_shape(call, heat[0], a->max_output);
}

/* --- the twin ---------------------------------------------------------------------------- */

struct corner {
    float score, tag, x, y;
    int32_t cls;
};

/* Corner `p` (a position in C * H * W) of image n; kind 0: top left, 1: bottom right. */
static struct corner corner_at(const struct dcl_call *call, int kind, int64_t n, int64_t p)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, area = heat[2] * heat[3], place = p % area;
    const float *map = call->in[HEAT + kind]->data;
    struct corner c = {.score = dcl_exact_score(map[n * heat[1] * area + p], a->activation),
                       .tag = ((const float *)call->in[TAG + kind]->data)[n * area + place],
                       .x = (float)(place % heat[3]),
                       .y = (float)(place / heat[3]),
                       .cls = (int32_t)(p / area)};
    if (dcl_has_in(call, OFFSET)) {
        const float *offset = (const float *)call->in[OFFSET + kind]->data + 2 * n * area + place;
        c.x += offset[0];
        c.y += offset[area];
    }
    return c;
}

static uint32_t pair_key(const struct attrs *a, const struct corner *tl, const struct corner *br)
{
    const bool fits = tl->cls == br->cls && fabsf(tl->tag - br->tag) <= a->tag_threshold &&
                      br->x >= tl->x && br->y >= tl->y;
    return fits ? dcl_order_key(0.5f * (tl->score + br->score), true) : UINT32_MAX;
}

/* The twin's arrays of one image. */
struct scratch {
    uint32_t *keys, *pair_keys;
    int32_t *corners[2], *pairs, *spare, *pair_spare;
};

static struct scratch carve(const struct dcl_call *call, int64_t length, int64_t pairs)
{
    struct scratch s = {.keys = call->workspace};
    s.corners[0] = (int32_t *)(s.keys + length);
    s.corners[1] = s.corners[0] + length;
    s.spare = s.corners[1] + length;
    s.pair_keys = (uint32_t *)(s.spare + length);
    s.pairs = (int32_t *)(s.pair_keys + pairs);
    s.pair_spare = s.pairs + pairs;
    return s;
}

static void emit(const struct dcl_call *call, const struct corner *tl, const struct corner *br,
                 int64_t at)
{
    const float stride = ((const struct attrs *)call->attrs)->stride;
    float *box = (float *)call->out[0]->data + 4 * at;
    box[0] = tl->x * stride;
    box[1] = tl->y * stride;
    box[2] = br->x * stride;
    box[3] = br->y * stride;
    ((float *)call->out[1]->data)[at] = 0.5f * (tl->score + br->score);
    ((int32_t *)call->out[2]->data)[at] = tl->cls;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, length = heat[1] * heat[2] * heat[3];
    const struct scratch s = carve(call, length, a->k * a->k);
    for (int64_t n = 0; n < heat[0]; n++) {
        int64_t found[2];
        for (int kind = 0; kind < 2; kind++) {
            dcl_peak_keys_cpu((const float *)call->in[HEAT + kind]->data + n * length, heat[1],
                              heat[2], heat[3], s.keys);
            found[kind] = dcl_top_cpu(s.keys, length, a->k, s.corners[kind], s.spare);
        }
        for (int64_t i = 0; i < found[0]; i++)
            for (int64_t j = 0; j < found[1]; j++) {
                const struct corner tl = corner_at(call, 0, n, s.corners[0][i]);
                const struct corner br = corner_at(call, 1, n, s.corners[1][j]);
                s.pair_keys[i * found[1] + j] = pair_key(a, &tl, &br);
            }
        const int64_t pairs =
            dcl_top_cpu(s.pair_keys, found[0] * found[1], a->max_output, s.pairs, s.pair_spare);
        for (int64_t i = 0; i < pairs; i++) {
            const int64_t from = s.pairs[i];
            const struct corner tl = corner_at(call, 0, n, s.corners[0][from / found[1]]);
            const struct corner br = corner_at(call, 1, n, s.corners[1][from % found[1]]);
            emit(call, &tl, &br, n * a->max_output + i);
        }
        for (int64_t i = pairs; i < a->max_output; i++)
            dcl_detections_clear(call, n * a->max_output + i);
        ((int32_t *)call->out[3]->data)[n] = (int32_t)pairs;
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static struct dcl_launch *corner_launch(const struct dcl_call *call, struct dcl_recorder *r,
                                        const char *kernel, const struct dcl_top *corners)
{
    struct dcl_launch *l = dcl_launch(r, "keypoints", "", kernel);
    for (int kind = 0; kind < 2; kind++) {
        dcl_arg_value(l, call->in[HEAT + kind]);
        dcl_arg_value(l, call->in[TAG + kind]);
        dcl_arg_value(l, dcl_has_in(call, OFFSET) ? call->in[OFFSET + kind] : NULL);
    }
    dcl_arg_value(l, corners->picked);
    dcl_arg_value(l, corners->order);
    return l;
}

static void arg_maps(struct dcl_launch *l, const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims;
    dcl_arg_int(l, heat[0]);
    dcl_arg_int(l, a->k);
    dcl_arg_int(l, heat[1]);
    dcl_arg_int(l, heat[2] * heat[3]);
    dcl_arg_int(l, heat[3]);
    dcl_arg_int(l, a->activation);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, length = heat[1] * heat[2] * heat[3];
    const size_t images = (size_t)heat[0], k = (size_t)a->k;
    struct dcl_top corners = {.keys = dcl_workspace(r, DETCL_I32, 2 * heat[0] * length),
                              .rows = 2 * heat[0],
                              .length = length,
                              .segments = 1,
                              .k = a->k};
    for (int kind = 0; kind < 2; kind++)
        DCL_TRY(call->error, dcl_peak_keys_record(r, call->in[HEAT + kind], corners.keys,
                                                  kind * heat[0] * length));
    DCL_TRY(call->error, dcl_top_record(r, &corners));
    struct dcl_top pairs = {.keys = dcl_workspace(r, DETCL_I32, heat[0] * a->k * a->k),
                            .rows = heat[0],
                            .length = a->k * a->k,
                            .segments = 1,
                            .k = a->max_output};
    struct dcl_launch *l = corner_launch(call, r, "corner_pairs", &corners);
    dcl_arg_value(l, corners.count);
    dcl_arg_value(l, pairs.keys);
    arg_maps(l, call);
    dcl_arg_float(l, a->tag_threshold);
    dcl_grid(l, 3, (size_t[]){k, k, images}, NULL);
    DCL_TRY(call->error, dcl_top_record(r, &pairs));
    l = corner_launch(call, r, "corner_emit", &corners);
    dcl_arg_value(l, pairs.picked);
    dcl_arg_value(l, pairs.order);
    dcl_arg_value(l, pairs.count);
    for (int i = 0; i < 4; i++)
        dcl_arg_value(l, call->out[i]);
    arg_maps(l, call);
    dcl_arg_int(l, a->max_output);
    dcl_arg_float(l, a->stride);
    return dcl_grid(l, 2, (size_t[]){(size_t)a->max_output, images}, NULL);
}

const struct dcl_op dcl_op_decode_cornernet = {
    .name = "decode_cornernet",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 4,
    .max_in = 6,
    .max_out = 4,
    .source = "Law & Deng 2018 (CornerNet), sections 3.3 and 4.2",
    .limits = "one tag a corner; k to 4096",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_cornernet(struct detcl_context *ctx,
                                         const struct detcl_decode_cornernet_params *params,
                                         const struct detcl_corner_maps *top_left,
                                         const struct detcl_corner_maps *bottom_right,
                                         struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                         struct detcl_tensor *classes, struct detcl_tensor *count,
                                         const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    DCL_NEED_PARAMS(ctx, top_left);
    DCL_NEED_PARAMS(ctx, bottom_right);
    const struct attrs attrs = {.k = params->k ? params->k : 100,
                                .max_output = params->max_output ? params->max_output : 1000,
                                .stride = params->stride != 0 ? params->stride : 4,
                                .tag_threshold =
                                    params->tag_threshold != 0 ? params->tag_threshold : 0.5f,
                                .activation = dcl_take_activation(params->activation, 1)};
    return DCL_CALL_OP(ctx, decode_cornernet, &attrs, sync,
                       DCL_TENSORS(top_left->heatmap, bottom_right->heatmap, top_left->tag,
                                   bottom_right->tag, top_left->offset, bottom_right->offset),
                       DCL_TENSORS(boxes, scores, classes, count));
}
