/* DETR heads (host/ops/decode_detr.c): logits [N, Q, C], boxes [N, Q, 4] centre and size in 0..1, sizes
 * [N, 2] height and width or NULL (1).
 * detr_softmax: one work-item a query over (Q, image): the largest of the classes but the last.
 * detr_keys: one a logit, all images in a row. detr_emit: one a detection over (k, image), of top.cl's
 * lists. The bound is dimension 0's. */
#include "exact.h"
#include "keys.h"

static void detr_box(global const float *b, global const float *sizes, const ulong sizes_at, const int n,
              float *corners)
{
    for (int axis = 0; axis < 2; axis++) {
        const float scale = sizes ? sizes[sizes_at + 2 * n + 1 - axis] : 1.0f;
        corners[axis] = (b[axis] - 0.5f * b[axis + 2]) * scale;
        corners[axis + 2] = (b[axis] + 0.5f * b[axis + 2]) * scale;
    }
}

kernel void detr_softmax(TENSOR(const float, logits), TENSOR(const float, boxes),
                         TENSOR(const float, sizes), TENSOR(float, out), TENSOR(float, scores),
                         TENSOR(int, classes), TENSOR(int, count), const int queries, const int n_logits)
{
    const int q = (int)get_global_id(0), n = (int)get_global_id(1);
    if (q == 0)
        count[count_at + n] = queries;
    if (q >= queries)
        return;
    const long at = (long)n * queries + q;
    logits += logits_at + at * n_logits;
    float best = logits[0], sum = 0;
    int cls = 0;
    for (int c = 1; c < n_logits - 1; c++)
        if (logits[c] > best || (isnan(best) && !isnan(logits[c]))) {
            best = logits[c];
            cls = c;
        }
    const float none = logits[n_logits - 1], top = none > best ? none : best;
    for (int c = 0; c < n_logits; c++)
        sum += exact_exp(logits[c] - top);
    float box[4];
    detr_box(boxes + boxes_at + 4 * at, sizes, sizes_at, n, box);
    for (int c = 0; c < 4; c++)
        out[out_at + 4 * at + c] = box[c];
    scores[scores_at + at] = exact_exp(best - top) * exact_reciprocal(sum);
    classes[classes_at + at] = cls;
}

kernel void detr_keys(TENSOR(const float, logits), TENSOR(uint, keys), const int total)
{
    const int i = (int)get_global_id(0);
    if (i < total)
        keys[keys_at + i] = descending_key(logits[logits_at + i]);
}

kernel void detr_emit(TENSOR(const float, logits), TENSOR(const float, boxes), TENSOR(const float, sizes),
                      TENSOR(const int, picked), TENSOR(const int, order), TENSOR(const int, found),
                      TENSOR(float, out), TENSOR(float, scores), TENSOR(int, classes), TENSOR(int, count),
                      const int queries, const int n_logits, const int k)
{
    const int j = (int)get_global_id(0), n = (int)get_global_id(1), n_found = found[found_at + n];
    if (j >= k)
        return;
    const long at = (long)n * k + j;
    float box[4] = {0, 0, 0, 0}, score = 0;
    int cls = -1;
    if (j < n_found) {
        const int p = picked[picked_at + (long)n * k + order[order_at + at]], q = p / n_logits;
        detr_box(boxes + boxes_at + 4 * ((long)n * queries + q), sizes, sizes_at, n, box);
        score = exact_sigmoid(logits[logits_at + (long)n * queries * n_logits + p]);
        cls = p - q * n_logits;
    }
    for (int c = 0; c < 4; c++)
        out[out_at + 4 * at + c] = box[c];
    scores[scores_at + at] = score;
    classes[classes_at + at] = cls;
    if (j == 0)
        count[count_at + n] = n_found;
}
