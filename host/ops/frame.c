#include "ops/frame.h"

#include <math.h>

_Static_assert(sizeof(struct dcl_frame_header) == DCL_FRAME_HEADER_BYTES, "the header is 64 bytes");

int dcl_pixel_bytes(int format)
{
    static const int bytes[DCL_PIXEL_FORMATS] = {3, 3, 4, 4, 1};
    return format >= 0 && format < DCL_PIXEL_FORMATS ? bytes[format] : 0;
}

static int round_positive(double x)
{
    const double r = floor(x + 0.5);
    return r < 1 ? 1 : r > DCL_FRAME_MAX_SIDE ? DCL_FRAME_MAX_SIDE : (int)r;
}

static void fit_letterbox(const struct dcl_fit *fit, struct dcl_frame_header *h)
{
    const double rx = (double)fit->width / h->width, ry = (double)fit->height / h->height;
    const double r = rx < ry ? rx : ry;
    h->content_width = round_positive(h->width * r);
    h->content_height = round_positive(h->height * r);
    if (fit->center) {
        h->pad_x = (fit->width - h->content_width) / 2;
        h->pad_y = (fit->height - h->content_height) / 2;
    }
}

/* torchvision: the longer side is truncated, the crop's corner rounded half to even. */
static int crop_corner(int wanted, int resized)
{
    return resized >= wanted ? -(int)rint((resized - wanted) / 2.0) : (wanted - resized) / 2;
}

static int longer_side(const struct dcl_fit *fit, int longer, int shorter)
{
    const int64_t side = (int64_t)fit->resize_to * longer / shorter;
    return side > DCL_FRAME_MAX_SIDE ? DCL_FRAME_MAX_SIDE : (int)side;
}

static void fit_crop(const struct dcl_fit *fit, struct dcl_frame_header *h)
{
    const bool tall = h->width <= h->height;
    h->content_width = tall ? fit->resize_to : longer_side(fit, h->width, h->height);
    h->content_height = tall ? longer_side(fit, h->height, h->width) : fit->resize_to;
    h->pad_x = crop_corner(fit->width, h->content_width);
    h->pad_y = crop_corner(fit->height, h->content_height);
}

enum detcl_status dcl_frame_fit(const struct dcl_fit *fit, int64_t width, int64_t height,
                                int64_t stride, int format, struct dcl_frame_header *out,
                                struct dcl_error *e)
{
    if (width < 1 || height < 1 || width > DCL_FRAME_MAX_SIDE || height > DCL_FRAME_MAX_SIDE)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "an image of %lld x %lld pixels (limit %d a side)",
                        (long long)width, (long long)height, DCL_FRAME_MAX_SIDE);
    if (!dcl_pixel_bytes(format))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "unknown pixel format %d", format);
    if (stride < width * dcl_pixel_bytes(format) || stride > INT32_MAX)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "a stride of %lld bytes for rows of %lld pixels",
                        (long long)stride, (long long)width);
    if (fit->width < 1 || fit->height < 1 || (fit->resize == DCL_RESIZE_CROP && fit->resize_to < 1))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "a network input of %d x %d pixels", fit->width,
                        fit->height);
    struct dcl_frame_header h = {.width = (int32_t)width,
                                 .height = (int32_t)height,
                                 .stride = (int32_t)stride,
                                 .format = format,
                                 .content_width = fit->width,
                                 .content_height = fit->height};
    if (fit->resize == DCL_RESIZE_LETTERBOX)
        fit_letterbox(fit, &h);
    else if (fit->resize == DCL_RESIZE_CROP)
        fit_crop(fit, &h);
    const bool square = fit->resize == DCL_RESIZE_PAD_SQUARE;
    const int side = h.width > h.height ? h.width : h.height;
    h.scale_x = (float)((double)(square ? side : h.width) / h.content_width);
    h.scale_y = (float)((double)(square ? side : h.height) / h.content_height);
    *out = h;
    return DETCL_OK;
}

size_t dcl_frame_bytes(const struct dcl_frame_header *h)
{
    return DCL_FRAME_HEADER_BYTES + (size_t)h->stride * (size_t)h->height;
}

bool dcl_frame_valid(const struct dcl_frame_header *h, int64_t capacity)
{
    const int64_t row = (int64_t)h->width * dcl_pixel_bytes(h->format);
    return row > 0 && h->width <= DCL_FRAME_MAX_SIDE && h->height > 0 &&
           h->height <= DCL_FRAME_MAX_SIDE && h->stride >= row &&
           DCL_FRAME_HEADER_BYTES + (int64_t)h->stride * (h->height - 1) + row <= capacity;
}
