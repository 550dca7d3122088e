/* x[n, c, oy, ox] = (p - mean[c]) / scale[c], p = the frame sampled bilinearly at
 * (o - pad + 0.5) * scale - 0.5 (half-pixel centres, edges replicated), or the padding.
 * Frame: 64 header bytes (host/ops/frame.h), then interleaved 8-bit rows; a header that does not fit
 * the capacity gives padding only. Layout of x: dense NCHW. Mapping: one work-item an output pixel
 * (all three channels); bounds width, height. */
#include "frame.h"

/* Tap below, tap above, and (as float bits) the weight of the one above. */
int4 sample(const int at, const int pad, const float scale, const int canvas)
{
    float x = ((float)(at - pad) + 0.5f) * scale - 0.5f;
    x = fmin(fmax(x, 0.0f), (float)(canvas - 1));
    const int low = (int)x;
    return (int4)(low, min(low + 1, canvas - 1), as_int(x - (float)low), 0);
}

/* R, G, B of a pixel; outside of the image (pad_square) the padding. */
float4 fetch(const struct frame *h, global const uchar *f, const int x, const int y, const float pad)
{
    if (x >= h->width || y >= h->height)
        return (float4)pad;
    global const uchar *p = f + 64 + (long)y * h->stride + (long)x * h->bytes;
    const bool gray = h->bytes == 1, reversed = h->format == 1 || h->format == 3;
    const int red = reversed ? 2 : 0, green = gray ? 0 : 1, blue = gray || reversed ? 0 : 2;
    return (float4)(p[red], p[green], p[blue], 0);
}

kernel void letterbox_f32(TENSOR(const uchar, frame), TENSOR(float, x), const int capacity,
                          const int height, const int width, const int square, const int bgr,
                          const float pad, const float mean0, const float mean1, const float mean2,
                          const float factor0, const float factor1, const float factor2)
{
    OPEN(frame);
    OPEN(x);
    const int ox = (int)get_global_id(0), oy = (int)get_global_id(1), n = (int)get_global_id(2);
    if (ox >= width || oy >= height)
        return;
    frame += (long)n * capacity;
    struct frame h;
    read_header(frame, &h);
    const long cx = (long)ox - h.pad_x, cy = (long)oy - h.pad_y;
    float4 v = (float4)pad;
    if (valid(&h, capacity) && cx >= 0 && cy >= 0 && cx < h.content_width && cy < h.content_height) {
        const int side = max(h.width, h.height);
        const int4 tx = sample(ox, h.pad_x, h.scale_x, square ? side : h.width);
        const int4 ty = sample(oy, h.pad_y, h.scale_y, square ? side : h.height);
        const float4 a = fetch(&h, frame, tx.x, ty.x, pad), b = fetch(&h, frame, tx.y, ty.x, pad);
        const float4 c = fetch(&h, frame, tx.x, ty.y, pad), d = fetch(&h, frame, tx.y, ty.y, pad);
        const float4 top = a + (b - a) * as_float(tx.z), bottom = c + (d - c) * as_float(tx.z);
        v = top + (bottom - top) * as_float(ty.z);
    }
    const long plane = (long)height * width;
    x += 3 * n * plane + (long)oy * width + ox;
    x[0] = ((bgr ? v.z : v.x) - mean0) * factor0;
    x[plane] = (v.y - mean1) * factor1;
    x[2 * plane] = ((bgr ? v.x : v.z) - mean2) * factor2;
}
