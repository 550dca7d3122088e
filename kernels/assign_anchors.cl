/* Anchors [A, 4] (per_image 0) or [N, A, 4] (per_image A) against ground truths [N, G, 4], by IoU.
 * assign_blocks: the largest overlap of each ground truth among each `block` anchors, blocks [N, G, blocks]
 *   pairs of intersection and union; one work-item a number over (block, ground truth, image).
 * assign_most: the largest over the blocks, most [N * G] pairs; one work-item a ground truth.
 * assign_anchors: matches and labels [N, A]; one work-item an anchor over (anchor, image); `most` null: no
 *   anchor is matched for being the best of a ground truth.
 * i1 / u1 > i2 / u2 is i1 * u2 > i2 * u1, with rounded products; the twin (host/ops/assign_anchors.c) does
 * the same in the same order, so that all devices agree. */
#include "finite.h"
#include "overlap.h"
DEFINE_OVERLAP(float, int, box)

/* Intersection and union. */
static float2 overlap_of(const float4 a, const float4 t)
{
    const float inter = box_inter(a.x, a.y, a.z, a.w, t.x, t.y, t.z, t.w, 0);
    const float all = box_area(a.x, a.y, a.z, a.w, 0) + box_area(t.x, t.y, t.z, t.w, 0) - inter;
    const bool some = finite4(a) && finite4(t) && all > 0 && all < INFINITY;
    return some ? (float2)(inter, all) : (float2)(0, 1);
}

static bool more(const float2 a, const float2 b)
{
    return a.x * b.y > b.x * a.y;
}

kernel void assign_blocks(TENSOR(const float, anchors), TENSOR(const float, truth),
                          TENSOR(float, blocks), const int n_anchors, const int per_image,
                          const int truths, const int n_blocks, const int block)
{
    const int b = (int)get_global_id(0), g = (int)get_global_id(1), n = (int)get_global_id(2);
    if (b >= n_blocks || g >= truths)
        return;
    anchors += anchors_at + 4 * (long)n * per_image;
    const long at = (long)n * truths + g;
    const float4 t = vload4(at, truth + truth_at);
    float2 best = (float2)(0, 1);
    for (int i = b * block; i < min((b + 1) * block, n_anchors); i++) {
        const float2 o = overlap_of(vload4(i, anchors), t);
        best = more(o, best) ? o : best;
    }
    vstore2(best, at * n_blocks + b, blocks + blocks_at);
}

kernel void assign_most(TENSOR(const float, blocks), TENSOR(float, most), const int n,
                        const int n_blocks)
{
    OPEN(blocks);
    OPEN(most);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    float2 best = (float2)(0, 1);
    for (int b = 0; b < n_blocks; b++) {
        const float2 o = vload2((long)i * n_blocks + b, blocks);
        best = more(o, best) ? o : best;
    }
    vstore2(best, i, most);
}

kernel void assign_anchors(TENSOR(const float, anchors), TENSOR(const float, truth),
                           TENSOR(const int, counts), TENSOR(const int, classes),
                           TENSOR(const float, most), TENSOR(int, matches), TENSOR(int, labels),
                           const int n_anchors, const int per_image, const int truths,
                           const int claim_all, const float high, const float low)
{
    const int i = (int)get_global_id(0), n = (int)get_global_id(1);
    if (i >= n_anchors)
        return;
    const float4 anchor = vload4((long)n * per_image + i, anchors + anchors_at);
    truth += truth_at + 4 * (long)n * truths;
    most += most_at + (most ? 2 * (long)n * truths : 0);
    const int count = counts ? min(counts[counts_at + n], truths) : truths;
    float2 best = (float2)(0, 1);
    int at = 0;
    bool claimed = false;
    for (int g = 0; g < count; g++) {
        const float2 o = overlap_of(anchor, vload4(g, truth));
        if (more(o, best)) {
            best = o;
            at = g;
        }
        if (most) {
            const float2 top = vload2(g, most);
            claimed = claimed || ((claim_all || top.x > 0) && o.x * top.y == top.x * o.y);
        }
    }
    int match = -1;
    if (count > 0 && (claimed || best.x >= high * best.y))
        match = at;
    else if (count > 0 && best.x >= low * best.y)
        match = -2;
    const long to = (long)n * n_anchors + i;
    matches[matches_at + to] = match;
    if (labels)
        labels[labels_at + to] =
            match < 0 || !classes ? min(match, 0) : classes[classes_at + (long)n * truths + match];
}
