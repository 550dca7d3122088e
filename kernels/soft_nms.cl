/* Soft-NMS (Bodla et al. 2017): again and again the best of the scores s that are left is chosen (the first
 * among equals), while it is over the threshold, and each other score of its segment becomes
 *   linear    s * (1 - iou) where iou >= iou_threshold
 *   gaussian  s * exp(-iou * iou * inverse), inverse = 1 / sigma
 * Candidates as kernels/candidates.cl sorts them: by class, then by position. final [N, length], by
 * candidate, gets the scores of the chosen ones. Mapping: work-group (tile, row) takes the segments that
 * start in its `tile` positions; a work-item rescores chunks of LANES candidates, always the same ones, and
 * looks for the next best in the same pass. O(chosen * candidates) work a segment. */
#include "pairs.h"

/* The scores s of boxes b once `top` is chosen. */
static V rescore(const V s, const struct boxes b, const struct boxes top, const float iou_threshold,
          const float inverse)
{
    const V inter = inter_of(b, top);
    if (!any(inter > (V)0))
        return s;
    const V iou = iou_of(inter, area_of(b) + area_of(top));
    if (inverse > 0)
        return s * pair_exp(-(iou * iou * inverse));
    return iou >= (V)iou_threshold ? s * ((V)1 - iou) : s;
}

kernel void soft_nms(TENSOR(const float, planes), TENSOR(float, scores), TENSOR(const int, classes),
                     TENSOR(const int, order), TENSOR(const int, counts), TENSOR(float, final),
                     const int length, const int stride, const int tile, const int limit,
                     const float threshold, const float iou_threshold, const float inverse)
{
    local float values[W];
    local int places[W];
    const int lid = (int)get_local_id(0), row = (int)get_global_id(1);
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length;
    planes += planes_at + 4 * (long)row * stride;
    scores += scores_at + (long)row * stride;
    final += final_at + at;
    if (order)
        order += order_at + at;
    if (classes)
        classes += classes_at + at;
    const int stop = (int)min((long)(get_group_id(0) + 1) * tile, (long)count);
    int start = first_start(classes, (int)get_group_id(0) * tile, stop, count);
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        int chosen = -1, total = 0;
        while (total < limit) {
            V best = (V)threshold;
            M place = (M)(-1);
            const struct boxes top = load_box(planes, stride, max(chosen, start));
            for (int i = start + lid * LANES; i < next; i += W * LANES) {
                V s = load_part(scores + i, next - i, -1);
                const M here = IOTA + i;
                if (chosen >= 0) {
                    s = rescore(s, load_boxes(planes, stride, i), top, iou_threshold, inverse);
                    s = here == (M)chosen ? (V)(-1) : s;
                    store_part(s, scores + i, next - i);
                }
                const M better = s > best;
                best = better ? s : best;
                place = better ? here : place;
            }
            float score;
            chosen = group_best(values, places, best, place, &score);
            if (chosen >= 0 && lid == 0)
                final[order ? order[chosen] : chosen] = score;
            total = chosen >= 0 ? total + 1 : limit;
        }
        start = next;
    }
}
