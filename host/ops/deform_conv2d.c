/* deform_conv2d: deformable convolution (Dai et al. 2017), with a mask modulated (Zhu et al. 2019).
 * in: x [N, C, H, W], w [O, C / group, kH, kW], offset [N, 2 * offset_group * kH * kW, oH, oW] (y
 * and x of each tap in turn), optional bias [O], optional mask [N, offset_group * kH * kW, oH, oW].
 *   y[n, o, p] = bias[o] + sum over c, tap of w[o, c, tap] * mask * x[n, c](position of tap at p)
 * Between pixels x is interpolated, outside it is 0; NaN and infinite positions sample nothing. */
#include "core/simd.h"
#include "core/transpose.h"
#include "ops/deform.h"
#include "ops/typed.h"

#include <stdio.h>
#include <string.h>

enum { X, W, OFFSET, BIAS, MASK };

#define VECTORS 2  /* a tile of deform_conv2d__simd is this many vectors of outputs wide */
#define SUBTILES 4 /* and this many register tiles high */

static const struct dcl_attr_spec specs[] = {DCL_DEFORM_SPECS};

static const struct dcl_onnx_name onnx[] = {{"DeformConv", ""}, {NULL, NULL}};

#define PIXELS 16 /* that the twin samples before it multiplies */
#define ROWS 4    /* pixels and outputs whose sums are kept in registers */
#define OUTPUTS 32

/* The twin's workspace. */
struct spaces {
    double *columns; /* [PIXELS][taps][C] */
    float *last;     /* an image with its channels last, and a pixel of zeros */
    float *weights;  /* [groups][blocks][taps][C / groups][OUTPUTS] */
    int64_t blocks;  /* of OUTPUTS, in a group */
    size_t bytes;
};

static struct spaces spaces_of(const struct dcl_deform *d, void *base)
{
    struct spaces s = {.columns = base, .blocks = (d->group_outputs + OUTPUTS - 1) / OUTPUTS};
    const int64_t columns = PIXELS * d->taps * d->channels;
    const int64_t last = (d->in_pixels + 1) * d->channels;
    const int64_t weights = s.blocks * d->taps * d->channels * OUTPUTS;
    s.bytes = (size_t)columns * sizeof *s.columns + (size_t)(last + weights) * sizeof *s.last;
    if (base) {
        s.last = (float *)(void *)(s.columns + columns);
        s.weights = s.last + last;
    }
    return s;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    if (dcl_has_in(call, BIAS) &&
        (call->in[BIAS]->desc.rank != 1 || DCL_DIM(call->in[BIAS], 0) != d.out_channels))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the bias must have %lld elements",
                             (long long)d.out_channels);
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32,
                            .rank = 4,
                            .dims = {d.images, d.out_channels, d.window.out[1], d.window.out[2]}};
    call->cpu_workspace = spaces_of(&d, NULL).bytes;
    return DETCL_OK;
}

static void pack_weights(const struct dcl_deform *d, const struct spaces *s)
{
    const int64_t depth = d->group_channels * d->taps;
    float *to = s->weights;
    for (int64_t block = 0; block < d->groups * s->blocks; block++)
        for (int64_t tap = 0; tap < d->taps; tap++)
            for (int64_t c = 0; c < d->group_channels; c++)
                for (int64_t o = 0; o < OUTPUTS; o++) {
                    const int64_t in_group = block % s->blocks * OUTPUTS + o;
                    const int64_t out = block / s->blocks * d->group_outputs + in_group;
                    *to++ = in_group < d->group_outputs
                                ? ((const float *)d->w->data)[out * depth + c * d->taps + tap]
                                : 0;
                }
}

DCL_VECTORISED static void sample_channels(const float *const corner[4], const double weight[4],
                                           double mask, int64_t channels, double *restrict column)
{
    for (int64_t c = 0; c < channels; c++)
        column[c] = mask * (weight[0] * (double)corner[0][c] + weight[1] * (double)corner[1][c] +
                            weight[2] * (double)corner[2][c] + weight[3] * (double)corner[3][c]);
}

/* out = the columns of ROWS pixels times a block of weights. Four arrays with one loop over them
 * stay in registers. */
DCL_VECTORISED static void multiply(const float *w, const double *columns,
                                    const struct dcl_deform *d, double out[ROWS][OUTPUTS])
{
    const int64_t step = d->taps * d->channels;
    double a0[OUTPUTS] = {0}, a1[OUTPUTS] = {0}, a2[OUTPUTS] = {0}, a3[OUTPUTS] = {0};
    for (int64_t tap = 0; tap < d->taps; tap++)
        for (int64_t c = 0; c < d->group_channels; c++, w += OUTPUTS) {
            const double *x = columns + tap * d->channels + c;
            const double x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];
            for (int o = 0; o < OUTPUTS; o++) {
                a0[o] += x0 * (double)w[o];
                a1[o] += x1 * (double)w[o];
                a2[o] += x2 * (double)w[o];
                a3[o] += x3 * (double)w[o];
            }
        }
    memcpy(out[0], a0, sizeof a0);
    memcpy(out[1], a1, sizeof a1);
    memcpy(out[2], a2, sizeof a2);
    memcpy(out[3], a3, sizeof a3);
}

