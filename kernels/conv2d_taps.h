/* The window of a depthwise convolution, added to the DEPTH_TW neighbouring pixels of `acc`: `in`
 * is the plane of x, (iy, ix) where the window of the first pixel begins, which may lie outside the
 * image, and `weight` the taps. Tiles inside the image have a loop of their own, free of tests.
 * Included after conv2d_tile.h by conv2d_depthwise and separable_conv2d. */
#ifdef KW
#define DEPTH_SPAN ((DEPTH_TW - 1) * SX + KW)
#define ADD_ROW(pixel)                                                                             \
    {                                                                                              \
        vec v[DEPTH_SPAN];                                                                         \
        UNROLL for (int j = 0; j < DEPTH_SPAN; j++) v[j] = (pixel);                                \
        UNROLL for (int k = 0; k < KW; k++)                                                        \
        {                                                                                          \
            const vec w = VLOAD(u * KW + k, weight);                                               \
            UNROLL for (int t = 0; t < DEPTH_TW; t++) acc[t] += v[t * SX + k] * w;                 \
        }                                                                                          \
    }
#endif

__attribute__((always_inline)) static void
add_window(vec acc[DEPTH_TW], global const float *in, global const float *weight, const int height,
           const int width, const int kernel_height, const int kernel_width, const int stride_x,
           const int dilation_y, const int dilation_x, const int iy, const int ix)
{
    const int first = iy < 0 ? (dilation_y - 1 - iy) / dilation_y : 0;
    const int last =
        min(kernel_height, height > iy ? (height - iy + dilation_y - 1) / dilation_y : 0);
    global const float *row = in + ((iy + first * dilation_y) * width + ix) * LANES;
    const int step = dilation_y * width * LANES;
#ifdef KW
    if (ix >= 0 && ix + DEPTH_SPAN <= width) {
        for (int u = first; u < last; u++, row += step)
            ADD_ROW(VLOAD(j, row))
        return;
    }
    for (int u = first; u < last; u++, row += step)
        ADD_ROW(ix + j >= 0 && ix + j < width ? VLOAD(j, row) : (vec)0.0f)
#else
    for (int u = first; u < last; u++, row += step)
        for (int k = 0; k < kernel_width; k++) {
            const vec w = VLOAD(u * kernel_width + k, weight);
            UNROLL for (int t = 0; t < DEPTH_TW; t++)
            {
                const int j = t * stride_x + k * dilation_x;
                if (ix + j >= 0 && ix + j < width)
                    acc[t] += VLOAD(j, row) * w;
            }
        }
#endif
}
