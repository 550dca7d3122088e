/* Candidates of N images for soft_nms, matrix_nms, cluster_nms, weighted_nms and weighted_boxes_fusion:
 * sorted into segments of one class before, the kept ones written after. Arrays are [N, length] unless said
 * otherwise; counts [N] or NULL.
 *
 * candidates_keys: keys[i] of candidate i's score (order.cl's: descending), UINT_MAX for one that cannot be
 *   kept (NaN score or one not over the threshold, box not finite or not there); class_keys[i] its class.
 * candidates_gather: boxes as planes [N, 4, stride] and scores [N, stride] in the order given, NaN for a
 *   candidate that cannot be kept and past the count; classes in that order; final[i] = NaN. Without an
 *   order: 0, 1, 2 ...
 * candidates_rank: keys of the final scores, UINT_MAX for NaN.
 * candidates_emit: one group of W work-items a row; the candidates whose final score is no NaN, in the
 *   order given, at most `most`, with their final scores, fused boxes and classes where asked for. */
#include "finite.h"
#include "scan.h"
#include "segments.h"

/* A number that ascends as the float falls; UINT_MAX for NaN. */
static uint key_of(const uint bits)
{
    const uint magnitude = bits & 0x7fffffffu, u = magnitude == 0 ? 0 : bits;
    return magnitude > 0x7f800000u ? UINT_MAX : u >> 31 ? u : ~(u | 0x80000000u);
}

kernel void candidates_keys(TENSOR(const float, boxes), TENSOR(const uint, scores),
                            TENSOR(const int, classes), TENSOR(const int, anchors),
                            TENSOR(const int, counts), TENSOR(uint, keys), TENSOR(int, class_keys),
                            const int n_boxes, const int length, const float threshold)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= length || i >= count_of(counts ? counts + counts_at : counts, row, length))
        return;
    const long at = (long)row * length + i;
    const int anchor = anchors ? anchors[anchors_at + at] : i;
    const uint bits = scores[scores_at + at];
    const bool good = !(as_float(bits) <= threshold) && anchor >= 0 && anchor < n_boxes &&
                      finite4(vload4((long)row * n_boxes + anchor, boxes + boxes_at));
    keys[keys_at + at] = good ? key_of(bits) : UINT_MAX;
    if (classes)
        class_keys[class_keys_at + at] = classes[classes_at + at];
}

kernel void candidates_gather(TENSOR(const float, boxes), TENSOR(const float, scores),
                              TENSOR(const int, classes), TENSOR(const int, anchors),
                              TENSOR(const int, counts), TENSOR(const uint, keys),
                              TENSOR(const int, order), TENSOR(float, planes),
                              TENSOR(float, sorted_scores), TENSOR(int, sorted_classes),
                              TENSOR(float, final), const int n_boxes, const int length,
                              const int stride)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= stride)
        return;
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length;
    const int c = i >= count ? -1 : order ? order[order_at + at + i] : i;
    const bool good = c >= 0 && keys[keys_at + at + c] != UINT_MAX;
    planes += planes_at + 4 * (long)row * stride + i;
    sorted_scores[sorted_scores_at + (long)row * stride + i] = good ? scores[scores_at + at + c] : NAN;
    if (good)
        boxes += boxes_at +
                 4 * ((long)row * n_boxes + (anchors ? anchors[anchors_at + at + c] : c));
    for (int k = 0; k < 4; k++)
        planes[(long)k * stride] = good ? boxes[k] : NAN;
    if (c >= 0) {
        final[final_at + at + c] = NAN;
        if (classes)
            sorted_classes[sorted_classes_at + at + i] = classes[classes_at + at + c];
    }
}

kernel void candidates_rank(TENSOR(const uint, final), TENSOR(const int, counts), TENSOR(uint, keys),
                            const int length)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= length || i >= count_of(counts ? counts + counts_at : counts, row, length))
        return;
    const long at = (long)row * length + i;
    keys[keys_at + at] = key_of(final[final_at + at]);
}

kernel void candidates_emit(TENSOR(const int, order), TENSOR(const float, final),
                            TENSOR(const int, counts), TENSOR(const float, fused),
                            TENSOR(const int, classes), TENSOR(int, keep), TENSOR(int, kept),
                            TENSOR(float, out_scores), TENSOR(float, out_boxes),
                            TENSOR(int, out_classes), const int length, const int most)
{
    local int sums[W];
    const int lid = (int)get_local_id(0), row = (int)get_global_id(1);
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length;
    order += order_at + at;
    final += final_at + at;
    int total = 0;
    for (int first = 0; first < count && total < most; first += W) {
        const int i = first + lid, c = order[min(i, count - 1)];
        const int flag = i < count && !isnan(final[c]);
        int n;
        const int place = total + group_scan(sums, flag, &n);
        if (flag && place < most) {
            if (keep)
                keep[keep_at + at + place] = c;
            if (out_scores)
                out_scores[out_scores_at + at + place] = final[c];
            if (out_classes)
                out_classes[out_classes_at + at + place] = classes ? classes[classes_at + at + c] : 0;
            for (int k = 0; k < 4 && out_boxes; k++)
                out_boxes[out_boxes_at + 4 * (at + place) + k] = fused[fused_at + 4 * (at + c) + k];
        }
        total += n;
    }
    if (lid == 0)
        kept[kept_at + row] = min(total, most);
}
