/* Suppression in parallel: Fast NMS (Bolya et al. 2019) and Cluster-NMS (Zheng et al. 2021), whose
 * iteration ends at the result of greedy suppression. Candidates as kernels/candidates.cl sorts them: by
 * class, then score. States [N, stride]: OPEN, KEPT or GONE; past the candidates GONE.
 *
 * cluster_round: one work-item a candidate j that is open, which meets those before it LANES at a time. A
 *   kept one that suppresses it ends it; without an open one that does, it is kept. `from` has the states
 *   before; NULL: all are open, and `fast` ends there: what any candidate before suppresses is gone.
 * cluster_finish: what the rounds left open, in order: work-group (tile, row) takes the segments that start
 *   in its `tile` positions and tests one open candidate at a time against the kept ones.
 * cluster_write: final [N, length], by candidate: the score of the kept ones, NaN of the others. */
#include "pairs.h"
#include "scan.h"
#include "suppress.h"

enum { OPEN_STATE, KEPT, GONE };

kernel void cluster_round(TENSOR(const float, planes), TENSOR(const int, classes),
                          TENSOR(const int, from), TENSOR(int, states), const int length,
                          const int stride, const float threshold, const int diou, const int fast)
{
    const int j = (int)get_global_id(0), row = (int)get_global_id(1);
    if (j >= stride)
        return;
    planes += planes_at + 4 * (long)row * stride;
    if (classes)
        classes += classes_at + (long)row * length;
    if (from)
        from += from_at + (long)row * stride;
    int state = isnan(planes[j]) ? GONE : from ? from[j] : OPEN_STATE;
    if (state == OPEN_STATE) {
        const struct boxes own = load_box(planes, stride, j);
        bool blocked = false;
        for (int i = classes ? class_start(classes, j) : 0; i < j && state == OPEN_STATE; i += LANES) {
            const M before = from ? VLOAD(0, from + i) : (M)OPEN_STATE;
            const M hit = (IOTA + i < (M)j) & (before != (M)GONE) &
                          suppresses(load_boxes(planes, stride, i), own, threshold, diou);
            blocked |= any(hit) != 0;
            if (from && any(hit & (before == (M)KEPT)))
                state = GONE;
            if (!from && blocked)
                break;
        }
        if (!blocked)
            state = KEPT;
        else if (fast)
            state = GONE;
    }
    states[states_at + (long)row * stride + j] = state;
}

/* States from x on, GONE past n. Other groups may be writing behind them. */
M states_part(global const int *x, const int n)
{
    if (n >= LANES)
        return VLOAD(0, x);
    int part[LANES];
    for (int k = 0; k < LANES; k++)
        part[k] = k < n ? x[k] : GONE;
    return VLOAD(0, part);
}

kernel void cluster_finish(TENSOR(const float, planes), TENSOR(const int, classes),
                           TENSOR(const int, counts), TENSOR(int, states), const int length,
                           const int stride, const int tile, const float threshold, const int diou)
{
    local int sums[W], list[W];
    const int lid = (int)get_local_id(0), row = (int)get_global_id(1);
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    planes += planes_at + 4 * (long)row * stride;
    states += states_at + (long)row * stride;
    if (classes)
        classes += classes_at + (long)row * length;
    const int stop = (int)min((long)(get_group_id(0) + 1) * tile, (long)count);
    int start = first_start(classes, (int)get_group_id(0) * tile, stop, count);
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        for (int b = start; b < next; b += W) {
            const int open = b + lid < next && states[min(b + lid, next - 1)] == OPEN_STATE;
            int n;
            const int place = group_scan(sums, open, &n);
            if (open)
                list[place] = b + lid;
            SYNC(CLK_LOCAL_MEM_FENCE);
            for (int k = 0; k < n; k++) {
                const int j = list[k];
                const struct boxes own = load_box(planes, stride, j);
                int gone = 0, hits;
                for (int i = start + lid * LANES; i < j && !gone; i += W * LANES)
                    gone = any((states_part(states + i, j - i) == (M)KEPT) &
                               suppresses(load_boxes(planes, stride, i), own, threshold, diou));
                group_scan(sums, gone != 0, &hits);
                if (lid == 0)
                    states[j] = hits ? GONE : KEPT;
                SYNC(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
            }
            SYNC(CLK_LOCAL_MEM_FENCE);
        }
        start = next;
    }
}

kernel void cluster_write(TENSOR(const int, states), TENSOR(const float, scores),
                          TENSOR(const int, order), TENSOR(float, final), const int length,
                          const int stride)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= stride)
        return;
    const long at = (long)row * stride + i;
    if (states[states_at + at] == KEPT)
        final[final_at + (long)row * length + order[order_at + (long)row * length + i]] =
            scores[scores_at + at];
}
