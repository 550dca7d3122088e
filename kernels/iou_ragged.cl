/* Overlaps of many images' boxes, packed: image n has rows a_offsets[n] .. a_offsets[n + 1] of a [A, 4], as
 * many of b [B, 4], and the outputs out_offsets[n] .. out_offsets[n + 1], row-major.
 * ragged_offsets: one work-item; offsets from the caller become ascending ones within bounds.
 * iou_ragged_f32: one work-item for `per_item` neighbouring outputs, whatever images they belong to; -DWIDE:
 * 16 pairs at once. Bounds: capacity; outputs past the last pair are 0. */
#ifdef WIDE
#include "iou_wide.h"
#else
#include "iou.h"
DEFINE_IOU(float, int, box)
#endif

kernel void ragged_offsets(TENSOR(const int, given_a), TENSOR(const int, given_b), TENSOR(int, a_offsets),
                           TENSOR(int, b_offsets), TENSOR(int, out_offsets), const int images,
                           const int n_a, const int n_b)
{
    if (get_global_id(0) > 0)
        return;
    OPEN(given_a);
    OPEN(given_b);
    int a = 0, b = 0;
    ulong total = 0;
    for (int n = 0; n <= images; n++) {
        const int next_a = min(max(given_a[n], a), n_a), next_b = min(max(given_b[n], b), n_b);
        if (n > 0)
            total = min(total + (ulong)(next_a - a) * (ulong)(next_b - b), (ulong)INT_MAX);
        a_offsets[a_offsets_at + n] = a = next_a;
        b_offsets[b_offsets_at + n] = b = next_b;
        out_offsets[out_offsets_at + n] = (int)total;
    }
}

/* y[k] = overlap of the box at a with box j + k of b, k < n. */
static void overlaps(const int kind, global const float *a, global const float *b, global const uchar *crowd,
              const int j, const int n, const int n_b, global float *y)
{
#ifdef WIDE
    const struct wide box_a =
        wide_make(kind, (float16)a[0], (float16)a[1], (float16)a[2], (float16)a[3]);
    for (int k = 0; k < n; k += 16) {
        const struct wide boxes = load_boxes(kind, b, j + k, n_b);
        const int16 flags = load_flags(crowd, j + k, n_b);
        store_lanes(wide_iou(kind, flags, &box_a, &boxes), n - k, y + k);
    }
#else
    const struct box box_a = box_make(kind, a[0], a[1], a[2], a[3]);
    for (int k = 0; k < n; k++) {
        global const float *p = b + 4 * (long)(j + k);
        const struct box box_b = box_make(kind, p[0], p[1], p[2], p[3]);
        y[k] = box_iou(kind, crowd ? crowd[j + k] != 0 : 0, &box_a, &box_b);
    }
#endif
}

/* The first of n images that ends past output p, or n. */
static int image_of(global const int *out_offsets, const int n, const int p)
{
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (out_offsets[middle + 1] > p)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

kernel void iou_ragged_f32(TENSOR(const float, a), TENSOR(const float, b), TENSOR(const uchar, crowd),
                           TENSOR(const int, a_offsets), TENSOR(const int, b_offsets),
                           TENSOR(const int, out_offsets), TENSOR(float, y), const int images,
                           const int n_b, const int capacity, const int per_item, const int kind)
{
    OPEN(a_offsets);
    OPEN(b_offsets);
    OPEN(out_offsets);
    OPEN(crowd); /* a null buffer comes with 0 */
    OPEN(y);
    if (get_global_id(0) * (ulong)per_item >= (ulong)capacity)
        return;
    int p = (int)get_global_id(0) * per_item;
    const int end = p + min(per_item, capacity - p);
    for (int n = image_of(out_offsets, images, p); n < images && p < end; n++) {
        const int first = out_offsets[n], stop = min(end, out_offsets[n + 1]);
        const int columns = b_offsets[n + 1] - b_offsets[n];
        while (p < stop) {
            const int i = (p - first) / columns, j = (p - first) - i * columns;
            const int count = min(columns - j, stop - p);
            overlaps(kind, a + a_at + 4 * (long)(a_offsets[n] + i), b + b_at, crowd,
                     b_offsets[n] + j, count, n_b, y + p);
            p += count;
        }
    }
    for (; p < end; p++)
        y[p] = 0;
}
