/* y = f(a, b) elementwise with NumPy broadcasting, f chosen by `kind` (host/ops/binary.h numbers
 * them). T = element type, REAL is defined when it is float. binary: T, T to T; compare: T, T to
 * bool. y is dense in the walk's order; a step of 0 repeats one element. Mapping: one work-item per
 * WIDTH elements of a row; bounds are length and rows. */
#include "walk.h"

#define V CAT(T, WIDTH)
#define LOAD CAT(vload, WIDTH)
#define STORE CAT(vstore, WIDTH)

#ifdef REAL
/* Maximum and minimum let NaN through. LONG_FUNCTION is fmod or pow where they are needed: they
 * take as long to compile as all the rest. */
#ifndef LONG_FUNCTION
#define LONG_FUNCTION(a, b) (a)
#endif
#define DEFINE_APPLY(V, name)                                                                      \
    static V name(const int kind, const float divisor, const V a, const V b)                       \
    {                                                                                              \
        switch (kind) {                                                                            \
        case 0:                                                                                    \
            return a + b;                                                                          \
        case 1:                                                                                    \
            return a - b;                                                                          \
        case 2:                                                                                    \
            return a * b;                                                                          \
        case 3:                                                                                    \
            return (a > b) | isnan(a) ? a : b;                                                     \
        case 4:                                                                                    \
            return (a < b) | isnan(a) ? a : b;                                                     \
        case 5:                                                                                    \
            return a < (V)0 ? a * b : a;                                                           \
        case 6:                                                                                    \
            return a / b;                                                                          \
        case 10:                                                                                   \
            return (a + b) / divisor;                                                              \
        default:                                                                                   \
            return LONG_FUNCTION(a, b);                                                            \
        }                                                                                          \
    }
DEFINE_APPLY(T, apply)
#if WIDTH > 1
DEFINE_APPLY(V, apply_wide)
#endif
#else
/* Nothing traps: x / 0 = x % 0 = 0, and the lowest value / -1 wraps. */
static T apply(const int kind, const float divisor, const T a, const T b)
{
    const T zero = 0, minus_one = (T)-1;
    const bool negates = b == minus_one && minus_one < zero;
    switch (kind) {
    case 0:
        return a + b;
    case 1:
        return a - b;
    case 2:
        return a * b;
    case 3:
        return max(a, b);
    case 4:
        return min(a, b);
    case 5:
        return a < zero ? a * b : a;
    case 6:
        return b == zero ? zero : negates ? zero - a : a / b;
    case 7: {
        const T r = b == zero || negates ? zero : a % b;
        return r != zero && (r < zero) != (b < zero) ? r + b : r;
    }
    case 8:
        return b == zero || negates ? zero : a % b;
    case 11:
        return a & b;
    case 12:
        return a | b;
    case 13:
        return a ^ b;
    case 14:
        return b < (T)(8 * sizeof(T)) ? a << b : zero;
    default:
        return b < (T)(8 * sizeof(T)) ? a >> b : zero;
    }
}
#endif

static bool holds(const int kind, const T a, const T b)
{
    return kind == 16   ? a > b
           : kind == 17 ? a >= b
           : kind == 18 ? a < b
           : kind == 19 ? a <= b
                        : a == b;
}

KERNEL void CHAINED(binary)(TENSOR(const T, a), TENSOR(const T, b), TENSOR(T, y),
                            TENSOR(const int, table), const int rank, const int length,
                            const int rows, const int a_step, const int b_step, const int kind,
                            const float divisor PLACED)
{
    OPEN(a);
    OPEN(b);
    OPEN(y);
    const int2 at = walk_start(ID(0), length, WIDTH);
    if (at.x >= rows)
        return;
    const int4 from = walk(table + table_at, rank, at.x);
    a += from.y + at.y * a_step;
    b += from.z + at.y * b_step;
    y += at.x * length + at.y;
    const int n = min(WIDTH, length - at.y);
#if WIDTH > 1 && defined(REAL)
    if (n == WIDTH) {
        const V p = a_step ? LOAD(0, a) : (V)a[0], q = b_step ? LOAD(0, b) : (V)b[0];
        STORE(apply_wide(kind, divisor, p, q), 0, y);
        return;
    }
#endif
    for (int i = 0; i < n; i++)
        y[i] = apply(kind, divisor, a[i * a_step], b[i * b_step]);
}

KERNEL void CHAINED(compare)(TENSOR(const T, a), TENSOR(const T, b), TENSOR(uchar, y),
                             TENSOR(const int, table), const int rank, const int length,
                             const int rows, const int a_step, const int b_step,
                             const int kind PLACED)
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
        y[at.x * length + i] = holds(kind, a[from.y + i * a_step], b[from.z + i * b_step]);
}
