#include "ops/candidates.h"
#include "ops/nms.h"
#include "ops/scan.h"

#include <stdio.h>
#include <string.h>

#define FEW_ITEMS 32
#define FEW_CANDIDATES 1024

enum detcl_status dcl_candidates_check(const struct dcl_call *call)
{
    static const int ranks[] = {3, 2, 2, 2, 1};
    for (int i = 0; i < call->n_in && i < DCL_IN_REST; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, i <= DCL_IN_SCORES ? DCL_F32 : DCL_I32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t *boxes = call->in[DCL_IN_BOXES]->desc.dims;
    const int64_t n = DCL_DIM(call->in[DCL_IN_SCORES], 0), k = DCL_DIM(call->in[DCL_IN_SCORES], 1);
    bool fits =
        boxes[0] == n && boxes[2] == 4 && (dcl_has_in(call, DCL_IN_ANCHORS) || boxes[1] == k);
    for (int i = DCL_IN_CLASSES; i < call->n_in && i < DCL_IN_REST; i++)
        fits =
            fits && (!dcl_has_in(call, i) || (DCL_DIM(call->in[i], 0) == n &&
                                              (i == DCL_IN_COUNT || DCL_DIM(call->in[i], 1) == k)));
    if (!fits)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    if (k > INT32_MAX / 8 || boxes[1] > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%lld candidates are too many",
                             (long long)k);
    return DETCL_OK;
}

void dcl_candidates_shape(struct dcl_call *call, int i, enum detcl_dtype dtype,
                          enum dcl_candidates_shape shape)
{
    const int64_t *scores = call->in[DCL_IN_SCORES]->desc.dims;
    call->out[i]->desc = (struct detcl_desc){.dtype = dtype,
                                             .rank = shape == DCL_EACH_BOX ? 3
                                                     : shape == DCL_EACH   ? 2
                                                                           : 1,
                                             .dims = {scores[0]}};
    if (shape != DCL_EACH_IMAGE)
        call->out[i]->desc.dims[1] = scores[1];
    if (shape == DCL_EACH_BOX)
        call->out[i]->desc.dims[2] = 4;
}

enum detcl_status dcl_candidates_limit(const struct dcl_call *call, int64_t value)
{
    if (value < 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "max_output is %lld, not 0 (none) or more",
                             (long long)value);
    return DETCL_OK;
}

enum detcl_status dcl_candidates_overlap(const struct dcl_call *call, float threshold, float low)
{
    if (!(threshold >= low && threshold <= 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "iou_threshold is %g, not %g to 1",
                             (double)threshold, (double)low);
    return DETCL_OK;
}

enum detcl_status dcl_candidates_positive(const struct dcl_call *call, const char *name,
                                          float value)
{
    if (!(value >= 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%s is %g, not 0 or more", name,
                             (double)value);
    return DETCL_OK;
}

static const struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

struct dcl_candidates dcl_candidates_of(const struct dcl_call *call, float score_threshold,
                                        bool by_position)
{
    return (struct dcl_candidates){.boxes = call->in[DCL_IN_BOXES],
                                   .scores = call->in[DCL_IN_SCORES],
                                   .classes = input(call, DCL_IN_CLASSES),
                                   .anchors = input(call, DCL_IN_ANCHORS),
                                   .count = input(call, DCL_IN_COUNT),
                                   .score_threshold =
                                       score_threshold > -INFINITY ? score_threshold : NAN,
                                   .by_position = by_position,
                                   .images = DCL_DIM(call->in[DCL_IN_SCORES], 0),
                                   .n_boxes = DCL_DIM(call->in[DCL_IN_BOXES], 1),
                                   .length = DCL_DIM(call->in[DCL_IN_SCORES], 1)};
}

/* --- the launches ------------------------------------------------------------------------ */

/* Work-items a group: few for few candidates, since they meet at barriers. */
static int width_of(const struct dcl_recorder *r, const struct dcl_candidates *c)
{
    const int width = dcl_scan_width(dcl_limits(r));
    return width > FEW_ITEMS && c->length <= FEW_CANDIDATES ? FEW_ITEMS : width;
}

struct dcl_launch *dcl_candidates_launch(struct dcl_recorder *r, const struct dcl_candidates *c,
                                         const char *stem, const char *kernel)
{
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", width_of(r, c));
    return dcl_launch(r, stem, options, kernel);
}

enum detcl_status dcl_candidates_grid(struct dcl_launch *l, const struct dcl_candidates *c)
{
    return dcl_grid(l, 2, (size_t[]){(size_t)c->stride, (size_t)c->images}, NULL);
}

int64_t dcl_candidates_tile(const struct dcl_candidates *c)
{
    /* Without classes a row is one segment: one group. Else enough tiles to spread the classes. */
    int64_t tile = c->classes ? 16 : c->length;
    while (c->classes && tile * 4096 < c->length)
        tile *= 2;
    return tile;
}

enum detcl_status dcl_candidates_segment_grid(struct dcl_recorder *r, struct dcl_launch *l,
                                              const struct dcl_candidates *c)
{
    const size_t width = (size_t)width_of(r, c);
    const int64_t tile = dcl_candidates_tile(c);
    const size_t tiles = tile ? (size_t)((c->length + tile - 1) / tile) : 0;
    return dcl_grid(l, 2, (size_t[]){tiles * width, (size_t)c->images}, (size_t[]){width, 1});
}

static enum detcl_status record_keys(struct dcl_recorder *r, const struct dcl_candidates *c,
                                     const struct dcl_value *class_keys)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "candidates", "candidates_keys");
    dcl_arg_value(l, c->boxes);
    dcl_arg_value(l, c->scores);
    dcl_arg_value(l, c->classes);
    dcl_arg_value(l, c->anchors);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, c->keys);
    dcl_arg_value(l, class_keys);
    dcl_arg_int(l, c->n_boxes);
    dcl_arg_int(l, c->length);
    dcl_arg_float(l, c->score_threshold);
    return dcl_grid(l, 2, (size_t[]){(size_t)c->length, (size_t)c->images}, NULL);
}

