/* rpn_proposals: a region proposal network's maps to proposals, in one op (Ren et al. 2015, section
 * 3.3; Lin et al. 2017; torchvision's RegionProposalNetwork.filter_proposals).
 * in: anchors [M, 4], image sizes [N, 2] (height, width) or absent (height, width attributes), then
 * logits x L and deltas x L as in decode_deltas with one class; rows [N, M, 1] and [N, M, 4] hold
 * all levels, level_sizes[i] anchors each. Per image and level the pre_nms_top_n largest logits are
 * decoded (decode_deltas' formula), clipped to the image, and dropped where a side is under
 * min_size or the score under score_threshold; then come suppression within each level and the
 * post_nms_top_n best of all levels. out: boxes [N, post_nms_top_n, 4], scores [N, post_nms_top_n]
 * (sigmoid of the logit), count [N] int32; zero past the count. Scores are ordered and the
 * threshold is compared as logits, equal logits by level, then anchor; NaN logits and boxes are
 * dropped. The exponential is kernels/exact.h's, so the outputs are the same bits on every device,
 * subnormal numbers aside. */
#include "detcl/proposals.h"
#include "ops/deltas.h"
#include "ops/exact.h"
#include "ops/lists.h"
#include "ops/nms.h"
#include "ops/scan.h"
#include "ops/top.h"
#include "ops/typed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ANCHORS, SIZES, HEADS };

struct attrs {
    int64_t pre_nms_top_n, post_nms_top_n, height, width;
    float iou_threshold, score_threshold, min_size, center, size, clip;
    struct dcl_ints level_sizes;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, pre_nms_top_n, "1000"),
                                             DCL_INT(struct attrs, post_nms_top_n, "1000"),
                                             DCL_INT(struct attrs, height, "0"),
                                             DCL_INT(struct attrs, width, "0"),
                                             DCL_FLOAT(struct attrs, iou_threshold, "0.7"),
                                             DCL_FLOAT(struct attrs, score_threshold, "0"),
                                             DCL_FLOAT(struct attrs, min_size, "0.001"),
                                             DCL_FLOAT(struct attrs, center, "1"),
                                             DCL_FLOAT(struct attrs, size, "1"),
                                             DCL_FLOAT(struct attrs, clip, "4.135166556742356"),
                                             DCL_INTS(struct attrs, level_sizes, ""),
                                             DCL_ATTRS_END};

/* The levels as segments of an image's rows and as shares of its candidates. */
struct plan {
    struct dcl_decode d;
    int segments;
    int64_t starts[DCL_MAX_INTS + 1], slots[DCL_MAX_INTS + 1];
    float clip, min_logit;
};

