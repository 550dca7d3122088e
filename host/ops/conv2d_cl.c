/* Which kernel computes a convolution, in which tiles, and its launch. */
#include "ops/conv2d.h"

#include <stdio.h>
#include <string.h>

/* How far work is cut up on processors: groups of one item for each compute unit, so that a core
 * that starts late takes less. */
#define GROUPS_PER_UNIT 16

#define WINOGRAD_CHANNELS 32
#define WINOGRAD_BYTES ((int64_t)256 << 10)  /* of transformed input stay in the second cache */
#define WINOGRAD_WEIGHTS ((int64_t)16 << 20) /* more come from memory each time, */
#define WINOGRAD_MANY ((int64_t)8 << 20)     /* which so much transformed input must be worth */
#define WINOGRAD_GROUPS 8 /* for each compute unit, at most: each has scratch memory of its own */

/* One call on its way to a launch. */
struct recording {
    struct dcl_conv2d c;
    const struct dcl_call *call;
    struct dcl_recorder *recorder;
    const struct dcl_limits *limits;
    int lanes; /* channel block of y */
    const float *w, *bias;
    struct dcl_conv2d_choice choice;
    char options[160];
};

bool dcl_conv2d_is_depthwise(const struct dcl_conv2d *c)
{
    return c->groups == c->channels && c->groups == c->out_channels && c->groups > 1;
}

/* Groups begin and end where channel blocks do. */
static bool is_aligned(const struct dcl_conv2d *c, int lanes)
{
    return c->groups == 1 ||
           (c->channels / c->groups % lanes == 0 && c->out_channels / c->groups % lanes == 0);
}

void dcl_conv2d_arg_window(struct dcl_launch *l, const struct dcl_window *v)
{
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->kernel[i]);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->stride[i]);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->dilation[i]);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->begin[i]);
}

static void arg_operands(struct dcl_launch *l, const struct recording *s,
                         const struct dcl_value *packed)
{
    dcl_arg_value(l, s->call->in[0]);
    dcl_arg_value(l, packed);
    dcl_arg_value(l, dcl_residual(s->call));
    dcl_arg_value(l, s->call->out[0]);
}

/* The arguments that conv2d_f32__blocked and conv2d_f32__tiled share. */
static void arg_dense(struct dcl_launch *l, const struct recording *s,
                      const struct dcl_value *packed)
{
    const struct dcl_conv2d *c = &s->c;
    arg_operands(l, s, packed);
    dcl_arg_int(l, c->groups);
    dcl_arg_int(l, c->channels / c->groups);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, c->window.size[i]);
    dcl_arg_int(l, dcl_ceil_div(c->out_channels / c->groups, s->lanes));
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, c->window.out[i]);
    dcl_conv2d_arg_window(l, &c->window);
    dcl_arg_fused(l, &c->fused);
}

/* --- processors with vectors -------------------------------------------------------------- */

/* Output blocks in a tile: two keep the loads below the multiplications; three where that leaves
 * fewer unused. */
static int tile_blocks(int64_t blocks)
{
    if (blocks == 1)
        return 1;
    return dcl_ceil_div(blocks, 3) * 3 < dcl_ceil_div(blocks, 2) * 2 ? 3 : 2;
}

/* The constant is the cost of starting a tile, in pixels. */
struct dcl_conv2d_tile dcl_conv2d_choose_tile(int lanes, int64_t out_blocks, int64_t height,
                                              int64_t width, bool two_rows)
{
    const int blocks = tile_blocks(out_blocks);
    const int full = lanes == 16 ? (blocks == 3 ? 9 : 14) : (blocks == 3 ? 4 : 6);
    /* So wide that all tiles of a row are the same: matters where rows are short. */
    const int even = width > 0 ? (int)dcl_ceil_div(width, dcl_ceil_div(width, full)) : full;
    const struct dcl_conv2d_tile list[] = {
        {blocks, 1, full}, {blocks, 1, full - 1}, {blocks, 1, even}, {blocks, 2, full / 2}};
    struct dcl_conv2d_tile best = list[0];
    int64_t least = INT64_MAX;
    for (int i = 0; i < (two_rows ? 4 : 3); i++) {
        const int64_t tiles =
            dcl_ceil_div(width, list[i].columns) * dcl_ceil_div(height, list[i].rows);
        /* Two rows are copied before they are multiplied: a quarter more. */
        const int64_t cost = tiles * (list[i].rows * list[i].columns + 1) * (3 + list[i].rows);
        if (cost < least) {
            least = cost;
            best = list[i];
        }
    }
    return best;
}

