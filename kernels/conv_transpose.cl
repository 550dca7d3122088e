/* conv_transpose_f32: transposed convolution of one to three spatial dimensions, gathered.
 *
 *   y[n,o,j] = f(bias[o] + sum over c, k, i with j = i s + k d - p of w[c,o,k] x[n,c,i])
 *
 * Layout: x, y and residual N, C/b, D, H, W, b with b = 1 for NCDHW; missing dimensions have extent
 * 1. LANES 1: w dense [C][O/groups][taps] as ONNX has it. LANES = the block of y: w packed
 * [O/LANES][C/groups][taps][LANES], and a block of y lies in one group. bias dense [O], may be
 * absent.
 * Mapping: work-item (p, o, n) computes position p of the flattened volume of LANES output channels
 * from o x LANES on; bounds are tested. Padded lanes of x are not read. */
#pragma OPENCL FP_CONTRACT ON
#include "lanes.h"

DEFINE_UNIT(vec, activate)
DEFINE_ACTIVATE(vec, activate)

/* The input position that reaches `out` through tap k, or -1. */
static int source(const int out, const int k, const int size, const int stride, const int dilation,
           const int pad)
{
    const int at = out + pad - k * dilation, i = at / stride;
    return at < 0 || i * stride != at || i >= size ? -1 : i;
}

/* Offset of (n, c, p) where channels come in blocks of b and a channel has `volume` positions. */
static int at(const int n, const int c, const int p, const int channels, const int volume, const int b)
{
    return ((n * ((channels + b - 1) / b) + c / b) * volume + p) * b + modulo(c, b);
}

static vec bias_of(global const float *bias, const int has_bias, const int first, const int channels)
{
    float lane[LANES];
    for (int l = 0; l < LANES; l++)
        lane[l] = has_bias && first + l < channels ? bias[first + l] : 0.0f;
    return VLOAD(0, lane);
}

kernel void conv_transpose_f32(
    TENSOR(const float, x), TENSOR(const float, w), TENSOR(const float, bias),
    TENSOR(const float, residual), TENSOR(float, y), const int has_bias, const int groups,
    const int channels, const int x_block, const int out_channels, const int y_block,
    const int depth, const int height, const int width, const int out_depth, const int out_height,
    const int out_width, const int kernel_depth, const int kernel_height, const int kernel_width,
    const int stride_z, const int stride_y, const int stride_x, const int dilation_z,
    const int dilation_y, const int dilation_x, const int pad_front, const int pad_top,
    const int pad_left, const int residual_mode, const int kind, const float alpha,
    const float beta)
{
    OPEN(x);
    OPEN(w);
    OPEN(bias);
    OPEN(residual);
    OPEN(y);
    const int volume = depth * height * width, out_volume = out_depth * out_height * out_width;
    const int p = (int)get_global_id(0), block = (int)get_global_id(1), n = (int)get_global_id(2);
    const int o = block * LANES;
    if (p >= out_volume || o >= out_channels)
        return;
    const int z = p / (out_height * out_width), row = modulo(p / out_width, out_height);
    const int column = modulo(p, out_width);
    const int group_channels = channels / groups, group_outs = out_channels / groups;
    const int first = o / group_outs * group_channels;
    const int taps = kernel_depth * kernel_height * kernel_width;
    vec sum = bias_of(bias, has_bias, o, out_channels);
    for (int tap = 0; tap < taps; tap++) {
        const int t = tap / (kernel_height * kernel_width), v = modulo(tap, kernel_width);
        const int u = modulo(tap / kernel_width, kernel_height);
        const int iz = source(z, t, depth, stride_z, dilation_z, pad_front);
        const int iy = source(row, u, height, stride_y, dilation_y, pad_top);
        const int ix = source(column, v, width, stride_x, dilation_x, pad_left);
        if (iz < 0 || iy < 0 || ix < 0)
            continue;
        int from = at(n, first, (iz * height + iy) * width + ix, channels, volume, x_block);
        int lane = modulo(first, x_block);
        for (int c = 0; c < group_channels; c++) {
#if LANES == 1
            const int k = ((first + c) * group_outs + modulo(o, group_outs)) * taps + tap;
#else
            const int k = (block * group_channels + c) * taps + tap;
#endif
            sum += x[from++] * VLOAD(k, w);
            if (++lane == x_block) {
                lane = 0;
                from += (volume - 1) * x_block;
            }
        }
    }
    const int to = at(n, o, p, out_channels, out_volume, y_block);
    if (residual_mode == 1)
        sum += VLOAD(0, residual + to);
    sum = activate(kind, alpha, beta, sum);
    if (residual_mode == 2)
        sum += VLOAD(0, residual + to);
    VSTORE(sum, 0, y + to);
}
