/* e^x and the logistic function for the twins whose kernels use the built-in ones, without calls or
 * branches, for loops that the compiler vectorises. Decisions use ops/exact.h. */
#ifndef DCL_OPS_EXPONENTIAL_H
#define DCL_OPS_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* e^x to 8 digits, which is right before it is rounded to float; beyond the range of float next to
 * nothing or more than float holds. Unlike libm's it can be vectorised: x = n ln 2 + r, Taylor's
 * series of e^r, and n added to the exponent. NaN stays NaN. */
static inline double dcl_exponential(double x)
{
    const double high = x < 90 ? x : 90, c = high > -110 ? high : -110;
    const double shift = 0x1.8p52; /* sums with it are rounded to integers, in the low bits */
    const double shifted = c * 0x1.71547652b82fep0 + shift;
    const double r = c - (shifted - shift) * 0x1.62e42fefa39efp-1;
    double p = 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    uint64_t n, bits;
    memcpy(&n, &shifted, sizeof n);
    memcpy(&bits, &p, sizeof bits);
    bits += n << 52;
    memcpy(&p, &bits, sizeof p);
    return x != x ? x : p;
}

static inline float dcl_exp(float x)
{
    return (float)dcl_exponential((double)x);
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