int64_t dcl_conv2d_wanted_groups(const struct dcl_limits *limits)
{
    return (int64_t)GROUPS_PER_UNIT * limits->compute_units;
}

/* How long the stretches of an axis should be so that, with `others` elsewhere, there are enough.
 */
static int64_t span(const struct recording *s, int64_t extent, int64_t others)
{
    const int64_t each =
        extent / dcl_ceil_div(dcl_conv2d_wanted_groups(s->limits), others > 0 ? others : 1);
    return each > 0 ? each : 1;
}

enum detcl_status dcl_conv2d_launch_parts(struct dcl_launch *l, const struct dcl_limits *limits,
                                          int64_t parts)
{
    const int64_t share = dcl_ceil_div(parts, dcl_conv2d_wanted_groups(limits));
    dcl_arg_int(l, parts);
    dcl_arg_int(l, share);
    const size_t global[] = {(size_t)(share ? dcl_ceil_div(parts, share) : 0)};
    return dcl_grid(l, 1, global, (size_t[]){1});
}

static enum detcl_status record_pointwise(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const int64_t pixels = c->window.out[1] * c->window.out[2];
    const int64_t out_blocks = dcl_ceil_div(c->out_channels / c->groups, s->lanes);
    const struct dcl_conv2d_tile tile = s->choice.tile;
    const int64_t slots = c->groups * dcl_ceil_div(out_blocks, tile.blocks);
    const int64_t columns =
        span(s, dcl_ceil_div(pixels, tile.columns), slots * c->images) * tile.columns;
    snprintf(s->options, sizeof s->options, "-DLANES=%d -DOB=%d -DTW=%d", s->lanes, tile.blocks,
             tile.columns);
    const struct dcl_value *packed =
        dcl_conv2d_pack_blocked(s->recorder, c, s->w, s->bias, s->lanes, tile.blocks);
    struct dcl_launch *l =
        dcl_launch(s->recorder, "conv2d_pointwise", s->options, "conv2d_f32__pointwise");
    arg_operands(l, s, packed);
    dcl_arg_int(l, c->groups);
    dcl_arg_int(l, c->channels / c->groups);
    dcl_arg_int(l, pixels);
    dcl_arg_int(l, out_blocks);
    dcl_arg_int(l, columns);
    dcl_arg_fused(l, &c->fused);
    return dcl_conv2d_launch_parts(l, s->limits, dcl_ceil_div(pixels, columns) * slots * c->images);
}

void dcl_conv2d_window_options(const struct dcl_window *v, char *options, size_t size)
{
    const size_t used = strlen(options);
    if (v->kernel[2] > 1 && v->kernel[2] <= 7 && v->stride[2] <= 4 && v->dilation[2] == 1)
        snprintf(options + used, size - used, " -DKW=%d -DSX=%d", (int)v->kernel[2],
                 (int)v->stride[2]);
}

/* Columns of a row's first tile: the rest of the tiles then begin where a dilated window's first
 * tap enters the image, and leave that tap out before. All of a tile's where that would take one
 * tile more. */
static int64_t lead_columns(const struct dcl_window *v, int columns)
{
    const int64_t lead = v->begin[2] % columns;
    const bool more =
        1 + dcl_ceil_div(v->out[2] - lead, columns) > dcl_ceil_div(v->out[2], columns);
    return v->dilation[2] == 1 || v->stride[2] > 1 || lead == 0 || more ? columns : lead;
}

