/* deform_conv2d: deformable convolution (Dai et al. 2017), with a mask modulated (Zhu et al. 2019).
 * in: x [N, C, H, W], w [O, C / group, kH, kW], offset [N, 2 * offset_group * kH * kW, oH, oW] (y
 * and x of each tap in turn), optional bias [O], optional mask [N, offset_group * kH * kW, oH, oW].
 *   y[n, o, p] = bias[o] + sum over c, tap of w[o, c, tap] * mask * x[n, c](position of tap at p)
 * Between pixels x is interpolated, outside it is 0; NaN and infinite positions sample nothing. */
#include "ops/deform.h"
#include "ops/typed.h"

#include <stdio.h>

enum { X, W, OFFSET, BIAS, MASK };

#define VECTORS 2  /* a tile of deform_conv2d__simd is this many vectors of outputs wide */
#define SUBTILES 4 /* and this many register tiles high */

static const struct dcl_attr_spec specs[] = {DCL_DEFORM_SPECS};

static const struct dcl_onnx_name onnx[] = {{"DeformConv", ""}, {NULL, NULL}};

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
    call->cpu_workspace = (size_t)(d.channels * d.taps) * sizeof(double);
    return DETCL_OK;
}

/* What the taps of output pixel p see: [C][taps]. */
static void sample_pixel(const struct dcl_deform *d, int64_t n, int64_t p, double *column)
{
    for (int64_t c = 0; c < d->channels; c++) {
        const float *plane = (const float *)d->x->data + (n * d->channels + c) * d->in_pixels;
        for (int64_t tap = 0; tap < d->taps; tap++) {
            float mask;
            const struct dcl_around around =
                dcl_deform_around(d, n, c / d->offset_channels, tap, p, &mask);
            *column++ = (double)mask * dcl_sum_around(plane, around.at, around.weight);
        }
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    const float *bias = dcl_has_in(call, BIAS) ? call->in[BIAS]->data : NULL;
    const int64_t depth = d.group_channels * d.taps;
    double *column = call->workspace;
    for (int64_t n = 0; n < d.images; n++)
        for (int64_t p = 0; p < d.pixels; p++) {
            sample_pixel(&d, n, p, column);
            for (int64_t o = 0; o < d.out_channels; o++) {
                const float *w = (const float *)d.w->data + o * depth;
                const double *seen = column + o / d.group_outputs * depth;
                double sum = bias ? (double)bias[o] : 0;
                for (int64_t k = 0; k < depth; k++)
                    sum += (double)w[k] * seen[k];
                ((float *)call->out[0]->data)[(n * d.out_channels + o) * d.pixels + p] = (float)sum;
            }
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
