/* What the decoders and encoders share. Internal to host/image. */
#ifndef DCL_IMAGE_CODEC_H
#define DCL_IMAGE_CODEC_H

#include "image/image.h"

#include <stdio.h>

/* The file at hand and where to explain what is wrong with it. */
struct dcl_image_report {
    const char *file;
    char *why;
    size_t why_size;
};

/* Write "FILE: reason" and return `status`. */
enum detcl_status dcl_image_fail(const struct dcl_image_report *report, enum detcl_status status,
                                 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Refuse zero and excessive sizes. */
enum detcl_status dcl_image_check_size(const struct dcl_image_report *report, uint32_t width,
                                       uint32_t height);

/* Allocate room for `channels` bytes a pixel; the size was checked before. */
enum detcl_status dcl_image_allocate(const struct dcl_image_report *report, struct dcl_image *out,
                                     int width, int height, int channels);

/* Give back what a four-channel buffer holds beyond three channels. */
void dcl_image_shrink(struct dcl_image *image);

/* Each fills `out` on success only. */
enum detcl_status dcl_jpeg_decode(const struct dcl_image_report *report, const uint8_t *bytes,
                                  size_t size, struct dcl_image *out);
enum detcl_status dcl_png_decode(const struct dcl_image_report *report, const uint8_t *bytes,
                                 size_t size, struct dcl_image *out);

/* Each writes the whole file; the caller flushes and closes. */
enum detcl_status dcl_jpeg_encode(const struct dcl_image_report *report,
                                  const struct dcl_image *image, FILE *file);
enum detcl_status dcl_png_encode(const struct dcl_image_report *report,
                                 const struct dcl_image *image, FILE *file);

/* The orientation, 1 to 8, in a JPEG file or in a bare EXIF block (a TIFF header and its first
 * directory); 1 when there is none or it is malformed. EXIF 2.32, section 4.6.4, tag 0x0112. */
int dcl_jpeg_orientation(const uint8_t *bytes, size_t size);
int dcl_exif_orientation(const uint8_t *tiff, size_t size);

/* Turn stored pixels into the picture as seen: 1 leaves them alone, 2 to 4 mirror or rotate by a
 * half turn, 5 to 8 also swap width and height. */
enum detcl_status dcl_image_orient(const struct dcl_image_report *report, struct dcl_image *image,
                                   int orientation);

#endif
