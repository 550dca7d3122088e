/* assign_anchors: each anchor's ground truth by largest IoU; include/detcl/assignment.h has the
 * rule. in: anchors [A, 4] or [N, A, 4], truth [N, G, 4] float32; optional count [N], classes [N,
 * G] int32. out: matches [N, A] int32, optional labels [N, A] int32. Attributes high, low,
 * low_quality (none, overlapping, all). */
#include "detcl/assignment.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

#define BLOCK 256 /* anchors that are compared before blocks are; part of the definition */

enum { ANCHORS, TRUTH, COUNT, CLASSES };

static const char *const low_qualities[] = {"none", "overlapping", "all", NULL};

struct attrs {
    float high, low;
    int low_quality;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, high, NULL), DCL_FLOAT(struct attrs, low, NULL),
    DCL_CHOICE(struct attrs, low_quality, "none", low_qualities), DCL_ATTRS_END};

struct sizes {
    int64_t images, anchors, truths, blocks;
    int64_t per_image; /* anchors from one image to the next: 0 when they share them */
};

static struct sizes sizes_of(const struct dcl_call *call)
{
    const struct detcl_desc *a = &call->in[ANCHORS]->desc;
    const int64_t anchors = a->dims[a->rank - 2];
    return (struct sizes){.images = DCL_DIM(call->in[TRUTH], 0),
                          .anchors = anchors,
                          .truths = DCL_DIM(call->in[TRUTH], 1),
                          .blocks = (anchors + BLOCK - 1) / BLOCK,
                          .per_image = a->rank == 3 ? anchors : 0};
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++)
        if (dcl_has_in(call, i))
            DCL_TRY(call->error, dcl_need_dtype(call, i, i <= TRUTH ? DCL_F32 : DCL_I32));
    const struct detcl_desc *anchors = &call->in[ANCHORS]->desc, *truth = &call->in[TRUTH]->desc;
    if ((anchors->rank != 2 && anchors->rank != 3) || anchors->dims[anchors->rank - 1] != 4 ||
        truth->rank != 3 || truth->dims[2] != 4 ||
        (anchors->rank == 3 && anchors->dims[0] != truth->dims[0]))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "anchors and truth are not [A, 4] or [N, A, 4], and [N, G, 4]");
    for (int i = COUNT; i <= CLASSES; i++) {
        if (!dcl_has_in(call, i))
            continue;
        const struct detcl_desc *d = &call->in[i]->desc;
        if (d->rank != i - COUNT + 1 || d->dims[0] != truth->dims[0] ||
            (i == CLASSES && d->dims[1] != truth->dims[1]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "count and classes are not [N] and [N, G]");
    }
    if (!(a->low >= 0 && a->low <= a->high && a->high <= 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "thresholds low %g and high %g, not 0 <= low <= high <= 1",
                             (double)a->low, (double)a->high);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    const struct sizes s = sizes_of(call);
    if (!dcl_has_out(call, 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "the matches are needed");
    for (int i = 0; i < 2; i++)
        if (dcl_has_out(call, i))
            call->out[i]->desc =
                (struct detcl_desc){.dtype = DETCL_I32, .rank = 2, .dims = {s.images, s.anchors}};
    call->cpu_workspace = (size_t)s.truths * 2 * sizeof(float);
    return DETCL_OK;
}

/* --- the twin --------------------------------------------------------------------------------- */

/* inter / all */
struct overlap {
    float inter, all;
};

static float extent(float low, float high)
{
    return high > low ? high - low : 0;
}

static struct overlap overlap_of(const float *a, const float *t)
{
    const struct overlap none = {0, 1};
    for (int k = 0; k < 4; k++)
        if (!isfinite(a[k]) || !isfinite(t[k]))
            return none;
    const float width = extent(a[0] > t[0] ? a[0] : t[0], a[2] < t[2] ? a[2] : t[2]);
    const float height = extent(a[1] > t[1] ? a[1] : t[1], a[3] < t[3] ? a[3] : t[3]);
    const float inter = width * height;
    const float own = extent(a[0], a[2]) * extent(a[1], a[3]);
    const float all = own + extent(t[0], t[2]) * extent(t[1], t[3]) - inter;
    return all > 0 && all < INFINITY ? (struct overlap){inter, all} : none;
}

static bool more(struct overlap a, struct overlap b)
{
    return a.inter * b.all > b.inter * a.all;
}

static bool equal(struct overlap a, struct overlap b)
{
    return a.inter * b.all == b.inter * a.all;
}

/* The most that an anchor overlaps t. */
static struct overlap most_of(const float *anchors, int64_t n, const float *t)
{
    struct overlap most = {0, 1};
    for (int64_t first = 0; first < n; first += BLOCK) {
        struct overlap best = {0, 1};
        for (int64_t i = first; i < n && i < first + BLOCK; i++) {
            const struct overlap o = overlap_of(anchors + 4 * i, t);
            best = more(o, best) ? o : best;
        }
        most = more(best, most) ? best : most;
    }
    return most;
}

static int32_t match_of(const struct attrs *rule, const float *anchor, const float *truth,
                        int64_t count, const struct overlap *most)
{
    struct overlap best = {0, 1};
    int32_t at = 0;
    bool claimed = false;
    for (int64_t g = 0; g < count; g++) {
        const struct overlap o = overlap_of(anchor, truth + 4 * g);
        if (more(o, best)) {
            best = o;
            at = (int32_t)g;
        }
        if (rule->low_quality && (most[g].inter > 0 || rule->low_quality == DETCL_LOW_QUALITY_ALL))
            claimed = claimed || equal(o, most[g]);
    }
    if (count > 0 && (claimed || best.inter >= rule->high * best.all))
        return at;
    return count > 0 && best.inter >= rule->low * best.all ? DETCL_MATCH_BETWEEN
                                                           : DETCL_MATCH_BELOW;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct sizes s = sizes_of(call);
    struct overlap *most = call->workspace;
    for (int64_t n = 0; n < s.images; n++) {
        const float *anchors = (const float *)call->in[ANCHORS]->data + 4 * n * s.per_image;
        const float *truth = (const float *)call->in[TRUTH]->data + 4 * n * s.truths;
        int64_t count =
            dcl_has_in(call, COUNT) ? ((const int32_t *)call->in[COUNT]->data)[n] : s.truths;
        count = count < 0 ? 0 : count < s.truths ? count : s.truths;
        for (int64_t g = 0; g < count; g++)
            most[g] = most_of(anchors, s.anchors, truth + 4 * g);
        for (int64_t i = 0; i < s.anchors; i++) {
            const int32_t match = match_of(call->attrs, anchors + 4 * i, truth, count, most);
            int32_t label = match < 0 ? match : 0;
            if (match >= 0 && dcl_has_in(call, CLASSES))
                label = ((const int32_t *)call->in[CLASSES]->data)[n * s.truths + match];
            ((int32_t *)call->out[0]->data)[n * s.anchors + i] = match;
            if (dcl_has_out(call, 1))
                ((int32_t *)call->out[1]->data)[n * s.anchors + i] = label;
        }
    }
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static const struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

/* The largest overlap of each ground truth: by block, then of all. */
static const struct dcl_value *record_most(const struct dcl_call *call, const struct sizes *s,
                                           struct dcl_recorder *r)
{
    struct dcl_value *blocks = dcl_workspace(r, DETCL_F32, 2 * s->images * s->truths * s->blocks);
    struct dcl_value *most = dcl_workspace(r, DETCL_F32, 2 * s->images * s->truths);
    struct dcl_launch *l = dcl_launch(r, "assign_anchors", "", "assign_blocks");
    dcl_arg_value(l, call->in[ANCHORS]);
    dcl_arg_value(l, call->in[TRUTH]);
    dcl_arg_value(l, blocks);
    dcl_arg_int(l, s->anchors);
    dcl_arg_int(l, s->per_image);
    dcl_arg_int(l, s->truths);
    dcl_arg_int(l, s->blocks);
    dcl_arg_int(l, BLOCK);
    dcl_grid(l, 3, (size_t[]){(size_t)s->blocks, (size_t)s->truths, (size_t)s->images}, NULL);
    l = dcl_launch(r, "assign_anchors", "", "assign_most");
    dcl_arg_value(l, blocks);
    dcl_arg_value(l, most);
    dcl_arg_int(l, s->images * s->truths);
    dcl_arg_int(l, s->blocks);
    dcl_grid(l, 1, (size_t[]){(size_t)(s->images * s->truths)}, NULL);
    return most;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct sizes s = sizes_of(call);
    const struct dcl_value *most = a->low_quality ? record_most(call, &s, r) : NULL;
    struct dcl_launch *l = dcl_launch(r, "assign_anchors", "", "assign_anchors");
    dcl_arg_value(l, call->in[ANCHORS]);
    dcl_arg_value(l, call->in[TRUTH]);
    dcl_arg_value(l, input(call, COUNT));
    dcl_arg_value(l, input(call, CLASSES));
    dcl_arg_value(l, most);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, dcl_has_out(call, 1) ? call->out[1] : NULL);
    dcl_arg_int(l, s.anchors);
    dcl_arg_int(l, s.per_image);
    dcl_arg_int(l, s.truths);
    dcl_arg_int(l, a->low_quality == DETCL_LOW_QUALITY_ALL);
    dcl_arg_float(l, a->high);
    dcl_arg_float(l, a->low);
    return dcl_grid(l, 2, (size_t[]){(size_t)s.anchors, (size_t)s.images}, NULL);
}

const struct dcl_op dcl_op_assign_anchors = {
    .name = "assign_anchors",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 2,
    .source = "torchvision.models.detection._utils.Matcher; Ren et al. 2015, Faster R-CNN",
    .limits = "coordinates up to 1e9, whose areas multiply in float32",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_assign_anchors(struct detcl_context *ctx,
                                       const struct detcl_assign_params *params,
                                       struct detcl_tensor *anchors, struct detcl_tensor *truth,
                                       struct detcl_tensor *count, struct detcl_tensor *classes,
                                       struct detcl_tensor *matches, struct detcl_tensor *labels,
                                       const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {
        .high = params->high, .low = params->low, .low_quality = (int)params->low_quality};
    return DCL_CALL_OP(ctx, assign_anchors, &attrs, sync,
                       DCL_TENSORS(anchors, truth, count, classes), DCL_TENSORS(matches, labels));
}
