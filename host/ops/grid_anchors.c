/* grid_anchors: anchors of several sizes and ratios over the cells of one or more levels (Faster
 * R-CNN, RetinaNet). No inputs: known at load. out: [M, 4] x1, y1, x2, y2 in network-input pixels,
 * levels in the order of strides, cells row by row, then ratios, then sizes. Level i has
 * ceil(height / stride) x ceil(width / stride) cells, or, with `cells`, the i-th pair of rows and
 * columns, where a stride of 0 stands for height / rows and width / columns in whole pixels, as
 * torchvision's AnchorGenerator derives it. The level has the i-th equal share of `sizes`, each
 * times each of `scales`; an anchor of size s and ratio r = height / width has width s / sqrt(r),
 * height s * sqrt(r) around ((column + offset) * stride, (row + offset) * stride). round=1 rounds
 * the base anchors' corners, as torchvision's AnchorGenerator does. */
#include "detcl/proposals.h"
#include "ops/anchors.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

struct attrs {
    int64_t height, width;
    struct dcl_ints strides, cells;
    struct dcl_floats sizes, ratios, scales;
    float offset;
    int64_t round;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL),   DCL_INT(struct attrs, width, NULL),
    DCL_INTS(struct attrs, strides, NULL), DCL_INTS(struct attrs, cells, ""),
    DCL_FLOATS(struct attrs, sizes, NULL), DCL_FLOATS(struct attrs, ratios, "1"),
    DCL_FLOATS(struct attrs, scales, "1"), DCL_FLOAT(struct attrs, offset, "0"),
    DCL_INT(struct attrs, round, "0"),     DCL_ATTRS_END};

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int levels = a->strides.n;
    if (levels < 1 || a->sizes.n < levels || a->sizes.n % levels || !a->ratios.n || !a->scales.n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "%d sizes, %d ratios and %d scales for %d strides", a->sizes.n,
                             a->ratios.n, a->scales.n, levels);
    if (a->sizes.n / levels * a->ratios.n * a->scales.n > DCL_MAX_BASE_ANCHORS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than %d anchors a cell",
                             DCL_MAX_BASE_ANCHORS);
    if (a->height < 1 || a->width < 1 || a->height > DCL_MAX_ANCHOR_SIDE ||
        a->width > DCL_MAX_ANCHOR_SIDE)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a network input of %lld x %lld pixels",
                             (long long)a->width, (long long)a->height);
    if (a->cells.n && a->cells.n != 2 * levels)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%d cells, not rows and columns of %d",
                             a->cells.n, levels);
    for (int i = 0; i < levels; i++)
        if (a->strides.v[i] < (a->cells.n ? 0 : 1) || a->strides.v[i] > DCL_MAX_ANCHOR_SIDE)
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a stride of %lld",
                                 (long long)a->strides.v[i]);
    for (int i = 0; i < a->cells.n; i++)
        if (a->cells.v[i] < 1 || a->cells.v[i] > DCL_MAX_ANCHOR_SIDE)
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a map of %lld rows or columns",
                                 (long long)a->cells.v[i]);
    for (int i = 0; i < a->ratios.n; i++)
        if (!(a->ratios.v[i] > 0))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a ratio of %g",
                                 (double)a->ratios.v[i]);
    return DETCL_OK;
}

struct level {
    int64_t rows, columns, stride_y, stride_x;
};

static struct level size_of(const struct attrs *a, int level)
{
    const int64_t stride = a->strides.v[level];
    struct level l = {.stride_y = stride, .stride_x = stride};
    if (a->cells.n) {
        l.rows = a->cells.v[2 * level];
        l.columns = a->cells.v[2 * level + 1];
        l.stride_y = stride ? stride : a->height / l.rows;
        l.stride_x = stride ? stride : a->width / l.columns;
    } else {
        l.rows = (a->height + stride - 1) / stride;
        l.columns = (a->width + stride - 1) / stride;
    }
    return l;
}

static void add_base(struct dcl_anchor_grid *g, double width, double height, bool round)
{
    const double corner[] = {-width / 2, -height / 2, width / 2, height / 2};
    for (int k = 0; k < 4; k++)
        g->base[4 * g->n_base + k] = (float)(round ? rint((double)(float)corner[k]) : corner[k]);
    g->n_base++;
}

static struct dcl_anchor_grid level_of(const struct attrs *a, int level)
{
    const struct level l = size_of(a, level);
    const int sizes = a->sizes.n / a->strides.n;
    struct dcl_anchor_grid g = {.columns = l.columns,
                                .rows = l.rows,
                                .step_x = (float)l.stride_x,
                                .step_y = (float)l.stride_y,
                                .offset = a->offset,
                                .corners = true};
    for (int r = 0; r < a->ratios.n; r++)
        for (int s = 0; s < sizes; s++)
            for (int k = 0; k < a->scales.n; k++) {
                const double size = (double)a->sizes.v[level * sizes + s] * (double)a->scales.v[k];
                const double root = sqrt((double)a->ratios.v[r]);
                add_base(&g, size / root, size * root, a->round != 0);
            }
    return g;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, check(call));
    int64_t n = 0;
    for (int i = 0; i < a->strides.n; i++) {
        const struct dcl_anchor_grid g = level_of(a, i);
        n += dcl_anchor_count(&g);
    }
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {n, 4}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    float *out = call->out[0]->data;
    for (int i = 0; i < a->strides.n; i++) {
        const struct dcl_anchor_grid g = level_of(a, i);
        dcl_anchors_cpu(&g, out);
        out += 4 * dcl_anchor_count(&g);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    int64_t first = 0;
    for (int i = 0; i < a->strides.n; i++) {
        const struct dcl_anchor_grid g = level_of(a, i);
        DCL_TRY(call->error, dcl_anchors_record(r, &g, call->out[0], first));
        first += dcl_anchor_count(&g);
    }
    return dcl_recorded(r);
}

const struct dcl_op dcl_op_grid_anchors = {
    .name = "grid_anchors",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 0,
    .max_in = 0,
    .max_out = 1,
    .tolerance = 1e-6f,
    .source = "torchvision AnchorGenerator (Faster R-CNN, RetinaNet)",
    .limits = "16 levels, 8 with cells; 256 anchors a cell; sides to 2^20",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_grid_anchors(struct detcl_context *ctx,
                                     const struct detcl_grid_anchors_params *params,
                                     struct detcl_tensor *anchors, const struct detcl_sync *sync)
{
    static const struct dcl_floats one = {.n = 1, .v = {1}};
    DCL_NEED_PARAMS(ctx, params);
    const struct detcl_grid_anchors_params *p = params;
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = p->height;
    a.width = p->width;
    a.offset = p->offset;
    a.round = p->round != 0;
    DCL_TRY(&ctx->error, dcl_take_ints(ctx, "strides", p->strides, p->n_levels, &a.strides));
    DCL_TRY(&ctx->error,
            dcl_take_ints(ctx, "cells", p->cells, p->cells ? 2 * p->n_levels : 0, &a.cells));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "sizes", p->sizes, p->n_sizes, &a.sizes));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "ratios", p->ratios, p->n_ratios, &a.ratios));
    DCL_TRY(&ctx->error, dcl_take_floats(ctx, "scales", p->scales, p->n_scales, &a.scales));
    if (!a.ratios.n)
        a.ratios = one;
    if (!a.scales.n)
        a.scales = one;
    return DCL_CALL_OP(ctx, grid_anchors, &a, sync, (struct dcl_operands){0}, DCL_TENSORS(anchors));
}
