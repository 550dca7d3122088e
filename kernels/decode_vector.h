#include "exp_polynomial.h"
typedef float16 loose16 __attribute__((aligned(4)));
#define STORE16(v, p) (*(global loose16 *)(p) = (v))
/* The score kernels of decode.cl for processors with vectors: whole rows, or 16 at a time. */

/* decode_scores_f32, a work-item a row; the classes of a row lie side by side. */
KERNEL void CHAINED(decode_scores_rows_f32)(SCORES_ARGS PLACED)
{
    OPEN(scores);
    const int i = ID(0), n = ID(1);
    if (i >= anchors * cells)
        return;
    SEEK(cls);
    float o = 1;
    if (object_code >= 0) {
        SEEK(object);
        o = object_code == 1 ? sigmoid(object[0]) : object[0];
    }
    scores += ((long)n * rows + first + i) * classes;
    int c = 0;
    for (; c + 16 <= classes; c += 16) {
        float16 v = vload16(0, cls + c);
        v = (cls_code == 1 ? 1.0f / (1.0f + exp(-v)) : v) * o;
        vstore16(root ? sqrt(v) : v, 0, scores + c);
    }
    for (; c < classes; c++)
        scores[c] = combine(cls_code == 1 ? sigmoid(cls[c]) : cls[c], o, 0, root);
}

/* Transposes 16 x 16: swaps what lies off the diagonal of squares of 2 x 2 numbers, of 2 x 2 such
 * squares, and so on. Unrolled, so that the rows stay in registers. */
#define EACH_ROW _Pragma("unroll") for (int i = 0; i < 16; i++)
#define SWAP(step, low, high)                                                                      \
    EACH_ROW if (!(i & step))                                                                      \
    {                                                                                              \
        const float16 a = rows[i], b = rows[i + step];                                             \
        rows[i] = (float16)low;                                                                    \
        rows[i + step] = (float16)high;                                                            \
    }
__attribute__((always_inline)) static void transpose16(float16 *rows){
    SWAP(1,
         (a.s0, b.s0, a.s2, b.s2, a.s4, b.s4, a.s6, b.s6, a.s8, b.s8, a.sa, b.sa, a.sc, b.sc, a.se,
          b.se),
         (a.s1, b.s1, a.s3, b.s3, a.s5, b.s5, a.s7, b.s7, a.s9, b.s9, a.sb, b.sb, a.sd, b.sd, a.sf,
          b.sf)) SWAP(2, (a.s01, b.s01, a.s45, b.s45, a.s89, b.s89, a.scd, b.scd),
                      (a.s23, b.s23, a.s67, b.s67, a.sab, b.sab, a.sef, b.sef))
        SWAP(4, (a.s0123, b.s0123, a.s89ab, b.s89ab), (a.s4567, b.s4567, a.scdef, b.scdef))
            SWAP(8, (a.lo, b.lo), (a.hi, b.hi))}

/* decode_scores_f32, a work-item CELLS cells of an anchor; the cells of a class lie side by side,
 * and rows of scores are finished one square after the other. */
#define CELLS 64
KERNEL void CHAINED(decode_scores_columns_f32)(SCORES_ARGS PLACED)
{
    OPEN(scores);
    const int spans = (cells + CELLS - 1) / CELLS, span = ID(0);
    const int n = ID(1);
    if (span >= anchors * spans)
        return;
    const int begin = modulo(span, spans) * CELLS, there = min(CELLS, cells - begin);
    const int i = span / spans * cells + begin;
    SEEK(cls);
    float o[CELLS];
    for (int k = 0; k < CELLS; k++)
        o[k] = 1;
    if (object_code >= 0) {
        SEEK(object);
        for (int k = 0; k < there; k++)
            o[k] = object_code == 1 ? sigmoid(object[k * object_cell]) : object[k * object_cell];
    }
    scores += ((long)n * rows + first + i) * classes;
    for (int at = 0; at < there; at += 16) {
        for (int c = 0; c < classes; c += 16) {
            const int some = min(16, classes - c);
            if (at + 16 <= there && some == 16) {
                float16 tile[16];
                EACH_ROW tile[i] = vload16(0, cls + (long)(c + i) * cls_channel + at);
                transpose16(tile);
                if (cls_code == 1)
                    EACH_ROW tile[i] = 1.0f / (1.0f + exp(-tile[i]));
                if (object_code >= 0)
                    EACH_ROW tile[i] *= o[at + i];
                if (root)
                    EACH_ROW tile[i] = sqrt(tile[i]);
                EACH_ROW STORE16(tile[i], scores + (long)(at + i) * classes + c);
                continue;
            }
            for (int k = at; k < min(at + 16, there); k++)
                for (int j = c; j < c + some; j++) {
                    const float x = cls[(long)j * cls_channel + k];
                    scores[(long)k * classes + j] =
                        combine(cls_code == 1 ? sigmoid(x) : x, o[k], 0, root);
                }
        }
    }
}

DEFINE_EXP(float16, int16, as_float16, as_int16, exp_within)

/* e^x for x <= 0, e^-87 below that, NaN for NaN. */
static float16 exp_below(const float16 x)
{
    return exp_within(x < -87.0f ? (float16)(-87.0f) : x);
}

/* decode_softmax_f32 where the 16 or more classes of a row lie side by side. What is over after
 * whole vectors is done in the last 16 classes, of which only the `fresh` ones count. */
KERNEL void CHAINED(decode_softmax_rows_f32)(SCORES_ARGS PLACED)
{
    OPEN(scores);
    const int i = ID(0), n = ID(1);
    if (i >= anchors * cells)
        return;
    OPEN_ROW;
    const int whole = classes / 16 * 16, last = classes - 16;
    const int16 fresh =
        (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) >= 16 - (classes - whole);
    float16 most = vload16(0, cls + last);
    for (int c = 0; c < whole; c += 16)
        most = fmax(most, vload16(0, cls + c));
    const float8 m8 = fmax(most.lo, most.hi);
    const float4 m4 = fmax(m8.lo, m8.hi);
    const float top = fmax(fmax(m4.x, m4.y), fmax(m4.z, m4.w));
    const float16 e = exp_below(vload16(0, cls + last) - top);
    float16 sums = fresh ? e : (float16)0;
    for (int c = 0; c < whole; c += 16) {
        const float16 v = exp_below(vload16(0, cls + c) - top);
        STORE16(v, scores + c);
        sums += v;
    }
    const float8 s8 = sums.lo + sums.hi;
    const float4 s4 = s8.lo + s8.hi;
    const float factor = (object_code == 1 ? sigmoid(o) : o) / ((s4.x + s4.y) + (s4.z + s4.w));
    if (whole < classes) {
        const float16 v = root ? sqrt(e * factor) : e * factor;
        STORE16(fresh ? v : vload16(0, scores + last), scores + last);
    }
    for (int c = 0; c < whole; c += 16) {
        const float16 v = vload16(0, scores + c) * factor;
        STORE16(root ? sqrt(v) : v, scores + c);
    }
}
