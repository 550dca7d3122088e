/* Resizing along one or two neighbouring dimensions a and b of outer x a x b x inner:
 *
 *   y[o, i, j, c] = sum over k, l of a_weight[i, k] * b_weight[j, l] * x[o, a_index[i, k],
 * b_index[j, l], c]
 *
 * with k < a_taps, l < b_taps; index -1 makes the element the extrapolation value (it stands in all
 * taps of a row of the table). The tables come from the host, so every device samples the same
 * elements. Layout: row-major; with LANES > 1 (resize_f32, resize_nearest of blocked floats) an
 * element is LANES channels and inner is 1. Mapping: one work-item an element of y over (b_out x
 * inner, a_out, outer), bound b_out x inner. */
#ifdef T
typedef T vec;
#define VLOAD(i, p) ((p)[i])
#define VSTORE(v, i, p) ((p)[i] = (v))
#else
#define T float
#define REAL
#include "lanes.h"
#endif

#define SHAPE                                                                                      \
    const int a_in, const int a_out, const int b_in, const int b_out, const int inner,             \
        const float extrapolation

/* What all kernels begin with: i and jc are y's place, c the place within inner. */
#define PLACE                                                                                      \
    const int jc = ID(0), i = ID(1), o = ID(2);                                                    \
    if (jc >= b_out * inner)                                                                       \
        return;                                                                                    \
    const int j = jc / inner, c = jc - j * inner;                                                  \
    const int out = (o * a_out + i) * b_out * inner + jc;

KERNEL void CHAINED(resize_nearest)(TENSOR(const T, x), TENSOR(T, y), TENSOR(const int, a_index),
                                    TENSOR(const int, b_index), SHAPE PLACED)
{
    OPEN(x);
    OPEN(y);
    OPEN(a_index);
    OPEN(b_index);
    PLACE
    const int a = a_index[i], b = b_index[j];
    vec value = (vec)extrapolation;
    if (a >= 0 && b >= 0)
        value = VLOAD(((o * a_in + a) * b_in + b) * inner + c, x);
    VSTORE(value, out, y);
}

#ifdef REAL
KERNEL void CHAINED(resize_f32)(TENSOR(const float, x), TENSOR(float, y),
                                TENSOR(const int, a_index), TENSOR(const int, b_index),
                                TENSOR(const float, a_weight), TENSOR(const float, b_weight), SHAPE,
                                const int a_taps, const int b_taps PLACED)
{
    OPEN(x);
    OPEN(y);
    OPEN(a_index);
    OPEN(b_index);
    OPEN(a_weight);
    OPEN(b_weight);
    PLACE
    vec sum = (vec)0;
    for (int k = i * a_taps; k < (i + 1) * a_taps; k++) {
        const int line = (o * a_in + a_index[k]) * b_in;
        vec part = (vec)0;
        for (int l = j * b_taps; l < (j + 1) * b_taps && a_index[k] >= 0; l++)
            if (b_index[l] >= 0)
                part += b_weight[l] * VLOAD((line + b_index[l]) * inner + c, x);
        sum += a_weight[k] * part;
    }
    if (a_index[i * a_taps] < 0 || b_index[j * b_taps] < 0)
        sum = (vec)extrapolation;
    VSTORE(sum, out, y);
}
#endif
