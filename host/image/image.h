/* Photographs for the command line: PNG and JPEG files in and out, boxes drawn on them.
 *
 * Nothing of the library core needs this folder. Every function is safe to call from several
 * threads at once as long as they do not share an image.
 *
 * Functions that can fail take `why`, a buffer of `why_size` bytes (or NULL with 0). On failure it
 * receives "FILE: reason"; on success it is left alone. */
#ifndef DCL_IMAGE_IMAGE_H
#define DCL_IMAGE_IMAGE_H

#include "detcl/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a file may hold; anything larger is refused before memory is asked for. */
#define DCL_IMAGE_MAX_SIDE 65535
#define DCL_IMAGE_MAX_PIXELS ((size_t)1 << 28)
#define DCL_IMAGE_MAX_FILE_BYTES ((size_t)512 << 20)

/* 8-bit RGB, three bytes a pixel, rows from top to bottom without padding. Zeroed is empty. */
struct dcl_image {
    int width;
    int height;
    uint8_t *rgb; /* 3 * width * height bytes, owned, from malloc */
};

/* Read a PNG or JPEG file, recognised by its first bytes and not by its name. The pixels are as a
 * viewer shows them: EXIF orientation applied, gray and palette and CMYK turned into RGB, 16 bits
 * scaled to 8, transparency over white, gamma and colour profiles ignored. `path` may be a pipe.
 * Errors: IO (cannot be opened or read), INPUT (not an image, damaged, truncated, too large;
 * whatever the decoder warns of counts as damage), MEMORY. */
enum detcl_status dcl_image_load(const char *path, struct dcl_image *out, char *why,
                                 size_t why_size);

/* The same for a file already in memory; `name` stands for the file in messages. */
enum detcl_status dcl_image_decode(const uint8_t *bytes, size_t size, const char *name,
                                   struct dcl_image *out, char *why, size_t why_size);

/* Whether dcl_image_save knows the format that the name's end asks for: .png, .jpg or .jpeg in
 * either case. */
bool dcl_image_can_save(const char *path);

/* Write `image` as PNG, or as JPEG (quality 92, full-resolution colour), by the end of the name.
 * A temporary file in the same folder is renamed over `path` when all of it is on disk, so that
 * `path` is never half-written and survives a failure.
 * Errors: ARGUMENT (unknown name ending, image empty or too large for the format), IO, MEMORY. */
enum detcl_status dcl_image_save(const char *path, const struct dcl_image *image, char *why,
                                 size_t why_size);

/* Release the pixels and clear the struct. NULL and an empty image are fine. */
void dcl_image_free(struct dcl_image *image);

/* One detection to draw. Coordinates are pixels of the image, (0, 0) being the outer corner of the
 * top left pixel and (width, height) that of the bottom right one. */
struct dcl_image_box {
    float x1, y1, x2, y2;
    float score;       /* printed with two decimals; NaN prints none and ranks last */
    int class_index;   /* chooses one of 80 colours */
    const char *label; /* NULL prints "class N"; else UTF-8, of which what is not ASCII shows as an
                        * empty box, shortened to 64 bytes and to the picture's width */
};

/* Draw frames and labels, with sizes that follow those of the picture. Boxes that are empty,
 * inverted, not finite or wholly outside are left out. Better scores are drawn over worse ones;
 * labels stay inside the picture and off one another where there is room. At most the 2048 best
 * boxes have a label. Errors: MEMORY, and then the image is unchanged. */
enum detcl_status dcl_image_draw_boxes(struct dcl_image *image, const struct dcl_image_box *boxes,
                                       size_t count, char *why, size_t why_size);

#endif
