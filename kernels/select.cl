/* Candidates: scores over a threshold with a finite box, compacted in order of their index.
 * boxes [N, rows, 4], scores [N, rows, classes]; out: scores, classes, anchors [N, rows * classes],
 * count [N]. Mapping: group (tile, n) of W work-items handles W * per_item neighbouring scores of
 * image n, each work-item per_item of them; select_count counts, select_write sums the tiles before
 * its own, scans its work-items' counts and writes. So the order does not depend on the schedule.
 * select_best: one work-item a row; the largest score and its class (NaN, -1 when there is none).
 */
#include "any.h"
#include "finite.h"
#include "scan.h"

static bool passes(const float score, const float threshold, const int or_equal)
{
    return or_equal ? score >= threshold : score > threshold;
}

/* One image's scores [first, end); or_equal and background as in select. */
struct range {
    int first, end, classes, or_equal, background;
    float threshold;
};

/* True when score i is a candidate. */
static bool chosen(global const float *boxes, global const float *scores, const struct range *r,
                   const int i)
{
    return passes(scores[i], r->threshold, r->or_equal) &&
           (r->background < 0 || i % r->classes != r->background) &&
           finite4(vload4(i / r->classes, boxes));
}

/* True when one of the 16 scores from x on passes. */
static bool any_passes(global const float *x, const float threshold, const int or_equal)
{
    const float16 v = vload16(0, x), t = (float16)threshold;
    return any16(or_equal ? v >= t : v > t);
}

static int count_range(global const float *boxes, global const float *scores, const struct range *r)
{
    int found = 0;
    for (int i = r->first; i < r->end; i += 16) {
        const int end = min(i + 16, r->end);
        if (end - i == 16 && !any_passes(scores + i, r->threshold, r->or_equal))
            continue;
        for (int k = i; k < end; k++)
            found += chosen(boxes, scores, r, k);
    }
    return found;
}

#define SELECT_ARGS                                                                                \
    TENSOR(const float, boxes), TENSOR(const float, scores), TENSOR(int, tiles), const int rows,   \
        const int classes, const int per_item, const int n_tiles, const float threshold,           \
        const int or_equal, const int background
/* Moves to image n and declares the work-item's range r. */
#define SELECT_OPEN                                                                                \
    OPEN(boxes);                                                                                   \
    OPEN(scores);                                                                                  \
    OPEN(tiles);                                                                                   \
    const int tile = GROUP_ID(0), n = ID(1), lid = ITEM_ID(0);                                     \
    const int capacity = rows * classes;                                                           \
    boxes += 4 * (long)n * rows;                                                                   \
    scores += (long)n * capacity;                                                                  \
    tiles += (long)n * n_tiles;                                                                    \
    const long first = ((long)tile * W + lid) * per_item;                                          \
    const struct range r = {(int)min(first, (long)capacity),                                       \
                            (int)min(first + per_item, (long)capacity),                            \
                            classes,                                                               \
                            or_equal,                                                              \
                            background,                                                            \
                            threshold}

KERNEL void CHAINED(select_count)(SELECT_ARGS PLACED)
{
    SUMS;
    SELECT_OPEN;
    int total;
    group_scan(sums, count_range(boxes, scores, &r), &total);
    if (lid == 0)
        tiles[tile] = total;
}

KERNEL void CHAINED(select_write)(SELECT_ARGS, TENSOR(const int, row_class),
                                  TENSOR(float, out_scores), TENSOR(int, out_classes),
                                  TENSOR(int, out_anchors), TENSOR(int, count) PLACED)
{
    SUMS;
    SELECT_OPEN;
    int before = 0, base;
    for (int t = lid; t < tile; t += W)
        before += tiles[t];
    group_scan(sums, before, &base); /* the sum over all */
#if W > 1
    int total;
    int at = base + group_scan(sums, count_range(boxes, scores, &r), &total);
#else
    int at = base;
#endif
    out_scores += out_scores_at + (long)n * capacity;
    out_classes += out_classes_at + (long)n * capacity;
    out_anchors += out_anchors_at + (long)n * capacity;
    for (int i = r.first; i < r.end; i += 16) {
        const int end = min(i + 16, r.end);
        if (end - i == 16 && !any_passes(scores + i, threshold, or_equal))
            continue;
        for (int k = i; k < end; k++) {
            if (!chosen(boxes, scores, &r, k))
                continue;
            out_scores[at] = scores[k];
            out_classes[at] =
                row_class ? row_class[row_class_at + (long)n * rows + k] : k % classes;
            out_anchors[at++] = k / classes;
        }
    }
    if (tile == n_tiles - 1 && lid == W - 1) /* the last of all */
        count[count_at + n] = at;
}

/* The largest of x[0, n) that is not NaN, or -INFINITY. */
static float largest(global const float *x, const int n, const float so_far)
{
    float m = so_far;
    int c = 0;
    if (n >= 16) {
        float16 v = (float16)so_far;
        for (; c + 16 <= n; c += 16) {
            const float16 u = vload16(0, x + c);
            v = u > v ? u : v;
        }
        float lanes[16];
        vstore16(v, 0, lanes);
        for (int k = 0; k < 16; k++)
            m = lanes[k] > m ? lanes[k] : m;
    }
    for (; c < n; c++)
        m = x[c] > m ? x[c] : m;
    return m;
}

KERNEL void CHAINED(select_best)(TENSOR(const float, scores), TENSOR(float, best),
                                 TENSOR(int, best_class), const int rows, const int classes,
                                 const int background PLACED)
{
    OPEN(scores);
    const int i = ID(0);
    if (i >= rows)
        return;
    scores += (long)i * classes;
    const int skip = background >= 0 && background < classes ? background : classes;
    float m = largest(scores, skip, -INFINITY);
    if (skip + 1 < classes)
        m = largest(scores + skip + 1, classes - skip - 1, m);
    int c = 0;
    while (c < classes && (scores[c] != m || c == skip))
        c++;
    best[best_at + i] = c < classes ? m : NAN;
    best_class[best_class_at + i] = c < classes ? c : -1;
}
