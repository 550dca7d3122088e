/* conv2d_f32__winograd: 3 x 3 windows of stride 1 on a processor with vectors, by Winograd's
 * F(4x4, 3x3): 36 products for 16 outputs instead of 144 (Lavin and Gray 2016, "Fast Algorithms for
 * Convolutional Neural Networks").
 *
 *   y = f(bias + A^T ((G w G^T) . (B^T x B)) A), summed over the channels at the dot
 *
 * The points are 0, 1, -1, 1/2, -2 and infinity, which lose half the digits that the usual 0, 1,
 * -1, 2, -2 do (Barabasz et al. 2020, "Error Analysis and Improving the Accuracy of Winograd
 * Convolution for Deep Neural Networks"). host/ops/README.md has the error.
 *
 * Layout: x, y and residual N, C/LANES, H, W, LANES. packed: for each tile of OB output blocks
 * OB x LANES biases, then for each of the 36 points and each channel OB x LANES transformed
 * weights. Mapping: one work-item a group; a group computes `share` of the `parts`. A part is
 * `block` tiles of 4 x 4 outputs of one image and some of the tiles of output blocks; parts count
 * tiles fastest, then output blocks, images. The group's piece of `scratch` holds the part's
 * transformed input, [36][C/LANES][block][LANES], and the products of one tile of output blocks,
 * [36][OB][block][LANES]; `block` is a multiple of TW. Build options: LANES, OB, TW. */
#pragma OPENCL FP_CONTRACT ON
#include "conv2d_tile.h"

#define POINTS 36
#define SIDE 6    /* inputs of a tile along an axis */
#define OUTPUTS 4 /* of a tile along an axis */

/* B^T d of six values that are `step` apart. */
static void transform_input(const vec *d, const int step, vec *t)
{
    const vec even = d[4 * step] - d[2 * step], odd = d[3 * step] - d[step];
    const vec both = d[2 * step] + d[3 * step], apart = d[3 * step] - d[2 * step];
    t[0] = d[0] - d[2 * step] + even + 1.5f * odd;
    t[1] = even + odd + 1.5f * both;
    t[2] = even - odd + 1.5f * apart;
    t[3] = even + 2.0f * odd;
    t[4] = even - 0.5f * odd;
    t[5] = d[5 * step] - d[3 * step] - odd + 1.5f * even;
}

/* A^T m of six values that are `step` apart. */
static void transform_output(const vec *m, const int step, vec *y)
{
    const vec sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
    const vec half_ = m[3 * step], two = m[4 * step];
    y[0] = m[0] + sum + half_ + two;
    y[1] = difference + 0.5f * half_ - 2.0f * two;
    y[2] = sum + 0.25f * half_ + 4.0f * two;
    y[3] = difference + 0.125f * half_ - 8.0f * two + m[5 * step];
}

/* The transformed tile whose first input is (iy, ix) of one channel block; points are `next`
 * vectors apart. */
static void put_tile(global const float *in, const int height, const int width, const int iy,
                     const int ix, global float *to, const int next)
{
    vec d[POINTS], columns[POINTS], t[SIDE];
    const int inside = iy >= 0 && ix >= 0 && iy + SIDE <= height && ix + SIDE <= width;
    for (int i = 0; i < SIDE; i++) {
        const int y = iy + i;
        global const float *row = in + (y * width + ix) * LANES;
        if (inside)
            UNROLL for (int j = 0; j < SIDE; j++) d[i * SIDE + j] = VLOAD(j, row);
        else
            for (int j = 0; j < SIDE; j++) {
                const int x = ix + j;
                const int exists = y >= 0 && y < height && x >= 0 && x < width;
                d[i * SIDE + j] = exists ? VLOAD(j, row) : (vec)0.0f;
            }
    }
    UNROLL for (int j = 0; j < SIDE; j++)
    {
        transform_input(d + j, SIDE, t);
        UNROLL for (int i = 0; i < SIDE; i++) columns[i * SIDE + j] = t[i];
    }
    UNROLL for (int i = 0; i < SIDE; i++)
    {
        transform_input(columns + i * SIDE, 1, t);
        UNROLL for (int j = 0; j < SIDE; j++) STORE(t[j], (i * SIDE + j) * next, to);
    }
}

/* The products of one point: TW tiles of OB output blocks over all channels. */
__attribute__((always_inline)) static void multiply(global const float *in,
                                                    global const float *weight, global float *out,
                                                    const int channels, const int block)
{
    vec acc[OB][PIXELS];
    EACH acc[o][t] = (vec)0.0f;
    for (int first = 0; first < channels; first += LANES, in += block * LANES) {
        const int lanes = min(LANES, channels - first);
        global const float *p = in;
        for (int c = 0; c < lanes; c++, p++, weight += OB * LANES) {
            vec k[OB];
            UNROLL for (int o = 0; o < OB; o++) k[o] = VLOAD(o, weight);
            EACH_PIXEL UNROLL for (int o = 0; o < OB; o++) acc[o][t] += p[t * LANES] * k[o];
        }
    }
    EACH STORE(acc[o][t], o * block + t, out);
}

