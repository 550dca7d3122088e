/* Weighted (blending) suppression, once cluster_nms.cl has decided which candidates are kept. Candidates as
 * kernels/candidates.cl sorts them: by class, then score; states [N, stride]: 1 kept, 2 not.
 *
 * weighted_leaders: leaders [N, stride]: the first kept candidate that suppresses this one; a kept one
 *   leads itself; -1 past the candidates. One work-item a candidate.
 * weighted_means: fused [N, length, 4], by candidate: of each kept one, sum(s * box) / sum(s) over those
 *   that it leads, in order of falling score. One work-item a kept candidate. */
#include "pairs.h"
#include "suppress.h"

#define WEIGHTED_ARGS                                                                              \
    TENSOR(const float, planes), TENSOR(const int, classes), const int length, const int stride
/* Moves to the row and declares the candidate j, whether there is one. */
#define WEIGHTED_OPEN                                                                              \
    const int j = (int)get_global_id(0), row = (int)get_global_id(1);                              \
    if (j >= stride)                                                                               \
        return;                                                                                    \
    planes += planes_at + 4 * (long)row * stride;                                                  \
    if (classes)                                                                                   \
        classes += classes_at + (long)row * length

kernel void weighted_leaders(WEIGHTED_ARGS, TENSOR(const int, states), TENSOR(int, leaders),
                             const float threshold)
{
    WEIGHTED_OPEN;
    states += states_at + (long)row * stride;
    const bool there = !isnan(planes[j]);
    int leader = there && states[j] == 1 ? j : -1;
    const struct boxes own = load_box(planes, stride, j);
    const int start = there && classes ? class_start(classes, j) : 0;
    for (int i = start; i < j && there && leader < 0; i += LANES) {
        const M hit = (VLOAD(0, states + i) == (M)1) & (IOTA + i < (M)j) &
                      suppresses(load_boxes(planes, stride, i), own, threshold, 0);
        if (!any(hit))
            continue;
        int lanes[LANES];
        VSTORE(hit, 0, lanes);
        for (int k = LANES - 1; k >= 0; k--)
            leader = lanes[k] ? i + k : leader;
    }
    leaders[leaders_at + (long)row * stride + j] = leader;
}

kernel void weighted_means(WEIGHTED_ARGS, TENSOR(const int, leaders), TENSOR(const float, scores),
                           TENSOR(const int, order), TENSOR(const int, counts), TENSOR(float, fused))
{
    WEIGHTED_OPEN;
    leaders += leaders_at + (long)row * stride;
    scores += scores_at + (long)row * stride;
    if (leaders[j] != j)
        return;
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const int end = classes ? class_end(classes, j, count) : count;
    float sum[4] = {0, 0, 0, 0}, total = 0;
    for (int i = j; i < end; i += LANES) {
        if (!any(VLOAD(0, leaders + i) == (M)j))
            continue;
        for (int k = i; k < min(i + LANES, end); k++) {
            if (leaders[k] != j)
                continue;
            total += scores[k];
            for (int d = 0; d < 4; d++)
                sum[d] += scores[k] * planes[(long)d * stride + k];
        }
    }
    fused += fused_at + 4 * ((long)row * length + order[order_at + (long)row * length + j]);
    for (int d = 0; d < 4; d++)
        fused[d] = copysign(one_divide(fabs(sum[d]), total), sum[d]);
}
