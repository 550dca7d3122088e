/* nms_polygon: exact greedy non-maximum suppression of rotated boxes or polygons, class by class or
 * of all classes together; no cap on candidates, classes or batch. in: boxes [N, M, 5] (cx, cy, w,
 * h, angle) or polygons [N, M, P, 2], scores [N, K] float32; optional classes [N, K], anchors [N,
 * K] (candidate k has box anchors[k]; without it box k) and count [N] (candidates of each image;
 * without it K), all int32. Candidates are taken by score, equal scores by position; one is kept
 * unless a kept one (of its class) overlaps it beyond iou_threshold, as `boundary` says. NaN
 * scores, scores not over score_threshold (if use_score_threshold) and boxes that are not valid or
 * not there are never kept. At most max_per_class of a class and max_output in all (0: no limit).
 * out: keep [N, K] int32, the positions kept, best score first; kept [N] int32, how many. The same
 * on every device: see kernels/polygon.h. */
#include "detcl/rotated.h"
#include "ops/order.h"
#include "ops/polygon.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BOXES, SCORES, CLASSES, ANCHORS, COUNT };

static const char *const boundaries[] = {"strict", "greater_equal", NULL};

struct attrs {
    float iou_threshold;
    int boundary, angle;
    int64_t class_agnostic, max_per_class, max_output, use_score_threshold;
    float score_threshold;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, iou_threshold, NULL),
    DCL_CHOICE(struct attrs, boundary, "strict", boundaries),
    DCL_CHOICE(struct attrs, angle, "degrees", dcl_angles),
    DCL_INT(struct attrs, class_agnostic, "0"),
    DCL_INT(struct attrs, max_per_class, "0"),
    DCL_INT(struct attrs, max_output, "0"),
    DCL_INT(struct attrs, use_score_threshold, "0"),
    DCL_FLOAT(struct attrs, score_threshold, "0"),
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

static int64_t limit_of(int64_t value)
{
    return value > 0 && value < INT32_MAX ? value : INT32_MAX;
}

/* Kept candidates of a segment, at most: a class can fill the output alone, but never needs more.
 */
static int64_t segment_limit(const struct attrs *a)
{
    const int64_t each = limit_of(a->max_per_class), all = limit_of(a->max_output);
    return each < all ? each : all;
}

/* Its products with areas are never subnormal, which some devices flush. */
static float threshold_of(const struct attrs *a)
{
    return a->iou_threshold < 0x1p-24f ? 0 : a->iou_threshold;
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_polygons p;
    DCL_TRY(call->error, dcl_polygons(call, BOXES, &p));
    static const int ranks[] = {0, 2, 2, 2, 1};
    for (int i = SCORES; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, i == SCORES ? DCL_F32 : DCL_I32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t n = DCL_DIM(call->in[SCORES], 0), k = DCL_DIM(call->in[SCORES], 1);
    bool fits = p.batched && p.images == n && (dcl_has_in(call, ANCHORS) || p.each == k);
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
    if (k > INT32_MAX || p.each > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than 2^31 - 1 candidates");
    return DETCL_OK;
}

#define TWIN_WORDS 7 /* four bytes each, a candidate */

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "keep and kept are both needed");
    const struct detcl_desc *scores = &call->in[SCORES]->desc;
    call->out[0]->desc = *scores;
    call->out[0]->desc.dtype = DETCL_I32;
    call->out[0]->count = call->out[1];
    call->out[1]->desc =
        (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {scores->dims[0]}};
    struct dcl_polygons p;
    DCL_TRY(call->error, dcl_polygons(call, BOXES, &p));
    call->cpu_workspace =
        4 * (size_t)(TWIN_WORDS * scores->dims[1] + p.each * dcl_polygon_floats(&p));
    return DETCL_OK;
}

/* The twin's arrays of one image. */
struct scratch {
    uint32_t *keys, *class_keys;
    int32_t *by_score, *by_class, *spare, *kept, *flags;
    float *prepared;
    struct dcl_polygons p;
    int64_t length;
};