static enum detcl_status find_segments(const struct dcl_call *call, struct plan *p)
{
    const struct attrs *a = call->attrs;
    const bool rows = call->in[HEADS]->desc.rank == 3;
    if (!rows && a->level_sizes.n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "maps say their own level_sizes");
    const bool listed = a->level_sizes.n > 0;
    p->segments = listed ? a->level_sizes.n : p->d.n_levels;
    for (int i = 0; i < p->segments; i++) {
        const int64_t n =
            listed ? a->level_sizes.v[i] : p->d.level[i].anchors * p->d.level[i].cells;
        if (n < 0 || n > INT32_MAX)
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a level of %lld anchors",
                                 (long long)n);
        p->starts[i + 1] = p->starts[i] + n;
        p->slots[i + 1] = p->slots[i] + (n < a->pre_nms_top_n ? n : a->pre_nms_top_n);
    }
    if (p->starts[p->segments] != DCL_DIM(call->in[ANCHORS], 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "level_sizes of %lld anchors, not %lld",
                             (long long)p->starts[p->segments],
                             (long long)DCL_DIM(call->in[ANCHORS], 0));
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct plan *p)
{
    const struct attrs *a = call->attrs;
    *p = (struct plan){.clip = a->clip > 0 ? a->clip : INFINITY};
    DCL_TRY(call->error, dcl_delta_levels(call, HEADS, &p->d));
    DCL_TRY(call->error, find_segments(call, p));
    const double t = (double)a->score_threshold;
    p->min_logit = t <= 0 ? -INFINITY : t >= 1 ? INFINITY : (float)log(t / (1 - t));
    return DETCL_OK;
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i) && i != SIZES)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is absent", i);
        if (dcl_has_in(call, i))
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    }
    if (a->pre_nms_top_n < 1 || a->post_nms_top_n < 1 || a->pre_nms_top_n > INT32_MAX ||
        a->post_nms_top_n > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "limits of %lld and %lld proposals",
                             (long long)a->pre_nms_top_n, (long long)a->post_nms_top_n);
    if (!(a->iou_threshold >= 0 && a->iou_threshold <= 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "an iou_threshold of %g, not 0 to 1",
                             (double)a->iou_threshold);
    if (!dcl_has_in(call, SIZES) && (a->height < 1 || a->width < 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "neither image sizes nor height and width");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct plan p;
    DCL_TRY(call->error, check(call));
    DCL_TRY(call->error, describe(call, &p));
    const int64_t n = p.d.images, post = a->post_nms_top_n;
    if (p.d.classes != 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld logits an anchor, not 1",
                             (long long)p.d.classes);
    if (dcl_has_in(call, SIZES) &&
        (call->in[SIZES]->desc.rank != 2 || DCL_DIM(call->in[SIZES], 0) != n ||
         DCL_DIM(call->in[SIZES], 1) != 2))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the image sizes are not [%lld, 2]",
                             (long long)n);
    for (int i = 0; i < 3; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 3, .dims = {n, post, 4}};
    call->out[1]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {n, post}};
    call->out[2]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {n}};
    call->out[0]->count = call->out[1]->count = call->out[2];
    call->cpu_workspace = 4 * (size_t)(3 * p.starts[p.segments] + 15 * p.slots[p.segments]);
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------- */

/* The candidates of one image that were not dropped, level by level, best first. */
struct list {
    int64_t count;
    float *boxes, *logits, *kept_boxes;
    uint32_t *keys;
    int32_t *levels, *order, *by_score, *spare;
    uint8_t *flags;
};

static struct list carve(void *memory, int64_t n)
{
    struct list l = {.boxes = memory};
    l.kept_boxes = l.boxes + 4 * n;
    l.logits = l.boxes + 8 * n;
    l.keys = (uint32_t *)memory + 9 * n;
    l.levels = (int32_t *)memory + 10 * n;
    l.order = l.levels + n;
    l.by_score = l.order + n;
    l.spare = l.by_score + n;
    l.flags = (uint8_t *)memory + 4 * 14 * n;
    return l;
}

static float bounded(float v, float limit)
{
    return v < 0 ? 0 : v > limit ? limit : v;
}

static float field_at(const struct dcl_field *f, const struct dcl_level *l, int64_t n, int64_t i,
                      int64_t k)
{
    return ((const float *)f->value->data)[f->offset + n * f->image + i / l->cells * f->anchor +
                                           i % l->cells * f->cell + k * f->channel];
}

