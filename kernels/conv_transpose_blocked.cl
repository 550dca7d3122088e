/* conv_transpose_f32__blocked: transposed convolution of two spatial dimensions on a processor with
 * vectors, one small convolution for each phase of the stride.
 *
 *   y[n,o,j] = f(bias[o] + sum over c, k, i with j = i s + k d - p of w[c,o,k] x[n,c,i])
 *
 * Outputs that are a stride apart take the same taps (one of `tap_step` neighbours along an axis),
 * and these read inputs that are neighbours: the register tile of a convolution, whose pixels are
 * stored a stride apart.
 * Layout: x, y and residual N, C/LANES, H, W, LANES. Channels are counted within a group; with more
 * than one group their numbers are multiples of LANES. packed: for each tile of OB output blocks
 * OB x LANES biases, then for each block of input channels, tap and real channel OB x LANES
 * weights. Mapping: one work-item a group; a group computes `share` of the `parts`. A part is a row
 * of OB output blocks of one image; parts count rows fastest, then blocks, groups, images. Its
 * phases come one after the other in tiles of TH pixels. Build options: LANES, OB, TH. */
#pragma OPENCL FP_CONTRACT ON
#define TW 1
#include "conv2d_tile.h"

/* The first of `step` taps that reaches the padded output position `at`; `taps` when none does. */
static int first_tap(const int at, const int taps, const int step, const int stride,
                     const int dilation)
{
    for (int k = 0; k < step; k++)
        if ((at - k * dilation) / stride * stride == at - k * dilation)
            return k;
    return taps;
}

KERNEL_OF_ONE void CHAINED(conv_transpose_f32__blocked)(
    TENSOR(const float, x), TENSOR(const float, packed), TENSOR(const float, residual),
    TENSOR(float, y), const int groups, const int channels, const int height, const int width,
    const int out_blocks, const int out_height, const int out_width, const int kernel_height,
    const int kernel_width, const int stride_y, const int stride_x, const int dilation_y,
    const int dilation_x, const int pad_top, const int pad_left, const int tap_step_y,
    const int tap_step_x, const int residual_mode, const int kind, const float alpha,
    const float beta, const int parts, const int share PLACED)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    const int tiles = (out_blocks + OB - 1) / OB, blocks = (channels + LANES - 1) / LANES;
    const int taps = kernel_height * kernel_width, plane = out_height * out_width * LANES;
    const int begin = GROUP_ID(0) * share, end = min(begin + share, parts);
    for (int part = begin; part < end; part++) {
        const int oy = modulo(part, out_height), ob = modulo(part / out_height, tiles) * OB;
        const int image = part / out_height / tiles; /* of one group */
        global const float *bias =
            packed + modulo(part / out_height, tiles * groups) * (1 + channels * taps) * OB * LANES;
        const int first_u =
            first_tap(oy + pad_top, kernel_height, tap_step_y, stride_y, dilation_y);
        for (int phase = 0; phase < min(stride_x, out_width); phase++) {
            const int first_v =
                first_tap(phase + pad_left, kernel_width, tap_step_x, stride_x, dilation_x);
            for (int ox = phase; ox < out_width; ox += TH * stride_x) {
                vec acc[OB][PIXELS];
                EACH acc[o][t] = VLOAD(o, bias);
                for (int b = 0; b < blocks; b++) {
                    const int lanes = min(LANES, channels - b * LANES);
                    global const float *in = x + (image * blocks + b) * height * width * LANES;
                    for (int u = first_u; u < kernel_height; u += tap_step_y) {
                        const int iy = (oy + pad_top - u * dilation_y) / stride_y;
                        if (iy < 0 || iy >= height)
                            continue;
                        for (int v = first_v; v < kernel_width; v += tap_step_x) {
                            const int ix = (ox + pad_left - v * dilation_x) / stride_x;
                            global const float *row = in + (iy * width + ix) * LANES;
                            global const float *weight =
                                bias + (1 + b * LANES * taps + (u * kernel_width + v) * lanes) *
                                           OB * LANES;
                            if (ix >= 0 && ix + PIXELS <= width) {
                                MULTIPLY_PIXELS(global, row);
                                continue;
                            }
                            vec patch[PIXELS];
                            EACH_PIXEL patch[t] =
                                ix + t >= 0 && ix + t < width ? VLOAD(t, row) : (vec)0.0f;
                            MULTIPLY_PIXELS(private, (float *)patch);
                        }
                    }
                }
                const int at = (image * out_blocks + ob) * plane + (oy * out_width + ox) * LANES;
                finish_tile(acc, y + at, residual + at, plane, stride_x, out_blocks - ob,
                            (out_width - ox + stride_x - 1) / stride_x, 1, residual_mode, kind,
                            alpha, beta);
            }
        }
    }
}