/* Lay the arrays out from `base` on. */
static void carve(struct scratch *s, void *base)
{
    int32_t *at = base;
    s->keys = (uint32_t *)at;
    s->class_keys = (uint32_t *)at + s->length;
    s->by_score = at + 2 * s->length;
    s->by_class = at + 3 * s->length;
    s->spare = at + 4 * s->length;
    s->kept = at + 5 * s->length;
    s->flags = at + 6 * s->length;
    s->prepared = (float *)base + TWIN_WORDS * s->length;
}

static int64_t box_of(const struct dcl_call *call, int64_t at, int64_t i)
{
    const struct dcl_value *anchors = input(call, ANCHORS);
    return anchors ? ((const int32_t *)anchors->data)[at + i] : i;
}

/* Polygons, keys and orders of image n; returns how many candidates it has. */
static int64_t prepare(const struct dcl_call *call, int64_t n, struct scratch *s)
{
    const struct attrs *a = call->attrs;
    const float *scores = (const float *)call->in[SCORES]->data + n * s->length;
    const struct dcl_value *classes = classes_of(call);
    const int64_t floats = dcl_polygon_floats(&s->p), at = n * s->length;
    for (int64_t m = 0; m < s->p.each; m++)
        dcl_polygon_prepare(&s->p, call->in[BOXES]->data, n * s->p.each + m, a->angle,
                            s->prepared + m * floats);
    int64_t count = s->length;
    if (dcl_has_in(call, COUNT))
        count = ((const int32_t *)call->in[COUNT]->data)[n];
    count = count < 0 ? 0 : count < s->length ? count : s->length;
    for (int64_t i = 0; i < count; i++) {
        const int64_t box = box_of(call, at, i);
        const bool good = (!a->use_score_threshold || scores[i] > a->score_threshold) && box >= 0 &&
                          box < s->p.each && !isnan(dcl_polygon_area(s->prepared + box * floats));
        s->keys[i] = good ? dcl_order_key(scores[i], true) : UINT32_MAX;
        s->class_keys[i] = classes ? (uint32_t)((const int32_t *)classes->data)[at + i] : 0;
        s->by_score[i] = (int32_t)i;
        s->flags[i] = 0;
    }
    dcl_order_cpu(s->keys, count, s->by_score, s->spare);
    if (count > 0)
        memcpy(s->by_class, s->by_score, (size_t)count * sizeof *s->by_class);
    if (classes)
        dcl_order_cpu(s->class_keys, count, s->by_class, s->spare);
    return count;
}

/* True when kept polygon a suppresses b. */
static bool suppresses(const struct attrs *attrs, const float *a, const float *b, int edges)
{
    const float inter = dcl_polygon_intersection(a, edges, b, edges);
    const float all = dcl_polygon_area(a) + dcl_polygon_area(b) - inter;
    const float limit = threshold_of(attrs) * all;
    return all > 0 && (attrs->boundary ? inter >= limit : inter > limit);
}

