/* x[n, c, oy, ox] = (p - mean[c]) / scale[c], p = the frame sampled bilinearly at
 * (o - pad + 0.5) * scale - 0.5 (half-pixel centres, edges replicated), or the padding.
 * Frame: 64 header bytes (host/ops/frame.h), then interleaved 8-bit rows; a header that does not
 * fit the capacity gives padding only. Layout of x: dense NCHW. Mapping: one work-item `span`
 * pixels of `rows` output rows, all three channels, because reading the header costs more than a
 * pixel; bounds width, height. SIMD (the span): a processor with vectors mixes two source rows
 * first, 16 bytes at a time. */
#include "frame.h"

/* Tap below, tap above, and (as float bits) the weight of the one above. */
static int4 sample(const int at, const int pad, const float scale, const int canvas)
{
    float x = ((float)(at - pad) + 0.5f) * scale - 0.5f;
    x = fmin(fmax(x, 0.0f), (float)(canvas - 1));
    const int low = (int)x;
    return (int4)(low, min(low + 1, canvas - 1), as_int(x - (float)low), 0);
}

/* The channels in .yzw: three of them end a group of four bytes that starts before them, in the
 * header at the earliest, so that a pixel is one load which never passes the frame's end. */
static float4 fetch(global const uchar *row, const int x, const int bytes)
{
    if (bytes == 1)
        return (float4)(float)row[x];
    return convert_float4(vload4(0, row + x * bytes - 1));
}

struct source {
    struct frame h;
    global const uchar *low, *high; /* the two rows */
    float weight;                   /* of `high` */
    int low_there, high_there;      /* rows outside of the image (pad_square) are padding */
    int side;                       /* columns that are sampled */
};

static float4 interpolate(const struct source *s, const int ox, const float pad)
{
    const int4 t = sample(ox, s->h.pad_x, s->h.scale_x, s->side);
    const int bytes = s->h.bytes;
    float4 a = (float4)pad, b = a, c = a, d = a;
    if (s->high_there && t.y < s->h.width) {
        a = fetch(s->low, t.x, bytes);
        b = fetch(s->low, t.y, bytes);
        c = fetch(s->high, t.x, bytes);
        d = fetch(s->high, t.y, bytes);
    } else if (s->low_there && t.x < s->h.width) { /* at the edge of the image, or past it */
        a = fetch(s->low, t.x, bytes);
        b = t.y < s->h.width ? fetch(s->low, t.y, bytes) : b;
        c = s->high_there ? fetch(s->high, t.x, bytes) : c;
    }
    const float4 left = a + (c - a) * s->weight, right = b + (d - b) * s->weight;
    return left + (right - left) * as_float(t.z);
}

/* Bytes of source rows that are mixed at once; a multiple of 16. */
#define MIXED 2048

/* Mix the two rows from column `from` to `to` into `mixed`, a byte before them first. False when
 * that would pass the frame's end (`room` bytes from the upper row on), MIXED, or the image, and
 * for gray. */
static bool mix_rows(const struct source *s, const int from, const int to, const long room,
                     float *mixed)
{
    const int at = from * s->h.bytes - 1, n = (to - from + 1) * s->h.bytes + 1;
    if (s->h.bytes == 1 || !s->high_there || to >= s->h.width || n > MIXED ||
        at + (n + 15) / 16 * 16 > room)
        return false;
    for (int k = 0; k < n; k += 16) {
        const float16 low = convert_float16(vload16(0, s->low + at + k));
        const float16 high = convert_float16(vload16(0, s->high + at + k));
        vstore16(low + (high - low) * s->weight, 0, mixed + k);
    }
    return true;
}

/* Find the two rows of output row oy; false where it is padding. */
static bool open_row(struct source *s, global const uchar *frame, const int capacity, const int oy,
                     const int square)
{
    const long cy = (long)oy - s->h.pad_y;
    if (!valid(&s->h, capacity) || cy < 0 || cy >= s->h.content_height)
        return false;
    const int side = max(s->h.width, s->h.height);
    const int4 t = sample(oy, s->h.pad_y, s->h.scale_y, square ? side : s->h.height);
    s->side = square ? side : s->h.width;
    s->weight = as_float(t.z);
    s->low_there = t.x < s->h.height;
    s->high_there = t.y < s->h.height;
    s->low = frame + 64 + (long)(s->low_there ? t.x : 0) * s->h.stride;
    s->high = frame + 64 + (long)(s->high_there ? t.y : 0) * s->h.stride;
    return true;
}

KERNEL void CHAINED(letterbox_f32)(TENSOR(const uchar, frame), TENSOR(float, x), const int capacity,
                                   const int height, const int width, const int span,
                                   const int rows, const int square, const int bgr, const float pad,
                                   const float mean0, const float mean1, const float mean2,
                                   const float factor0, const float factor1,
                                   const float factor2 PLACED)
{
    OPEN(frame);
    OPEN(x);
    const int from = ID(0) * span, n = ID(2);
    const int top = ID(1) * rows, end = min(from + span, width);
    if (from >= width || top >= height)
        return;
    frame += (long)n * capacity;
    struct source s;
    read_header(frame, &s.h);
    const bool swap = (s.h.format == 1 || s.h.format == 3) != (bgr != 0);
    const float4 mean = (float4)(mean0, mean1, mean2, 0);
    const float4 factor = (float4)(factor0, factor1, factor2, 0);
    const long plane = (long)height * width;
    x += 3 * n * plane;
#ifdef SIMD
    float mixed[MIXED];
    int at[SIMD], above[SIMD]; /* a column's two pixels in `mixed` */
    float weight[SIMD];
    int left = 0, right = -1;
    if (valid(&s.h, capacity)) {
        const int side = square ? max(s.h.width, s.h.height) : s.h.width;
        left = sample(from, s.h.pad_x, s.h.scale_x, side).x;
        right = sample(end - 1, s.h.pad_x, s.h.scale_x, side).y;
        for (int k = 0; k < end - from; k++) {
            const int4 t = sample(from + k, s.h.pad_x, s.h.scale_x, side);
            at[k] = (t.x - left) * s.h.bytes;
            above[k] = (t.y - left) * s.h.bytes;
            weight[k] = as_float(t.z);
        }
    }
#endif
    for (int oy = top; oy < min(top + rows, height); oy++) {
        const bool inside = open_row(&s, frame, capacity, oy, square);
#ifdef SIMD
        const bool mixes = inside && mix_rows(&s, left, right, frame + capacity - s.high, mixed);
#endif
        for (int ox = from; ox < end; ox++) {
            const long cx = (long)ox - s.h.pad_x;
            float4 v = (float4)pad;
            if (inside && cx >= 0 && cx < s.h.content_width) {
#ifdef SIMD
                if (mixes) {
                    const float4 a = vload4(0, mixed + at[ox - from]);
                    v = a + (vload4(0, mixed + above[ox - from]) - a) * weight[ox - from];
                } else
#endif
                    v = interpolate(&s, ox, pad);
            }
            v = ((swap ? v.wzyx : v.yzwx) - mean) * factor;
            global float *y = x + (long)oy * width + ox;
            y[0] = v.x;
            y[plane] = v.y;
            y[2 * plane] = v.z;
        }
    }
}
