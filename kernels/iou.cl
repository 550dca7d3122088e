/* y[n, i, j] = overlap of box i of a [N, A, 4] and box j of b [N, B, 4]; definitions in
 * host/ops/iou.c. Work mapping: iou_f32 one work-item a pair (j, i, n), iou_each_f32 one a pair (i,
 * i). */
#include "iou.h"
DEFINE_IOU(float, int, box)

static struct box load_box(const int kind, global const float *p)
{
    return box_make(kind, p[0], p[1], p[2], p[3]);
}

kernel void iou_f32(TENSOR(const float, a), TENSOR(const float, b), TENSOR(const uchar, crowd),
                    TENSOR(const int, count_a), TENSOR(const int, count_b), TENSOR(float, y),
                    const int n_a, const int n_b, const int kind)
{
    const int j = (int)get_global_id(0), i = (int)get_global_id(1), n = (int)get_global_id(2);
    if (i >= n_a || j >= n_b)
        return;
    const long at_a = (long)n * n_a + i, at_b = (long)n * n_b + j;
    const bool inside =
        (!count_a || i < count_a[count_a_at + n]) && (!count_b || j < count_b[count_b_at + n]);
    const struct box box_a = load_box(kind, a + a_at + 4 * at_a);
    const struct box box_b = load_box(kind, b + b_at + 4 * at_b);
    const int is_crowd = crowd ? crowd[crowd_at + at_b] != 0 : 0;
    y[y_at + at_a * n_b + j] = inside ? box_iou(kind, is_crowd, &box_a, &box_b) : 0;
}

kernel void iou_each_f32(TENSOR(const float, a), TENSOR(const float, b), TENSOR(const uchar, crowd),
                         TENSOR(float, y), const int n, const int kind)
{
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const struct box box_a = load_box(kind, a + a_at + 4 * (long)i);
    const struct box box_b = load_box(kind, b + b_at + 4 * (long)i);
    const int is_crowd = crowd ? crowd[crowd_at + i] != 0 : 0;
    y[y_at + i] = box_iou(kind, is_crowd, &box_a, &box_b);
}
