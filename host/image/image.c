#include "image/codec.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum detcl_status dcl_image_fail(const struct dcl_image_report *report, enum detcl_status status,
                                 const char *format, ...)
{
    if (!report->why || report->why_size == 0)
        return status;
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    snprintf(report->why, report->why_size, "%s: %s", report->file, reason);
    return status;
}

enum detcl_status dcl_image_check_size(const struct dcl_image_report *report, uint32_t width,
                                       uint32_t height)
{
    if (width == 0 || height == 0)
        return dcl_image_fail(report, DETCL_ERROR_INPUT, "the image is empty (%ux%u pixels)", width,
                              height);
    if (width > DCL_IMAGE_MAX_SIDE || height > DCL_IMAGE_MAX_SIDE)
        return dcl_image_fail(report, DETCL_ERROR_INPUT,
                              "%ux%u pixels are too many: at most %d a side are read", width,
                              height, DCL_IMAGE_MAX_SIDE);
    if ((size_t)width * height > DCL_IMAGE_MAX_PIXELS)
        return dcl_image_fail(report, DETCL_ERROR_INPUT,
                              "%ux%u pixels are too many: at most %zu in all are read", width,
                              height, DCL_IMAGE_MAX_PIXELS);
    return DETCL_OK;
}

enum detcl_status dcl_image_allocate(const struct dcl_image_report *report, struct dcl_image *out,
                                     int width, int height, int channels)
{
    const size_t size = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *rgb = malloc(size);
    if (!rgb)
        return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for %dx%d pixels", width,
                              height);
    *out = (struct dcl_image){.width = width, .height = height, .rgb = rgb};
    return DETCL_OK;
}

void dcl_image_shrink(struct dcl_image *image)
{
    uint8_t *smaller = realloc(image->rgb, 3 * (size_t)image->width * (size_t)image->height);
    if (smaller)
        image->rgb = smaller;
}

void dcl_image_free(struct dcl_image *image)
{
    if (!image)
        return;
    free(image->rgb);
    memset(image, 0, sizeof *image);
}
