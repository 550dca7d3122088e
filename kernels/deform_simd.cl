/* Deformable convolution for processors with vectors: the taps are sampled a chunk of channels at a
 * time into private memory and multiplied at once, so no columns are stored.
 *
 *   y[n, o, p] = bias[o] + sum over tap, c of w[o, c, tap] * mask * x[n, c](position of tap at p)
 *
 * Layout: x is copied to N, H * W + 1, x_stride (channels last, zeros behind the last channel; the
 * pixel of zeros stands for everything outside); w to groups, blocks, taps, C / groups, WIDTH with
 * zeros beyond the outputs; sums are N, groups, tiles, blocks, TILE, WIDTH; y is NCHW.
 * Mapping: deform_conv2d__simd: group (tile, g, n) is one work-item with TILE pixels of all outputs
 * of group g. deform_channels_last, deform_spread: one work-item a pixel and vector of channels.
 * deform_pack_weights: one work-item a WIDTH. Only dimension 0 of these three goes beyond what is
 * to be done. Build options: LANES, ROWS, VECTORS, SUBTILES. */
#include "deform.h"
#include "lanes.h"
#pragma OPENCL FP_CONTRACT ON

#define WIDTH (VECTORS * LANES)
#define TILE (ROWS * SUBTILES)
#define CHUNK 64
#define EACH UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECTORS; v++)

kernel void deform_channels_last(TENSOR(const float, x), TENSOR(float, to), const int channels,
                                 const int pixels, const int x_stride)
{
    OPEN(x);
    OPEN(to);
    const int p = (int)get_global_id(0), c = (int)get_global_id(1) * LANES;
    const int n = (int)get_global_id(2);
    if (p > pixels)
        return;
    x += (n * channels + c) * pixels + p;
    const int count = p < pixels ? min(LANES, channels - c) : 0;
    float lane[LANES];
    for (int i = 0; i < LANES; i++)
        lane[i] = i < count ? x[i * pixels] : 0.0f;
    VSTORE(VLOAD(0, lane), 0, to + (n * (pixels + 1) + p) * x_stride + c);
}

kernel void deform_pack_weights(TENSOR(const float, w), TENSOR(float, to), const int group_channels,
                                const int group_outputs, const int taps)
{
    OPEN(w);
    OPEN(to);
    const int depth = taps * group_channels, k = (int)get_global_id(0);
    const int block = (int)get_global_id(1), blocks = (int)get_global_size(1);
    const int g = (int)get_global_id(2), first = block * WIDTH;
    if (k >= depth)
        return;
    w +=
        (g * group_outputs + first) * depth + modulo(k, group_channels) * taps + k / group_channels;
    to += ((g * blocks + block) * depth + k) * WIDTH;
    const int count = min(WIDTH, group_outputs - first);
    for (int i = 0; i < WIDTH; i++)
        to[i] = i < count ? w[i * depth] : 0.0f;
}

/* columns[ROWS][CHUNK] times w[count][WIDTH], added to `sums` or, the first time, stored there. */
__attribute__((always_inline)) static void multiply(const float *columns, global const float *w,
                                                    global float *sums, const int count,
                                                    const bool add)
{
    vec sum[ROWS][VECTORS];
    EACH sum[r][v] = add ? VLOAD(r * VECTORS + v, sums) : (vec)0.0f;
    for (int k = 0; k < count; k++, w += WIDTH) {
        vec right[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++) right[v] = VLOAD(v, w);
        EACH sum[r][v] += columns[r * CHUNK + k] * right[v];
    }
    EACH VSTORE(sum[r][v], r * VECTORS + v, sums);
}

kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
deform_conv2d__simd(TENSOR(const float, x), TENSOR(const float, w), TENSOR(const float, offset),
                    TENSOR(const float, mask), TENSOR(float, sums), WINDOW, const int has_mask,
                    const int x_stride)
{
    OPEN(x);
    OPEN(w);
    OPEN(offset);
    OPEN(mask);
    OPEN(sums);
    const int tile = (int)get_group_id(0), g = (int)get_group_id(1), n = (int)get_group_id(2);
    const int group_channels = channels / groups, offset_channels = channels / offset_groups;
    const int blocks = (out_channels / groups + WIDTH - 1) / WIDTH;
    x += n * (height * width + 1) * x_stride;
    w += g * blocks * taps * group_channels * WIDTH;
    sums += ((n * groups + g) * (int)get_num_groups(0) + tile) * blocks * TILE * WIDTH;
    float columns[TILE * CHUNK];
    for (int tap = 0; tap < taps; tap++)
        for (int c = 0, count; c < group_channels; c += count) {
            const int channel = g * group_channels + c, part = channel / offset_channels;
            const int row = (n * offset_groups + part) * taps;
            count = min(min(CHUNK, group_channels - c), (part + 1) * offset_channels - channel);
            for (int i = 0; i < TILE; i++) {
                const int p = min(tile * TILE + i, pixels - 1);
                const struct around s = AROUND(offset + 2 * row * pixels, tap, p, height * width);
                const float4 f = has_mask ? s.weight * mask[(row + tap) * pixels + p] : s.weight;
                const int4 at = s.at * x_stride + channel;
                for (int k = 0; k < count; k += LANES)
                    VSTORE(f.s0 * VLOAD(0, x + at.s0 + k) + f.s1 * VLOAD(0, x + at.s1 + k) +
                               f.s2 * VLOAD(0, x + at.s2 + k) + f.s3 * VLOAD(0, x + at.s3 + k),
                           0, columns + i * CHUNK + k);
            }
            for (int block = 0; block < blocks; block++)
                for (int i = 0; i < SUBTILES; i++)
                    multiply(columns + i * ROWS * CHUNK,
                             w + ((block * taps + tap) * group_channels + c) * WIDTH,
                             sums + (block * TILE + i * ROWS) * WIDTH, count, tap > 0 || c > 0);
        }
}

kernel void deform_spread(TENSOR(const float, sums), TENSOR(const float, bias), TENSOR(float, y),
                          const int pixels, const int groups, const int group_outputs,
                          const int has_bias)
{
    OPEN(sums);
    OPEN(bias);
    OPEN(y);
    const int p = (int)get_global_id(0), v = (int)get_global_id(1), ng = (int)get_global_id(2);
    const int tiles = (pixels + TILE - 1) / TILE, blocks = (int)get_global_size(1) / VECTORS;
    if (p >= pixels)
        return;
    const int block = v / VECTORS, first = v * LANES;
    sums += (((ng * tiles + p / TILE) * blocks + block) * TILE + modulo(p, TILE)) * WIDTH + first -
            block * WIDTH;
    y += (ng * group_outputs + first) * pixels + p;
    bias += modulo(ng, groups) * group_outputs + first;
    const int count = min(LANES, group_outputs - first);
    float lane[LANES];
    VSTORE(VLOAD(0, sums), 0, lane);
    for (int i = 0; i < count; i++)
        y[i * pixels] = has_bias ? lane[i] + bias[i] : lane[i];
}
