/* Masks of objects; definitions in host/ops/masks_to_boxes.c and host/ops/paste_masks.c. Mapping and bounds:
 * mask_rows: one work-item a row of a mask, `rows` of them; it finds the row's first and last column that is
 *   not 0 (spans [N, H, 2]; W and -1 where there is none).
 * mask_boxes: one work-item a mask, n of them, joins its rows' spans.
 * paste_masks_*: one work-item for 16 neighbouring pixels of a row of an image; width, height, n. */

kernel void mask_rows(TENSOR(const uchar, masks), TENSOR(int, spans), const int rows, const int width)
{
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    masks += masks_at + (long)row * width;
    int first = 0, last = width - 1;
    while (first + 16 <= width && !any(vload16(0, masks + first) != (uchar16)0))
        first += 16;
    while (first < width && masks[first] == 0)
        first++;
    while (last - 15 > first && !any(vload16(0, masks + last - 15) != (uchar16)0))
        last -= 16;
    while (last >= first && masks[last] == 0)
        last--;
    spans += spans_at + 2 * (long)row;
    spans[0] = first;
    spans[1] = last >= first ? last : -1;
}

kernel void mask_boxes(TENSOR(const int, spans), TENSOR(float, boxes), const int n, const int height,
                       const int width)
{
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    spans += spans_at + 2 * (long)i * height;
    int x1 = width, y1 = height, x2 = -1, y2 = -1;
    for (int y = 0; y < height; y++) {
        if (spans[2 * y + 1] < 0)
            continue;
        x1 = min(x1, spans[2 * y]);
        x2 = max(x2, spans[2 * y + 1]);
        y1 = min(y1, y);
        y2 = y;
    }
    boxes += boxes_at + 4 * (long)i;
    boxes[0] = x2 < 0 ? 0 : (float)x1;
    boxes[1] = x2 < 0 ? 0 : (float)y1;
    boxes[2] = x2 < 0 ? 0 : (float)x2;
    boxes[3] = x2 < 0 ? 0 : (float)y2;
}

/* Where a padded mask of `in` pixels lies on an axis of the image: pixels start .. end, end excluded, of the
 * image's; its left border is at `origin`, and `twice` is two times its size there. */
struct axis {
    int start, end, origin;
    ulong twice;
};

static int whole(const float v)
{
    return v < -1e9f ? -1000000000 : v > 1e9f ? 1000000000 : (int)v;
}

static struct axis place(const float low, const float high, const float scale, const int extent)
{
    const float reach = (high - low) * 0.5f * scale, centre = (high + low) * 0.5f;
    struct axis a = {0, 0, 0, 2};
    if (!isfinite(centre - reach) || !isfinite(centre + reach))
        return a;
    const int first = whole(centre - reach), last = whole(centre + reach);
    a.origin = first;
    a.start = max(first, 0);
    a.end = min(last + 1, extent);
    a.twice = 2 * (ulong)max(last - first + 1, 1);
    return a;
}

/* Pixel x of the image lies between pixels p - 1 and p of the padded mask, `part` / a->twice of the way; p = 0
 * is before the first. Integers, so that every device finds the same. */
static int locate(const struct axis *a, const int x, const int in, ulong *part)
{
    const ulong t = (2 * (ulong)(x - a->origin) + 1) * (ulong)in + a->twice / 2;
    const ulong p = t / a->twice;
    *part = t - p * a->twice;
    return (int)p;
}

/* Pixel (y, x) of the mask with a border of zeros, whose first pixel is (0, 0). */
static float padded(global const float *mask, const int m, const int y, const int x)
{
    return y >= 1 && y <= m && x >= 1 && x <= m ? mask[(y - 1) * m + x - 1] : 0;
}

/* Pixels of the padded mask and their weights, which add up to a->twice; before the first pixel there is the
 * first alone. */
struct pair {
    int first, next;
    float w_first, w_next;
};

static struct pair around(const struct axis *a, const int x, const int in)
{
    ulong part;
    const int p = locate(a, x, in, &part);
    struct pair q;
    q.first = max(p - 1, 0);
    q.next = min(q.first + 1, in - 1);
    q.w_first = p == 0 ? (float)a->twice : (float)(a->twice - part);
    q.w_next = p == 0 ? 0 : (float)part;
    return q;
}

/* Row y of the padded mask between two columns, times the sum of their weights. */
static float blend(global const float *mask, const int m, const int y, const struct pair *q)
{
    return q->w_first * padded(mask, m, y, q->first) + q->w_next * padded(mask, m, y, q->next);
}

/* FINISH turns `sum` / `full`, the interpolated mask, into the output. */
#define DEFINE_PASTE(T, name, FINISH)                                                              \
    kernel void name(TENSOR(const float, masks), TENSOR(const float, boxes), TENSOR(T, y),         \
                     const int n, const int m, const int height, const int width,                  \
                     const float scale, const float threshold)                                     \
    {                                                                                              \
        const int x0 = 16 * (int)get_global_id(0), row = (int)get_global_id(1);                    \
        const int i = (int)get_global_id(2), count = min(16, width - x0);                          \
        if (x0 >= width || row >= height || i >= n)                                                \
            return;                                                                                \
        masks += masks_at + (long)i * m * m;                                                       \
        boxes += boxes_at + 4 * (long)i;                                                           \
        y += y_at + ((long)i * height + row) * width + x0;                                         \
        const struct axis across = place(boxes[0], boxes[2], scale, width);                        \
        const struct axis down = place(boxes[1], boxes[3], scale, height);                         \
        const bool inside = row >= down.start && row < down.end;                                   \
        const struct pair v = around(&down, inside ? row : down.origin, m + 2);                    \
        for (int k = 0; k < count; k++) {                                                          \
            const int x = x0 + k;                                                                  \
            if (!inside || x < across.start || x >= across.end) {                                  \
                y[k] = 0;                                                                          \
                continue;                                                                          \
            }                                                                                      \
            const struct pair u = around(&across, x, m + 2);                                       \
            const float sum = v.w_first * blend(masks, m, v.first, &u) +                           \
                              v.w_next * blend(masks, m, v.next, &u);                              \
            const float full = (float)down.twice * (float)across.twice;                            \
            y[k] = FINISH;                                                                         \
        }                                                                                          \
    }
DEFINE_PASTE(float, paste_masks_f32, sum / full)
DEFINE_PASTE(uchar, paste_masks_u8, sum >= threshold * full)
