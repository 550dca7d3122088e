/* Sampling of feature maps at positions that depend on the data: deformable convolution, grid
 * sampling, deformable attention. boxes.h says what holds for every typed operation. Positions that
 * are NaN or infinite sample nothing and get no gradient, unless said otherwise. */
#ifndef DETCL_SAMPLING_H
#define DETCL_SAMPLING_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct detcl_deform_conv2d_params {
    int64_t stride[2], padding[2], dilation[2]; /* vertical, horizontal; stride, dilation 0: 1 */
    int64_t groups, offset_groups;              /* 0: 1 */
};

/* Deformable convolution (Dai et al. 2017, "Deformable Convolutional Networks"), with a mask
 * modulated (Zhu et al. 2019, "Deformable ConvNets v2"), as torchvision.ops.deform_conv2d and ONNX
 * DeformConv define it: each tap of the kernel is moved by an offset of its own at each output
 * pixel, and the map is interpolated bilinearly there, as if surrounded by zeros.
 *   x       [N, C, H, W]
 *   w       [O, C / groups, kH, kW]
 *   offset  [N, 2 * offset_groups * kH * kW, oH, oW] in pixels, y then x of each tap; channel c
 *           of x belongs to offset group c / (C / offset_groups)
 *   mask    [N, offset_groups * kH * kW, oH, oW], factors; NULL: 1
 *   bias    [O]; NULL: 0
 *   y       [N, O, oH, oW], oH = (H + 2 padding - dilation (kH - 1) - 1) / stride + 1 */
DETCL_API enum detcl_status
detcl_deform_conv2d(struct detcl_context *ctx, const struct detcl_deform_conv2d_params *params,
                    struct detcl_tensor *x, struct detcl_tensor *w, struct detcl_tensor *offset,
                    struct detcl_tensor *mask, struct detcl_tensor *bias, struct detcl_tensor *y,
                    const struct detcl_sync *sync);

/* Its gradients, from `grad_y` [N, O, oH, oW]; each of the outputs may be NULL (not wanted) and has
 * the shape of what it is the gradient of. grad_mask needs a mask. The sums have a fixed order, so
 * a device gives the same bits every time. Where a position is a whole number the slope is that of
 * the cell after it, as in torchvision. */
DETCL_API enum detcl_status detcl_deform_conv2d_backward(
    struct detcl_context *ctx, const struct detcl_deform_conv2d_params *params,
    struct detcl_tensor *x, struct detcl_tensor *w, struct detcl_tensor *offset,
    struct detcl_tensor *mask, struct detcl_tensor *grad_y, struct detcl_tensor *grad_x,
    struct detcl_tensor *grad_w, struct detcl_tensor *grad_offset, struct detcl_tensor *grad_mask,
    struct detcl_tensor *grad_bias, const struct detcl_sync *sync);

enum detcl_grid_mode { DETCL_GRID_BILINEAR, DETCL_GRID_NEAREST, DETCL_GRID_BICUBIC };
enum detcl_grid_padding { DETCL_GRID_ZEROS, DETCL_GRID_BORDER, DETCL_GRID_REFLECTION };

struct detcl_grid_sample_params {
    enum detcl_grid_mode mode;
    enum detcl_grid_padding padding;
    int align_corners; /* not 0: -1 and 1 are the centres of the corner pixels, else their edges */
};

/* Sample `x` [N, C, H, W] at the positions of `grid` [N, oH, oW, 2] (x, y; -1..1 spans the map):
 * `y` [N, C, oH, oW]. As torch.nn.functional.grid_sample and ONNX GridSample. NaN positions sample
 * nothing: 0; infinite ones neither, but where DETCL_GRID_BORDER clamps them (not in bicubic mode).
 */
DETCL_API enum detcl_status detcl_grid_sample(struct detcl_context *ctx,
                                              const struct detcl_grid_sample_params *params,
                                              struct detcl_tensor *x, struct detcl_tensor *grid,
                                              struct detcl_tensor *y,
                                              const struct detcl_sync *sync);

/* Its gradients, from `grad_y` [N, C, oH, oW]: `grad_x` as x and `grad_grid` as grid, either of
 * them NULL where it is not wanted. Where padding clamps a position its gradient is 0; nearest has
 * none. The sums have a fixed order, so a device gives the same bits every time. */
DETCL_API enum detcl_status
detcl_grid_sample_backward(struct detcl_context *ctx, const struct detcl_grid_sample_params *params,
                           struct detcl_tensor *x, struct detcl_tensor *grid,
                           struct detcl_tensor *grad_y, struct detcl_tensor *grad_x,
                           struct detcl_tensor *grad_grid, const struct detcl_sync *sync);

#define DETCL_ATTENTION_LEVELS 8

struct detcl_ms_deform_attn_params {
    int levels;                                        /* 1..DETCL_ATTENTION_LEVELS */
    int64_t spatial_shapes[DETCL_ATTENTION_LEVELS][2]; /* height, width of each level */
};

/* Multi-scale deformable attention (Zhu et al. 2021, "Deformable DETR", equation 3, without its
 * linear projections): every head of every query sums P points of each of L levels.
 *   value      [N, S, M, D]: the pixels of all levels, one level after the other; M heads
 *   locations  [N, Q, M, L, P, 2]: x, y; 0..1 spans a level from edge to edge
 *   weights    [N, Q, M, L, P]: any numbers; the paper's are a softmax over L * P
 *   out        [N, Q, M * D]
 * Levels are interpolated bilinearly, as if surrounded by zeros. A level
 * may be empty. */
DETCL_API enum detcl_status
detcl_ms_deform_attn(struct detcl_context *ctx, const struct detcl_ms_deform_attn_params *params,
                     struct detcl_tensor *value, struct detcl_tensor *locations,
                     struct detcl_tensor *weights, struct detcl_tensor *out,
                     const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
