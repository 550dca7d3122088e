/* Where the taps of a deformable convolution lie; host/ops/deform.c gives the arguments of WINDOW.
 * offset [N][offset groups][taps][2][pixels], mask [N][offset groups][taps][pixels]. */
#include "bilinear.h"

#define WINDOW                                                                                     \
    const int height, const int width, const int out_width, const int pixels,                      \
        const int kernel_width, const int taps, const int stride_y, const int stride_x,            \
        const int pad_y, const int pad_x, const int dilation_y, const int dilation_x,              \
        const int channels, const int out_channels, const int groups, const int offset_groups

/* What output pixel p sees through `tap`; `offset` points at the image's offset group. */
#define AROUND(offset, tap, p, none)                                                               \
    tap_around(offset, tap, p, none, height, width, out_width, pixels, kernel_width, stride_y,     \
               stride_x, pad_y, pad_x, dilation_y, dilation_x)

static struct around tap_around(global const float *offset, const int tap, const int p,
                                const int none, const int height, const int width,
                                const int out_width, const int pixels, const int kernel_width,
                                const int stride_y, const int stride_x, const int pad_y,
                                const int pad_x, const int dilation_y, const int dilation_x)
{
    const int y = p / out_width * stride_y - pad_y + tap / kernel_width * dilation_y;
    const int x = modulo(p, out_width) * stride_x - pad_x + modulo(tap, kernel_width) * dilation_x;
    return bilinear((float)y + offset[2 * tap * pixels + p],
                    (float)x + offset[(2 * tap + 1) * pixels + p], height, width, none);
}
