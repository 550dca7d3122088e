/* e^x and the logistic function without calls or branches, for loops that the compiler vectorises.
 * Decisions use ops/exact.h. */
#ifndef DCL_OPS_EXP_H
#define DCL_OPS_EXP_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* e^x, computed in double and so within 0.51 units in the last place; infinite above 88.7, 0 below
 * -87.3, NaN for NaN. 2^n times Taylor's polynomial on |r| <= ln(2) / 2; adding 1.5 x 2^52 rounds n
 * and leaves it in the low bits, from where it goes to the exponent. */
static inline float dcl_exp(float x)
{
    const double v = (double)x, t = v * 1.4426950408889634 + 6755399441055744.0;
    const double r = v - (t - 6755399441055744.0) * 0.6931471805599453;
    double p = 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t low, bits;
    double y;
    memcpy(&low, &t, sizeof low);
    memcpy(&bits, &p, sizeof bits);
    bits += low << 52;
    memcpy(&y, &bits, sizeof y);
    return x > 88.72283f ? INFINITY : x < -87.33654f ? 0.0f : x == x ? (float)y : x;
}

static inline float dcl_sigmoid(float x)
{
    return 1.0f / (1.0f + dcl_exp(-x));
}

/* The same for x <= 0 in floats, within 1.3 units in the last place, as kernels/decode_vector.h has
 * it for softmax (Cephes, expf). */
static inline float dcl_exp_below(float x)
{
    const float t = x * 1.44269504f + 12582912.0f, n = t - 12582912.0f;
    const float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + (r + 1.0f);
    uint32_t low, bits;
    float y;
    memcpy(&low, &t, sizeof low);
    memcpy(&bits, &p, sizeof bits);
    bits += low << 23;
    memcpy(&y, &bits, sizeof y);
    return x < -87.33654f ? 0.0f : x == x ? y : x;
}

#endif
