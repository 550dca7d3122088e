/* conv2d_f32__generic: every convolution of one to three spatial dimensions, any groups, any
 * layout.
 *
 *   y[n,o,...] = f(bias[o] + sum over c,t,u,v of
 *                  w[o,c,t,u,v] x[n, c + first channel of the group, ...])
 *
 * Layout: x, y and residual N, C/b, D, H, W, b with b = 1 for NCDHW; w dense [O][C/groups][T][U][V]
 * and bias dense [O], as ONNX has them; bias may be absent (has_bias 0). Missing dimensions have
 * extent 1.
 * Mapping: work-item (p, o, n) computes output channel o at position p of the flattened volume;
 * bounds are tested. Padded lanes are neither read nor written. */
#pragma OPENCL FP_CONTRACT ON
DEFINE_UNIT(float, activate)
DEFINE_ACTIVATE(float, activate)

/* Offset of (n, c, p) where channels come in blocks of b and a channel has `volume` positions. */
static int at(const int n, const int c, const int p, const int channels, const int volume, const int b)
{
    return ((n * ((channels + b - 1) / b) + c / b) * volume + p) * b + modulo(c, b);
}

kernel void conv2d_f32__generic(
    TENSOR(const float, x), TENSOR(const float, w), TENSOR(const float, bias),
    TENSOR(const float, residual), TENSOR(float, y), const int has_bias, const int groups,
    const int channels, const int depth, const int height, const int width, const int x_block,
    const int out_channels, const int out_depth, const int out_height, const int out_width,
    const int y_block, const int kernel_depth, const int kernel_height, const int kernel_width,
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
    const int p = (int)get_global_id(0), o = (int)get_global_id(1), n = (int)get_global_id(2);
    if (p >= out_volume || o >= out_channels)
        return;
    const int z0 = p / (out_height * out_width) * stride_z - pad_front;
    const int y0 = modulo(p / out_width, out_height) * stride_y - pad_top;
    const int x0 = modulo(p, out_width) * stride_x - pad_left;
    const int group_channels = channels / groups;
    const int taps = kernel_depth * kernel_height * kernel_width;
    const int first = o / (out_channels / groups) * group_channels;
    float sum = has_bias ? bias[o] : 0.0f;
    for (int c = 0; c < group_channels; c++)
        for (int tap = 0; tap < taps; tap++) {
            const int iz = z0 + tap / (kernel_height * kernel_width) * dilation_z;
            const int iy = y0 + modulo(tap / kernel_width, kernel_height) * dilation_y;
            const int ix = x0 + modulo(tap, kernel_width) * dilation_x;
            if (iz >= 0 && iz < depth && iy >= 0 && iy < height && ix >= 0 && ix < width)
                sum += w[(o * group_channels + c) * taps + tap] *
                       x[at(n, first + c, (iz * height + iy) * width + ix, channels, volume,
                            x_block)];
        }
    const int to = at(n, o, p, out_channels, out_volume, y_block);
    if (residual_mode == 1)
        sum += residual[to];
    sum = activate(kind, alpha, beta, sum);
    if (residual_mode == 2)
        sum += residual[to];
    y[to] = sum;
}
