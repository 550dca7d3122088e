/* Around nms.cl's kernels, for ONNX NonMaxSuppression: rows are (image, class) pairs.
 * nms_onnx_rule: the RULE_ numbers of nms.cl from the operands; absent ones (NULL) keep nothing (limit),
 * suppress at any overlap (iou) and pass every score. One work-item.
 * nms_onnx_emit: group r of W work-items copies row r's kept candidates as (image, class, box) triples
 * behind those of the rows before it, and zeroes its share of what lies past the last; capacity triples. */
#include "scan.h"

kernel void nms_onnx_rule(TENSOR(const long, limit), TENSOR(const float, iou), TENSOR(const float, score),
                          TENSOR(int, rule))
{
    OPEN(rule);
    const long most = limit ? limit[limit_at] : 0;
    rule[0] = (int)clamp(most, (long)0, (long)INT_MAX);
    rule[1] = as_int(iou ? iou[iou_at] : 0.0f);
    rule[2] = 0;
    rule[3] = as_int(0.0f);
    rule[4] = as_int(score ? score[score_at] : NAN);
}

kernel void nms_onnx_emit(TENSOR(const int, kept), TENSOR(const int, row_kept), TENSOR(long, out),
                          TENSOR(int, count), const int rows, const int length, const int classes,
                          const int capacity)
{
    local int sums[W];
    OPEN(kept);
    OPEN(row_kept);
    OPEN(out);
    const int lid = (int)get_local_id(0), row = (int)get_global_id(1);
    int mine = 0, all = 0, before, total;
    for (int r = lid; r < rows; r += W) {
        mine += r < row ? row_kept[r] : 0;
        all += row_kept[r];
    }
    group_scan(sums, mine, &before);
    group_scan(sums, all, &total);
    for (int i = lid; row < rows && i < row_kept[row]; i += W) {
        global long *triple = out + 3 * ((long)before + i);
        triple[0] = row / classes;
        triple[1] = row % classes;
        triple[2] = kept[(long)row * length + i];
    }
    for (long i = (long)total + row * W + lid; i < capacity; i += (long)get_global_size(1) * W)
        for (int k = 0; k < 3; k++)
            out[3 * i + k] = 0;
    if (row == 0 && lid == 0)
        count[count_at] = total;
}