/* Decode row i of level l and append it unless it is dropped. */
static void offer(const struct dcl_call *call, const struct plan *p, const struct dcl_level *l,
                  int64_t n, int64_t i, const float *anchor, int segment, struct list *out)
{
    const struct attrs *a = call->attrs;
    const float *sizes = dcl_has_in(call, SIZES) ? call->in[SIZES]->data : NULL;
    const float limits[] = {sizes ? sizes[2 * n + 1] : (float)a->width,
                            sizes ? sizes[2 * n] : (float)a->height};
    float *box = out->boxes + 4 * out->count;
    for (int axis = 0; axis < 2; axis++) {
        const float low = anchor[axis], extent = anchor[axis + 2] - low;
        const float move = field_at(&l->box, l, n, i, axis) * a->center;
        const float t = field_at(&l->box, l, n, i, axis + 2) * a->size;
        const float middle = move * extent + (low + 0.5f * extent);
        const float half = 0.5f * (dcl_exact_exp(t > p->clip ? p->clip : t) * extent);
        box[axis] = bounded(middle - half, limits[axis]);
        box[axis + 2] = bounded(middle + half, limits[axis]);
    }
    const float logit = field_at(&l->cls, l, n, i, 0);
    if (!(box[2] - box[0] >= a->min_size && box[3] - box[1] >= a->min_size &&
          logit >= p->min_logit && dcl_finite_box(box)))
        return;
    out->logits[out->count] = logit;
    out->keys[out->count] = dcl_order_key(logit, true);
    out->levels[out->count] = segment;
    out->order[out->count] = out->by_score[out->count] = (int32_t)out->count;
    out->flags[out->count++] = 0;
}