static enum detcl_status record_blocked(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    const int x_lanes = s->call->in[0]->block;
    const int64_t out_blocks = dcl_ceil_div(c->out_channels / c->groups, s->lanes);
    const struct dcl_conv2d_tile tile = s->choice.tile;
    snprintf(s->options, sizeof s->options, "-DLANES=%d -DX_LANES=%d -DOB=%d -DTH=%d -DTW=%d",
             s->lanes, x_lanes, tile.blocks, tile.rows, tile.columns);
    if (v->dilation[2] > 1 && v->stride[2] == 1)
        strcat(s->options, " -DKW=1 -DSX=1");
    else
        dcl_conv2d_window_options(v, s->options, sizeof s->options);
    const struct dcl_value *packed =
        dcl_conv2d_pack_blocked(s->recorder, c, s->w, s->bias, s->lanes, tile.blocks);
    struct dcl_launch *l =
        dcl_launch(s->recorder, "conv2d_blocked", s->options, "conv2d_f32__blocked");
    arg_dense(l, s, packed);
    dcl_arg_int(l, lead_columns(v, tile.columns));
    const int64_t tiles = c->groups * dcl_ceil_div(out_blocks, tile.blocks);
    return dcl_conv2d_launch_parts(l, s->limits,
                                   dcl_ceil_div(v->out[1], tile.rows) * tiles * c->images);
}

/* Winograd's transforms pay from so many channels on, and where the outputs fill most of their 4 x
 * 4 tiles. */
static bool wants_winograd(const struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    for (int i = 1; i < 3; i++)
        if (v->kernel[i] != 3 || v->stride[i] != 1 || v->dilation[i] != 1)
            return false;
    const int64_t tiles = dcl_ceil_div(v->out[1], 4) * dcl_ceil_div(v->out[2], 4);
    return c->groups == 1 && c->channels >= WINOGRAD_CHANNELS &&
           c->out_channels >= WINOGRAD_CHANNELS && 2 * v->out[1] * v->out[2] >= 16 * tiles &&
           tiles >= 4;
}

/* Tiles of a part, a multiple of the register tile. A part reads all weights: where these stay in
 * the last cache, it is small enough for its transformed input to stay in the second. */
static int64_t winograd_block(const struct dcl_conv2d *c, int64_t tiles, int64_t channels,
                              int columns)
{
    const int64_t point = 36 * (int64_t)sizeof(float) * channels;
    const int64_t bytes =
        point * c->out_channels > WINOGRAD_WEIGHTS ? WINOGRAD_MANY : WINOGRAD_BYTES;
    int64_t block = bytes / point / columns * columns;
    if (block < columns)
        block = columns;
    const int64_t most = dcl_ceil_div(tiles, columns) * columns;
    return block < most ? block : most;
}

/* How often `spans` parts transform their input again to share out the output blocks too: what
 * leaves the least to the busiest compute unit. Transforming costs about one of the `slots`. */
static int64_t winograd_turns(int64_t spans, int64_t slots, int units)
{
    int64_t best = 1, least = INT64_MAX;
    for (int64_t turns = 1; turns <= slots && turns <= 2 * units; turns++) {
        const int64_t cost = dcl_ceil_div(spans * turns, units) * (dcl_ceil_div(slots, turns) + 1);
        if (cost < least) {
            least = cost;
            best = turns;
        }
    }
    return best;
}

static struct dcl_conv2d_choice winograd_model(const struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const int64_t tiles = dcl_ceil_div(c->window.out[1], 4) * dcl_ceil_div(c->window.out[2], 4);
    const int full = s->lanes == 16 ? 14 : 6, half = full / 2 + 1;
    const bool narrow = dcl_ceil_div(tiles, half) * half < dcl_ceil_div(tiles, full) * full;
    const int columns = narrow ? half : full;
    const int64_t channels = dcl_ceil_div(c->channels, s->lanes) * s->lanes;
    return (struct dcl_conv2d_choice){.variant = DCL_CONV2D_WINOGRAD,
                                      .tile = {2, 1, columns},
                                      .span = winograd_block(c, tiles, channels, columns)};
}

