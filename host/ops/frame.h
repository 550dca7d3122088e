/* A frame: 8-bit interleaved pixels behind a 64-byte header, as one uint8 value of fixed capacity.
 * The kernels read size and placement from the header at run time, so images of any size go through
 * one plan. */
#ifndef DCL_OPS_FRAME_H
#define DCL_OPS_FRAME_H

#include "core/error.h"

#include <stdbool.h>

#define DCL_FRAME_HEADER_BYTES 64
#define DCL_FRAME_MAX_SIDE (1 << 20) /* pixels; larger frames are refused */

enum dcl_pixel_format {
    DCL_PIXEL_RGB,
    DCL_PIXEL_BGR,
    DCL_PIXEL_RGBA,
    DCL_PIXEL_BGRA,
    DCL_PIXEL_GRAY,
    DCL_PIXEL_FORMATS
};

/* Little-endian, at byte 0 of the frame; pixel rows follow at byte 64. A network-input coordinate
 * maps to the image by image = (network - pad) * scale, in continuous coordinates where pixel i
 * covers i..i+1. */
struct dcl_frame_header {
    int32_t width, height;  /* image size in pixels */
    int32_t stride;         /* bytes from one row to the next */
    int32_t format;         /* enum dcl_pixel_format */
    float scale_x, scale_y; /* image pixels per network-input pixel */
    int32_t pad_x, pad_y;   /* network-input pixels left of and above the image; < 0 when cropped */
    int32_t content_width, content_height; /* network-input pixels that the whole image covers */
    int32_t reserved[6];
};

enum dcl_resize {
    DCL_RESIZE_LETTERBOX,  /* keep the aspect ratio, pad the rest */
    DCL_RESIZE_STRETCH,    /* fill the input, ignore the aspect ratio */
    DCL_RESIZE_PAD_SQUARE, /* pad right or bottom to a square, then stretch the square */
    DCL_RESIZE_CROP        /* shorter side to `resize_to`, then crop the centre */
};

/* How an image is fitted into a network input of width x height pixels. */
struct dcl_fit {
    enum dcl_resize resize;
    int width, height;
    int resize_to; /* CROP */
    bool center;   /* LETTERBOX: padding on both sides (else right and bottom only) */
};

/* Bytes of one pixel, or 0 for an unknown format. */
int dcl_pixel_bytes(int format);

/* Fill the header for an image; the one place where placement is computed. DETCL_ERROR_ARGUMENT
 * when a size is out of range, the stride is shorter than a row or the format is unknown. Sizes are
 * rounded as the models' own code rounds: letterbox to the nearest pixel (Ultralytics), crop as
 * torchvision's Resize and CenterCrop. */
enum detcl_status dcl_frame_fit(const struct dcl_fit *fit, int64_t width, int64_t height,
                                int64_t stride, int format, struct dcl_frame_header *out,
                                struct dcl_error *e);

/* Bytes that header and pixels take. */
size_t dcl_frame_bytes(const struct dcl_frame_header *h);

/* True when the header describes pixels that lie inside `capacity` bytes. Kernels test the same. */
bool dcl_frame_valid(const struct dcl_frame_header *h, int64_t capacity);

#endif
