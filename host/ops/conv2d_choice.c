/* The ways to compute a convolution that a tuner may try, and which of them a plan takes. What is
 * chosen is always one of the list that is made here for the call: text from a database is compared
 * with theirs and never taken apart. */
#include "ops/conv2d.h"

#include <stdio.h>

/* What multiplications and sums of a tile fill: registers of 16 lanes, or of fewer. */
#define ACCUMULATORS_16 28
#define ACCUMULATORS_8 12
#define GPU_ACCUMULATORS 64 /* floats of an item, at most */

/* The list under construction; entry i of `of` is what text i of `names` says. */
struct list {
    const struct dcl_conv2d *c;
    const struct dcl_limits *limits;
    int lanes, x_lanes;
    struct dcl_choices *names;
    struct dcl_conv2d_choice of[DCL_MOST_CHOICES];
};

static void add(struct list *l, struct dcl_conv2d_choice v)
{
    const struct dcl_conv2d_tile *t = &v.tile;
    const int at = l->names->n;
    bool fresh = false;
    switch (v.variant) {
    case DCL_CONV2D_BLOCKED:
        fresh =
            dcl_add_choice(l->names, "blocked ob=%d th=%d tw=%d", t->blocks, t->rows, t->columns);
        break;
    case DCL_CONV2D_POINTWISE:
        fresh = dcl_add_choice(l->names, "pointwise ob=%d tw=%d", t->blocks, t->columns);
        break;
    case DCL_CONV2D_WINOGRAD:
        fresh = dcl_add_choice(l->names, "winograd tw=%d block=%d", t->columns, (int)v.span);
        break;
    case DCL_CONV2D_TILED:
        fresh = dcl_add_choice(l->names, "tiled tx=%d ty=%d wp=%d wo=%d depth=%d", v.gpu.tx,
                               v.gpu.ty, v.gpu.wp, v.gpu.wo, v.gpu.depth);
        break;
    }
    if (fresh)
        l->of[at] = v;
}

/* --- processors -------------------------------------------------------------------------------
 */

/* Tiles of `blocks` output blocks: as wide as the registers allow, one narrower, and so wide that
 * all tiles of the extent are the same. */
static void add_widths(struct list *l, enum dcl_conv2d_variant variant, int blocks, int rows,
                       int64_t extent)
{
    const int room = l->lanes >= 16 ? ACCUMULATORS_16 : ACCUMULATORS_8;
    const int full = room / (blocks * rows);
    const int even = extent > 0 ? (int)dcl_ceil_div(extent, dcl_ceil_div(extent, full)) : full;
    const int widths[] = {full, full - 1, even};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (widths[i] > 0 && (widths[i] <= extent || i == 0))
            add(l,
                (struct dcl_conv2d_choice){.variant = variant, .tile = {blocks, rows, widths[i]}});
}

/* Two output blocks first: where the time is short, the first ways are those that are tried. */
static void add_tiles(struct list *l, enum dcl_conv2d_variant variant)
{
    static const int order[] = {2, 1, 3, 4};
    const struct dcl_window *v = &l->c->window;
    const bool pointwise = variant == DCL_CONV2D_POINTWISE;
    const bool two_rows = !pointwise && l->x_lanes == l->lanes && v->out[1] > 1;
    const int64_t width = pointwise ? v->out[1] * v->out[2] : v->out[2];
    const int64_t out_blocks = dcl_ceil_div(l->c->out_channels / l->c->groups, l->lanes);
    for (int rows = 1; rows <= (two_rows ? 2 : 1); rows++)
        for (size_t i = 0; i < sizeof order / sizeof *order; i++)
            if (order[i] <= out_blocks && order[i] * rows <= 6)
                add_widths(l, variant, order[i], rows, width);
}

/* Around what the model takes, which keeps a part's transformed input in the second cache. */
static void add_winograd(struct list *l)
{
    const struct dcl_conv2d *c = l->c;
    const struct dcl_window *v = &c->window;
    const int64_t tiles = dcl_ceil_div(v->out[1], 4) * dcl_ceil_div(v->out[2], 4);
    const int64_t channels = dcl_ceil_div(c->channels, l->lanes) * l->lanes;
    const int full = l->lanes >= 16 ? 14 : 6, half = full / 2 + 1;
    for (int64_t bytes = (int64_t)256 << 10; bytes <= (int64_t)1 << 20; bytes *= 2)
        for (int k = 0; k < 2; k++) {
            const int columns = k ? half : full;
            const int64_t most = dcl_ceil_div(tiles, columns);
            int64_t count = bytes / (36 * (int64_t)sizeof(float) * channels) / columns;
            count = count < 1 ? 1 : count > most ? most : count;
            add(l, (struct dcl_conv2d_choice){.variant = DCL_CONV2D_WINOGRAD,
                                              .tile = {2, 1, columns},
                                              .span = count * columns});
        }
}