static enum detcl_status record_winograd(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    const int64_t tiles = dcl_ceil_div(v->out[1], 4) * dcl_ceil_div(v->out[2], 4);
    const int64_t blocks = dcl_ceil_div(c->channels, s->lanes);
    const int64_t out_blocks = dcl_ceil_div(c->out_channels, s->lanes);
    const int columns = s->choice.tile.columns;
    const int64_t block = s->choice.span;
    const int64_t spans = dcl_ceil_div(tiles, block) * c->images,
                  slots = dcl_ceil_div(out_blocks, 2);
    const int64_t turns = winograd_turns(spans, slots, s->limits->compute_units);
    const int64_t each = dcl_ceil_div(slots, turns), parts = spans * dcl_ceil_div(slots, each);
    const int64_t groups = (int64_t)WINOGRAD_GROUPS * s->limits->compute_units;
    const int64_t share = dcl_ceil_div(parts, groups);
    snprintf(s->options, sizeof s->options, "-DLANES=%d -DOB=2 -DTW=%d", s->lanes, columns);
    const struct dcl_value *packed =
        dcl_conv2d_pack_winograd(s->recorder, c, s->w, s->bias, s->lanes, 2);
    const struct dcl_value *scratch = dcl_workspace(
        s->recorder, DETCL_F32, dcl_ceil_div(parts, share) * 36 * (blocks + 2) * block * s->lanes);
    struct dcl_launch *l =
        dcl_launch(s->recorder, "conv2d_winograd", s->options, "conv2d_f32__winograd");
    dcl_transformed(l);
    arg_operands(l, s, packed);
    dcl_arg_value(l, scratch);
    dcl_arg_int(l, c->channels);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->size[i]);
    dcl_arg_int(l, out_blocks);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->out[i]);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->begin[i]);
    dcl_arg_int(l, block);
    dcl_arg_int(l, each);
    dcl_arg_fused(l, &c->fused);
    dcl_arg_int(l, parts);
    dcl_arg_int(l, share);
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_ceil_div(parts, share)}, (size_t[]){1});
}

static enum detcl_status record_depthwise(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    const bool simd = s->limits->profile == DCL_PROFILE_SIMD;
    const int64_t planes = c->images * dcl_ceil_div(c->channels, s->lanes);
    const int columns = simd ? (v->stride[2] == 1 ? 8 : 4) : 2;
    const int64_t span_x = simd ? v->out[2] : columns;
    const int64_t span_y = simd ? span(s, v->out[1], planes) : 1;
    snprintf(s->options, sizeof s->options, "-DLANES=%d -DTW=%d%s", s->lanes, columns,
             simd ? "" : " -DGPU");
    dcl_conv2d_window_options(v, s->options, sizeof s->options);
    const struct dcl_value *packed =
        dcl_conv2d_pack_depthwise(s->recorder, c, s->w, s->bias, s->lanes);
    struct dcl_launch *l =
        dcl_launch(s->recorder, "conv2d_depthwise", s->options, "conv2d_f32__depthwise");
    arg_operands(l, s, packed);
    dcl_arg_int(l, dcl_ceil_div(c->channels, s->lanes));
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->size[i]);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->out[i]);
    dcl_conv2d_arg_window(l, v);
    dcl_arg_int(l, span_y);
    dcl_arg_int(l, span_x);
    dcl_arg_fused(l, &c->fused);
    const int64_t parts =
        dcl_ceil_div(v->out[2], span_x) * dcl_ceil_div(v->out[1], span_y) * planes;
    if (simd)
        return dcl_conv2d_launch_parts(l, s->limits, parts);
    dcl_arg_int(l, parts);
    dcl_arg_int(l, 1);
    return dcl_grid(l, 1, (size_t[]){(size_t)parts},
                    s->limits->max_work_group >= 64 ? (size_t[]){64} : NULL);
}

