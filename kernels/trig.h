/* Arithmetic that gives the same bits on every device and in the twins, which compile this text as
 * C. OpenCL rounds +, -, * and comparisons as IEEE 754 does but leaves room in division (2.5 ulp)
 * and in sin and cos (4 ulp), so these are made here of the former and of integer operations.
 * Nothing is contracted (common.cl; -ffp-contract=off). */
#ifndef TRIG_H
#define TRIG_H

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)
#define SHARED
#define FLOOR floor
#else
#include <math.h>
#include <string.h>
#define SHARED static
#define FLOOR floorf
#define global

static int as_int(const float x)
{
    int i;
    memcpy(&i, &x, sizeof i);
    return i;
}

static float as_float(const int i)
{
    float x;
    memcpy(&x, &i, sizeof x);
    return x;
}
#endif

/* name(x) = 1 / x for 2^-120 <= x <= 2^120, relative error below 2^-23: a first guess from the
 * exponent, within an eighth, then Newton's method. V is float or a vector of it, AS_INT and
 * AS_FLOAT its bits. */
#define DEFINE_RECIPROCAL(V, AS_INT, AS_FLOAT, name)                                               \
    SHARED V name(const V x)                                                                       \
    {                                                                                              \
        V r = AS_FLOAT(0x7ef311c7 - AS_INT(x));                                                    \
        for (int k = 0; k < 3; k++)                                                                \
            r = r * ((V)2 - x * r);                                                                \
        return r + r * ((V)1 - x * r);                                                             \
    }

DEFINE_RECIPROCAL(float, as_int, as_float, reciprocal)

/* Sine and cosine of a finite angle in radians or degrees, within 2^-23 for up to 2^12 quarter
 * turns (multiples of 90 degrees are exact); of no meaning, but the same everywhere, far beyond. */
SHARED void sine_cosine(const float angle, const int radians, float *sine, float *cosine)
{
    const float turns = FLOOR(angle * (radians ? 0.636619772f : 0.0111111111f) + 0.5f);
    float r = radians ? ((angle - turns * 1.5703125f) - turns * 4.837512969970703125e-4f) -
                            turns * 7.54978995489188216e-8f
                      : (angle - turns * 90.0f) * 0.0174532925f;
    r = r > 0.79f ? 0.79f : r < -0.79f ? -0.79f : r;
    const float quarter = turns - 4.0f * FLOOR(turns * 0.25f), z = r * r;
    const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
    const float c =
        ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
        0.5f * z + 1.0f;
    *sine = quarter == 0 ? s : quarter == 1 ? c : quarter == 2 ? -s : -c;
    *cosine = quarter == 0 ? c : quarter == 1 ? -s : quarter == 2 ? -c : s;
}

#endif