/* The candidates of one class, sorted positions [start, end). */
static void greedy(const struct dcl_call *call, int64_t at, struct scratch *s, int64_t start,
                   int64_t end)
{
    const struct attrs *a = call->attrs;
    const int64_t floats = dcl_polygon_floats(&s->p), limit = segment_limit(a);
    int64_t kept = 0;
    for (int64_t i = start; i < end && kept < limit; i++) {
        const int32_t candidate = s->by_class[i];
        if (s->keys[candidate] == UINT32_MAX)
            break; /* the others of the segment, too */
        const int64_t box = box_of(call, at, candidate);
        bool gone = false;
        for (int64_t k = 0; k < kept && !gone; k++)
            gone = suppresses(a, s->prepared + s->kept[k] * floats, s->prepared + box * floats,
                              s->p.vertices);
        if (gone)
            continue;
        s->kept[kept++] = (int32_t)box;
        s->flags[candidate] = 1;
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct scratch s = {.length = DCL_DIM(call->in[SCORES], 1)};
    DCL_TRY(call->error, dcl_polygons(call, BOXES, &s.p));
    carve(&s, call->workspace);
    for (int64_t n = 0; n < s.p.images; n++) {
        const int64_t count = prepare(call, n, &s), most = limit_of(a->max_output);
        for (int64_t start = 0, end; start < count; start = end) {
            end = start + 1;
            while (end < count && s.class_keys[s.by_class[end]] == s.class_keys[s.by_class[start]])
                end++;
            greedy(call, n * s.length, &s, start, end);
        }
        int32_t *keep = (int32_t *)call->out[0]->data + n * s.length, kept = 0;
        for (int64_t i = 0; i < count && kept < most; i++)
            if (s.flags[s.by_score[i]])
                keep[kept++] = s.by_score[i];
        ((int32_t *)call->out[1]->data)[n] = kept;
    }
    return DETCL_OK;
}

/* The device's arrays, [rows, length]. */
struct arrays {
    const struct dcl_value *prepared, *keys, *class_keys, *by_score, *by_class;
    const struct dcl_value *sorted, *sorted_classes, *flags;
    int64_t rows, length;
    struct dcl_polygons p;
};

static struct dcl_launch *launch(struct dcl_recorder *r, const char *kernel)
{
    char options[16];
    snprintf(options, sizeof options, "-DW=%d", dcl_scan_width(dcl_limits(r)));
    return dcl_launch(r, "nms_polygon", options, kernel);
}

static enum detcl_status record_keys(const struct dcl_call *call, struct dcl_recorder *r,
                                     const struct arrays *v)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = launch(r, "nms_polygon_keys");
    dcl_arg_value(l, v->prepared);
    dcl_arg_value(l, call->in[SCORES]);
    dcl_arg_value(l, classes_of(call));
    dcl_arg_value(l, input(call, ANCHORS));
    dcl_arg_value(l, input(call, COUNT));
    dcl_arg_value(l, v->keys);
    dcl_arg_value(l, v->class_keys);
    dcl_arg_value(l, v->flags);
    dcl_arg_int(l, v->p.each);
    dcl_arg_int(l, v->length);
    dcl_arg_int(l, v->p.vertices);
    dcl_arg_int(l, a->use_score_threshold != 0);
    dcl_arg_float(l, a->score_threshold);
    return dcl_grid(l, 2, (size_t[]){(size_t)v->length, (size_t)v->rows}, NULL);
}

/* By score, then, stably, by class: segments of one class, each by score. */
static enum detcl_status record_orders(const struct dcl_call *call, struct dcl_recorder *r,
                                       const struct arrays *v)
{
    const int64_t size = v->rows * v->length;
    struct dcl_order order = {
        .keys = v->keys,
        .count = input(call, COUNT),
        .out = v->by_score,
        .spare = {dcl_workspace(r, DETCL_I64, size), dcl_workspace(r, DETCL_I64, size)},
        .segments = v->rows,
        .length = v->length};
    const enum detcl_status status = dcl_order_record(r, &order);
    if (status != DETCL_OK || !v->class_keys)
        return status;
    order.keys = v->class_keys;
    order.in = v->by_score;
    order.out = v->by_class;
    return dcl_order_record(r, &order);
}

static enum detcl_status record_gather(const struct dcl_call *call, struct dcl_recorder *r,
                                       const struct arrays *v)
{
    struct dcl_launch *l = launch(r, "nms_polygon_gather");
    dcl_arg_value(l, v->keys);
    dcl_arg_value(l, classes_of(call));
    dcl_arg_value(l, input(call, ANCHORS));
    dcl_arg_value(l, input(call, COUNT));
    dcl_arg_value(l, v->by_class);
    dcl_arg_value(l, v->sorted);
    dcl_arg_value(l, v->sorted_classes);
    dcl_arg_int(l, v->length);
    return dcl_grid(l, 2, (size_t[]){(size_t)v->length, (size_t)v->rows}, NULL);
}

