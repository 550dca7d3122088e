/* Colour spaces of pixels as planes of floats. */
#ifndef DCL_PROPOSE_COLOUR_H
#define DCL_PROPOSE_COLOUR_H

#include "core/arena.h"
#include "detcl/selective_search.h"

#define DCL_COLOUR_SPACES (DETCL_COLOUR_HUE + 1)

struct dcl_planes {
    int width, height, channels; /* 1 or 3 */
    float *plane[3];             /* width * height numbers of 0..255 each */
};

/* 0 when memory ran out. */
int dcl_planes_create(struct dcl_arena *arena, const struct detcl_image *image,
                      enum detcl_colour_space space, struct dcl_planes *out);

#endif
