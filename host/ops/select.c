/* select: the candidates among decoded boxes, compacted in order of their index.
 * in: boxes [N, M, 4], scores [N, M, C] (ops/decode.h).
 * A candidate has a score over (or at, comparison=greater_equal) score_threshold and a finite box;
 * a NaN score is none. mode=multi_label: every (anchor, class), capacity K = M * C, in order of
 * anchor, then class. mode=best_class: each anchor's largest score (the lowest class among equals),
 * K = M. `background` is a class that never counts (-1: none); class numbers stay the head's. out:
 * scores [N, K] float32, classes [N, K] and anchors [N, K] int32, count [N] int32. */
#include "detcl/suppression.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <math.h>
#include <stdio.h>

static const char *const modes[] = {"multi_label", "best_class", NULL};
static const char *const comparisons[] = {"greater", "greater_equal", NULL};

struct attrs {
    float score_threshold;
    int mode, comparison;
    int64_t background;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, score_threshold, NULL),
    DCL_CHOICE(struct attrs, mode, "multi_label", modes),
    DCL_CHOICE(struct attrs, comparison, "greater", comparisons),
    DCL_INT(struct attrs, background, "-1"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < 2; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 3));
    }
    const int64_t *boxes = call->in[0]->desc.dims, *scores = call->in[1]->desc.dims;
    if (boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[1])
        return DCL_CALL_FAIL(
            call, DETCL_ERROR_MODEL, "%lld x %lld boxes do not go with %lld x %lld scores",
            (long long)boxes[0], (long long)boxes[1], (long long)scores[0], (long long)scores[1]);
    for (int i = 0; i < 4; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    const int64_t capacity = a->mode ? boxes[1] : boxes[1] * scores[2];
    for (int i = 0; i < 3; i++) {
        call->out[i]->desc = (struct detcl_desc){
            .dtype = i ? DETCL_I32 : DETCL_F32, .rank = 2, .dims = {boxes[0], capacity}};
        call->out[i]->count = call->out[3];
    }
    call->out[3]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {boxes[0]}};
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------- */

struct list {
    float *scores;
    int32_t *classes, *anchors;
    int32_t count;
};

static bool finite_box(const float *box)
{
    return isfinite(box[0]) && isfinite(box[1]) && isfinite(box[2]) && isfinite(box[3]);
}

static void offer(const struct attrs *a, struct list *out, const float *box, float score,
                  int64_t anchor, int64_t cls)
{
    if (!(a->comparison ? score >= a->score_threshold : score > a->score_threshold) ||
        cls == a->background || !finite_box(box))
        return;
    out->scores[out->count] = score;
    out->classes[out->count] = (int32_t)cls;
    out->anchors[out->count++] = (int32_t)anchor;
}

/* The class of the largest score; -1 when there is none. */
static int64_t best_class(const struct attrs *a, const float *scores, int64_t classes)
{
    int64_t best = -1;
    for (int64_t c = 0; c < classes; c++)
        if (c != a->background && !isnan(scores[c]) && (best < 0 || scores[c] > scores[best]))
            best = c;
    return best;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t rows = DCL_DIM(call->in[1], 1), classes = DCL_DIM(call->in[1], 2);
    const int64_t capacity = DCL_DIM(call->out[0], 1);
    for (int64_t n = 0; n < DCL_DIM(call->in[1], 0); n++) {
        struct list out = {(float *)call->out[0]->data + n * capacity,
                           (int32_t *)call->out[1]->data + n * capacity,
                           (int32_t *)call->out[2]->data + n * capacity, 0};
        for (int64_t m = 0; m < rows; m++) {
            const float *box = (const float *)call->in[0]->data + 4 * (n * rows + m);
            const float *scores = (const float *)call->in[1]->data + classes * (n * rows + m);
            const int64_t best = a->mode ? best_class(a, scores, classes) : -1;
            for (int64_t c = a->mode ? best : 0; c >= 0 && c < (a->mode ? best + 1 : classes); c++)
                offer(a, &out, box, scores[c], m, c);
        }
        ((int32_t *)call->out[3]->data)[n] = out.count;
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

/* A work-group compacts `group * per_item` neighbouring scores, first counting, then, knowing what
 * the tiles before it hold, writing; a single one need not count. */
struct tiling {
    int group;
    int64_t per_item, tiles;
};

#define VECTOR 16 /* scores that a work-item tests at once */
#define FEW                                                                                        \
    16384 /* scores that one work-item goes through before a second launch would have begun */

static struct tiling plan(const struct dcl_limits *limits, int64_t n)
{
    const int most = limits->profile == DCL_PROFILE_SIMD ? 16 * limits->compute_units : 1024;
    struct tiling t = {.group = dcl_scan_width(limits), .per_item = VECTOR};
    while (t.per_item * t.group * (n > FEW || t.group > 1 ? most : 1) < n)
        t.per_item *= 2;
    const int64_t tile = t.per_item * t.group;
    t.tiles = (n + tile - 1) / tile;
    t.tiles = t.tiles ? t.tiles : 1; /* the last tile writes the count */
    return t;
}

static enum detcl_status record_best(const struct dcl_call *call, struct dcl_recorder *r,
                                     const char *options, struct dcl_value *scores,
                                     struct dcl_value *classes)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "select", options, "select_best");
    const int64_t rows = DCL_DIM(call->in[1], 0) * DCL_DIM(call->in[1], 1);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, scores);
    dcl_arg_value(l, classes);
    dcl_arg_int(l, rows);
    dcl_arg_int(l, DCL_DIM(call->in[1], 2));
    dcl_arg_int(l, a->background);
    return dcl_grid(l, 1, (size_t[]){(size_t)rows}, NULL);
}

