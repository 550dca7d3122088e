/* IoU, GIoU, DIoU and CIoU losses of boxes p and t [n, 4] (x1, y1, x2, y2) and their slopes by p;
 * host/ops/box_loss.c has the formulas and the numbers of kind. loss.h says the rest. */
#include "finite.h"
#include "loss.h"

#define EPSILON 1e-7f
#define FOUR_OVER_PI_SQUARED 0.40528473456935109f

/* 1 where a is over b, a half where they tie, else 0. */
static float over_other(const float a, const float b)
{
    return a > b ? 1 : a == b ? 0.5f : 0;
}

static float turn_of(const float width, const float height)
{
    return width == 0 && height == 0 ? 0 : atan(width / height);
}

/* The slope of a quotient with value q, given those of its numerator and denominator. */
static float quotient(const float q, const float numerator, const float denominator, const float value)
{
    return (numerator - q * denominator) / value;
}

kernel void box_loss(TENSOR(const float, prediction), TENSOR(const float, target), const int kind,
                     LOSS_ARGS)
{
    OPEN(prediction);
    OPEN(target);
    LOSS_OPEN;
    const float4 p = vload4(i, prediction), t = vload4(i, target);
    const bool good = finite4(p) && finite4(t);
    /* By axis: x, y. */
    const float2 own = p.zw - p.xy, other = t.zw - t.xy;
    const float2 common = fmin(p.zw, t.zw) - fmax(p.xy, t.xy), hull = fmax(p.zw, t.zw) - fmin(p.xy, t.xy);
    const float2 shift = (p.xy + p.zw) * 0.5f - (t.xy + t.zw) * 0.5f;
    const bool meet = common.x > 0 && common.y > 0;
    const float inter = meet ? common.x * common.y : 0;
    const float all = own.x * own.y + other.x * other.y - inter, iou = inter / (all + EPSILON);
    const float around = hull.x * hull.y, gap = (around - all) / (around + EPSILON);
    const float across = hull.x * hull.x + hull.y * hull.y + EPSILON;
    const float apart = (shift.x * shift.x + shift.y * shift.y) / across;
    float v = 0, alpha = 0, turn = 0;
    if (kind == 3) {
        turn = turn_of(other.x, other.y) - turn_of(own.x, own.y);
        v = FOUR_OVER_PI_SQUARED * (turn * turn);
        alpha = v / (1 - iou + v + EPSILON);
    }
    const float value =
        1 - iou + (kind == 1 ? gap : 0) + (kind >= 2 ? apart : 0) + (kind == 3 ? alpha * v : 0);
    LOSS_STORE(good ? value : NAN, 1);
    if (!gradient)
        return;
    const float size = own.x * own.x + own.y * own.y;
    const float bend = size > 0 ? 2 * FOUR_OVER_PI_SQUARED * alpha * turn / size : 0;
    const float corners[8] = {p.x, p.y, p.z, p.w, t.x, t.y, t.z, t.w};
    const float owns[2] = {own.x, own.y}, commons[2] = {common.x, common.y};
    const float hulls[2] = {hull.x, hull.y}, shifts[2] = {shift.x, shift.y};
    for (int k = 0; k < 4; k++) {
        const int a = k & 1, b = 1 - a;
        const float sign = k < 2 ? -1 : 1; /* of p's extent */
        const float inner = sign * over_other(k < 2 ? corners[k] : corners[k + 4],
                                              k < 2 ? corners[k + 4] : corners[k]);
        const float outer = sign - inner; /* a hull's end is p's where the intersection's is t's */
        const float d_inter = meet ? inner * commons[b] : 0;
        const float d_all = sign * owns[b] - d_inter, d_hull = outer * hulls[b];
        float slope = -quotient(iou, d_inter, d_all, all + EPSILON);
        if (kind == 1)
            slope += quotient(gap, d_hull - d_all, d_hull, around + EPSILON);
        if (kind >= 2)
            slope += quotient(apart, shifts[a], 2 * hulls[a] * outer, across);
        if (kind == 3)
            slope -= bend * sign * (a ? -1.0f : 1.0f) * owns[b];
        gradient[4 * (long)i + k] = scaled(scale, good ? slope : NAN);
    }
}
