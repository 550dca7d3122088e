/* conv2d_f32__blocked: any dense or block-aligned grouped convolution on a processor with vectors.
 *
 *   y[n,o,i,j] = f(bias[o] + sum over c,u,v of
 *                  w[o,c,u,v] x[n,c, i sy - py + u dy, j sx - px + v dx])
 *
 * Layout: y and residual N, O/LANES, H, W, LANES; x the same with X_LANES = LANES, or NCHW with
 * X_LANES = 1. Channels are counted within a group; with more than one group their numbers are
 * multiples of LANES. packed: for each tile of OB output blocks OB x LANES biases, then for each
 * block of input channels, tap row, tap and real channel OB x LANES weights.
 * Mapping: one work-item a group; a group computes `share` of the `parts`. A part is TH rows of OB
 * output blocks of one image, in register tiles of TH x TW pixels; parts count rows fastest, then
 * blocks, groups, images. Input rows are staged in private memory with zeros outside the image, so
 * all tiles run the same multiplication; tiles inside the image read x directly, and taps that lie
 * outside it altogether are left out. The first tile of a row has `lead` columns, so that tiles end
 * where dilated taps begin to reach into the image.
 * Build options: LANES, X_LANES, OB, TH (1 with X_LANES 1), TW; KW and SX for that kernel width and
 * column stride without dilation (KW 1: any window of that stride, tap by tap), otherwise every
 * window is done tap by tap. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"

#ifdef KW
#define DIRECT
#define STEP 1 /* columns of x from one staged column to the next */
#else
#define KW 1
#define SX 1
#define STEP stride_x
#endif
#define PATCH_W ((TW - 1) * SX + KW)
/* The column of pixel t where the rows of a tile are `pitch` columns apart. */
#define COLUMN(t, pitch) ((t) / TW * (pitch) + (t) % TW * SX)
#if X_LANES == 1
#define AT(column, c) ((c)*TH * PATCH_W + (column))
#else
#define AT(column, c) ((column)*LANES + (c))
#endif

/* acc += weights x one row of taps; `space` is where the rows of x live, `pitch` columns apart, and
 * channels are `next` floats apart. With one output block each pixel that was read serves all taps
 * of the row: loads would bound the loop otherwise. */
#if OB == 1
#define MULTIPLY(space, row, pitch, next)                                                          \
    for (int c = 0; c < lanes; c++) {                                                              \
        const space float *p = (row) + c * (next);                                                 \
        vec k[KW];                                                                                 \
        UNROLL for (int v = 0; v < KW; v++) k[v] = VLOAD(v * lanes + c, weight);                   \
        EACH_PIXEL UNROLL for (int v = 0; v < KW; v++) acc[0][t] +=                                \
            p[AT(COLUMN(t, pitch) + v, 0)] * k[v];                                                 \
    }
#else
#define MULTIPLY(space, row, pitch, next)                                                          \
    for (int v = 0; v < KW; v++) {                                                                 \
        const space float *p = (row) + AT(v, 0);                                                   \
        for (int c = 0; c < lanes; c++, p += (next), weight += OB * LANES) {                       \
            vec k[OB];                                                                             \
            UNROLL for (int o = 0; o < OB; o++) k[o] = VLOAD(o, weight);                           \
            EACH_PIXEL UNROLL for (int o = 0; o < OB; o++) acc[o][t] +=                            \
                p[AT(COLUMN(t, pitch), 0)] * k[o];                                                 \
        }                                                                                          \
    }
#endif

/* TH rows of x from (iy, ix), `row_step` apart, into patch; zero outside the image. `in` is the
 * first channel (block). */