/* The arguments that counting and writing share. */
static void args(struct dcl_launch *l, const struct dcl_call *call, const struct dcl_value *scores,
                 const struct dcl_value *tiles, const struct tiling *t)
{
    const struct attrs *a = call->attrs;
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, scores);
    dcl_arg_value(l, tiles);
    dcl_arg_int(l, DCL_DIM(call->in[0], 1));
    dcl_arg_int(l, a->mode ? 1 : DCL_DIM(call->in[1], 2));
    dcl_arg_int(l, t->per_item);
    dcl_arg_int(l, t->tiles);
    dcl_arg_float(l, a->score_threshold);
    dcl_arg_int(l, a->comparison);
    dcl_arg_int(l, a->mode ? -1 : a->background);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t images = DCL_DIM(call->in[1], 0), capacity = DCL_DIM(call->out[0], 1);
    const struct tiling t = plan(dcl_limits(r), capacity);
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", t.group);
    const struct dcl_value *scores = call->in[1];
    struct dcl_value *best = NULL, *best_classes = NULL;
    if (a->mode) {
        best = dcl_workspace(r, DETCL_F32, images * capacity);
        best_classes = dcl_workspace(r, DETCL_I32, images * capacity);
        scores = best;
        DCL_TRY(call->error, record_best(call, r, options, best, best_classes));
    }
    const struct dcl_value *tiles = dcl_workspace(r, DETCL_I32, images * t.tiles);
    const size_t global[] = {(size_t)(t.tiles * t.group), (size_t)images};
    const size_t local[] = {(size_t)t.group, 1};
    if (t.tiles > 1) {
        struct dcl_launch *l = dcl_launch(r, "select", options, "select_count");
        args(l, call, scores, tiles, &t);
        DCL_TRY(call->error, dcl_grid(l, 2, global, local));
    }
    struct dcl_launch *l = dcl_launch(r, "select", options, "select_write");
    args(l, call, scores, tiles, &t);
    dcl_arg_value(l, best_classes);
    for (int i = 0; i < 4; i++)
        dcl_arg_value(l, call->out[i]);
    return dcl_grid(l, 2, global, local);
}

const struct dcl_op dcl_op_select = {
    .name = "select",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 4,
    .source = "scores over a threshold, in order of index",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_select(struct detcl_context *ctx, const struct detcl_select_params *params,
                               struct detcl_tensor *boxes, struct detcl_tensor *scores,
                               struct detcl_tensor *out_scores, struct detcl_tensor *classes,
                               struct detcl_tensor *anchors, struct detcl_tensor *count,
                               const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.score_threshold = params->score_threshold,
                                .mode = params->best_class != 0,
                                .comparison = params->greater_equal != 0,
                                .background = params->has_background ? params->background : -1};
    return DCL_CALL_OP(ctx, select, &attrs, sync, DCL_TENSORS(boxes, scores),
                       DCL_TENSORS(out_scores, classes, anchors, count));
}