static enum detcl_status record_order(struct dcl_recorder *r, const struct dcl_candidates *c,
                                      const struct dcl_value *keys, const struct dcl_value *in,
                                      const struct dcl_value *out)
{
    const struct dcl_order order = {.keys = keys,
                                    .count = c->count,
                                    .in = in,
                                    .out = out,
                                    .spare = {c->spare[0], c->spare[1]},
                                    .segments = c->images,
                                    .length = c->length};
    return dcl_order_record(r, &order);
}

static enum detcl_status record_gather(struct dcl_recorder *r, const struct dcl_candidates *c)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "candidates", "candidates_gather");
    dcl_arg_value(l, c->boxes);
    dcl_arg_value(l, c->scores);
    dcl_arg_value(l, c->classes);
    dcl_arg_value(l, c->anchors);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, c->keys);
    dcl_arg_value(l, c->order);
    dcl_arg_value(l, c->planes);
    dcl_arg_value(l, c->sorted_scores);
    dcl_arg_value(l, c->sorted_classes);
    dcl_arg_value(l, c->final);
    dcl_arg_int(l, c->n_boxes);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, c->stride);
    return dcl_candidates_grid(l, c);
}

enum detcl_status dcl_candidates_record(struct dcl_recorder *r, struct dcl_candidates *c)
{
    const int64_t size = c->images * c->length;
    /* 16 candidates can be loaded from any position on. */
    c->stride = (c->length + 31) / 16 * 16;
    const struct dcl_value *class_keys = c->classes ? dcl_workspace(r, DETCL_I32, size) : NULL;
    c->keys = dcl_workspace(r, DETCL_I32, size);
    c->planes = dcl_workspace(r, DETCL_F32, 4 * c->images * c->stride);
    c->sorted_scores = dcl_workspace(r, DETCL_F32, c->images * c->stride);
    c->sorted_classes = c->classes ? dcl_workspace(r, DETCL_I32, size) : NULL;
    c->final = dcl_workspace(r, DETCL_F32, size);
    if (c->classes || !c->by_position)
        c->order = dcl_workspace(r, DETCL_I32, size);
    for (int i = 0; i < 2; i++)
        c->spare[i] = dcl_workspace(r, DETCL_I64, size);
    if (!c->by_position)
        c->ranking = c->classes ? dcl_workspace(r, DETCL_I32, size) : c->order;
    enum detcl_status status = record_keys(r, c, class_keys);
    if (status == DETCL_OK && c->ranking)
        status = record_order(r, c, c->keys, NULL, c->ranking);
    if (status == DETCL_OK && c->classes)
        status = record_order(r, c, class_keys, c->ranking, c->order);
    return status == DETCL_OK ? record_gather(r, c) : status;
}

