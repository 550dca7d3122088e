/* What the graph's passes need to know of separable_conv2d: its attributes and operands. */
#ifndef DCL_OPS_SEPARABLE_CONV2D_H
#define DCL_OPS_SEPARABLE_CONV2D_H

#include "ops/conv2d.h"

struct dcl_separable_attrs {
    struct dcl_window_attrs window;    /* of the depthwise convolution */
    struct dcl_fused depthwise, fused; /* the last steps of the two; the first has no residual */
    int64_t channels_last;             /* y is (N, H, W, O); no residual then */
};

enum dcl_separable_input {
    DCL_SEPARABLE_X,
    DCL_SEPARABLE_DEPTH_WEIGHTS,
    DCL_SEPARABLE_POINT_WEIGHTS,
    DCL_SEPARABLE_RESIDUAL, /* DCL_RESIDUAL_INPUT */
    DCL_SEPARABLE_DEPTH_BIAS,
    DCL_SEPARABLE_POINT_BIAS,
    DCL_SEPARABLE_INPUTS
};

#endif
