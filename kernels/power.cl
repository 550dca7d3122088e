/* y = a to the b-th, T to the power of EXPONENT, for integer bases and mixed types, with NumPy
 * broadcasting (ONNX Pow). Integers to whole powers are exact modulo 2^64; the rest goes through float
 * and is truncated. y is dense in the walk's order.
 * Mapping: one work-item per WIDTH elements of a row; bounds are length and rows. */
#include "walk.h"

#ifdef REAL
static T power(const T a, const EXPONENT b)
{
    return pow(a, (float)b);
}
#else
/* By squaring. */
static ulong whole_power(ulong f, long b)
{
    ulong r = 1;
    for (; b > 0; b >>= 1, f *= f)
        r = b & 1 ? r * f : r;
    return r;
}

/* The integer part of 1 / a^-b, b < 0. Comparisons stay in the narrow types: Mesa 22 gets those of a
 * widened integer with a constant wrong. */
static T inverse_power(const T a, const long b)
{
    return (T)(a == 1 ? 1 : a == (T)-1 ? 1 - 2 * (int)(b & 1) : 0);
}

/* pow is inexact: a result next to a whole number is that number. */
static T power(const T a, const EXPONENT b)
{
    const float limit = 9.0e18f;
    if (fabs((float)b) < limit && (EXPONENT)(long)b == b)
        return b < 0 ? inverse_power(a, (long)b) : (T)whole_power((ulong)(long)a, (long)b);
    const float p = pow((float)a, (float)b), n = rint(p);
    const float r = fabs(p - n) <= 4e-6f * fabs(p) ? n : p;
    return (T)(r > limit ? LONG_MAX : r > -limit ? (long)r : LONG_MIN);
}
#endif

kernel void power_mixed(TENSOR(const T, a), TENSOR(const EXPONENT, b), TENSOR(T, y),
                        TENSOR(const int, table), const int rank, const int length, const int rows,
                        const int a_step, const int b_step)
{
    OPEN(a);
    OPEN(b);
    OPEN(y);
    const int2 at = walk_start(ID(0), length, WIDTH);
    if (at.x >= rows)
        return;
    const int4 from = walk(table + table_at, rank, at.x);
    const int n = min(WIDTH, length - at.y);
    for (int i = at.y; i < at.y + n; i++)
        y[at.x * length + i] = power(a[from.y + i * a_step], b[from.z + i * b_step]);
}
