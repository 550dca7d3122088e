/* Division, exp, 1 / x and the logistic function with the same bits on every device and in the twin
 * (host/ops/exact.h): single additions, products and bit operations, never contracted, where OpenCL lets
 * a / b be 2.5 units in the last place off and exp 3. So what is decided on the results is decided alike.
 * DEFINE_EXACT(V, M, name) makes, for V = float or a vector of it and M the int of that width:
 *   name_divide(a, b): a / b rounded to nearest, for a >= 0, b > 0; fma gives the exact remainder, which
 *     says whether a neighbour is closer (quotients and remainders in the normal range; b infinite: 0)
 *   name_exp(x): e^x within 2 units in the last place; 0 below -87, infinite above 88; NaN stays NaN. Cody
 *     and Waite's reduction, Cephes' polynomial */
#define DEFINE_EXACT(V, M, name)                                                                   \
    static V name##_divide(const V a, const V b)                                                          \
    {                                                                                              \
        V q = a / b;                                                                               \
        for (int turn = 0; turn < 3; turn++) {                                                     \
            const V above = as_##V(as_##M(q) + 1), below = as_##V(as_##M(q) - 1);                  \
            const V rest = fma(-q, b, a);                                                          \
            q = rest > (above - q) * b * 0.5f    ? above                                           \
                : -rest > (q - below) * b * 0.5f ? below                                           \
                                                 : q;                                              \
        }                                                                                          \
        return q;                                                                                  \
    }                                                                                              \
    static V name##_exp(const V x)                                                                        \
    {                                                                                              \
        const V c = x > (V)88.0f ? (V)88.0f : x >= (V)(-87.0f) ? x : (V)(-87.0f);                  \
        const V n = floor(c * 1.44269504f + 0.5f);                                                 \
        const V r = c - n * 0.693359375f - n * -2.12194440e-4f;                                    \
        V p = (V)1.9875691500e-4f;                                                                 \
        p = p * r + 1.3981999507e-3f;                                                              \
        p = p * r + 8.3334519073e-3f;                                                              \
        p = p * r + 4.1665795894e-2f;                                                              \
        p = p * r + 1.6666665459e-1f;                                                              \
        p = p * r + 5.0000001201e-1f;                                                              \
        const V y = (p * r * r + r + 1.0f) * as_##V((convert_##M(n) + 127) << 23);                 \
        return isnan(x) ? x : x > (V)88.0f ? (V)INFINITY : x < (V)(-87.0f) ? (V)0.0f : y;          \
    }

DEFINE_EXACT(float, int, exact)

/* 1 / d for 1 <= d < 2^120, by Newton's iteration. */
static float exact_reciprocal(const float d)
{
    float r = as_float(0x7ef311c3u - as_uint(d));
    for (int i = 0; i < 4; i++)
        r = r + r * (1.0f - d * r);
    return r;
}

/* 1 / (1 + e^-x), at least that of -80. */
static float exact_sigmoid(const float x)
{
    const float c = x > 80.0f ? 80.0f : x >= -80.0f ? x : -80.0f;
    const float y = exact_reciprocal(1.0f + exact_exp(-c));
    return isnan(x) ? x : y;
}

/* The logistic function where logits are given, else x. */
static float exact_score(const float x, const int logits)
{
    return logits ? exact_sigmoid(x) : x;
}
