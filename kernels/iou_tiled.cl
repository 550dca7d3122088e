/* iou_f32 (iou.cl) for one work-item a group: ROWS boxes of a against CHUNK vectors of 16 boxes of
 * b, which are brought into vector form once and used for every row. Bounds: chunks of n_b, tiles
 * of n_a, images. */
#include "iou_wide.h"

#define ROWS 16
#define CHUNK 32

kernel void iou_tiled_f32(TENSOR(const float, a), TENSOR(const float, b),
                          TENSOR(const uchar, crowd), TENSOR(const int, count_a),
                          TENSOR(const int, count_b), TENSOR(float, y), const int n_a,
                          const int n_b, const int kind)
{
    OPEN(a);
    const int first_b = (int)get_global_id(0) * CHUNK * 16, first_a = (int)get_global_id(1) * ROWS;
    const int n = (int)get_global_id(2);
    if (first_b >= n_b || first_a >= n_a)
        return;
    const int rows = count_a ? min(n_a, count_a[count_a_at + n]) : n_a;
    const int columns = min(n_b - first_b, CHUNK * 16);
    const int valid = min(columns, (count_b ? count_b[count_b_at + n] : n_b) - first_b);
    const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    b += b_at + 4 * (long)n * n_b;
    if (crowd)
        crowd += crowd_at + (long)n * n_b;
    struct wide boxes[CHUNK];
    int16 flags[CHUNK];
    for (int v = 0; 16 * v < valid; v++) {
        boxes[v] = load_boxes(kind, b, first_b + 16 * v, n_b);
        flags[v] = load_flags(crowd, first_b + 16 * v, n_b);
    }
    for (int i = first_a; i < min(first_a + ROWS, n_a); i++) {
        const float4 p = vload4((long)n * n_a + i, a);
        const struct wide row =
            wide_make(kind, (float16)p.x, (float16)p.y, (float16)p.z, (float16)p.w);
        global float *line = y + y_at + ((long)n * n_a + i) * n_b + first_b;
        const int end = i < rows ? valid : 0;
        int v = 0;
        for (; 16 * v + 16 <= end; v++)
            vstore16(wide_iou(kind, flags[v], &row, &boxes[v]), v, line);
        if (16 * v < end) {
            const float16 part = wide_iou(kind, flags[v], &row, &boxes[v]);
            store_lanes(lane < end - 16 * v ? part : 0, columns - 16 * v, line + 16 * v);
            v++;
        }
        for (; 16 * v < columns; v++)
            store_lanes(0, columns - 16 * v, line + 16 * v);
    }
}
