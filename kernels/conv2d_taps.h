/* One tap row of a depthwise convolution, added to the `columns` pixels of `acc`: `row` is the
 * input row from column `ix` on (which may lie outside the image) and `weight` its taps. Uses
 * width, and kernel_width, stride_x and dilation_x where KW and SX are not fixed. Included after
 * conv2d_tile.h by conv2d_depthwise and separable_conv2d. */
#ifdef KW
#define ADD_TAPS(acc, columns)                                                                     \
    {                                                                                              \
        const int n = ((columns)-1) * SX + KW;                                                     \
        vec v[((columns)-1) * SX + KW];                                                            \
        if (ix >= 0 && ix + n <= width)                                                            \
            UNROLL for (int j = 0; j < n; j++) v[j] = VLOAD(j, row);                               \
        else                                                                                       \
            UNROLL for (int j = 0; j < n; j++) v[j] =                                              \
                ix + j >= 0 && ix + j < width ? VLOAD(j, row) : (vec)0.0f;                         \
        UNROLL for (int k = 0; k < KW; k++)                                                        \
        {                                                                                          \
            const vec w = VLOAD(k, weight);                                                        \
            UNROLL for (int t = 0; t < (columns); t++) acc[t] += v[t * SX + k] * w;                \
        }                                                                                          \
    }
#else
#define ADD_TAPS(acc, columns)                                                                     \
    for (int k = 0; k < kernel_width; k++) {                                                       \
        const vec w = VLOAD(k, weight);                                                            \
        UNROLL for (int t = 0; t < (columns); t++)                                                 \
        {                                                                                          \
            const int j = t * stride_x + k * dilation_x;                                           \
            if (ix + j >= 0 && ix + j < width)                                                     \
                acc[t] += VLOAD(j, row) * w;                                                       \
        }                                                                                          \
    }
#endif