/* One tile of one output block: back from the points, then residual, activation and store. Only
 * rows x columns of the 4 x 4 outputs exist. */
static void finish(global const float *products, const int next, const vec bias, global float *y,
                   global const float *residual, const int width, const int rows, const int columns,
                   const int residual_mode, const int kind, const float alpha, const float beta)
{
    vec m[POINTS], half_way[OUTPUTS * SIDE], t[OUTPUTS];
    UNROLL for (int i = 0; i < POINTS; i++) m[i] = VLOAD(i * next, products);
    UNROLL for (int j = 0; j < SIDE; j++)
    {
        transform_output(m + j, SIDE, t);
        UNROLL for (int i = 0; i < OUTPUTS; i++) half_way[i * SIDE + j] = t[i];
    }
    for (int i = 0; i < rows; i++) {
        transform_output(half_way + i * SIDE, 1, t);
        for (int j = 0; j < columns; j++) {
            const int at = i * width + j;
            vec f = t[j] + bias;
            if (residual_mode == RESIDUAL_BEFORE)
                f += VLOAD(at, residual);
            f = activate_fast(kind, alpha, beta, f);
            if (residual_mode == RESIDUAL_AFTER)
                f += VLOAD(at, residual);
            STORE(f, at, y);
        }
    }
}

KERNEL_OF_ONE void CHAINED(conv2d_f32__winograd)(
    TENSOR(const float, x), TENSOR(const float, packed), TENSOR(const float, residual),
    TENSOR(float, y), TENSOR(float, scratch), const int channels, const int height, const int width,
    const int out_blocks, const int out_height, const int out_width, const int pad_top,
    const int pad_left, const int block, const int slots_each, const int residual_mode,
    const int kind, const float alpha, const float beta, const int parts, const int share PLACED)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    OPEN(scratch);
    const int blocks = (channels + LANES - 1) / LANES, slots = (out_blocks + OB - 1) / OB;
    const int tiles_x = (out_width + OUTPUTS - 1) / OUTPUTS;
    const int tiles = tiles_x * ((out_height + OUTPUTS - 1) / OUTPUTS);
    const int spans = (tiles + block - 1) / block, turns = (slots + slots_each - 1) / slots_each;
    const int plane = out_height * out_width * LANES, point = blocks * block * LANES;
    global float *input = scratch + (long)ID(0) * POINTS * (blocks + OB) * block * LANES;
    global float *products = input + POINTS * point;
    const int begin = ID(0) * share, end = min(begin + share, parts);
    for (int part = begin; part < end; part++) {
        const int first = modulo(part, spans) * block, count = min(block, tiles - first);
        const int turn = modulo(part / spans, turns), image = part / spans / turns;
        const int used = (count + TW - 1) / TW * TW;
        for (int b = 0; b < blocks; b++)
            for (int t = 0; t < used; t++) {
                const int tile = min(first + t, tiles - 1);
                const int ty = tile / tiles_x, tx = tile - ty * tiles_x;
                put_tile(x + (image * blocks + b) * height * width * LANES, height, width,
                         ty * OUTPUTS - pad_top, tx * OUTPUTS - pad_left,
                         input + (b * block + t) * LANES, blocks * block);
            }
        for (int slot = turn * slots_each; slot < min((turn + 1) * slots_each, slots); slot++) {
            global const float *bias = packed + (long)slot * (1 + POINTS * channels) * OB * LANES;
            for (int i = 0; i < POINTS; i++)
                for (int t = 0; t < used; t += TW)
                    multiply(input + i * point + t * LANES, bias + (1 + i * channels) * OB * LANES,
                             products + (i * OB * block + t) * LANES, channels, block);
            for (int o = 0; o < min(OB, out_blocks - slot * OB); o++)
                for (int t = 0; t < count; t++) {
                    const int ty = (first + t) / tiles_x, tx = first + t - ty * tiles_x;
                    const int oy = ty * OUTPUTS, ox = tx * OUTPUTS;
                    const int at = (image * out_blocks + slot * OB + o) * plane +
                                   (oy * out_width + ox) * LANES;
                    finish(products + (o * block + t) * LANES, OB * block, VLOAD(o, bias), y + at,
                           residual + at, out_width, min(OUTPUTS, out_height - oy),
                           min(OUTPUTS, out_width - ox), residual_mode, kind, alpha, beta);
                }
        }
    }
}
