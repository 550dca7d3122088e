/* The transposed convolution, shared by its files: the row and the OpenCL launch
 * (conv_transpose.c), and the CPU twin (conv_transpose_cpu.c). */
#ifndef DCL_OPS_CONV_TRANSPOSE_H
#define DCL_OPS_CONV_TRANSPOSE_H

#include "ops/fused.h"
#include "ops/window.h"

struct dcl_conv_transpose_attrs {
    struct dcl_window_attrs window;
    struct dcl_ints output_padding, output_shape;
    int64_t group;
    struct dcl_fused fused;
};

/* All numbers of one call. Channel counts are of the whole tensors. */
struct dcl_conv_transpose {
    struct dcl_window window; /* `out` may hold positions that no tap reaches */
    int64_t images, channels, out_channels, groups, taps;
    struct dcl_fused fused;
};

/* Check the operands and attributes of the call and describe it. */
enum detcl_status dcl_conv_transpose_describe(const struct dcl_call *call,
                                              struct dcl_conv_transpose *out);

/* What the twin needs, into the call. */
enum detcl_status dcl_conv_transpose_workspace(struct dcl_call *call,
                                               const struct dcl_conv_transpose *c);
enum detcl_status dcl_conv_transpose_run_cpu(struct dcl_call *call);

#endif
