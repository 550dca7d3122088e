#include "check.h"

#include <math.h>

/* Expected values: NumPy astype; saturation and NaN as defined in host/ops/cast.c. */
static void golden_from_float(struct dcl_check *c)
{
    static const float x0[] = {-1.89999998f,     -0.5f,   0,      0.5f,    1.89999998f,
                               255.399994f,      NAN,     3e+09f, -3e+09f, 9.99999998e+18f,
                               -9.99999998e+18f, INFINITY};
    static const int32_t y0[] = {-1, 0,          0,         0,          1,         255,
                                 0,  2147483647, INT32_MIN, 2147483647, INT32_MIN, 2147483647};
    static const int64_t y1[] = {-1, 0,          0,           0,         1,         255,
                                 0,  3000000000, -3000000000, INT64_MAX, INT64_MIN, INT64_MAX};
    static const uint8_t y2[] = {0, 0, 0, 0, 1, 255, 0, 255, 0, 255, 0, 255};
    static const uint8_t y3[] = {1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 12)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, y0, 12)};
        dcl_check_golden(c, "to=6", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 12)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y1, 12)};
        dcl_check_golden(c, "to=7", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 12)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, y2, 12)};
        dcl_check_golden(c, "to=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 12)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y3, 12)};
        dcl_check_golden(c, "to=9", in, 1, out, 1, 0);
    }
}

static void golden_from_integers(struct dcl_check *c)
{
    static const int32_t x1[] = {-1, 0, 256, 2147483647, 16777217};
    static const float y4[] = {-1, 0, 256, 2.14748365e+09f, 16777216};
    static const int64_t y5[] = {-1, 0, 256, 2147483647, 16777217};
    static const uint8_t y6[] = {255, 0, 0, 255, 1};
    static const uint8_t y7[] = {1, 0, 1, 1, 1};
    static const int64_t x2[] = {INT64_MIN, 9007199254740993, -5, 300};
    static const float y8[] = {-9.22337204e+18f, 9.00719925e+15f, -5, 300};
    static const int32_t y9[] = {0, 1, -5, 300};
    static const uint8_t y10[] = {0, 1, 251, 44};
    static const uint8_t y11[] = {1, 1, 1, 1};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, x1, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y4, 5)};
        dcl_check_golden(c, "to=1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, x1, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y5, 5)};
        dcl_check_golden(c, "to=7", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, x1, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, y6, 5)};
        dcl_check_golden(c, "to=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, x1, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y7, 5)};
        dcl_check_golden(c, "to=9", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y8, 4)};
        dcl_check_golden(c, "to=1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, y9, 4)};
        dcl_check_golden(c, "to=6", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, y10, 4)};
        dcl_check_golden(c, "to=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y11, 4)};
        dcl_check_golden(c, "to=9", in, 1, out, 1, 0);
    }
}

void dcl_check_cast(struct dcl_check *c)
{
    golden_from_float(c);
    golden_from_integers(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const char *const to[] = {"to=1", "to=6", "to=7", "to=2", "to=9"};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++)
            DCL_CASE(c, to[k], 1, DCL_RANGE(types[i], types[i] == DETCL_U8 ? 0 : -200, 200, 3, 37));
    DCL_CASE(c, "to=6", 1, DCL_SPECIAL(129));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 129), DCL_RANDOM(DETCL_I32, 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, "to=8", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
