/* y[n, i, j] = overlap of box i of a [N, A, 4] and box j of b [N, B, 4]; kinds and formulas in
 * host/ops/iou.c. A box with a NaN gives NaN. Mapping: one work-item a pair; bounds B, A. */
#include "overlap.h"
DEFINE_OVERLAP(float, int, box)

float squared(const float x)
{
    return x * x;
}

kernel void iou_f32(TENSOR(const float, a), TENSOR(const float, b), TENSOR(float, y), const int n_a,
                    const int n_b, const int kind)
{
    const int j = (int)get_global_id(0), i = (int)get_global_id(1), n = (int)get_global_id(2);
    if (i >= n_a || j >= n_b)
        return;
    a += a_at + 4 * ((long)n * n_a + i);
    b += b_at + 4 * ((long)n * n_b + j);
    const float ax1 = a[0], ay1 = a[1], ax2 = a[2], ay2 = a[3];
    const float bx1 = b[0], by1 = b[1], bx2 = b[2], by2 = b[3];
    const float inter = box_inter(ax1, ay1, ax2, ay2, bx1, by1, bx2, by2, 0);
    const float area = box_area(ax1, ay1, ax2, ay2, 0);
    const float all = area + box_area(bx1, by1, bx2, by2, 0) - inter;
    const float iou = all > 0 ? inter / all : 0;
    const float width = fmax(ax2, bx2) - fmin(ax1, bx1), height = fmax(ay2, by2) - fmin(ay1, by1);
    float v = iou;
    if (kind == 1)
        v = area > 0 ? inter / area : 0;
    if (kind == 2) {
        const float hull = width * height;
        v = iou - (hull > 0 ? (hull - all) / hull : 0);
    }
    if (kind >= 3)
        v = iou - (squared((ax1 + ax2) * 0.5f - (bx1 + bx2) * 0.5f) +
                   squared((ay1 + ay2) * 0.5f - (by1 + by2) * 0.5f)) /
                      (squared(width) + squared(height) + 1e-7f);
    if (kind == 4) {
        const float turn = atan2(bx2 - bx1, by2 - by1) - atan2(ax2 - ax1, ay2 - ay1);
        const float aspect = 0.40528473456935109f * squared(turn); /* 4 / pi^2 */
        v -= aspect / (1 - iou + aspect + 1e-7f) * aspect;
    }
    const bool nan = isnan(ax1) || isnan(ay1) || isnan(ax2) || isnan(ay2) || isnan(bx1) ||
                     isnan(by1) || isnan(bx2) || isnan(by2);
    y[y_at + ((long)n * n_a + i) * n_b + j] = nan ? NAN : v;
}
