/* Deformable convolution, shared by its forward and backward ops. */
#ifndef DCL_OPS_DEFORM_H
#define DCL_OPS_DEFORM_H

#include "detcl/sampling.h"
#include "ops/bilinear.h"
#include "ops/record.h"
#include "ops/window.h"

struct dcl_deform_attrs {
    struct dcl_window_attrs window;
    int64_t group, offset_group;
};

#define DCL_DEFORM_SPECS                                                                           \
    DCL_WINDOW_SPECS(struct dcl_deform_attrs, window),                                             \
        DCL_INT(struct dcl_deform_attrs, group, "1"),                                              \
        DCL_INT(struct dcl_deform_attrs, offset_group, "1"), DCL_ATTRS_END

/* All numbers of one call, and its operands. Channel counts are of the whole tensors. */
struct dcl_deform {
    struct dcl_window window;
    int64_t images, channels, out_channels, groups, offset_groups;
    int64_t group_channels, group_outputs, offset_channels; /* channels / groups and so on */
    int64_t taps, pixels, in_pixels;
    const struct dcl_value *x, *w, *offset, *mask; /* mask may be NULL */
};

/* Check operands 0 to 2 (x, w, offset) and `mask` (its index; may be absent) and describe. */
enum detcl_status dcl_deform_describe(const struct dcl_call *call, int mask,
                                      struct dcl_deform *out);

/* What output pixel p of image n sees through a tap of an offset group; `*mask` gets its factor. */
struct dcl_around dcl_deform_around(const struct dcl_deform *d, int64_t n, int64_t offset_group,
                                    int64_t tap, int64_t p, float *mask);

/* The arguments that WINDOW in kernels/deform.h names. */
void dcl_deform_args(struct dcl_launch *l, const struct dcl_deform *d);

/* The attributes behind the public parameters. */
struct dcl_deform_attrs dcl_deform_attrs_of(const struct detcl_deform_conv2d_params *params);

#endif