/* --- GPUs ---------------------------------------------------------------------------------- */

/* 64 x 64 outputs where that gives every compute unit something to do, else 32 x 32. Sixteen input
 * channels go through local memory at a time. */
static struct dcl_conv2d_gpu_tile choose_gpu_tile(const struct recording *s, int64_t pixels)
{
    const int64_t tiles = dcl_ceil_div(pixels, 64) *
                          dcl_ceil_div(s->c.out_channels / s->c.groups, 64) * s->c.groups *
                          s->c.images;
    const bool large = tiles >= 2 * s->limits->compute_units && s->limits->max_work_group >= 128;
    const int wo = (large ? 8 : 4) / s->lanes, depth = 16 / s->lanes;
    return (struct dcl_conv2d_gpu_tile){.tx = large ? 16 : 8,
                                        .ty = 8,
                                        .wp = 4,
                                        .wo = wo > 1 ? wo : 1,
                                        .depth = depth > 2 ? depth : 2};
}

static enum detcl_status record_tiled(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const int64_t pixels = c->window.out[1] * c->window.out[2];
    const struct dcl_conv2d_gpu_tile t = s->choice.gpu;
    snprintf(s->options, sizeof s->options,
             "-DLANES=%d -DX_LANES=%d -DTX=%d -DTY=%d -DWP=%d -DWO=%d -DDEPTH=%d", s->lanes,
             s->call->in[0]->block, t.tx, t.ty, t.wp, t.wo, t.depth);
    const struct dcl_value *packed =
        dcl_conv2d_pack_tiled(s->recorder, c, s->w, s->bias, s->lanes, t.ty * t.wo, t.depth);
    struct dcl_launch *l = dcl_launch(s->recorder, "conv2d_tiled", s->options, "conv2d_f32__tiled");
    arg_dense(l, s, packed);
    const int64_t out_blocks = dcl_ceil_div(c->out_channels / c->groups, s->lanes);
    const int64_t slots = c->groups * dcl_ceil_div(out_blocks, t.ty * t.wo);
    const size_t global[] = {(size_t)(dcl_ceil_div(pixels, t.tx * t.wp) * t.tx),
                             (size_t)(slots * t.ty), (size_t)c->images};
    return dcl_grid(l, 3, global, (size_t[]){(size_t)t.tx, (size_t)t.ty, 1});
}

/* --- everything ---------------------------------------------------------------------------- */

static enum detcl_status record_generic(struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    const int64_t *const lists[] = {v->kernel, v->stride, v->dilation, v->begin};
    struct dcl_launch *l = dcl_launch(s->recorder, "conv2d_generic", "", "conv2d_f32__generic");
    dcl_arg_value(l, s->call->in[0]);
    dcl_arg_value(l, s->call->in[1]);
    dcl_arg_value(l, dcl_has_in(s->call, 2) ? s->call->in[2] : NULL);
    dcl_arg_value(l, dcl_residual(s->call));
    dcl_arg_value(l, s->call->out[0]);
    dcl_arg_int(l, dcl_has_in(s->call, 2));
    dcl_arg_int(l, c->groups);
    dcl_arg_int(l, c->channels);
    for (int i = 0; i < 3; i++)
        dcl_arg_int(l, v->size[i]);
    dcl_arg_int(l, s->call->in[0]->block);
    dcl_arg_int(l, c->out_channels);
    for (int i = 0; i < 3; i++)
        dcl_arg_int(l, v->out[i]);
    dcl_arg_int(l, s->lanes);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 3; i++)
            dcl_arg_int(l, lists[k][i]);
    dcl_arg_fused(l, &c->fused);
    const size_t global[] = {(size_t)(v->out[0] * v->out[1] * v->out[2]), (size_t)c->out_channels,
                             (size_t)c->images};
    return dcl_grid(l, 3, global, NULL);
}

