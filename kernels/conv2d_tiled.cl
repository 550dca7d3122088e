/* conv2d_f32__tiled: dense or block-aligned grouped convolution for GPUs, as a matrix product of
 * weights (output channels x K) and gathered pixels (K x pixels) in tiles of local memory.
 *
 *   y[n,o,i,j] = f(bias[o] + sum over c,u,v of
 *                  w[o,c,u,v] x[n,c, i sy - py + u dy, j sx - px + v dx])
 *
 * K runs over steps; a step is a kernel tap and a block of LANES input channels, blocks fastest.
 * Layout: y and residual N, O/LANES, H, W, LANES; x the same with X_LANES = LANES, or NCHW with
 * X_LANES = 1. Channels are counted within a group; with more than one group their numbers are
 * multiples of LANES. packed: for each TILE_O output blocks their biases, then for each step (a
 * multiple of DEPTH, zeros at the end) and input lane their weights, LANES lanes a block.
 * Mapping: groups of TX x TY items; group (i, j, n) computes TX x WP pixels of the flattened plane
 * by TILE_O = TY x WO output blocks, each item WP neighbouring pixels of WO blocks, DEPTH steps at
 * a time. The next steps are loaded into registers while the current ones are multiplied.
 * Build options: LANES, X_LANES, TX, TY, WP, WO, DEPTH; TY % WP == 0, DEPTH * WP % TY == 0, DEPTH *
 * LANES * WO % TX == 0. */
#pragma OPENCL FP_CONTRACT ON
#include "lanes.h"

DEFINE_UNIT(vec, activate)
DEFINE_ACTIVATE(vec, activate)

typedef CAT(float, WP) strip; /* the pixels of an item */

#define ITEMS (TX * TY)
#define TILE_P (TX * WP)
#define TILE_O (TY * WO)
#define X_LOADS (DEPTH * TILE_P / ITEMS)
#define W_LOADS (DEPTH * LANES * TILE_O / ITEMS)

/* A step of K: its first input channel and its tap. */
struct step {
    int block, u, v;
};

static struct step advance(struct step s, const int by, const int blocks, const int kernel_width)
{
    s.block += by;
    while (s.block >= blocks) {
        s.block -= blocks;
        if (++s.v == kernel_width) {
            s.v = 0;
            s.u++;
        }
    }
    return s;
}

/* LANES channels from `channel` on at offset `at` of one channel (block); zero beyond `channels`.
 */
static vec load_lanes(global const float *x, const int at, const int channel, const int channels,
               const int area)
{
    float lane[LANES];
#if X_LANES == 1
    UNROLL for (int l = 0; l < LANES; l++) lane[l] =
        channel + l < channels ? x[(channel + l) * area + at] : 0.0f;
#else
    VSTORE(VLOAD(0, x + channel * area + at * LANES), 0, lane);
    UNROLL for (int l = 0; l < LANES; l++) lane[l] = channel + l < channels ? lane[l] : 0.0f;
#endif
    return VLOAD(0, lane);
}

