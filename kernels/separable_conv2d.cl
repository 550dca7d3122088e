/* separable_conv2d_f32: a depthwise convolution and the 1 x 1 convolution that reads it, on a
 * processor with vectors.
 *
 *   h[n,c,i,j] = g(bias[c] + sum over u,v of w[c,u,v] x[n,c, i sy - py + u dy, j sx - px + v dx])
 *   y[n,o,i,j] = f(bias[o] + sum over c of k[o,c] h[n,c,i,j])
 *
 * Layout: x N, C/LANES, H, W, LANES; y and residual N, O/LANES, out pixels, LANES, or y N, out
 * pixels, O with CHANNELS_LAST. depth_packed:
 * for each block LANES biases, then LANES weights a tap; point_packed: as for conv2d_f32__blocked.
 * scratch: `room` pixels of every block and TW more for each work-group, which holds its rows of h
 * only as long as they are in a cache.
 * Mapping: one work-item a group; a group computes `share` of the `parts`. A part is `rows` rows of
 * one image (the last one fewer); parts count rows fastest, then images. Build options: LANES, OB,
 * TW; DEPTH_TW, the pixels of h made together; KW and SX as for conv2d_f32__depthwise. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"

#include "conv2d_taps.h"

/* The first `count` pixels of a tile of h. */
static void store_depth(vec acc[DEPTH_TW], global float *to, const int count, const int kind,
                        const float alpha, const float beta)
{
    if (kind <= 1 && count >= DEPTH_TW) {
        const vec low = kind ? 0.0f : -INFINITY;
        UNROLL for (int t = 0; t < DEPTH_TW; t++) STORE(acc[t] < low ? low : acc[t], t, to);
        return;
    }
    if (kind == 2 && count >= DEPTH_TW) {
        UNROLL for (int t = 0; t < DEPTH_TW; t++) STORE(LEAKY(acc[t]), t, to);
        return;
    }
    if (kind == 3 && count >= DEPTH_TW) {
        UNROLL for (int t = 0; t < DEPTH_TW; t++) STORE(CLIPPED(acc[t]), t, to);
        return;
    }
    vec v[DEPTH_TW];
    UNROLL for (int t = 0; t < DEPTH_TW; t++) v[t] = acc[t];
    for (int t = 0; t < min(count, DEPTH_TW); t++)
        STORE(activate_fast(kind, alpha, beta, v[t]), t, to);
}

/* The tile's first `count` pixels, `step` floats apart, of which `channels` are left to store. */
static void finish_last(vec acc[OB][PIXELS], global float *y, const int step, const int channels,
                        const int count, const int kind, const float alpha, const float beta)
{
    vec v[OB * PIXELS];
    EACH v[o * PIXELS + t] = acc[o][t];
    for (int t = 0; t < min(count, PIXELS); t++)
        for (int o = 0; o < OB; o++) {
            float lane[LANES];
            VSTORE(activate_fast(kind, alpha, beta, v[o * PIXELS + t]), 0, lane);
            for (int l = 0; l < min(LANES, channels - o * LANES); l++)
                y[t * step + o * LANES + l] = lane[l];
        }
}

KERNEL_OF_ONE void CHAINED(separable_conv2d_f32)(
    TENSOR(const float, x), TENSOR(const float, depth_packed), TENSOR(const float, point_packed),
    TENSOR(const float, residual), TENSOR(float, scratch), TENSOR(float, y), const int channels,
    const int height, const int width, const int out_channels, const int out_height,
    const int out_width, const int kernel_height, const int kernel_width, const int stride_y,
    const int stride_x, const int dilation_y, const int dilation_x, const int pad_top,
    const int pad_left, const int depth_kind, const float depth_alpha, const float depth_beta,
    const int rows, const int residual_mode, const int kind, const float alpha, const float beta,
    const int parts, const int share PLACED)
{
    OPEN(x);
    OPEN(depth_packed);
    OPEN(point_packed);
    OPEN(residual);
    OPEN(scratch);
    OPEN(y);
    const int out_blocks = (out_channels + LANES - 1) / LANES;
    const int blocks = (channels + LANES - 1) / LANES, strips = (out_height + rows - 1) / rows;
    const int room = rows * out_width, plane = out_height * out_width * LANES;
    const int group = ID(0);
    scratch += (long)group * (blocks * room + TW) * LANES;
    for (int part = group * share; part < min((group + 1) * share, parts); part++) {
        const int image = part / strips, top = modulo(part, strips) * rows;
        const int bottom = min(top + rows, out_height), pixels = (bottom - top) * out_width;
        for (int b = 0; b < blocks; b++) {
            global const float *bias =
                depth_packed + b * (1 + kernel_height * kernel_width) * LANES;
            global const float *in = x + (image * blocks + b) * height * width * LANES;
            global float *to = scratch + b * room * LANES;
            for (int oy = top; oy < bottom; oy++, to += out_width * LANES)
                for (int ox = 0; ox < out_width; ox += DEPTH_TW) {
                    vec acc[DEPTH_TW];
                    UNROLL for (int t = 0; t < DEPTH_TW; t++) acc[t] = VLOAD(0, bias);
                    add_window(acc, in, bias + LANES, height, width, kernel_height, kernel_width,
                               stride_x, dilation_y, dilation_x, oy * stride_y - pad_top,
                               ox * stride_x - pad_left);
                    store_depth(acc, to + ox * LANES, out_width - ox, depth_kind, depth_alpha,
                                depth_beta);
                }
        }
        for (int ob = 0; ob < out_blocks; ob += OB) {
            global const float *bias = point_packed + ob * (1 + channels) * LANES;
            for (int pixel = 0; pixel < pixels; pixel += TW) {
                global const float *weight = bias + OB * LANES;
                vec acc[OB][PIXELS];
                EACH acc[o][t] = VLOAD(o, bias);
                for (int b = 0; b < blocks; b++) {
                    const int lanes = min(LANES, channels - b * LANES);
                    MULTIPLY_PIXELS(global, scratch + (b * room + pixel) * LANES);
                }
#ifdef CHANNELS_LAST
                const int at = image * out_height * out_width + top * out_width + pixel;
                finish_last(acc, y + (long)at * out_channels + ob * LANES, out_channels,
                            out_channels - ob * LANES, pixels - pixel, kind, alpha, beta);
#else
                const int at =
                    (image * out_blocks + ob) * plane + (top * out_width + pixel) * LANES;
                finish_tile(acc, y + at, residual + at, plane, 0, out_blocks - ob, 1,
                            pixels - pixel, residual_mode, kind, alpha, beta);
#endif
            }
        }
    }
}
