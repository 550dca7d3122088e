/* y[n, p, c] = the channels of up to four maps, one map after the other, at pixel p.
 * Layout: the maps N, C/LANES, pixels, LANES (LANES 1: dense NCHW), y dense with `total` numbers a
 * pixel. Padded lanes are not written. Mapping: one work-item `span` pixels of image id 1; the
 * bound is `pixels`. */
#include "lanes.h"

/* One map's channels of pixels [first, end) to y, which points at the map's first number. */
static void put(global const float *x, const int channels, global float *y, const int pixels,
                const int total, const int first, const int end)
{
    for (int c = 0; c < channels; c += LANES) {
        global const float *from = x + c * pixels;
        const int lanes = min(LANES, channels - c);
        for (int p = first; p < end; p++) {
            global float *to = y + p * total + c;
            if (lanes == LANES)
                VSTORE(VLOAD(p, from), 0, to);
            else
                for (int l = 0; l < lanes; l++)
                    to[l] = from[p * LANES + l];
        }
    }
}

KERNEL void CHAINED(join_channels_last_f32)(TENSOR(const float, a), const int a_channels,
                                            TENSOR(const float, b), const int b_channels,
                                            TENSOR(const float, c), const int c_channels,
                                            TENSOR(const float, d), const int d_channels,
                                            TENSOR(float, y), const int pixels, const int total,
                                            const int span PLACED)
{
    OPEN(a);
    OPEN(b);
    OPEN(c);
    OPEN(d);
    OPEN(y);
    const int first = ID(0) * span, end = min(first + span, pixels);
    const int n = ID(1);
    y += n * pixels * total;
#define PUT(x)                                                                                     \
    put(x + n * ((x##_channels + LANES - 1) / LANES) * LANES * pixels, x##_channels, y, pixels,    \
        total, first, end);                                                                        \
    y += x##_channels
    PUT(a);
    PUT(b);
    PUT(c);
    PUT(d);
}