kernel __attribute__((reqd_work_group_size(TX, TY, 1))) void conv2d_f32__tiled(
    TENSOR(const float, x), TENSOR(const float, packed), TENSOR(const float, residual),
    TENSOR(float, y), const int groups, const int channels, const int height, const int width,
    const int out_blocks, const int out_height, const int out_width, const int kernel_height,
    const int kernel_width, const int stride_y, const int stride_x, const int dilation_y,
    const int dilation_x, const int pad_top, const int pad_left, const int residual_mode,
    const int kind, const float alpha, const float beta)
{
    OPEN(x);
    OPEN(packed);
    OPEN(residual);
    OPEN(y);
    local strip xs[DEPTH * LANES][TX];
    local vec ws[DEPTH * LANES * TILE_O];
    const int lx = (int)get_local_id(0), ly = (int)get_local_id(1), item = ly * TX + lx;
    const int tiles = (out_blocks + TILE_O - 1) / TILE_O, slot = (int)get_group_id(1);
    const int tile = modulo(slot, tiles);
    const int image = (int)get_group_id(2) * groups + slot / tiles;
    const int blocks = (channels + LANES - 1) / LANES, pixels = out_height * out_width;
    const int steps = (blocks * kernel_height * kernel_width + DEPTH - 1) / DEPTH;
    const int area = height * width;
    packed += slot * (1 + steps * DEPTH * LANES) * TILE_O * LANES;
    x += image * (X_LANES == 1 ? channels : blocks * LANES) * area;

    /* The pixel that this item loads is the same in every step. */
    const int loaded_x = modulo(item, TILE_P), loaded = (int)get_group_id(0) * TILE_P + loaded_x;
    const int iy0 = loaded / out_width * stride_y - pad_top;
    const int ix0 = modulo(loaded, out_width) * stride_x - pad_left;
    struct step at[X_LOADS];
    UNROLL for (int i = 0; i < X_LOADS; i++) at[i] = advance(
        (struct step){0, 0, 0}, item / TILE_P + i * (ITEMS / TILE_P), blocks, kernel_width);

    vec acc[WO][WP], xr[X_LOADS], wr[W_LOADS];
    UNROLL for (int o = 0; o < WO; o++) UNROLL for (int p = 0; p < WP; p++) acc[o][p] =
        VLOAD(ly * WO + o, packed);
    packed += TILE_O * LANES;
    for (int s = 0; s <= steps; s++) {
        if (s < steps) {
            UNROLL for (int i = 0; i < X_LOADS; i++)
            {
                const int iy = iy0 + at[i].u * dilation_y, ix = ix0 + at[i].v * dilation_x;
                const int inside = loaded < pixels && at[i].u < kernel_height && iy >= 0 &&
                                   iy < height && ix >= 0 && ix < width;
                xr[i] = inside ? load_lanes(x, iy * width + ix, at[i].block * LANES, channels, area)
                               : (vec)0.0f;
                at[i] = advance(at[i], DEPTH, blocks, kernel_width);
            }
            UNROLL for (int i = 0; i < W_LOADS; i++) wr[i] = VLOAD(item + i * ITEMS, packed);
            packed += DEPTH * LANES * TILE_O * LANES;
        }
        if (s > 0) {
            for (int k = 0; k < DEPTH * LANES; k++) {
                float pixel[WP];
                CAT(vstore, WP)(xs[k][lx], 0, pixel);
                UNROLL for (int o = 0; o < WO; o++)
                {
                    const vec w = ws[k * TILE_O + ly * WO + o];
                    UNROLL for (int p = 0; p < WP; p++) acc[o][p] += pixel[p] * w;
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        if (s < steps) {
            UNROLL for (int i = 0; i < X_LOADS; i++)
            {
                float lane[LANES];
                VSTORE(xr[i], 0, lane);
                UNROLL for (int l = 0; l < LANES; l++)
                    ((local float *)xs[(item / TILE_P + i * (ITEMS / TILE_P)) * LANES + l])
                        [loaded_x] = lane[l];
            }
            UNROLL for (int i = 0; i < W_LOADS; i++)
                ws[item + i * ITEMS] = wr[i];
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }

    UNROLL for (int o = 0; o < WO; o++) UNROLL for (int p = 0; p < WP; p++)
    {
        const int pixel = (int)get_group_id(0) * TILE_P + lx * WP + p;
        const int block = tile * TILE_O + ly * WO + o;
        if (pixel >= pixels || block >= out_blocks)
            continue;
        const int to = ((image * out_blocks + block) * pixels + pixel) * LANES;
        vec v = acc[o][p];
        if (residual_mode == 1)
            v += VLOAD(0, residual + to);
        v = activate(kind, alpha, beta, v);
        if (residual_mode == 2)
            v += VLOAD(0, residual + to);
        VSTORE(v, 0, y + to);
    }
}
