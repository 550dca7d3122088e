/* Deformable convolution for many small processors: the matrix product of gemm_tiled, whose right
 * operand is sampled while it is brought into local memory.
 *
 *   y[n, o, p] = bias[o] + sum over c, tap of w[o, c, tap] * mask * x[n, c](position of tap at p)
 *
 * Layout: x and y NCHW, w [O][C / groups][taps]. Mapping: a group of SIDE x SIDE work-items makes 4
 * SIDE outputs x 4 SIDE pixels; group (j, i, n * groups + g) has pixel 4 SIDE j and output 4 SIDE i
 * of group g; work-item (x, y) keeps outputs y + SIDE r and pixels x + SIDE s. Bounds: the outputs
 * of a group, pixels, the depth C / groups * taps. Build option: SIDE. */
#include "deform.h"

#define TILE (4 * SIDE)
#define DEPTH 16

kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void
deform_conv2d__tiled(TENSOR(const float, x), TENSOR(const float, w), TENSOR(const float, offset),
                     TENSOR(const float, mask), TENSOR(const float, bias), TENSOR(float, y), WINDOW,
                     const int has_mask, const int has_bias)
{
    OPEN(x);
    OPEN(w);
    OPEN(offset);
    OPEN(mask);
    OPEN(bias);
    OPEN(y);
    local float left[DEPTH][TILE + 1], right[DEPTH][TILE + 1];
    const int column = (int)get_local_id(0), row = (int)get_local_id(1), item = row * SIDE + column;
    const int p0 = (int)get_group_id(0) * TILE, o0 = (int)get_group_id(1) * TILE;
    const int n = (int)get_group_id(2) / groups, g = modulo((int)get_group_id(2), groups);
    const int group_channels = channels / groups, outputs = out_channels / groups;
    const int depth = group_channels * taps;
    w += g * outputs * depth;
    float sum[4][4] = {{0.0f}};
    for (int k0 = 0; k0 < depth; k0 += DEPTH) {
        for (int i = item; i < TILE * DEPTH; i += SIDE * SIDE) {
            const int r = i / DEPTH, k = k0 + modulo(i, DEPTH);
            left[k - k0][r] = o0 + r < outputs && k < depth ? w[(o0 + r) * depth + k] : 0.0f;
        }
        for (int i = item; i < TILE * DEPTH; i += SIDE * SIDE) {
            const int d = i / TILE, k = k0 + d, p = p0 + modulo(i, TILE);
            float v = 0.0f;
            if (p < pixels && k < depth) {
                const int channel = g * group_channels + k / taps, tap = modulo(k, taps);
                const int part = (n * offset_groups + channel / (channels / offset_groups)) * taps;
                const struct around s = AROUND(offset + 2 * part * pixels, tap, p, -1);
                v = sum_around(x + (n * channels + channel) * height * width, s.at, s.weight);
                if (has_mask)
                    v *= mask[(part + tap) * pixels + p];
            }
            right[d][p - p0] = v;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int d = 0; d < DEPTH; d++)
            for (int r = 0; r < 4; r++)
                for (int s = 0; s < 4; s++)
                    sum[r][s] =
                        fma(left[d][row + r * SIDE], right[d][column + s * SIDE], sum[r][s]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int r = 0; r < 4; r++)
        for (int s = 0; s < 4; s++) {
            const int o = o0 + row + r * SIDE, p = p0 + column + s * SIDE;
            if (o < outputs && p < pixels)
                y[(n * out_channels + g * outputs + o) * pixels + p] =
                    has_bias ? sum[r][s] + bias[g * outputs + o] : sum[r][s];
        }
}