static enum detcl_status record_rank(struct dcl_recorder *r, const struct dcl_candidates *c,
                                     const struct dcl_value *ranking)
{
    struct dcl_launch *l = dcl_candidates_launch(r, c, "candidates", "candidates_rank");
    dcl_arg_value(l, c->final);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, c->keys);
    dcl_arg_int(l, c->length);
    const enum detcl_status status =
        dcl_grid(l, 2, (size_t[]){(size_t)c->length, (size_t)c->images}, NULL);
    return status == DETCL_OK ? record_order(r, c, c->keys, NULL, ranking) : status;
}

enum detcl_status dcl_candidates_emit(struct dcl_recorder *r, const struct dcl_candidates *c,
                                      const struct dcl_candidates_out *out)
{
    const struct dcl_value *ranking =
        c->ranking ? c->ranking : dcl_workspace(r, DETCL_I32, c->images * c->length);
    const enum detcl_status status = out->rescored ? record_rank(r, c, ranking) : dcl_recorded(r);
    if (status != DETCL_OK)
        return status;
    const size_t width = (size_t)width_of(r, c);
    struct dcl_launch *l = dcl_candidates_launch(r, c, "candidates", "candidates_emit");
    dcl_arg_value(l, ranking);
    dcl_arg_value(l, c->final);
    dcl_arg_value(l, c->count);
    dcl_arg_value(l, out->fused);
    dcl_arg_value(l, c->classes);
    dcl_arg_value(l, out->keep);
    dcl_arg_value(l, out->kept);
    dcl_arg_value(l, out->scores);
    dcl_arg_value(l, out->boxes);
    dcl_arg_value(l, out->classes);
    dcl_arg_int(l, c->length);
    dcl_arg_int(l, dcl_nms_limit(out->most));
    return dcl_grid(l, 2, (size_t[]){width, (size_t)c->images}, (size_t[]){width, 1});
}

/* --- the twin ---------------------------------------------------------------------------- */

#define ROW_WORDS 16

size_t dcl_candidates_workspace(const struct dcl_call *call, int words)
{
    return (size_t)(ROW_WORDS + words) * 4 * (size_t)DCL_DIM(call->in[DCL_IN_SCORES], 1);
}

void dcl_candidates_carve(const struct dcl_call *call, struct dcl_candidate_row *row)
{
    const int64_t length = DCL_DIM(call->in[DCL_IN_SCORES], 1);
    int32_t *at = call->workspace;
    row->keys = (uint32_t *)at;
    row->class_keys = (uint32_t *)at + length;
    row->ranking = at + 2 * length;
    row->order = at + 3 * length;
    row->classes = at + 4 * length;
    row->spare = at + 5 * length;
    row->scores = (float *)(void *)(at + 6 * length);
    row->final = (float *)(void *)(at + 7 * length);
    row->boxes = (float *)(void *)(at + 8 * length);
    row->fused = (float *)(void *)(at + 12 * length);
    row->more = at + ROW_WORDS * length;
}

static void gather(const struct dcl_candidates *c, const float *boxes, const float *scores,
                   const int32_t *anchors, struct dcl_candidate_row *row)
{
    for (int64_t i = 0; i < row->count; i++) {
        const int32_t k = row->order[i];
        const bool good = row->keys[k] != UINT32_MAX;
        row->classes[i] = c->classes ? (int32_t)row->class_keys[k] : 0;
        row->scores[i] = good ? scores[k] : NAN;
        row->final[i] = NAN;
        for (int d = 0; d < 4; d++)
            row->boxes[4 * i + d] = good ? boxes[4 * (anchors ? anchors[k] : k) + d] : NAN;
    }
}

