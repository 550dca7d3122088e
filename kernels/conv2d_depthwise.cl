/* conv2d_f32__depthwise: one filter a channel, no channels mixed.
 *
 *   y[n,c,i,j] = f(bias[c] + sum over u,v of w[c,u,v] x[n,c, i sy - py + u dy, j sx - px + v dx])
 *
 * Layout: x, y and residual N, C/LANES, H, W, LANES; padded lanes only make padded lanes. packed: for
 * each block LANES biases, then LANES weights a tap.
 * Mapping: work-item (i, j, k) computes columns i x span_x .. and rows j x span_y .. of block k of
 * N x C/LANES, TW pixels at a time; items beyond the image have empty ranges.
 * Build options: LANES, TW; GPU for more than one work-item a group; KW and SX for that kernel width and
 * column stride without dilation, otherwise any window. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"

#ifdef KW
#define PATCH_W ((TW - 1) * SX + KW)
#define ADD_ROW                                                                                    \
    {                                                                                              \
        vec v[PATCH_W];                                                                            \
        if (ix >= 0 && ix + PATCH_W <= width)                                                      \
            UNROLL for (int j = 0; j < PATCH_W; j++) v[j] = VLOAD(j, row);                         \
        else                                                                                       \
            UNROLL for (int j = 0; j < PATCH_W; j++) v[j] =                                        \
                ix + j >= 0 && ix + j < width ? VLOAD(j, row) : (vec)0.0f;                         \
        UNROLL for (int k = 0; k < KW; k++)                                                        \
        {                                                                                          \
            const vec w = VLOAD(k, weight);                                                        \
            EACH_PIXEL acc[0][t] += v[t * SX + k] * w;                                             \
        }                                                                                          \
    }
#else
#define ADD_ROW                                                                                    \
    for (int k = 0; k < kernel_width; k++) {                                                       \
        const vec w = VLOAD(k, weight);                                                            \
        EACH_PIXEL                                                                                 \
        {                                                                                          \
            const int j = t * stride_x + k * dilation_x;                                           \
            if (ix + j >= 0 && ix + j < width)                                                     \
                acc[0][t] += VLOAD(j, row) * w;                                                    \
        }                                                                                          \
    }
#endif
#ifndef GPU
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
kernel void
conv2d_f32__depthwise(TENSOR(const float, x), TENSOR(const float, packed),
                      TENSOR(const float, residual), TENSOR(float, y), const int images,
                      const int blocks, const int height, const int width, const int out_height,
                      const int out_width, const int kernel_height, const int kernel_width,
                      const int stride_y, const int stride_x, const int dilation_y,
                      const int dilation_x, const int pad_top, const int pad_left,
                      const int span_y, const int span_x, const int residual_mode, const int kind,
                      const float alpha, const float beta)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    const int plane = (int)get_global_id(2);
    if (plane >= images * blocks)
        return;
    const int top = (int)get_global_id(1) * span_y, bottom = min(top + span_y, out_height);
    const int left = (int)get_global_id(0) * span_x, right = min(left + span_x, out_width);
    packed += plane % blocks * (1 + kernel_height * kernel_width) * LANES;
    x += plane * height * width * LANES;
    for (int oy = top; oy < bottom; oy++)
        for (int ox = left; ox < right; ox += TW) {
            const int ix = ox * stride_x - pad_left;
            vec acc[1][PIXELS];
            EACH_PIXEL acc[0][t] = VLOAD(0, packed);
            for (int u = 0; u < kernel_height; u++) {
                const int iy = oy * stride_y - pad_top + u * dilation_y;
                if (iy < 0 || iy >= height)
                    continue;
                global const float *row = x + (iy * width + ix) * LANES;
                global const float *weight = packed + (1 + u * kernel_width) * LANES;
                ADD_ROW
            }
            const int at = ((plane * out_height + oy) * out_width + ox) * LANES;
            finish_tile(acc, y + at, residual + at, 0, 0, 1, 1, right - ox, residual_mode, kind,
                        alpha, beta);
        }
}