static void find_candidates(const struct dcl_call *call, const struct plan *p, int64_t n,
                            uint32_t *keys, struct list *out)
{
    const struct attrs *a = call->attrs;
    const int64_t rows = p->starts[p->segments];
    int32_t *best = (int32_t *)keys + rows, *spare = best + rows;
    int64_t row = 0;
    for (int s = 0; s < p->segments; s++) {
        const int level = p->d.n_levels > 1 ? s : 0;
        const struct dcl_level *l = &p->d.level[level];
        const int64_t start = p->starts[s], first = p->d.n_levels > 1 ? start : 0;
        for (; row < p->starts[s + 1]; row++)
            keys[row] = dcl_order_key(field_at(&l->cls, l, n, row - first, 0), true);
        const int64_t k = dcl_top_cpu(keys + start, row - start, a->pre_nms_top_n, best, spare);
        for (int64_t j = 0; j < k; j++) {
            const int64_t at = start + best[j];
            offer(call, p, l, n, at - first, (const float *)call->in[ANCHORS]->data + 4 * at, s,
                  out);
        }
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct plan p;
    DCL_TRY(call->error, describe(call, &p));
    const int64_t post = a->post_nms_top_n;
    const struct dcl_nms_rule rule = {a->iou_threshold, DCL_BOUNDARY_STRICT, post, NAN};
    void *memory = (uint32_t *)call->workspace + 3 * p.starts[p.segments];
    for (int64_t n = 0; n < p.d.images; n++) {
        struct list l = carve(memory, p.slots[p.segments]);
        find_candidates(call, &p, n, call->workspace, &l);
        dcl_nms_greedy(&rule, &(struct dcl_nms_row){l.boxes, l.levels, l.order, l.count,
                                                    l.kept_boxes, l.flags});
        dcl_order_cpu(l.keys, l.count, l.by_score, l.spare);
        float *boxes = (float *)call->out[0]->data + 4 * n * post;
        float *scores = (float *)call->out[1]->data + n * post;
        memset(boxes, 0, (size_t)post * 4 * sizeof *boxes);
        memset(scores, 0, (size_t)post * sizeof *scores);
        int32_t kept = 0;
        for (int64_t i = 0; i < l.count && kept < post; i++) {
            const int32_t c = l.by_score[i];
            if (!l.flags[c])
                continue;
            memcpy(boxes + 4 * kept, l.boxes + 4 * c, 4 * sizeof *boxes);
            scores[kept++] = dcl_exact_sigmoid(l.logits[c]);
        }
        ((int32_t *)call->out[2]->data)[n] = kept;
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static const struct dcl_value *table(struct dcl_recorder *r, const int64_t *from, int64_t n)
{
    void *data;
    const struct dcl_value *v = dcl_packed(r, DETCL_I32, n, &data);
    for (int64_t i = 0; v && i < n; i++)
        ((int32_t *)data)[i] = (int32_t)from[i];
    return v;
}

static void record_keys(struct dcl_recorder *r, const struct plan *p, const char *options,
                        const struct dcl_value *keys)
{
    int64_t first = 0;
    for (int i = 0; i < p->d.n_levels; i++) {
        const struct dcl_level *v = &p->d.level[i];
        struct dcl_launch *l = dcl_launch(r, "rpn", options, "rpn_keys");
        dcl_arg_field(l, &v->cls);
        dcl_arg_value(l, keys);
        dcl_arg_int(l, v->anchors);
        dcl_arg_int(l, v->cells);
        dcl_arg_int(l, first);
        dcl_arg_int(l, p->starts[p->segments]);
        dcl_grid(l, 2, (size_t[]){(size_t)(v->anchors * v->cells), (size_t)p->d.images}, NULL);
        first += v->anchors * v->cells;
    }
}

/* What lies between the top candidates and the suppression, per image: a box, a logit, a level. */
struct candidates {
    const struct dcl_value *slots, *boxes, *logits, *levels;
    int64_t count;
};

/* Launches cover one level of maps each, or all segments of rows. */
static void record_decode(const struct dcl_call *call, struct dcl_recorder *r, const struct plan *p,
                          const char *options, const struct dcl_top *top,
                          const struct candidates *c)
{
    const struct attrs *a = call->attrs;
    const bool maps = p->d.n_levels > 1;
    for (int i = 0; i < p->d.n_levels; i++) {
        const struct dcl_level *v = &p->d.level[i];
        struct dcl_launch *l = dcl_launch(r, "rpn", options, "rpn_decode");
        dcl_arg_field(l, &v->box);
        dcl_arg_field(l, &v->cls);
        dcl_arg_value(l, call->in[ANCHORS]);
        dcl_arg_value(l, dcl_has_in(call, SIZES) ? call->in[SIZES] : NULL);
        dcl_arg_value(l, c->slots);
        dcl_arg_value(l, top->picked);
        dcl_arg_value(l, top->order);
        dcl_arg_value(l, top->count);
        dcl_arg_value(l, c->boxes);
        dcl_arg_value(l, c->logits);
        dcl_arg_value(l, c->levels);
        dcl_arg_int(l, v->cells);
        dcl_arg_int(l, maps ? p->starts[i] : 0);
        dcl_arg_int(l, maps ? i : 0);
        dcl_arg_int(l, p->segments);
        dcl_arg_int(l, top->k);
        dcl_arg_int(l, c->count);
        const float floats[] = {(float)a->height, (float)a->width, a->center,   a->size,
                                p->clip,          a->min_size,     p->min_logit};
        for (size_t k = 0; k < sizeof floats / sizeof *floats; k++)
            dcl_arg_float(l, floats[k]);
        dcl_grid(l, 3,
                 (size_t[]){(size_t)top->k, maps ? 1 : (size_t)p->segments, (size_t)p->d.images},
                 NULL);
    }
}

static enum detcl_status record_suppression(const struct dcl_call *call, struct dcl_recorder *r,
                                            const struct plan *p, const char *options,
                                            const struct candidates *c)
{
    const struct attrs *a = call->attrs;
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    void *data;
    struct dcl_nms nms = {.boxes = c->boxes,
                          .scores = c->logits,
                          .classes = p->segments > 1 ? c->levels : NULL,
                          .rule = dcl_packed(r, DETCL_I32, DCL_NMS_RULE_INTS, &data),
                          .rows = p->d.images,
                          .per_image = 1,
                          .n_boxes = c->count,
                          .length = c->count};
    if (!nms.rule)
        return dcl_recorded(r);
    dcl_nms_rule_data(
        &(struct dcl_nms_rule){a->iou_threshold, DCL_BOUNDARY_STRICT, a->post_nms_top_n, NAN},
        data);
    DCL_TRY(call->error, dcl_nms_record(r, &nms));
    struct dcl_launch *l = dcl_launch(r, "rpn", options, "rpn_emit");
    dcl_arg_value(l, c->boxes);
    dcl_arg_value(l, c->logits);
    dcl_arg_value(l, nms.by_score);
    dcl_arg_value(l, nms.flags);
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, call->out[i]);
    dcl_arg_int(l, c->count);
    dcl_arg_int(l, a->post_nms_top_n);
    return dcl_grid(l, 2, (size_t[]){width, (size_t)p->d.images}, (size_t[]){width, 1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct plan p;
    DCL_TRY(call->error, describe(call, &p));
    const int64_t rows = p.starts[p.segments], images = p.d.images;
    const char *options = dcl_nms_options(r);
    int64_t k = 1; /* of the level that takes most */
    for (int i = 0; i < p.segments; i++)
        k = p.slots[i + 1] - p.slots[i] > k ? p.slots[i + 1] - p.slots[i] : k;
    struct dcl_top top = {.keys = dcl_workspace(r, DETCL_I32, images * rows),
                          .starts = table(r, p.starts, p.segments + 1),
                          .rows = images,
                          .length = rows,
                          .segments = p.segments,
                          .k = k};
    struct candidates c = {.count = p.slots[p.segments]};
    c.slots = table(r, p.slots, p.segments + 1);
    c.boxes = dcl_workspace(r, DETCL_F32, 4 * images * c.count);
    c.logits = dcl_workspace(r, DETCL_F32, images * c.count);
    c.levels = dcl_workspace(r, DETCL_I32, images * c.count);
    record_keys(r, &p, options, top.keys);
    DCL_TRY(call->error, dcl_top_record(r, &top));
    record_decode(call, r, &p, options, &top, &c);
    return record_suppression(call, r, &p, options, &c);
}

const struct dcl_op dcl_op_rpn_proposals = {
    .name = "rpn_proposals",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2 + 2 * DCL_MAX_LEVELS,
    .max_out = 3,
    .source = "Ren et al. 2015 (Faster R-CNN), section 3.3; torchvision filter_proposals",
    .limits = "8 levels of maps, 16 of rows; one weight for the centre and one for the size",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_rpn_proposals(struct detcl_context *ctx,
                                      const struct detcl_rpn_params *params,
                                      struct detcl_tensor *anchors, struct detcl_tensor *sizes,
                                      struct detcl_tensor *const *logits,
                                      struct detcl_tensor *const *deltas,
                                      struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                      struct detcl_tensor *count, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct detcl_rpn_params *p = params;
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.pre_nms_top_n = p->pre_nms_top_n ? p->pre_nms_top_n : 1000;
    a.post_nms_top_n = p->post_nms_top_n ? p->post_nms_top_n : 1000;
    a.height = p->height;
    a.width = p->width;
    a.iou_threshold = p->iou_threshold != 0 ? p->iou_threshold : 0.7f;
    a.score_threshold = p->score_threshold;
    a.min_size = p->min_size != 0 ? p->min_size : 0.001f;
    a.center = p->center != 0 ? p->center : 1;
    a.size = p->size != 0 ? p->size : 1;
    a.clip = dcl_delta_clip(p->clip);
    struct detcl_tensor *in[2 + 2 * DCL_MAX_LEVELS] = {anchors, sizes};
    int n = HEADS;
    DCL_TRY(&ctx->error,
            dcl_take_tensors(ctx, "logits", logits, p->n_levels, DCL_MAX_LEVELS, in, &n));
    DCL_TRY(&ctx->error,
            dcl_take_tensors(ctx, "deltas", deltas, p->n_levels, DCL_MAX_LEVELS, in, &n));
    DCL_TRY(&ctx->error,
            dcl_take_ints(ctx, "level_sizes", p->level_sizes, p->n_level_sizes, &a.level_sizes));
    return DCL_CALL_OP(ctx, rpn_proposals, &a, sync, ((struct dcl_operands){in, n}),
                       DCL_TENSORS(boxes, scores, count));
}