void dcl_candidates_cpu(const struct dcl_call *call, const struct dcl_candidates *c, int64_t image,
                        struct dcl_candidate_row *row)
{
    const int64_t length = c->length, first = image * length;
    const float *boxes = (const float *)c->boxes->data + 4 * image * c->n_boxes;
    const float *scores = c->weighted ? c->weighted : (const float *)c->scores->data + first;
    const int32_t *anchors = c->anchors ? (const int32_t *)c->anchors->data + first : NULL;
    const int64_t given = c->count ? ((const int32_t *)c->count->data)[image] : length;
    dcl_candidates_carve(call, row);
    row->count = given < 0 ? 0 : given < length ? given : length;
    for (int64_t i = 0; i < row->count; i++) {
        const int64_t box = anchors ? anchors[i] : i;
        const bool good = !(scores[i] <= c->score_threshold) && box >= 0 && box < c->n_boxes &&
                          dcl_finite_box(boxes + 4 * box);
        row->keys[i] = good ? dcl_order_key(scores[i], true) : UINT32_MAX;
        if (c->classes)
            row->class_keys[i] = (uint32_t)((const int32_t *)c->classes->data)[first + i];
        row->ranking[i] = (int32_t)i;
    }
    if (!c->by_position)
        dcl_order_cpu(row->keys, row->count, row->ranking, row->spare);
    for (int64_t i = 0; i < row->count; i++)
        row->order[i] = row->ranking[i];
    if (c->classes)
        dcl_order_cpu(row->class_keys, row->count, row->order, row->spare);
    gather(c, boxes, scores, anchors, row);
}

int64_t dcl_segment_end(const struct dcl_candidates *c, const struct dcl_candidate_row *row,
                        int64_t start)
{
    int64_t end = c->classes ? start + 1 : row->count;
    while (end < row->count && row->classes[end] == row->classes[start])
        end++;
    return end;
}

int64_t dcl_valid_end(const struct dcl_candidate_row *row, int64_t start, int64_t end)
{
    while (end > start && isnan(row->boxes[4 * (end - 1)]))
        end--;
    return end;
}

void dcl_candidates_emit_cpu(const struct dcl_candidates *c, struct dcl_candidate_row *row,
                             int64_t image, const struct dcl_candidates_out *out)
{
    const int64_t first = image * c->length, most = dcl_nms_limit(out->most);
    if (out->rescored) {
        for (int64_t i = 0; i < row->count; i++) {
            row->keys[i] = dcl_order_key(row->final[i], true);
            row->ranking[i] = (int32_t)i;
        }
        dcl_order_cpu(row->keys, row->count, row->ranking, row->spare);
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < row->count && kept < most; i++) {
        const int32_t k = row->ranking[i];
        if (isnan(row->final[k]))
            continue;
        const int64_t at = first + kept++;
        if (out->keep)
            ((int32_t *)out->keep->data)[at] = k;
        if (out->scores)
            ((float *)out->scores->data)[at] = row->final[k];
        if (out->classes)
            ((int32_t *)out->classes->data)[at] =
                c->classes ? ((const int32_t *)c->classes->data)[first + k] : 0;
        if (out->boxes)
            memcpy((float *)out->boxes->data + 4 * at, row->fused + 4 * k, 4 * sizeof(float));
    }
    ((int32_t *)out->kept->data)[image] = (int32_t)kept;
}

enum detcl_status dcl_candidates_rescored(struct dcl_call *call, float sigma, int words)
{
    if (!(sigma >= 1e-6f && sigma <= 1e6f))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "sigma is %g, not 1e-6 to 1e6",
                             (double)sigma);
    for (int i = 0; i < 3; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    dcl_candidates_shape(call, 0, DETCL_I32, DCL_EACH);
    dcl_candidates_shape(call, 1, DETCL_F32, DCL_EACH);
    dcl_candidates_shape(call, 2, DETCL_I32, DCL_EACH_IMAGE);
    call->out[0]->count = call->out[1]->count = call->out[2];
    call->cpu_workspace = dcl_candidates_workspace(call, words);
    return DETCL_OK;
}

struct dcl_candidates_out dcl_candidates_rescored_out(const struct dcl_call *call, int64_t most)
{
    return (struct dcl_candidates_out){.keep = call->out[0],
                                       .scores = call->out[1],
                                       .kept = call->out[2],
                                       .most = most,
                                       .rescored = true};
}
