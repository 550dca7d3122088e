/* e^x for the twins whose kernels use the built-in exp. */
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

#endif
