/* Does a box suppress others? Include after pairs.h. Twin: host/ops/cluster_nms.c. */

static V squared(const V x)
{
    return x * x;
}

/* The lanes of b that `own` (sum of areas: both) suppresses:
 *   iou   inter > threshold * union
 *   diou  inter * c - d * union > threshold * (union * c), c the squared diagonal of the hull, d the squared
 *         distance of the centres: iou - d / c > threshold without a division
 * and never where the union is empty. */
M suppresses(const struct boxes b, const struct boxes own, const float threshold, const int diou)
{
    const V inter = inter_of(b, own), both = area_of(b) + area_of(own);
    if (!diou)
        return pair_suppress(inter, both, threshold, 0);
    const V joint = both - inter;
    const V c = squared((b.x2 > own.x2 ? b.x2 : own.x2) - (b.x1 < own.x1 ? b.x1 : own.x1)) +
                squared((b.y2 > own.y2 ? b.y2 : own.y2) - (b.y1 < own.y1 ? b.y1 : own.y1));
    const V d = (squared((b.x1 + b.x2) - (own.x1 + own.x2)) +
                 squared((b.y1 + b.y2) - (own.y1 + own.y2))) *
                0.25f;
    return (joint > (V)0) & (inter * c - d * joint > threshold * (joint * c));
}
