/* Region proposals (host/ops/rpn_proposals.c): between them run top.cl and nms.cl. Rows are the anchors of
 * an image, all levels together; segments are the levels, `starts` their first rows, `slots` their first
 * candidates among the `candidates` of an image; both [segments + 1].
 * rpn_keys: logits to keys, best first; one work-item a row of the launch's level, bound anchors * cells.
 * rpn_decode: candidate j of a segment to a clipped box, its logit (NaN: dropped) and its level; one
 * work-item a candidate over (k, segments of the launch, image), bound in dimension 0.
 * rpn_emit: one group of W work-items an image; the kept candidates in the given order, at most `most`, and
 * zeros behind them. */
#include "exact.h"
#include "field.h"
#include "keys.h"
#include "scan.h"

kernel void rpn_keys(FIELD(cls), TENSOR(uint, keys), const int anchors, const int cells,
                     const int first, const int rows)
{
    const int i = (int)get_global_id(0), n = (int)get_global_id(1);
    if (i >= anchors * cells)
        return;
    SEEK(cls);
    keys[keys_at + (long)n * rows + first + i] = descending_key(cls[0]);
}

static float bounded(const float v, const float limit)
{
    return v < 0.0f ? 0.0f : v > limit ? limit : v;
}

kernel void rpn_decode(FIELD(box), FIELD(cls), TENSOR(const float, anchors), TENSOR(const float, sizes),
                       TENSOR(const int, slots), TENSOR(const int, picked), TENSOR(const int, order),
                       TENSOR(const int, count), TENSOR(float, boxes), TENSOR(float, scores),
                       TENSOR(int, levels), const int cells, const int first, const int segment0,
                       const int segments, const int k, const int candidates, const float height,
                       const float width, const float center, const float size, const float clip,
                       const float min_size, const float min_logit)
{
    OPEN(slots);
    const int j = (int)get_global_id(0), n = (int)get_global_id(2);
    const int segment = segment0 + (int)get_global_id(1);
    if (j >= slots[segment + 1] - slots[segment])
        return;
    const long list = (long)n * segments + segment, at = (long)n * candidates + slots[segment] + j;
    float corners[4] = {0, 0, 0, 0}, score = NAN;
    if (j < count[count_at + list]) {
        const int row = picked[picked_at + list * k + order[order_at + list * k + j]];
        const int i = row - first;
        SEEK(box);
        SEEK(cls);
        anchors += anchors_at + 4 * (long)row;
        const float limits[2] = {sizes ? sizes[sizes_at + 2 * n + 1] : width,
                                 sizes ? sizes[sizes_at + 2 * n] : height};
        for (int axis = 0; axis < 2; axis++) {
            const float low = anchors[axis], extent = anchors[axis + 2] - low;
            const float move = box[(long)axis * box_channel] * center;
            const float t = box[(long)(axis + 2) * box_channel] * size;
            const float middle = move * extent + (low + 0.5f * extent);
            const float half_extent = 0.5f * (exact_exp(t > clip ? clip : t) * extent);
            corners[axis] = bounded(middle - half_extent, limits[axis]);
            corners[axis + 2] = bounded(middle + half_extent, limits[axis]);
        }
        const float logit = cls[0];
        if (corners[2] - corners[0] >= min_size && corners[3] - corners[1] >= min_size &&
            logit >= min_logit)
            score = logit;
    }
    for (int c = 0; c < 4; c++)
        boxes[boxes_at + 4 * at + c] = corners[c];
    scores[scores_at + at] = score;
    levels[levels_at + at] = segment;
}

kernel void rpn_emit(TENSOR(const float, boxes), TENSOR(const float, logits), TENSOR(const int, order),
                     TENSOR(const int, flags), TENSOR(float, out), TENSOR(float, scores),
                     TENSOR(int, count), const int candidates, const int most)
{
    local int sums[W];
    const int lid = (int)get_local_id(0), n = (int)get_global_id(1);
    const long at = (long)n * candidates;
    boxes += boxes_at + 4 * at;
    logits += logits_at + at;
    order += order_at + at;
    flags += flags_at + at;
    out += out_at + 4 * (long)n * most;
    scores += scores_at + (long)n * most;
    int total = 0;
    for (int first = 0; first < candidates && total < most; first += W) {
        const int i = first + lid, c = order[min(i, candidates - 1)];
        const int flag = i < candidates ? flags[c] : 0;
        int sum;
        const int place = total + group_scan(sums, flag, &sum);
        if (flag && place < most) {
            for (int k = 0; k < 4; k++)
                out[4 * place + k] = boxes[4 * c + k];
            scores[place] = exact_sigmoid(logits[c]);
        }
        total += sum;
    }
    total = min(total, most);
    for (int i = total + lid; i < most; i += W) {
        for (int k = 0; k < 4; k++)
            out[4 * i + k] = 0;
        scores[i] = 0;
    }
    if (lid == 0)
        count[count_at + n] = total;
}
