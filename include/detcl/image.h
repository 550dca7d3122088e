/* Pictures in host memory: what detectors and selective search take. */
#ifndef DETCL_IMAGE_H
#define DETCL_IMAGE_H

#include "detcl/status.h"

/* Interleaved 8-bit pixels, rows `stride` bytes apart. */
struct detcl_image {
    const uint8_t *pixels;
    int width, height; /* 1..65535 */
    size_t stride;     /* bytes; 0: 3 * width */
    int bgr;           /* 0: red first; not 0: blue first */
};

#endif