static void stage(vec *patch, global const float *in, const int lanes, const int height,
                  const int width, const int iy, const int ix, const int row_step, const int step)
{
    for (int r = 0; r < TH; r++) {
        const int y = iy + r * row_step;
        const int row_exists = y >= 0 && y < height;
#if X_LANES == 1
        for (int c = 0; c < lanes; c++)
            for (int j = 0; j < PATCH_W; j++) {
                const int x = ix + j * step;
                ((float *)patch)[AT(r * PATCH_W + j, c)] =
                    row_exists && x >= 0 && x < width ? in[(c * height + y) * width + x] : 0.0f;
            }
#else
        global const float *row = in + (y * width + ix) * LANES;
        vec *to = patch + r * PATCH_W;
        if (row_exists && ix >= 0 && ix + (PATCH_W - 1) * step < width)
            UNROLL for (int j = 0; j < PATCH_W; j++) to[j] = VLOAD(j * step, row);
        else
            UNROLL for (int j = 0; j < PATCH_W; j++)
            {
                const int x = ix + j * step;
                to[j] = row_exists && x >= 0 && x < width ? VLOAD(j * step, row) : (vec)0.0f;
            }
#endif
    }
}

KERNEL_OF_ONE void CHAINED(conv2d_f32__blocked)(
    TENSOR(const float, x), TENSOR(const float, packed), TENSOR(const float, residual),
    TENSOR(float, y), const int groups, const int channels, const int height, const int width,
    const int out_blocks, const int out_height, const int out_width, const int kernel_height,
    const int kernel_width, const int stride_y, const int stride_x, const int dilation_y,
    const int dilation_x, const int pad_top, const int pad_left, const int residual_mode,
    const int kind, const float alpha, const float beta, const int lead, const int parts,
    const int share PLACED)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    const int tiles = (out_blocks + OB - 1) / OB, blocks = (channels + LANES - 1) / LANES;
    const int strips = (out_height + TH - 1) / TH, taps = kernel_height * kernel_width;
    const int area = height * width, plane = out_height * out_width * LANES;
    const int begin = ID(0) * share, end = min(begin + share, parts);
    for (int part = begin; part < end; part++) {
        const int oy = modulo(part, strips) * TH, ob = modulo(part / strips, tiles) * OB;
        const int image = part / strips / tiles; /* of one group */
        global const float *bias =
            packed + modulo(part / strips, tiles * groups) * (1 + channels * taps) * OB * LANES;
        for (int ox = 0, columns = lead; ox < out_width; ox += columns, columns = TW) {
            vec acc[OB][PIXELS];
            EACH acc[o][t] = VLOAD(o, bias);
            for (int b = 0; b < blocks; b++) {
                const int lanes = min(LANES, channels - b * LANES);
                const int first = image * (X_LANES == 1 ? channels : blocks * LANES) + b * LANES;
                global const float *in = x + first * area;
                for (int u = 0; u < kernel_height; u++) {
                    const int iy = oy * stride_y - pad_top + u * dilation_y;
                    if (iy >= height || iy + (TH - 1) * stride_y < 0)
                        continue;
                    for (int tap = 0; tap < kernel_width; tap += KW) {
                        const int ix = ox * stride_x - pad_left + tap * dilation_x;
                        if (ix >= width || ix + (columns - 1) * stride_x + KW <= 0)
                            continue;
                        global const float *weight =
                            bias +
                            (1 + b * LANES * taps + (u * kernel_width + tap) * lanes) * OB * LANES;
#ifdef DIRECT
                        if (iy >= 0 && iy + (TH - 1) * stride_y < height && ix >= 0 &&
                            ix + PATCH_W <= width) {
                            global const float *row = in + (iy * width + ix) * X_LANES;
                            MULTIPLY(global, row, stride_y * width, X_LANES == 1 ? area : 1);
                            continue;
                        }
#endif
                        vec patch[TH * PATCH_W];
                        stage(patch, in, lanes, height, width, iy, ix, stride_y, STEP);
                        MULTIPLY(private, (float *)patch, PATCH_W, AT(0, 1));
                    }
                }
            }
            const int at = (image * out_blocks + ob) * plane + (oy * out_width + ox) * LANES;
            finish_tile(acc, y + at, residual + at, plane, out_width, out_blocks - ob,
                        out_height - oy, min(columns, out_width - ox), residual_mode, kind, alpha,
                        beta);
        }
    }
}