static enum detcl_status record_greedy(const struct dcl_call *call, struct dcl_recorder *r,
                                       const struct arrays *v)
{
    const struct attrs *a = call->attrs;
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    /* Without classes a row is one segment: one group. Else enough tiles to spread the classes. */
    int64_t tile = v->sorted_classes ? 64 : v->length;
    while (v->sorted_classes && tile * 1024 < v->length)
        tile *= 2;
    const size_t tiles = v->length ? (size_t)((v->length + tile - 1) / tile) : 0;
    struct dcl_launch *l = launch(r, "nms_polygon_greedy");
    dcl_arg_value(l, v->prepared);
    dcl_arg_value(l, v->sorted);
    dcl_arg_value(l, v->sorted_classes);
    dcl_arg_value(l, v->by_class);
    dcl_arg_value(l, input(call, COUNT));
    dcl_arg_value(l, dcl_workspace(r, DETCL_I32, v->rows * v->length));
    dcl_arg_value(l, v->flags);
    dcl_arg_int(l, v->p.each);
    dcl_arg_int(l, v->length);
    dcl_arg_int(l, v->p.vertices);
    dcl_arg_int(l, tile);
    dcl_arg_float(l, threshold_of(a));
    dcl_arg_int(l, a->boundary);
    dcl_arg_int(l, segment_limit(a));
    return dcl_grid(l, 2, (size_t[]){tiles * width, (size_t)v->rows}, (size_t[]){width, 1});
}

static enum detcl_status record_keep(const struct dcl_call *call, struct dcl_recorder *r,
                                     const struct arrays *v)
{
    const struct attrs *a = call->attrs;
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    struct dcl_launch *l = launch(r, "nms_polygon_keep");
    dcl_arg_value(l, v->by_score);
    dcl_arg_value(l, v->flags);
    dcl_arg_value(l, input(call, COUNT));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_int(l, v->length);
    dcl_arg_int(l, limit_of(a->max_output));
    return dcl_grid(l, 2, (size_t[]){width, (size_t)v->rows}, (size_t[]){width, 1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct arrays v = {.rows = DCL_DIM(call->in[SCORES], 0),
                       .length = DCL_DIM(call->in[SCORES], 1)};
    const int64_t size = v.rows * v.length;
    DCL_TRY(call->error, dcl_polygons(call, BOXES, &v.p));
    v.prepared = dcl_polygon_record(r, &v.p, call->in[BOXES], a->angle);
    v.keys = dcl_workspace(r, DETCL_I32, size);
    v.by_score = v.by_class = dcl_workspace(r, DETCL_I32, size);
    v.sorted = dcl_workspace(r, DETCL_I32, size);
    v.flags = dcl_workspace(r, DETCL_I32, size);
    if (classes_of(call)) {
        v.class_keys = dcl_workspace(r, DETCL_I32, size);
        v.by_class = dcl_workspace(r, DETCL_I32, size);
        v.sorted_classes = dcl_workspace(r, DETCL_I32, size);
    }
    DCL_TRY(call->error, record_keys(call, r, &v));
    DCL_TRY(call->error, record_orders(call, r, &v));
    DCL_TRY(call->error, record_gather(call, r, &v));
    DCL_TRY(call->error, record_greedy(call, r, &v));
    return record_keep(call, r, &v);
}

const struct dcl_op dcl_op_nms_polygon = {
    .name = "nms_polygon",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 2,
    .source = "detectron2 batched_nms_rotated; mmcv nms_rotated and nms_quadri",
    .limits = "3 to 16 vertices; coordinates up to 1e15",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_nms_polygon(struct detcl_context *ctx,
                                    const struct detcl_nms_polygon_params *params,
                                    struct detcl_tensor *polygons, struct detcl_tensor *scores,
                                    struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                    struct detcl_tensor *count, struct detcl_tensor *keep,
                                    struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.iou_threshold = params->iou_threshold,
                                .boundary = (int)params->boundary,
                                .angle = (int)params->angle,
                                .class_agnostic = params->class_agnostic != 0,
                                .max_per_class = params->max_per_class,
                                .max_output = params->max_output,
                                .use_score_threshold = params->use_score_threshold != 0,
                                .score_threshold = params->score_threshold};
    return DCL_CALL_OP(ctx, nms_polygon, &attrs, sync,
                       DCL_TENSORS(polygons, scores, classes, anchors, count),
                       DCL_TENSORS(keep, kept));
}

enum detcl_status detcl_nms_rotated(struct detcl_context *ctx,
                                    const struct detcl_nms_polygon_params *params,
                                    struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                    struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                    struct detcl_tensor *count, struct detcl_tensor *keep,
                                    struct detcl_tensor *kept, const struct detcl_sync *sync)
{
    return detcl_nms_polygon(ctx, params, boxes, scores, classes, anchors, count, keep, kept, sync);
}