/* What the taps of output pixel p see: column [taps][C]. */
static void sample_pixel(const struct dcl_deform *d, const struct spaces *s, int64_t n, int64_t p,
                         double *column)
{
    for (int64_t part = 0; part < d->offset_groups; part++)
        for (int64_t tap = 0; tap < d->taps; tap++) {
            float mask;
            const struct dcl_around around = dcl_deform_around(d, n, part, tap, p, &mask);
            const int64_t first = part * d->offset_channels;
            const float *corner[4];
            for (int k = 0; k < 4; k++)
                corner[k] = s->last + first +
                            (around.at[k] < 0 ? d->in_pixels : around.at[k]) * d->channels;
            sample_channels(corner, around.weight, (double)mask, d->offset_channels,
                            column + tap * d->channels + first);
        }
}

/* One tile: the columns of up to PIXELS pixels of image n from p on, times all weights. */
static void run_tile(const struct dcl_call *call, const struct dcl_deform *d,
                     const struct spaces *s, int64_t n, int64_t p)
{
    const float *bias = dcl_has_in(call, BIAS) ? call->in[BIAS]->data : NULL;
    const int64_t depth = d->taps * d->channels;
    const int64_t there = d->pixels - p < PIXELS ? d->pixels - p : PIXELS;
    for (int64_t i = 0; i < there; i++)
        sample_pixel(d, s, n, p + i, s->columns + i * depth);
    for (int64_t i = there * depth; i < PIXELS * depth; i++)
        s->columns[i] = 0;
    for (int64_t block = 0; block < d->groups * s->blocks; block++) {
        const int64_t group = block / s->blocks, from = block % s->blocks * OUTPUTS;
        const int64_t some = d->group_outputs - from < OUTPUTS ? d->group_outputs - from : OUTPUTS;
        for (int64_t i = 0; i < there; i += ROWS) {
            double sum[ROWS][OUTPUTS];
            multiply(s->weights + block * d->taps * d->group_channels * OUTPUTS,
                     s->columns + i * depth + group * d->group_channels, d, sum);
            for (int64_t o = 0; o < some; o++) {
                const int64_t out = group * d->group_outputs + from + o;
                float *y =
                    (float *)call->out[0]->data + (n * d->out_channels + out) * d->pixels + p;
                for (int64_t k = 0; k < ROWS && i + k < there; k++)
                    y[i + k] = (float)(sum[k][o] + (bias ? (double)bias[out] : 0));
            }
        }
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    const struct spaces s = spaces_of(&d, call->workspace);
    pack_weights(&d, &s);
    for (int64_t n = 0; n < d.images; n++) {
        dcl_transpose((const float *)d.x->data + n * d.channels * d.in_pixels, d.in_pixels,
                      d.channels, d.in_pixels, s.last, d.channels);
        for (int64_t c = 0; c < d.channels; c++)
            s.last[d.in_pixels * d.channels + c] = 0;
        for (int64_t p = 0; p < d.pixels; p += PIXELS)
            run_tile(call, &d, &s, n, p);
    }
    return DETCL_OK;
}

/* --- processors with vectors -------------------------------------------------------------------
 */

/* Tiles of a call: `rows` pixels in registers, `tile` in a work-item, `width` outputs. */
struct tiles {
    int64_t lanes, rows, tile, width, count, blocks;
    int64_t x_stride; /* floats a pixel has in the channels-last copy of x */
    char options[96];
};

static struct tiles tiles_of(const struct dcl_deform *d, int lanes)
{
    struct tiles t = {.lanes = lanes, .rows = lanes >= 16 ? 12 : 6, .width = VECTORS * lanes};
    t.tile = t.rows * SUBTILES;
    t.count = (d->pixels + t.tile - 1) / t.tile;
    t.blocks = (d->group_outputs + t.width - 1) / t.width;
    /* A vector may begin at any group's first channel and reach past the last. */
    const bool split = d->groups > 1 || d->offset_groups > 1;
    t.x_stride = ((d->channels + lanes - 1) / lanes + split) * lanes;
    snprintf(t.options, sizeof t.options, "-DLANES=%d -DROWS=%d -DVECTORS=%d -DSUBTILES=%d", lanes,
             (int)t.rows, VECTORS, SUBTILES);
    return t;
}

/* x with its channels last and a pixel of zeros after each image. */
static const struct dcl_value *
record_channels_last(struct dcl_recorder *r, const struct dcl_deform *d, const struct tiles *t)
{
    const struct dcl_value *to =
        dcl_workspace(r, DETCL_F32, d->images * (d->in_pixels + 1) * t->x_stride);
    struct dcl_launch *l = dcl_launch(r, "deform_simd", t->options, "deform_channels_last");
    dcl_arg_value(l, d->x);
    dcl_arg_value(l, to);
    dcl_arg_int(l, d->channels);
    dcl_arg_int(l, d->in_pixels);
    dcl_arg_int(l, t->x_stride);
    dcl_grid(
        l, 3,
        (size_t[]){(size_t)d->in_pixels + 1, (size_t)(t->x_stride / t->lanes), (size_t)d->images},
        NULL);
    return to;
}

static const struct dcl_value *record_weights(struct dcl_recorder *r, const struct dcl_deform *d,
                                              const struct tiles *t)
{
    const int64_t depth = d->taps * d->group_channels;
    const struct dcl_value *to =
        dcl_workspace(r, DETCL_F32, d->groups * t->blocks * depth * t->width);
    struct dcl_launch *l = dcl_launch(r, "deform_simd", t->options, "deform_pack_weights");
    dcl_arg_value(l, d->w);
    dcl_arg_value(l, to);
    dcl_arg_int(l, d->group_channels);
    dcl_arg_int(l, d->group_outputs);
    dcl_arg_int(l, d->taps);
    dcl_grid(l, 3, (size_t[]){(size_t)depth, (size_t)t->blocks, (size_t)d->groups}, NULL);
    return to;
}

static enum detcl_status record_simd(const struct dcl_call *call, const struct dcl_deform *d,
                                     struct dcl_recorder *r)
{
    const struct tiles t = tiles_of(d, dcl_limits(r)->block);
    const struct dcl_value *x = record_channels_last(r, d, &t), *w = record_weights(r, d, &t);
    const struct dcl_value *sums =
        dcl_workspace(r, DETCL_F32, d->images * d->groups * t.count * t.blocks * t.tile * t.width);
    struct dcl_launch *l = dcl_launch(r, "deform_simd", t.options, "deform_conv2d__simd");
    dcl_arg_value(l, x);
    dcl_arg_value(l, w);
    dcl_arg_value(l, d->offset);
    dcl_arg_value(l, d->mask);
    dcl_arg_value(l, sums);
    dcl_deform_args(l, d);
    dcl_arg_int(l, d->mask != NULL);
    dcl_arg_int(l, t.x_stride);
    dcl_grid(l, 3, (size_t[]){(size_t)t.count, (size_t)d->groups, (size_t)d->images},
             (size_t[]){1, 1, 1});
    l = dcl_launch(r, "deform_simd", t.options, "deform_spread");
    const struct dcl_value *bias = dcl_has_in(call, BIAS) ? call->in[BIAS] : NULL;
    dcl_arg_value(l, sums);
    dcl_arg_value(l, bias);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, d->pixels);
    dcl_arg_int(l, d->groups);
    dcl_arg_int(l, d->group_outputs);
    dcl_arg_int(l, bias != NULL);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)d->pixels, (size_t)(t.blocks * VECTORS),
                               (size_t)(d->images * d->groups)},
                    NULL);
}

