/* DEFINE_EXP(vec, ivec, as_vec, as_ivec, name): name(x) is e^x within 2 units in the last place for
 * -87 <= x <= 87: 2^n times a polynomial on |r| <= ln(2) / 2 (Cephes, expf). n is rounded by adding
 * 1.5 x 2^23, which leaves it in the low bits of t. The caller keeps x in that range; NaN stays. */
#define DEFINE_EXP(vec, ivec, as_vec, as_ivec, name)                                               \
    static vec name(const vec x)                                                                   \
    {                                                                                              \
        const vec t = x * 1.44269504f + 12582912.0f, n = t - 12582912.0f;                          \
        const vec r = x - n * 0.693359375f + n * 2.12194440e-4f;                                   \
        vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;                                           \
        p = p * r + 8.3334519073e-3f;                                                              \
        p = p * r + 4.1665795894e-2f;                                                              \
        p = p * r + 1.6666665459e-1f;                                                              \
        p = p * r + 5.0000001201e-1f;                                                              \
        p = p * (r * r) + (r + 1.0f);                                                              \
        return as_vec(as_ivec(p) + (as_ivec(t) << 23));                                            \
    }
