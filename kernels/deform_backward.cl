/* The gradients of deformable convolution, one tap a launch; formulas in
 * host/ops/deform_conv2d_backward.c.
 *
 * Layout: NCHW, w [O][C / groups][taps], columns [N][C][pixels]: first the gradient of what the tap
 * saw, then what it saw. Mapping: deform_backward_columns: one work-item 16 pixels of a channel;
 * _sample: one a pixel of a channel; _x: one work-item a plane of grad_x, which adds to it in the
 * order of the pixels; _points: one a pixel of an offset group; _weights: one an element of grad_w
 * at the tap; _bias: one an output. Bounds: pixels; planes; C / groups; O. */
#include "deform.h"

#define TAP                                                                                        \
    TENSOR(const float, offset), TENSOR(const float, mask), WINDOW, const int has_mask,            \
        const int tap

kernel void deform_backward_columns(TAP, TENSOR(const float, w), TENSOR(const float, grad),
                                    TENSOR(float, columns))
{
    const int first = (int)get_global_id(0) * 16, c = (int)get_global_id(1);
    const int n = (int)get_global_id(2);
    if (first >= pixels)
        return;
    const int group_channels = channels / groups, outputs = out_channels / groups;
    const int g = c / group_channels, step = group_channels * taps;
    w += w_at + g * outputs * step + (c - g * group_channels) * taps + tap;
    grad += grad_at + (n * out_channels + g * outputs) * pixels;
    columns += columns_at + (n * channels + c) * pixels;
    if (first + 16 <= pixels) {
        float16 sums = (float16)(0.0f);
        for (int o = 0; o < outputs; o++)
            sums = fma((float16)(w[o * step]), vload16(0, grad + o * pixels + first), sums);
        vstore16(sums, 0, columns + first);
        return;
    }
    for (int p = first; p < pixels; p++) {
        float sum = 0.0f;
        for (int o = 0; o < outputs; o++)
            sum = fma(w[o * step], grad[o * pixels + p], sum);
        columns[p] = sum;
    }
}

kernel void deform_backward_x(TAP, TENSOR(const float, columns), TENSOR(float, grad_x),
                              const int images)
{
    OPEN(mask);
    const int plane = (int)get_global_id(0);
    if (plane >= images * channels)
        return;
    const int n = plane / channels, part = modulo(plane, channels) / (channels / offset_groups);
    const int row = (n * offset_groups + part) * taps;
    offset += offset_at + 2 * row * pixels;
    columns += columns_at + plane * pixels;
    grad_x += grad_x_at + plane * height * width;
    for (int i = 0; tap == 0 && i < height * width; i++)
        grad_x[i] = 0.0f;
    for (int p = 0; p < pixels; p++) {
        const struct around s = AROUND(offset, tap, p, -1);
        const float g = has_mask ? columns[p] * mask[(row + tap) * pixels + p] : columns[p];
        if (s.at.s0 >= 0)
            grad_x[s.at.s0] += s.weight.s0 * g;
        if (s.at.s1 >= 0)
            grad_x[s.at.s1] += s.weight.s1 * g;
        if (s.at.s2 >= 0)
            grad_x[s.at.s2] += s.weight.s2 * g;
        if (s.at.s3 >= 0)
            grad_x[s.at.s3] += s.weight.s3 * g;
    }
}

kernel void deform_backward_points(TAP, TENSOR(const float, x), TENSOR(const float, columns),
                                   TENSOR(float, grad_offset), TENSOR(float, grad_mask),
                                   const int wants_offset, const int wants_mask)
{
    OPEN(mask);
    OPEN(grad_offset);
    OPEN(grad_mask);
    const int p = (int)get_global_id(0), part = (int)get_global_id(1), n = (int)get_global_id(2);
    if (p >= pixels)
        return;
    const int count = channels / offset_groups, first = n * channels + part * count;
    const int row = (n * offset_groups + part) * taps;
    const struct around s = AROUND(offset + offset_at + 2 * row * pixels, tap, p, -1);
    const float factor = has_mask ? mask[(row + tap) * pixels + p] : 1.0f;
    float along_y = 0.0f, along_x = 0.0f, seen = 0.0f;
    for (int c = first; c < first + count; c++) {
        global const float *plane = x + x_at + c * height * width;
        const float g = columns[columns_at + c * pixels + p];
        along_y += g * factor * sum_around(plane, s.at, s.along_y);
        along_x += g * factor * sum_around(plane, s.at, s.along_x);
        seen += g * sum_around(plane, s.at, s.weight);
    }
    if (wants_offset) {
        grad_offset[2 * (row + tap) * pixels + p] = along_y;
        grad_offset[(2 * (row + tap) + 1) * pixels + p] = along_x;
    }
    if (wants_mask)
        grad_mask[(row + tap) * pixels + p] = seen;
}

kernel void deform_backward_sample(TAP, TENSOR(const float, x), TENSOR(float, columns))
{
    OPEN(mask);
    const int p = (int)get_global_id(0), c = (int)get_global_id(1), n = (int)get_global_id(2);
    if (p >= pixels)
        return;
    const int row = (n * offset_groups + c / (channels / offset_groups)) * taps;
    const int plane = n * channels + c;
    const struct around s = AROUND(offset + offset_at + 2 * row * pixels, tap, p, -1);
    const float v = sum_around(x + x_at + plane * height * width, s.at, s.weight);
    columns[columns_at + plane * pixels + p] = has_mask ? v * mask[(row + tap) * pixels + p] : v;
}

static float sum16(const float16 v)
{
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    return b.s0 + b.s1 + b.s2 + b.s3;
}

kernel void deform_backward_weights(TAP, TENSOR(const float, columns), TENSOR(const float, grad),
                                    TENSOR(float, grad_w), const int images)
{
    const int c = (int)get_global_id(0), o = (int)get_global_id(1);
    const int group_channels = channels / groups, whole = pixels / 16;
    if (c >= group_channels)
        return;
    columns += columns_at + (o / (out_channels / groups) * group_channels + c) * pixels;
    grad += grad_at + o * pixels;
    float16 sums = (float16)(0.0f);
    float rest = 0.0f;
    for (int n = 0; n < images; n++) {
        for (int i = 0; i < whole; i++)
            sums += vload16(i, columns) * vload16(i, grad);
        for (int p = whole * 16; p < pixels; p++)
            rest += columns[p] * grad[p];
        columns += channels * pixels;
        grad += out_channels * pixels;
    }
    grad_w[grad_w_at + (o * group_channels + c) * taps + tap] = sum16(sums) + rest;
}

kernel void deform_backward_bias(TENSOR(const float, grad), TENSOR(float, grad_bias),
                                 const int images, const int out_channels, const int pixels)
{
    const int o = (int)get_global_id(0), whole = pixels / 16;
    if (o >= out_channels)
        return;
    float16 sums = (float16)(0.0f);
    float rest = 0.0f;
    for (int n = 0; n < images; n++) {
        global const float *from = grad + grad_at + (n * out_channels + o) * pixels;
        for (int i = 0; i < whole; i++)
            sums += vload16(i, from);
        for (int p = whole * 16; p < pixels; p++)
            rest += from[p];
    }
    grad_bias[grad_bias_at + o] = sum16(sums) + rest;
}
