/* The sliding window of convolution and pooling: ONNX's kernel_shape, strides, pads, dilations and
 * auto_pad, over one to three spatial dimensions. */
#ifndef DCL_OPS_WINDOW_H
#define DCL_OPS_WINDOW_H

#include "ops/op.h"

enum dcl_auto_pad { DCL_PAD_NOTSET, DCL_PAD_SAME_UPPER, DCL_PAD_SAME_LOWER, DCL_PAD_VALID };

extern const char *const dcl_auto_pad_names[];

/* Attributes as a model gives them; an empty list stands for ONNX's default. */
struct dcl_window_attrs {
    struct dcl_ints kernel_shape, strides, pads, dilations;
    int auto_pad;
};

/* Lines of an attribute table for the member `field` of `type`. */
#define DCL_WINDOW_SPECS(type, field)                                                              \
    {"kernel_shape", DCL_ATTR_INTS, offsetof(type, field.kernel_shape), "", NULL},                 \
        {"strides", DCL_ATTR_INTS, offsetof(type, field.strides), "", NULL},                       \
        {"pads", DCL_ATTR_INTS, offsetof(type, field.pads), "", NULL},                             \
        {"dilations", DCL_ATTR_INTS, offsetof(type, field.dilations), "", NULL},                   \
    {                                                                                              \
        "auto_pad", DCL_ATTR_CHOICE, offsetof(type, field.auto_pad), "NOTSET", dcl_auto_pad_names  \
    }

/* Resolved; index 0 = depth, 1 = height, 2 = width, and dimensions that are missing have extent 1.
 * `begin` and `end` are the padding before and after. */
struct dcl_window {
    int64_t size[3], kernel[3], stride[3], dilation[3], begin[3], end[3], out[3];
};

/* Number of spatial dimensions of x (N, C, ...): 1 to 3, or fail. */
enum detcl_status dcl_spatial_rank(const struct dcl_call *call, const struct detcl_desc *x,
                                   int *spatial);

/* Everything but the padding and `out`. `kernel` holds the extents that the weights have, or NULL
 * when kernel_shape must give them. */
enum detcl_status dcl_window_shape(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                   const struct detcl_desc *x, const int64_t *kernel,
                                   struct dcl_window *w);

/* The padding of the `pads` attribute; zeros when it is not given. */
enum detcl_status dcl_window_pads(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                  int spatial, struct dcl_window *w);

/* Shape, padding and output extents, rounded down, of a window that slides over x. Fails with
 * DETCL_ERROR_MODEL when it does not fit. */
enum detcl_status dcl_window_resolve(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                     const struct detcl_desc *x, const int64_t *kernel,
                                     struct dcl_window *w);

static inline int64_t dcl_ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* Positions from the first to the last tap along dimension i. */
static inline int64_t dcl_window_extent(const struct dcl_window *w, int i)
{
    return w->dilation[i] * (w->kernel[i] - 1) + 1;
}

#endif
