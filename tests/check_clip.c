#include "check.h"

#include <math.h>

/* Expected values: NumPy clip. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {-2, -1, 0, 0.5f, 1, 2, NAN, INFINITY};
    static const float k[] = {-1};
    static const float k1[] = {1};
    static const float y0[] = {-1, -1, 0, 0.5f, 1, 1, NAN, 1};
    static const float y1[] = {-2, -1, 0, 0.5f, 1, 1, NAN, 1};
    static const float y2[] = {0, 0, 0, 0.5f, 1, 2, NAN, 6};
    static const float b[] = {2};
    static const float y3[] = {1, 1, 1, 1, 1, 1, NAN, 1};
    static const int64_t x1[] = {-9, 0, 9};
    static const int64_t k2[] = {-3};
    static const int64_t k3[] = {3};
    static const int64_t y4[] = {-3, 0, 3};
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 8),
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k, .constant = true},
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k1, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 8)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 8),
            DCL_ABSENT,
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k1}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 8)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 8)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 8)};
        dcl_check_golden(c, "min=0 max=6", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 8),
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = b},
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k1}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y3, 8)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 8)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 8)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_I64, x1, 3),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k2, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k3, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y4, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
}

void dcl_check_clip(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_I32, DETCL_I64, DETCL_U8};
    for (int i = 0; i < 3; i++)
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 3, 37), DCL_RANGE(types[i], 2, 3, 1),
                 DCL_RANGE(types[i], 6, 7, 1));
    DCL_CASE(c, "min=0 max=6", 1, DCL_SPECIAL(2, 19, 3, 5));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(2, 19, 3, 5), DCL_RANGE(DETCL_F32, -0.5f, -0.4f, 1));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(33), DCL_ABSENT, DCL_WEIGHTS(DETCL_F32, 1));
    DCL_CASE(c, "min=0", 1, DCL_RANDOM(DETCL_F32, 0));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2), DCL_RANDOM(DETCL_F32, 2)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand types_differ[] = {DCL_RANDOM(DETCL_F32, 2), DCL_RANDOM(DETCL_I32, 1)};
    dcl_check_refused(c, NULL, types_differ, 2, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand flags[] = {DCL_RANDOM(DETCL_BOOL, 2)};
    dcl_check_refused(c, NULL, flags, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
