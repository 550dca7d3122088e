#include "image/codec.h"

#include <errno.h>
#include <string.h>
#include <turbojpeg.h>

#define JPEG_QUALITY 92
#define JPEG_MAX_SIDE 65500

enum detcl_status dcl_jpeg_encode(const struct dcl_image_report *report,
                                  const struct dcl_image *image, FILE *file)
{
    if (image->width > JPEG_MAX_SIDE || image->height > JPEG_MAX_SIDE)
        return dcl_image_fail(report, DETCL_ERROR_ARGUMENT,
                              "%dx%d pixels do not fit a JPEG file (at most %d a side)",
                              image->width, image->height, JPEG_MAX_SIDE);
    tjhandle encoder = tjInitCompress();
    if (!encoder)
        return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for the JPEG encoder");
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    enum detcl_status status = DETCL_OK;
    /* Colour at full resolution keeps thin frames and small text sharp. */
    if (tjCompress2(encoder, image->rgb, image->width, 0, image->height, TJPF_RGB, &bytes, &size,
                    TJSAMP_444, JPEG_QUALITY, 0) != 0)
        status = dcl_image_fail(report, DETCL_ERROR_MEMORY, "cannot encode as JPEG: %s",
                                tjGetErrorStr2(encoder));
    else if (fwrite(bytes, 1, size, file) != size)
        status = dcl_image_fail(report, DETCL_ERROR_IO, "cannot be written: %s", strerror(errno));
    tjFree(bytes);
    tjDestroy(encoder);
    return status;
}
