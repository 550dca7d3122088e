/* The twin's side of kernels/exact.h. Division needs nothing: C's is rounded to nearest. */
#ifndef DCL_OPS_EXACT_H
#define DCL_OPS_EXACT_H

#include <stdint.h>
#include <string.h>

/* exp of x <= 0 with the bits of the kernels' name_exp: 0 below -87. */
static inline float dcl_exact_exp(float x)
{
    if (x < -87)
        return 0;
    const int32_t k = (int32_t)(x * 1.44269504f - 0.5f);
    const float n = (float)k, r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    const int32_t bits = (k + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

#endif
