/* conv2d_f32__pointwise: 1 x 1 kernel, stride 1, no padding, on a processor with vectors: a matrix
 * product over the pixels of the plane.
 *
 *   y[n,o,p] = f(bias[o] + sum over c of w[o,c] x[n,c,p])
 *
 * Layout: x, y and residual N, C/LANES, pixels, LANES. Channels are counted within a group; with
 * more than one group their numbers are multiples of LANES. packed: as for conv2d_f32__blocked.
 * Mapping: one work-item a group; a group computes `share` of the `parts`. A part is `span` pixels
 * (the last one fewer) of OB output blocks of one image, in register tiles of TW pixels; parts
 * count pixels fastest, then blocks, groups, images. Build options: LANES, OB, TW. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"

KERNEL_OF_ONE void CHAINED(conv2d_f32__pointwise)(
    TENSOR(const float, x), TENSOR(const float, packed), TENSOR(const float, residual),
    TENSOR(float, y), const int groups, const int channels, const int pixels, const int out_blocks,
    const int span, const int residual_mode, const int kind, const float alpha, const float beta,
    const int parts, const int share PLACED)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    const int tiles = (out_blocks + OB - 1) / OB, blocks = (channels + LANES - 1) / LANES;
    const int spans = (pixels + span - 1) / span, plane = pixels * LANES;
    const int begin = ID(0) * share, end = min(begin + share, parts);
    for (int part = begin; part < end; part++) {
        const int first = modulo(part, spans) * span, last = min(first + span, pixels);
        const int ob = modulo(part / spans, tiles) * OB;
        const int image = part / spans / tiles; /* of one group */
        global const float *bias =
            packed + modulo(part / spans, tiles * groups) * (1 + channels) * OB * LANES;
        for (int pixel = first; pixel < last; pixel += TW) {
            const int count = min(TW, last - pixel);
            global const float *weight = bias + OB * LANES;
            vec acc[OB][PIXELS];
            EACH acc[o][t] = VLOAD(o, bias);
            for (int b = 0; b < blocks; b++) {
                const int lanes = min(LANES, channels - b * LANES);
                global const float *in = x + (image * blocks + b) * plane + pixel * LANES;
                if (count == TW) {
                    MULTIPLY_PIXELS(global, in);
                    continue;
                }
                vec patch[TW];
                for (int t = 0; t < TW; t++)
                    patch[t] = t < count ? VLOAD(t, in) : (vec)0.0f;
                MULTIPLY_PIXELS(private, (float *)patch);
            }
            const int at = (image * out_blocks + ob) * plane + pixel * LANES;
            finish_tile(acc, y + at, residual + at, plane, 0, out_blocks - ob, 1, count,
                        residual_mode, kind, alpha, beta);
        }
    }
}
