/* conv2d_f32__depthwise: one filter a channel, no channels mixed.
 *
 *   y[n,c,i,j] = f(bias[c] + sum over u,v of w[c,u,v] x[n,c, i sy - py + u dy, j sx - px + v dx])
 *
 * Layout: x, y and residual N, C/LANES, H, W, LANES; padded lanes only make padded lanes. packed:
 * for each block LANES biases, then LANES weights a tap.
 * Mapping: a part is `span_y` rows and `span_x` columns of one plane (a block of an image), TW
 * pixels at a time; parts count columns fastest, then rows, planes. One work-item a group computes
 * `share` of the `parts`; with GPU an item computes one part, and items beyond `parts` nothing.
 * Build options: LANES, TW; GPU for more than one work-item a group; KW and SX for that kernel
 * width and column stride without dilation, otherwise any window. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"
#define DEPTH_TW TW
#include "conv2d_taps.h"

#ifdef GPU
KERNEL void
#else
KERNEL_OF_ONE void
#endif
CHAINED(conv2d_f32__depthwise)(TENSOR(const float, x), TENSOR(const float, packed),
                               TENSOR(const float, residual), TENSOR(float, y), const int blocks,
                               const int height, const int width, const int out_height,
                               const int out_width, const int kernel_height, const int kernel_width,
                               const int stride_y, const int stride_x, const int dilation_y,
                               const int dilation_x, const int pad_top, const int pad_left,
                               const int span_y, const int span_x, const int residual_mode,
                               const int kind, const float alpha, const float beta, const int parts,
                               const int share PLACED)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    const int across = (out_width + span_x - 1) / span_x, down = (out_height + span_y - 1) / span_y;
    const int begin = ID(0) * share, end = min(begin + share, parts);
    for (int part = begin; part < end; part++) {
        const int plane = part / across / down;
        const int top = modulo(part / across, down) * span_y;
        const int left = modulo(part, across) * span_x;
        const int bottom = min(top + span_y, out_height), right = min(left + span_x, out_width);
        global const float *bias =
            packed + modulo(plane, blocks) * (1 + kernel_height * kernel_width) * LANES;
        for (int oy = top; oy < bottom; oy++)
            for (int ox = left; ox < right; ox += TW) {
                vec acc[1][PIXELS];
                EACH_PIXEL acc[0][t] = VLOAD(0, bias);
                add_window(acc[0], x + plane * height * width * LANES, bias + LANES, height, width,
                           kernel_height, kernel_width, stride_x, dilation_y, dilation_x,
                           oy * stride_y - pad_top, ox * stride_x - pad_left);
                const int at = ((plane * out_height + oy) * out_width + ox) * LANES;
                finish_tile(acc, y + at, residual + at, 0, 0, 1, 1, right - ox, residual_mode, kind,
                            alpha, beta);
            }
    }
}
