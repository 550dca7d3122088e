/* Grid sampling, shared by its forward and backward ops. */
#ifndef DCL_OPS_GRID_SAMPLE_H
#define DCL_OPS_GRID_SAMPLE_H

#include "detcl/sampling.h"
#include "ops/record.h"

enum dcl_grid_mode { DCL_GRID_LINEAR, DCL_GRID_NEAREST, DCL_GRID_CUBIC };

struct dcl_grid_attrs {
    int mode, padding_mode;
    int64_t align_corners;
};

extern const char *const dcl_grid_modes[], *const dcl_grid_paddings[];

#define DCL_GRID_SPECS                                                                             \
    DCL_CHOICE(struct dcl_grid_attrs, mode, "bilinear", dcl_grid_modes),                           \
        DCL_CHOICE(struct dcl_grid_attrs, padding_mode, "zeros", dcl_grid_paddings),               \
        DCL_INT(struct dcl_grid_attrs, align_corners, "0"), DCL_ATTRS_END

/* All numbers of one call. */
struct dcl_grid {
    enum dcl_grid_mode mode;
    int padding;
    bool align;
    int64_t images, channels, height, width, out_height, out_width;
    int64_t in_pixels, pixels; /* of a plane of x and of y */
};

/* Check x (input 0) and grid (input 1) and describe. */
enum detcl_status dcl_grid_describe(const struct dcl_call *call, struct dcl_grid *out);

/* The elements of one axis that a position reads, as kernels/grid_sample.cl computes them. */
struct dcl_grid_taps {
    int count;
    int64_t at[4];              /* -1: outside */
    double weight[4], slope[4]; /* slope: of the weight along the axis, in elements */
    double scale;               /* of the position, in elements, along the grid's coordinate */
};

struct dcl_grid_taps dcl_grid_taps(const struct dcl_grid *g, float coordinate, int64_t size);

/* The arguments height, width, pixels, mode, padding and align of the kernels. */
void dcl_grid_args(struct dcl_launch *l, const struct dcl_grid *g);

/* The attributes behind the public parameters. */
struct dcl_grid_attrs dcl_grid_attrs_of(const struct detcl_grid_sample_params *params);

#endif
