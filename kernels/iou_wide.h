/* 16 boxes at once, as struct wide of iou.h. */
#include "iou.h"
DEFINE_IOU(float16, int16, wide)

/* Boxes j .. j + 15 of b; past the n_b'th the last one again. */
static struct wide load_boxes(const int kind, global const float *b, const int j, const int n_b)
{
    float16 p[4];
    if (j + 16 <= n_b) {
        for (int k = 0; k < 4; k++)
            p[k] = vload16(k, b + 4 * (long)j);
    } else {
        float last[64];
        for (int k = 0; k < 64; k++)
            last[k] = b[4 * (long)min(j + k / 4, n_b - 1) + k % 4];
        for (int k = 0; k < 4; k++)
            p[k] = vload16(k, last);
    }
    return wide_make(kind, (float16)(p[0].s048c, p[1].s048c, p[2].s048c, p[3].s048c),
                     (float16)(p[0].s159d, p[1].s159d, p[2].s159d, p[3].s159d),
                     (float16)(p[0].s26ae, p[1].s26ae, p[2].s26ae, p[3].s26ae),
                     (float16)(p[0].s37bf, p[1].s37bf, p[2].s37bf, p[3].s37bf));
}

/* Whether boxes j .. j + 15 are crowds; none is where `crowd` is NULL. */
static int16 load_flags(global const uchar *crowd, const int j, const int n_b)
{
    int flags[16];
    for (int k = 0; k < 16; k++)
        flags[k] = crowd && crowd[min(j + k, n_b - 1)] ? -1 : 0;
    return vload16(0, flags);
}

/* Write the first `n` of 16 lanes. */
static void store_lanes(const float16 v, const int n, global float *y)
{
    if (n >= 16) {
        vstore16(v, 0, y);
        return;
    }
    float lanes[16];
    vstore16(v, 0, lanes);
    for (int k = 0; k < n; k++)
        y[k] = lanes[k];
}
