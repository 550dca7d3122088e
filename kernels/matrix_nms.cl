/* Matrix NMS (SOLOv2, Wang et al. 2020, section 3.3): all candidates of a segment, best score first, decay
 * at once. With o(i, j) the IoU and m(i) = max o(k, i) over k before i, score j is multiplied by the
 * smallest, over i before j, of
 *   linear    (1 - o(i, j)) / (1 - m(i)); a candidate i with m(i) = 1 does not count
 *   gaussian  exp(-(o(i, j)^2 - m(i)^2) * inverse), inverse = 1 / sigma
 * Candidates as kernels/candidates.cl sorts them: by class, then score. Mapping: one work-item a candidate
 * j, which meets those before it LANES at a time; grid stride x N. matrix_max: most [N, stride] = m, 0 past
 * the candidates. matrix_decay: final [N, length] by candidate. Nothing of the matrix is stored. */
#include "pairs.h"

#define MATRIX_ARGS                                                                                \
    TENSOR(const float, planes), TENSOR(const int, classes), const int length, const int stride
/* Moves to the row and declares the candidate j, whether there is one, and where its segment starts. */
#define MATRIX_OPEN                                                                                \
    const int j = (int)get_global_id(0), row = (int)get_global_id(1);                              \
    if (j >= stride)                                                                               \
        return;                                                                                    \
    planes += planes_at + 4 * (long)row * stride;                                                  \
    if (classes)                                                                                   \
        classes += classes_at + (long)row * length;                                                \
    const bool there = !isnan(planes[j]);                                                          \
    const int start = there && classes ? class_start(classes, j) : 0

/* Intersections of the candidates from i on with j's box, 0 from position j on. */
static V inter_before(const struct boxes b, const struct boxes own, const int i, const int j)
{
    return IOTA + i < (M)j ? inter_of(b, own) : (V)0;
}

kernel void matrix_max(MATRIX_ARGS, TENSOR(float, most))
{
    MATRIX_OPEN;
    const struct boxes own = load_box(planes, stride, j);
    const V area = area_of(own);
    V m = (V)0;
    for (int i = start; i < j && there; i += LANES) {
        const struct boxes b = load_boxes(planes, stride, i);
        const V inter = inter_before(b, own, i, j);
        if (!any(inter > (V)0))
            continue;
        const V iou = iou_of(inter, area_of(b) + area);
        m = iou > m ? iou : m;
    }
    float lanes[LANES], result = 0;
    VSTORE(m, 0, lanes);
    for (int k = 0; k < LANES; k++)
        result = lanes[k] > result ? lanes[k] : result;
    most[most_at + (long)row * stride + j] = result;
}

kernel void matrix_decay(MATRIX_ARGS, TENSOR(const float, most), TENSOR(const float, scores),
                         TENSOR(const int, order), TENSOR(float, final), const float threshold,
                         const float inverse)
{
    MATRIX_OPEN;
    if (!there)
        return;
    most += most_at + (long)row * stride;
    const struct boxes own = load_box(planes, stride, j);
    const V area = area_of(own);
    V factor = (V)1, power = (V)0;
    for (int i = start; i < j; i += LANES) {
        const struct boxes b = load_boxes(planes, stride, i);
        const V inter = inter_before(b, own, i, j);
        if (!any(inter > (V)0))
            continue;
        const V iou = iou_of(inter, area_of(b) + area), m = VLOAD(0, most + i);
        const M counts_here = inter > (V)0;
        if (inverse > 0) {
            const V p = counts_here ? iou * iou - m * m : (V)0;
            power = p > power ? p : power;
        } else {
            const V rest = (V)1 - m;
            const M usable = counts_here & (rest > (V)0);
            const V f = usable ? pair_divide((V)1 - iou, usable ? rest : (V)1) : (V)1;
            factor = f < factor ? f : factor;
        }
    }
    float factors[LANES], powers[LANES], f = 1, p = 0;
    VSTORE(factor, 0, factors);
    VSTORE(power, 0, powers);
    for (int k = 0; k < LANES; k++) {
        f = factors[k] < f ? factors[k] : f;
        p = powers[k] > p ? powers[k] : p;
    }
    const float decay = inverse > 0 ? one_exp(-(p * inverse)) : f;
    const float score = scores[scores_at + (long)row * stride + j] * decay;
    final[final_at + (long)row * length + order[order_at + (long)row * length + j]] =
        score > threshold ? score : NAN;
}
