/* cost [N, Q, T] of matching queries (logits x [N, Q, C], boxes [N, Q, 4]) with ground truths (classes [N, T],
 * truth [N, T, 4]; counts [N] or null); boxes are centre and size; host/ops/match_cost.c has the formulas.
 * match_sums: sums [rows, 2], the largest logit of a row and the sum of exp(x - largest); one work-item a row.
 * match_cost: one work-item a number over (truth, query, image); sums null: the focal kind. */
#include "overlap.h"
DEFINE_OVERLAP(float, int, box)

kernel void match_sums(TENSOR(const float, x), TENSOR(float, sums), const int rows, const int classes)
{
    OPEN(x);
    OPEN(sums);
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    x += (long)row * classes;
    float top = -INFINITY, sum = 0;
    for (int k = 0; k < classes; k++)
        top = x[k] > top ? x[k] : top;
    for (int k = 0; k < classes; k++)
        sum += exp(x[k] - top);
    vstore2((float2)(top, sum), row, sums);
}

static float focal_cost(const float x, const float alpha, const float gamma)
{
    const float e = exp(-fabs(x)), tail = log1p(e);
    const float p = (x < 0 ? e : 1) / (1 + e), q = (x < 0 ? 1 : e) / (1 + e); /* q = 1 - p */
    const float with = alpha * (gamma == 2 ? q * q : pow(q, gamma));
    const float without = (1 - alpha) * (gamma == 2 ? p * p : pow(p, gamma));
    const float v = (with > 0 ? with * (fmax(-x, 0.0f) + tail) : 0) -
                    (without > 0 ? without * (fmax(x, 0.0f) + tail) : 0);
    return isnan(x) ? NAN : v;
}

static float giou(const float4 b, const float4 t)
{
    const float2 b1 = b.xy - b.zw * 0.5f, b2 = b.xy + b.zw * 0.5f;
    const float2 t1 = t.xy - t.zw * 0.5f, t2 = t.xy + t.zw * 0.5f;
    const float inter = box_inter(b1.x, b1.y, b2.x, b2.y, t1.x, t1.y, t2.x, t2.y, 0);
    const float all = box_area(b1.x, b1.y, b2.x, b2.y, 0) + box_area(t1.x, t1.y, t2.x, t2.y, 0) - inter;
    const float2 sides = fmax(b2, t2) - fmin(b1, t1);
    const float hull = sides.x * sides.y;
    return (all > 0 ? inter / all : 0) - (hull > 0 ? (hull - all) / hull : 0);
}

kernel void match_cost(TENSOR(const float, x), TENSOR(const float, boxes),
                       TENSOR(const int, targets), TENSOR(const float, truth),
                       TENSOR(const int, counts), TENSOR(const float, sums), TENSOR(float, cost),
                       const int queries, const int classes, const int truths,
                       const float class_weight, const float l1_weight, const float giou_weight,
                       const float alpha, const float gamma)
{
    const int k = (int)get_global_id(0), q = (int)get_global_id(1), n = (int)get_global_id(2);
    if (k >= truths || q >= queries)
        return;
    const long row = (long)n * queries + q, at = (long)n * truths + k;
    const float4 b = vload4(row, boxes + boxes_at), t = vload4(at, truth + truth_at), d = fabs(b - t);
    const int target = targets[targets_at + at];
    const bool known = target >= 0 && target < classes;
    const float l1 = d.x + d.y + d.z + d.w;
    float v = 0;
    if (class_weight != 0 && known) {
        const float logit = x[x_at + row * classes + target];
        if (sums) {
            const float2 s = vload2(row, sums + sums_at);
            v = class_weight * (-exp(logit - s.x) / s.y);
        } else {
            v = class_weight * focal_cost(logit, alpha, gamma);
        }
    }
    if (l1_weight != 0)
        v += l1_weight * l1;
    if (giou_weight != 0)
        v -= giou_weight * giou(b, t);
    if (isnan(l1) || (class_weight != 0 && !known))
        v = NAN;
    if (counts && k >= counts[counts_at + n])
        v = 0;
    cost[cost_at + row * truths + k] = v;
}
