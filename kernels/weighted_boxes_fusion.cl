/* Weighted boxes fusion (Solovyev et al. 2021). Candidates as kernels/candidates.cl sorts them by weighted
 * score: by class, then score.
 *
 * fusion_scores: weighted [N, length] = score * weight of the box's model; NaN for a box that takes no
 *   part: a score not over the threshold, a model not in 0..models - 1, no weight, no area.
 * fusion_clusters: candidates one by one join the cluster whose fused box overlaps theirs most, beyond
 *   iou_threshold (the oldest among equals), or start one. A cluster has the mean of its boxes, weighted by
 *   weighted score. final [N, length] and fused [N, length, 4], by the candidate that started it, get its
 *   confidence and box. Mapping: work-group (tile, row) takes the segments that start in its `tile`
 *   positions; its work-items share the clusters, LANES at a time. clusters [N, PLANES, stride], members
 *   [N, 2, stride]: scratch, used from each segment's start on. */
#include "pairs.h"
DEFINE_OVERLAP(float, int, box)

kernel void fusion_scores(TENSOR(const float, boxes), TENSOR(const float, scores),
                          TENSOR(const int, models), TENSOR(const float, weights),
                          TENSOR(const int, counts), TENSOR(float, weighted), const int length,
                          const int n_models, const float threshold)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= length || i >= count_of(counts ? counts + counts_at : counts, row, length))
        return;
    const long at = (long)row * length + i;
    const int model = models ? models[models_at + at] : 0;
    const float score = scores[scores_at + at];
    const float weight = model >= 0 && model < n_models ? weights[weights_at + model] : 0;
    boxes += boxes_at + 4 * at;
    const bool good = score > threshold && weight > 0 &&
                      box_area(boxes[0], boxes[1], boxes[2], boxes[3], 0) > 0;
    weighted[weighted_at + at] = good ? score * weight : NAN;
}

enum { BOX, SUM = 4, TOTAL = 8, PLANES }; /* of `clusters` */

/* What the weights of the models come to: their sum, or the largest. */
static float all_weights(global const float *weights, const int n, const int largest)
{
    float result = 0;
    for (int k = 0; k < n; k++) {
        const float w = weights[k] > 0 ? weights[k] : 0;
        result = !largest ? result + w : w > result ? w : result;
    }
    return result;
}

/* The cluster k (from x on in planes) of which `box` with weighted score s is a new member. */
static void join(global float *x, const long stride, const float *box, const float s, const bool first)
{
    const float total = (first ? 0 : x[TOTAL * stride]) + s;
    x[TOTAL * stride] = total;
    for (int d = 0; d < 4; d++) {
        const float sum = (first ? 0 : x[(SUM + d) * stride]) + s * box[d];
        x[(SUM + d) * stride] = sum;
        x[(BOX + d) * stride] = first ? box[d] : copysign(one_divide(fabs(sum), total), sum);
    }
}

kernel void fusion_clusters(TENSOR(const float, planes), TENSOR(const float, scores),
                            TENSOR(const int, classes), TENSOR(const int, order),
                            TENSOR(const int, counts), TENSOR(const float, weights),
                            TENSOR(float, clusters), TENSOR(int, members), TENSOR(float, final),
                            TENSOR(float, fused), const int length, const int stride, const int tile,
                            const int n_models, const float iou_threshold, const int largest)
{
    local float values[W];
    local int places[W];
    const int lid = (int)get_local_id(0), row = (int)get_global_id(1);
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length;
    planes += planes_at + 4 * (long)row * stride;
    scores += scores_at + (long)row * stride;
    order += order_at + at;
    final += final_at + at;
    fused += fused_at + 4 * at;
    if (classes)
        classes += classes_at + at;
    const float weight = all_weights(weights + weights_at, n_models, largest);
    const int stop = (int)min((long)(get_group_id(0) + 1) * tile, (long)count);
    int start = first_start(classes, (int)get_group_id(0) * tile, stop, count);
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        global float *x = clusters + clusters_at + PLANES * (long)row * stride + start;
        global int *size = members + members_at + 2 * (long)row * stride + start;
        global int *first = size + stride;
        int total = 0;
        for (int i = start; i < next && !isnan(planes[i]); i++) {
            const struct boxes own = load_box(planes, stride, i);
            V best = (V)iou_threshold;
            M place = (M)(-1);
            for (int k = lid * LANES; k < total; k += W * LANES) {
                const int n = total - k;
                const struct boxes b = {load_part(x + k, n, 0), load_part(x + stride + k, n, 0),
                                        load_part(x + 2 * (long)stride + k, n, 0),
                                        load_part(x + 3 * (long)stride + k, n, 0)};
                const V inter = inter_of(b, own);
                if (!any(inter > (V)0))
                    continue;
                const V iou = iou_of(inter, area_of(b) + area_of(own));
                place = iou > best ? IOTA + k : place;
                best = iou > best ? iou : best;
            }
            float overlap;
            const int found = group_best(values, places, best, place, &overlap);
            const int k = found < 0 ? total : found;
            if (lid == 0) {
                const float box[4] = {planes[i], planes[stride + i], planes[2 * (long)stride + i],
                                      planes[3 * (long)stride + i]};
                join(x + k, stride, box, scores[i], found < 0);
                size[k] = found < 0 ? 1 : size[k] + 1;
                if (found < 0)
                    first[k] = i;
            }
            total += found < 0;
            SYNC(CLK_GLOBAL_MEM_FENCE);
        }
        for (int k = lid; k < total; k += W) {
            const int c = order[first[k]];
            const float n = (float)size[k], some = (float)min(size[k], n_models);
            const float mean = one_divide(x[TOTAL * (long)stride + k], n);
            final[c] = one_divide(largest ? scores[first[k]] : mean * some, weight);
            for (int d = 0; d < 4; d++)
                fused[4 * (long)c + d] = x[(BOX + d) * (long)stride + k];
        }
        start = next;
    }
}
