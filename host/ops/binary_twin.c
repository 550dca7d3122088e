/* The arithmetic of binary, power and compare in C. Integers are computed in 64 bits and wrap. */
#include "core/simd.h"
#include "ops/binary.h"

#include <math.h>

static inline float real(enum dcl_binary function, float divisor, float a, float b)
{
    switch (function) {
    case DCL_ADD:
        return a + b;
    case DCL_SUB:
        return a - b;
    case DCL_MUL:
        return a * b;
    case DCL_MAX:
        return a > b || isnan(a) ? a : b;
    case DCL_MIN:
        return a < b || isnan(a) ? a : b;
    case DCL_PRELU:
        return a < 0 ? a * b : a;
    case DCL_DIV:
        return a / b;
    case DCL_FMOD:
        return fmodf(a, b);
    case DCL_POW:
        return powf(a, b);
    default: /* DCL_MEAN */
        return (a + b) / divisor;
    }
}

float dcl_binary_float(enum dcl_binary function, float divisor, float a, float b)
{
    return real(function, divisor, a, b);
}

static int64_t wrap(uint64_t x)
{
    return (int64_t)x;
}

static int64_t quotient(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? wrap(0 - (uint64_t)a) : a / b;
}

static int64_t remainder_of(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

static int64_t floor_remainder(int64_t a, int64_t b)
{
    const int64_t r = remainder_of(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static int64_t shift(enum dcl_binary function, enum detcl_dtype type, int64_t a, int64_t b)
{
    const int64_t bits = 8 * (int64_t)detcl_dtype_size(type);
    if (b < 0 || b >= bits)
        return 0;
    return function == DCL_SHIFT_LEFT ? wrap((uint64_t)a << b) : a >> b;
}

static int64_t whole(enum dcl_binary function, enum detcl_dtype type, int64_t a, int64_t b)
{
    switch (function) {
    case DCL_ADD:
        return wrap((uint64_t)a + (uint64_t)b);
    case DCL_SUB:
        return wrap((uint64_t)a - (uint64_t)b);
    case DCL_MUL:
        return wrap((uint64_t)a * (uint64_t)b);
    case DCL_MAX:
        return a > b ? a : b;
    case DCL_MIN:
        return a < b ? a : b;
    case DCL_PRELU:
        return a < 0 ? wrap((uint64_t)a * (uint64_t)b) : a;
    case DCL_DIV:
        return quotient(a, b);
    case DCL_MOD:
        return floor_remainder(a, b);
    case DCL_FMOD:
        return remainder_of(a, b);
    case DCL_BIT_AND:
        return a & b;
    case DCL_BIT_OR:
        return a | b;
    case DCL_BIT_XOR:
        return a ^ b;
    default:
        return shift(function, type, a, b);
    }
}

/* By squaring. A negative exponent leaves the integer part of the result. */
static int64_t whole_power(int64_t a, int64_t b)
{
    if (b < 0)
        return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    uint64_t r = 1, f = (uint64_t)a;
    for (; b; b >>= 1, f *= f)
        r = b & 1 ? r * f : r;
    return wrap(r);
}

/* An integer to a fractional power: a result next to a whole number is that number. */
static int64_t fractional_power(int64_t a, float b)
{
    const float limit = 9.0e18f;
    if (fabsf(b) < limit && (float)(int64_t)b == b)
        return whole_power(a, (int64_t)b);
    const float p = powf((float)a, b), n = rintf(p);
    const float r = fabsf(p - n) <= 4e-6f * fabsf(p) ? n : p;
    return r > limit ? INT64_MAX : r > -limit ? (int64_t)r : INT64_MIN;
}

static bool holds(enum dcl_binary function, int order)
{
    switch (function) {
    case DCL_GREATER:
        return order == 1;
    case DCL_GREATER_EQUAL:
        return order == 1 || order == 0;
    case DCL_LESS:
        return order == -1;
    case DCL_LESS_EQUAL:
        return order == -1 || order == 0;
    default:
        return order == 0;
    }
}

static int64_t integer_at(enum detcl_dtype type, const void *data, int64_t i)
{
    switch (type) {
    case DETCL_I32:
        return ((const int32_t *)data)[i];
    case DETCL_I64:
        return ((const int64_t *)data)[i];
    default:
        return ((const uint8_t *)data)[i];
    }
}

static void store_integer(enum detcl_dtype type, void *data, int64_t i, int64_t v)
{
    if (type == DETCL_I32)
        ((int32_t *)data)[i] = (int32_t)v;
    else if (type == DETCL_I64)
        ((int64_t *)data)[i] = v;
    else
        ((uint8_t *)data)[i] = (uint8_t)v;
}

/* -1, 0, 1, or 2 when a NaN leaves them without an order. */
static int order_of(const struct dcl_binary_row *row, int64_t ia, int64_t ib)
{
    if (row->a_type == DETCL_F32) {
        const float a = ((const float *)row->a)[ia], b = ((const float *)row->b)[ib];
        return isnan(a) || isnan(b) ? 2 : (a > b) - (a < b);
    }
    const int64_t a = integer_at(row->a_type, row->a, ia), b = integer_at(row->b_type, row->b, ib);
    return (a > b) - (a < b);
}

static void real_element(const struct dcl_binary_row *row, int64_t i, int64_t ia, int64_t ib)
{
    const float b = row->b_type == DETCL_F32 ? ((const float *)row->b)[ib]
                                             : (float)integer_at(row->b_type, row->b, ib);
    ((float *)row->y)[i] = real(row->function, row->divisor, ((const float *)row->a)[ia], b);
}

static void integer_element(const struct dcl_binary_row *row, int64_t i, int64_t ia, int64_t ib)
{
    const int64_t a = integer_at(row->a_type, row->a, ia);
    int64_t v;
    if (row->b_type == DETCL_F32)
        v = fractional_power(a, ((const float *)row->b)[ib]);
    else if (row->function == DCL_POW)
        v = whole_power(a, integer_at(row->b_type, row->b, ib));
    else
        v = whole(row->function, row->a_type, a, integer_at(row->b_type, row->b, ib));
    store_integer(row->a_type, row->y, i, v);
}

/* Rows of float32 in which each operand moves on by one element or not at all. */
static inline void real_row(enum dcl_binary function, int64_t a_step, int64_t b_step,
                            const struct dcl_binary_row *row)
{
    const float *a = row->a, *b = row->b;
    float *y = row->y;
    for (int64_t i = 0; i < row->n; i++)
        y[i] = real(function, row->divisor, a[i * a_step], b[i * b_step]);
}

static inline void real_rows(enum dcl_binary function, const struct dcl_binary_row *row)
{
    if (row->a_step == 0)
        real_row(function, 0, 1, row);
    else if (row->b_step == 0)
        real_row(function, 1, 0, row);
    else
        real_row(function, 1, 1, row);
}

static bool is_plain(const struct dcl_binary_row *row)
{
    return row->a_type == DETCL_F32 && row->b_type == DETCL_F32 && row->a_step + row->b_step > 0 &&
           row->a_step <= 1 && row->b_step <= 1;
}

/* False when the row is left to dcl_binary_run. */
DCL_VECTORISED static bool run_plain(const struct dcl_binary_row *row)
{
    if (!is_plain(row))
        return false;
    switch (row->function) {
    case DCL_ADD:
        real_rows(DCL_ADD, row);
        return true;
    case DCL_SUB:
        real_rows(DCL_SUB, row);
        return true;
    case DCL_MUL:
        real_rows(DCL_MUL, row);
        return true;
    case DCL_DIV:
        real_rows(DCL_DIV, row);
        return true;
    case DCL_MAX:
        real_rows(DCL_MAX, row);
        return true;
    case DCL_MIN:
        real_rows(DCL_MIN, row);
        return true;
    case DCL_PRELU:
        real_rows(DCL_PRELU, row);
        return true;
    default:
        return false;
    }
}

void dcl_binary_run(const struct dcl_binary_row *row)
{
    if (run_plain(row))
        return;
    for (int64_t i = 0; i < row->n; i++) {
        const int64_t ia = i * row->a_step, ib = i * row->b_step;
        if (row->function >= DCL_GREATER)
            ((uint8_t *)row->y)[i] = holds(row->function, order_of(row, ia, ib));
        else if (row->a_type == DETCL_F32)
            real_element(row, i, ia, ib);
        else
            integer_element(row, i, ia, ib);
    }
}
