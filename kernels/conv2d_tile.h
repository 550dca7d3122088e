/* The register tile of the SIMD convolutions: OB output blocks x TH rows x TW columns of vec, and
 * its end: residual, activation, store. Included by conv2d_blocked, conv2d_pointwise,
 * conv2d_depthwise, separable_conv2d. */
#include "exp_polynomial.h"
#include "lanes.h"

#ifndef OB
#define OB 1
#endif
#ifndef TH
#define TH 1
#endif
#ifdef GPU
#define FINISH_LOOP UNROLL
#else
#define FINISH_LOOP
#endif
#define PIXELS (TH * TW)
#define EACH_PIXEL UNROLL for (int t = 0; t < PIXELS; t++)
#define EACH UNROLL for (int o = 0; o < OB; o++) EACH_PIXEL

/* acc += weights x TW neighbouring pixels of `lanes` channels; `space` is where the pixels lie. */
#define MULTIPLY_PIXELS(space, pixel)                                                              \
    {                                                                                              \
        const space float *p = (pixel);                                                            \
        for (int c = 0; c < lanes; c++, p++, weight += OB * LANES) {                               \
            vec k[OB];                                                                             \
            UNROLL for (int o = 0; o < OB; o++) k[o] = VLOAD(o, weight);                           \
            EACH_PIXEL UNROLL for (int o = 0; o < OB; o++) acc[o][t] += p[t * LANES] * k[o];       \
        }                                                                                          \
    }

/* Where the residual goes; the numbers of enum dcl_residual (host/ops/fused.h). */
#define RESIDUAL_BEFORE 1
#define RESIDUAL_AFTER 2

DEFINE_UNIT(vec, activate)
DEFINE_ACTIVATE(vec, activate)

DEFINE_EXP(vec, ivec, AS_VEC, AS_IVEC, exp_within)

/* e^x, outside -87..87 the value there, but infinity stays. */
static vec bounded_exp(const vec x)
{
    const vec v = clamp(x, -87.0f, 87.0f);
    return exp_within(v) + max(x - v, 0.0f);
}

static vec activate_fast(const int kind, const float alpha, const float beta, const vec x)
{
    return kind == 5 ? x / (1.0f + bounded_exp(-x)) : activate(kind, alpha, beta, x);
}

/* f of a leaky_relu and a clip, for a vector that stays in a register. */
#define LEAKY(v) ((v) < 0.0f ? alpha * (v) : (v))
#define CLIPPED(v) ((v) < alpha ? alpha : (v) > beta ? beta : (v))

/* y = f(acc + residual) or f(acc) + residual. `y` and `residual` point at the tile's first vec in
 * an image of `width` columns; `plane` floats separate two blocks. Only the first `blocks`, `rows`
 * and `columns` exist. The common case stays in registers; the others go through memory and a loop,
 * because unrolled they would be most of the code (GPU: small tiles, unrolled). */
__attribute__((always_inline)) static void
finish_tile(vec acc[OB][PIXELS], global float *y, global const float *residual, const int plane,
            const int width, const int blocks, const int rows, const int columns,
            const int residual_mode, const int kind, const float alpha, const float beta)
{
    const int whole = blocks >= OB && rows >= TH && columns >= TW;
    if (residual_mode == 0 && kind <= 1 && whole) {
        const vec low = kind ? 0.0f : -INFINITY;
        EACH STORE(acc[o][t] < low ? low : acc[o][t], t / TW * width + t % TW, y + o * plane);
        return;
    }
    if (residual_mode == 0 && kind == 2 && whole) {
        EACH STORE(LEAKY(acc[o][t]), t / TW * width + t % TW, y + o * plane);
        return;
    }
    if (residual_mode == 0 && kind == 3 && whole) {
        EACH STORE(CLIPPED(acc[o][t]), t / TW * width + t % TW, y + o * plane);
        return;
    }
    vec v[OB * PIXELS];
    EACH v[o * PIXELS + t] = acc[o][t];
    FINISH_LOOP for (int o = 0; o < OB; o++) FINISH_LOOP for (int i = 0; i < TH; i++)
        FINISH_LOOP for (int j = 0; j < TW; j++)
    {
        if (o >= blocks || i >= rows || j >= columns)
            continue;
        const int at = o * plane + (i * width + j) * LANES;
        vec f = v[o * PIXELS + i * TW + j];
        if (residual_mode == RESIDUAL_BEFORE)
            f += VLOAD(0, residual + at);
        f = activate_fast(kind, alpha, beta, f);
        if (residual_mode == RESIDUAL_AFTER)
            f += VLOAD(0, residual + at);
        STORE(f, 0, y + at);
    }
}
