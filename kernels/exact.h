/* Division and exp with the same bits on every device, for results that later decisions compare: OpenCL lets
 * a / b be 2.5 units in the last place off and exp 3. DEFINE_EXACT(V, M, name) makes, for V = float or a
 * vector of it and M the int of that width (twin: host/ops/exact.h):
 *   name_divide(a, b): a / b rounded to nearest, for a >= 0, b > 0; fma gives the exact remainder, which
 *     says whether a neighbour is closer (quotients and remainders in the normal range; b infinite: 0)
 *   name_exp(x): exp of x <= 0 within 2 units in the last place, 0 below -87; Cephes' polynomial */
#define DEFINE_EXACT(V, M, name)                                                                   \
    V name##_divide(const V a, const V b)                                                          \
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
    V name##_exp(const V x)                                                                        \
    {                                                                                              \
        const V t = x < (V)(-87) ? (V)(-87) : x;                                                   \
        const M k = convert_##M(t * 1.44269504f - 0.5f);                                           \
        const V n = convert_##V(k), r = (t - n * 0.693359375f) + n * 2.12194440e-4f;               \
        V p = r * 1.9875691500e-4f + 1.3981999507e-3f;                                             \
        p = p * r + 8.3334519073e-3f;                                                              \
        p = p * r + 4.1665795894e-2f;                                                              \
        p = p * r + 1.6666665459e-1f;                                                              \
        p = p * r + 5.0000001201e-1f;                                                              \
        p = p * (r * r) + r + 1.0f;                                                                \
        return x < (V)(-87) ? (V)0 : p * as_##V((k + 127) << 23);                                  \
    }