/* Packed forms need weights that are known now, channels, two dimensions and one layout. */
static bool can_pack(const struct recording *s)
{
    const struct dcl_call *call = s->call;
    const bool fixed = call->in[1]->constant && (!dcl_has_in(call, 2) || call->in[2]->constant);
    const bool same = !dcl_residual(call) || dcl_residual(call)->block == s->lanes;
    return fixed && same && s->c.channels > 0 && s->c.window.kernel[0] == 1 &&
           s->c.window.out[0] == 1 && s->c.window.size[0] == 1;
}

/* Whether one of the kernels with tiles to choose computes it. */
static bool has_tiles(const struct recording *s)
{
    const int x_lanes = s->call->in[0]->block;
    if (!can_pack(s) || (dcl_conv2d_is_depthwise(&s->c) && x_lanes == s->lanes))
        return false;
    if (!is_aligned(&s->c, s->lanes) || (x_lanes != s->lanes && x_lanes != 1))
        return false;
    return s->limits->profile == DCL_PROFILE_SIMD ? s->lanes > 1 : s->limits->max_work_group >= 64;
}

static struct dcl_conv2d_choice model_of(const struct recording *s)
{
    const struct dcl_conv2d *c = &s->c;
    const struct dcl_window *v = &c->window;
    const bool same = s->call->in[0]->block == s->lanes;
    const int64_t out_blocks = dcl_ceil_div(c->out_channels / c->groups, s->lanes);
    if (s->limits->profile != DCL_PROFILE_SIMD)
        return (struct dcl_conv2d_choice){.variant = DCL_CONV2D_TILED,
                                          .gpu = choose_gpu_tile(s, v->out[1] * v->out[2])};
    if (s->limits->winograd && same && wants_winograd(s))
        return winograd_model(s);
    if (same && dcl_conv2d_is_pointwise(c))
        return (struct dcl_conv2d_choice){
            .variant = DCL_CONV2D_POINTWISE,
            .tile = dcl_conv2d_choose_tile(s->lanes, out_blocks, 1, v->out[1] * v->out[2], false)};
    return (struct dcl_conv2d_choice){
        .variant = DCL_CONV2D_BLOCKED,
        .tile = same || out_blocks > 1
                    ? dcl_conv2d_choose_tile(s->lanes, out_blocks, v->out[1], v->out[2], same)
                    : (struct dcl_conv2d_tile){1, 1, s->lanes == 16 ? 28 : 12}};
}

bool dcl_conv2d_model(const struct dcl_call *call, const struct dcl_conv2d *c,
                      const struct dcl_limits *limits, struct dcl_conv2d_choice *out)
{
    const struct recording s = {
        .c = *c, .call = call, .limits = limits, .lanes = call->out[0]->block};
    if (!has_tiles(&s))
        return false;
    *out = model_of(&s);
    return true;
}

enum detcl_status dcl_conv2d_record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct recording s = {
        .call = call, .recorder = r, .limits = dcl_limits(r), .lanes = call->out[0]->block};
    DCL_TRY(call->error, dcl_conv2d_describe(call, &s.c));
    if (!can_pack(&s))
        return record_generic(&s);
    s.w = call->in[1]->constant;
    s.bias = dcl_has_in(call, 2) ? call->in[2]->constant : NULL;
    if (dcl_conv2d_is_depthwise(&s.c) && call->in[0]->block == s.lanes)
        return record_depthwise(&s);
    if (!has_tiles(&s))
        return record_generic(&s);
    s.choice = dcl_conv2d_choose(call, &s.c, r);
    switch (s.choice.variant) {
    case DCL_CONV2D_POINTWISE:
        return record_pointwise(&s);
    case DCL_CONV2D_WINOGRAD:
        return record_winograd(&s);
    case DCL_CONV2D_TILED:
        return record_tiled(&s);
    case DCL_CONV2D_BLOCKED:
        break;
    }
    return record_blocked(&s);
}