static bool can_winograd(const struct list *l)
{
    const struct dcl_window *v = &l->c->window;
    for (int i = 1; i < 3; i++)
        if (v->kernel[i] != 3 || v->stride[i] != 1 || v->dilation[i] != 1)
            return false;
    return l->limits->winograd && l->x_lanes == l->lanes && l->c->groups == 1;
}

/* --- GPUs -------------------------------------------------------------------------------------
 */

/* What conv2d_tiled.cl asks of a tile, and what the device has room for. */
static bool fits(const struct list *l, const struct dcl_conv2d_gpu_tile *t)
{
    const size_t vec = sizeof(float) * (size_t)l->lanes;
    const size_t local = (size_t)(t->depth * t->tx * t->wp) * vec +
                         (size_t)(t->depth * l->lanes * t->ty * t->wo) * vec;
    return t->ty % t->wp == 0 && t->depth * t->wp % t->ty == 0 &&
           t->depth * l->lanes * t->wo % t->tx == 0 &&
           (size_t)(t->tx * t->ty) <= l->limits->max_work_group &&
           local <= l->limits->local_bytes && t->wp * t->wo * l->lanes <= GPU_ACCUMULATORS;
}

static void add_gpu_tiles(struct list *l)
{
    static const struct {
        int tx, ty;
    } groups[] = {{8, 8}, {16, 8}, {8, 16}, {16, 16}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (int wp = 4; wp <= 8; wp += 4)
            for (int wo = 1; wo <= 4; wo *= 2)
                for (int steps = 8; steps <= 16; steps += 8) {
                    const int depth = steps / l->lanes > 2 ? steps / l->lanes : 2;
                    const struct dcl_conv2d_gpu_tile t = {groups[i].tx, groups[i].ty, wp, wo,
                                                          depth};
                    if (fits(l, &t))
                        add(l, (struct dcl_conv2d_choice){.variant = DCL_CONV2D_TILED, .gpu = t});
                }
}

/* --- the list -------------------------------------------------------------------------------- */

/* All that the time depends on, but for the last steps (residual, activation), which cost each way
 * the same. */
static void describe(const struct list *l, const struct dcl_call *call)
{
    const struct dcl_conv2d *c = l->c;
    const struct dcl_window *v = &c->window;
    snprintf(l->names->key, sizeof l->names->key,
             "%s n=%lld c=%lld h=%lld w=%lld k=%lld kernel=%lldx%lld stride=%lldx%lld "
             "dilation=%lldx%lld pads=%lld,%lld,%lld,%lld group=%lld lanes=%d,%d winograd=%d",
             call->op->name, (long long)c->images, (long long)c->channels, (long long)v->size[1],
             (long long)v->size[2], (long long)c->out_channels, (long long)v->kernel[1],
             (long long)v->kernel[2], (long long)v->stride[1], (long long)v->stride[2],
             (long long)v->dilation[1], (long long)v->dilation[2], (long long)v->begin[1],
             (long long)v->begin[2], (long long)v->end[1], (long long)v->end[2],
             (long long)c->groups, l->x_lanes, l->lanes, l->limits->winograd);
}

static void make(struct list *l, const struct dcl_call *call, const struct dcl_conv2d *c,
                 const struct dcl_limits *limits, struct dcl_choices *names)
{
    struct dcl_conv2d_choice model;
    *l = (struct list){.c = c,
                       .limits = limits,
                       .lanes = call->out[0]->block,
                       .x_lanes = call->in[0]->block,
                       .names = names};
    names->n = 0;
    if (!dcl_conv2d_model(call, c, limits, &model))
        return;
    describe(l, call);
    add(l, model);
    if (limits->profile != DCL_PROFILE_SIMD) {
        add_gpu_tiles(l);
        return;
    }
    if (can_winograd(l))
        add_winograd(l);
    add_tiles(l, l->x_lanes == l->lanes && dcl_conv2d_is_pointwise(c) ? DCL_CONV2D_POINTWISE
                                                                      : DCL_CONV2D_BLOCKED);
}

struct dcl_conv2d_choice dcl_conv2d_choose(const struct dcl_call *call, const struct dcl_conv2d *c,
                                           const struct dcl_recorder *r)
{
    struct dcl_choices names;
    struct list l;
    make(&l, call, c, dcl_limits(r), &names);
    return l.of[dcl_choose(r, &names)];
}

void dcl_conv2d_choices(const struct dcl_call *call, const struct dcl_limits *limits,
                        struct dcl_choices *out)
{
    struct dcl_conv2d c;
    struct list l;
    out->n = 0;
    if (dcl_conv2d_describe(call, &c) == DETCL_OK)
        make(&l, call, &c, limits, out);
}
