/* prior_box: SSD's default boxes of one feature map (Liu et al. 2016, section 2.2; Caffe's
 * PriorBox). No inputs: known at load. out: [M, 4], normalised to the network input's width x
 * height, cells row by row; a cell has, for each min_size s: s x s; with max_sizes t too: sqrt(s t)
 * squared; for each ratio r other than 1: s sqrt(r) x s / sqrt(r), followed with flip=1 by its
 * reciprocal. The map is feature_width x feature_height cells, or, where these are 0, ceil(size /
 * step). A centre is (cell + offset) * step; step = 0 stands for the exact size / cells.
 * format=center_size or corner; clip=1 clips the four numbers to 0..1 (in centre form as UltraFace
 * does: min_sizes are its min_boxes). */
#include "detcl/proposals.h"
#include "ops/anchors.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

static const char *const formats[] = {"center_size", "corner", NULL};

struct attrs {
    int64_t height, width, feature_height, feature_width;
    struct dcl_floats min_sizes, max_sizes, ratios;
    float step, offset;
    int64_t flip, clip;
    int format;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL),
    DCL_INT(struct attrs, width, NULL),
    DCL_INT(struct attrs, feature_height, "0"),
    DCL_INT(struct attrs, feature_width, "0"),
    DCL_FLOATS(struct attrs, min_sizes, NULL),
    DCL_FLOATS(struct attrs, max_sizes, ""),
    DCL_FLOATS(struct attrs, ratios, ""),
    DCL_FLOAT(struct attrs, step, "0"),
    DCL_FLOAT(struct attrs, offset, "0.5"),
    DCL_INT(struct attrs, flip, "0"),
    DCL_INT(struct attrs, clip, "0"),
    DCL_CHOICE(struct attrs, format, "center_size", formats),
    DCL_ATTRS_END};

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    if (a->height < 1 || a->width < 1 || a->height > DCL_MAX_ANCHOR_SIDE ||
        a->width > DCL_MAX_ANCHOR_SIDE)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a network input of %lld x %lld pixels",
                             (long long)a->width, (long long)a->height);
    if (a->feature_height < 0 || a->feature_width < 0 || a->feature_height > DCL_MAX_ANCHOR_SIDE ||
        a->feature_width > DCL_MAX_ANCHOR_SIDE || !(a->step == 0 || a->step >= 1) ||
        (a->step == 0 && (!a->feature_height || !a->feature_width)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "a map needs its step (1 or more), or its height and width");
    if (a->min_sizes.n < 1 || (a->max_sizes.n && a->max_sizes.n != a->min_sizes.n))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%d min_sizes and %d max_sizes",
                             a->min_sizes.n, a->max_sizes.n);
    for (int i = 0; i < a->ratios.n; i++)
        if (!(a->ratios.v[i] > 0))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a ratio of %g",
                                 (double)a->ratios.v[i]);
    if (a->min_sizes.n * (2 + 2 * a->ratios.n) > DCL_MAX_BASE_ANCHORS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than %d priors a cell",
                             DCL_MAX_BASE_ANCHORS);
    return DETCL_OK;
}

static void add_base(const struct attrs *a, struct dcl_anchor_grid *g, double width, double height)
{
    const double w = width / (double)a->width, h = height / (double)a->height;
    const double centred[] = {0, 0, w, h}, corner[] = {-w / 2, -h / 2, w / 2, h / 2};
    for (int k = 0; k < 4; k++)
        g->base[4 * g->n_base + k] = (float)(a->format ? corner[k] : centred[k]);
    g->n_base++;
}

static struct dcl_anchor_grid grid_of(const struct attrs *a)
{
    const double step = (double)a->step;
    struct dcl_anchor_grid g = {.columns = a->feature_width,
                                .rows = a->feature_height,
                                .offset = a->offset,
                                .corners = a->format != 0,
                                .clip = a->clip != 0};
    if (!g.columns)
        g.columns = (int64_t)ceil((double)a->width / step);
    if (!g.rows)
        g.rows = (int64_t)ceil((double)a->height / step);
    g.step_x = (float)(step > 0 ? step / (double)a->width : 1.0 / (double)g.columns);
    g.step_y = (float)(step > 0 ? step / (double)a->height : 1.0 / (double)g.rows);
    for (int i = 0; i < a->min_sizes.n; i++) {
        const double s = (double)a->min_sizes.v[i];
        add_base(a, &g, s, s);
        if (a->max_sizes.n) {
            const double root = sqrt(s * (double)a->max_sizes.v[i]);
            add_base(a, &g, root, root);
        }
        for (int k = 0; k < a->ratios.n; k++) {
            const double root = sqrt((double)a->ratios.v[k]);
            if (fabs(root - 1) < 1e-6)
                continue;
            add_base(a, &g, s * root, s / root);
            if (a->flip)
                add_base(a, &g, s / root, s * root);
        }
    }
    return g;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    const struct dcl_anchor_grid g = grid_of(call->attrs);
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {dcl_anchor_count(&g), 4}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_anchor_grid g = grid_of(call->attrs);
    dcl_anchors_cpu(&g, call->out[0]->data);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_anchor_grid g = grid_of(call->attrs);
    return dcl_anchors_record(r, &g, call->out[0], 0);
}

const struct dcl_op dcl_op_prior_box = {
    .name = "prior_box",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 0,
    .max_in = 0,
    .max_out = 1,
    .tolerance = 1e-6f,
    .source =
        "Liu et al. 2016 (SSD), section 2.2; Caffe's PriorBox; torchvision DefaultBoxGenerator",
    .limits = "one map a call; 256 priors a cell; sides to 2^20",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_prior_box(struct detcl_context *ctx,
                                  const struct detcl_prior_box_params *params,
                                  struct detcl_tensor *priors, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct detcl_prior_box_params *p = params;
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = p->height;
    a.width = p->width;
    a.feature_height = p->feature_height;
    a.feature_width = p->feature_width;
    a.step = p->step;
    a.offset = p->offset;
    a.flip = p->flip != 0;
    a.clip = p->clip != 0;
    a.format = p->corners != 0;
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "min_sizes", p->min_sizes, p->n_sizes, &a.min_sizes));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "max_sizes", p->max_sizes,
                                         p->max_sizes ? p->n_sizes : 0, &a.max_sizes));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "ratios", p->ratios, p->n_ratios, &a.ratios));
    return DCL_CALL_OP(ctx, prior_box, &a, sync, (struct dcl_operands){0}, DCL_TENSORS(priors));
}