/* --- local tiles -------------------------------------------------------------------------------
 */

static enum detcl_status record_tiled(const struct dcl_call *call, const struct dcl_deform *d,
                                      struct dcl_recorder *r)
{
    const size_t side = dcl_limits(r)->max_work_group >= 256 ? 16 : 8, tile = 4 * side;
    const struct dcl_value *bias = dcl_has_in(call, BIAS) ? call->in[BIAS] : NULL;
    char options[32];
    snprintf(options, sizeof options, "-DSIDE=%zu", side);
    struct dcl_launch *l = dcl_launch(r, "deform_tiled", options, "deform_conv2d__tiled");
    dcl_arg_value(l, d->x);
    dcl_arg_value(l, d->w);
    dcl_arg_value(l, d->offset);
    dcl_arg_value(l, d->mask);
    dcl_arg_value(l, bias);
    dcl_arg_value(l, call->out[0]);
    dcl_deform_args(l, d);
    dcl_arg_int(l, d->mask != NULL);
    dcl_arg_int(l, bias != NULL);
    return dcl_grid(l, 3,
                    (size_t[]){((size_t)d->pixels + tile - 1) / tile * side,
                               ((size_t)d->group_outputs + tile - 1) / tile * side,
                               (size_t)(d->images * d->groups)},
                    (size_t[]){side, side, 1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    if (dcl_limits(r)->profile == DCL_PROFILE_SIMD && d.channels > 0)
        return record_simd(call, &d, r);
    return record_tiled(call, &d, r);
}

const struct dcl_op dcl_op_deform_conv2d = {
    .name = "deform_conv2d",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_deform_attrs),
    .min_in = 3,
    .max_in = 5,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 5e-5f,
    .source = "ONNX DeformConv; torchvision.ops.deform_conv2d; Dai et al. 2017, Zhu et al. 2019",
    .limits = "two spatial dimensions",
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_deform_conv2d(struct detcl_context *ctx,
                                      const struct detcl_deform_conv2d_params *params,
                                      struct detcl_tensor *x, struct detcl_tensor *w,
                                      struct detcl_tensor *offset, struct detcl_tensor *mask,
                                      struct detcl_tensor *bias, struct detcl_tensor *y,
                                      const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct dcl_deform_attrs attrs = dcl_deform_attrs_of(params);
    return DCL_CALL_OP(ctx, deform_conv2d, &attrs, sync, DCL_TENSORS(x, w, offset, bias, mask),
                       DCL_TENSORS(y));
}
