/* The twin of kernels/exact.h, operation by operation: results have the same bits. Division needs
 * nothing: C's is rounded to nearest. */
#ifndef DCL_OPS_EXACT_H
#define DCL_OPS_EXACT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float dcl_exact_exp(float x)
{
    const float c = x > 88.0f ? 88.0f : x >= -87.0f ? x : -87.0f;
    const float n = floorf(c * 1.44269504f + 0.5f);
    const float r = c - n * 0.693359375f - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f, power;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const int32_t bits = ((int32_t)n + 127) * (1 << 23);
    memcpy(&power, &bits, sizeof power);
    const float y = (p * r * r + r + 1.0f) * power;
    return isnan(x) ? x : x > 88.0f ? INFINITY : x < -87.0f ? 0.0f : y;
}

static inline float dcl_exact_reciprocal(float d)
{
    uint32_t bits;
    float r;
    memcpy(&bits, &d, sizeof bits);
    bits = 0x7ef311c3u - bits;
    memcpy(&r, &bits, sizeof r);
    for (int i = 0; i < 4; i++)
        r = r + r * (1.0f - d * r);
    return r;
}

static inline float dcl_exact_sigmoid(float x)
{
    const float c = x > 80.0f ? 80.0f : x >= -80.0f ? x : -80.0f;
    const float y = dcl_exact_reciprocal(1.0f + dcl_exact_exp(-c));
    return isnan(x) ? x : y;
}

static inline float dcl_exact_score(float x, int logits)
{
    return logits ? dcl_exact_sigmoid(x) : x;
}

#endif
