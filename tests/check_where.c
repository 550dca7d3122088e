#include "check.h"

/* Expected values: NumPy where. */
static void golden(struct dcl_check *c)
{
    static const uint8_t x0[] = {1, 0};
    static const float b[] = {0, 1, 2};
    static const float b1[] = {9, 8};
    static const float y0[] = {0, 1, 2, 8, 8, 8};
    static const uint8_t x1[] = {1, 0, 1};
    static const int64_t b2[] = {0, 1, 2};
    static const int64_t b3[] = {7};
    static const int64_t y1[] = {0, 7, 2};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_BOOL, x0, 2, 1), DCL_DATA(DETCL_F32, b, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_BOOL, x1, 3),
            DCL_DATA(DETCL_I64, b2, 3),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = b3}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y1, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
}

void dcl_check_where(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 5, 1, 37), DCL_RANDOM(types[i], 3, 1),
                 DCL_RANDOM(types[i], 5, 3, 37));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 131), DCL_SPECIAL(131), DCL_SPECIAL(131));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 1), DCL_RANDOM(DETCL_F32, 0, 3),
             DCL_RANDOM(DETCL_F32, 3));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_BOOL, 3), DCL_RANDOM(DETCL_F32, 3),
                                     DCL_RANDOM(DETCL_I32, 3), DCL_RANDOM(DETCL_I32, 2)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, in + 1, 3, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand apart[] = {DCL_RANDOM(DETCL_BOOL, 3), DCL_RANDOM(DETCL_F32, 3),
                                        DCL_RANDOM(DETCL_F32, 2)};
    dcl_check_refused(c, NULL, apart, 3, 1, DETCL_ERROR_MODEL);
}
