#include "image/codec.h"

#include <string.h>
#include <turbojpeg.h>

/* Ink to light, in place. JPEG files with four components follow Adobe's convention of storing the
 * complement of each ink. */
static void cmyk_to_rgb(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned black = pixels[4 * i + 3];
        for (size_t c = 0; c < 3; c++)
            pixels[3 * i + c] = (uint8_t)((pixels[4 * i + c] * black + 127) / 255);
    }
}

/* The decoder's error. Only its text tells that memory ran out. */
static enum detcl_status decoder_failure(const struct dcl_image_report *report, tjhandle decoder)
{
    const char *text = tjGetErrorStr2(decoder);
    if (strstr(text, "Insufficient memory") || strstr(text, "Memory allocation failure"))
        return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory to decode the JPEG file");
    return dcl_image_fail(report, DETCL_ERROR_INPUT, "damaged or truncated JPEG: %s", text);
}

static enum detcl_status decode(const struct dcl_image_report *report, tjhandle decoder,
                                const uint8_t *bytes, size_t size, struct dcl_image *out)
{
    int width = 0, height = 0, subsampling = 0, colorspace = -1;
    const int header = tjDecompressHeader3(decoder, bytes, (unsigned long)size, &width, &height,
                                           &subsampling, &colorspace);
    /* The call also fails on sampling factors without a name in this interface, which the decoder
     * nevertheless handles; the rest of the header is filled in then. */
    if (header != 0 && (width < 1 || height < 1 || colorspace < 0))
        return decoder_failure(report, decoder);
    /* It succeeds on a file that ends before its picture begins. */
    if (width < 1 || height < 1)
        return dcl_image_fail(report, DETCL_ERROR_INPUT,
                              "damaged or truncated JPEG: there is no picture in it");
    enum detcl_status status = dcl_image_check_size(report, (uint32_t)width, (uint32_t)height);
    if (status != DETCL_OK)
        return status;

    const bool inks = colorspace == TJCS_CMYK || colorspace == TJCS_YCCK;
    status = dcl_image_allocate(report, out, width, height, inks ? 4 : 3);
    if (status != DETCL_OK)
        return status;
    const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (tjDecompress2(decoder, bytes, (unsigned long)size, out->rgb, width, 0, height,
                      inks ? TJPF_CMYK : TJPF_RGB, flags) != 0)
        return decoder_failure(report, decoder);
    if (inks) {
        cmyk_to_rgb(out->rgb, (size_t)width * (size_t)height);
        dcl_image_shrink(out);
    }
    return dcl_image_orient(report, out, dcl_jpeg_orientation(bytes, size));
}

enum detcl_status dcl_jpeg_decode(const struct dcl_image_report *report, const uint8_t *bytes,
                                  size_t size, struct dcl_image *out)
{
    tjhandle decoder = tjInitDecompress();
    if (!decoder)
        return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for the JPEG decoder");
    struct dcl_image image = {0};
    const enum detcl_status status = decode(report, decoder, bytes, size, &image);
    tjDestroy(decoder);
    if (status == DETCL_OK)
        *out = image;
    else
        dcl_image_free(&image);
    return status;
}
