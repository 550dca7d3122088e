#include "check.h"

/* Expected values: NumPy tile. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3};
    static const int64_t k[] = {2, 3};
    static const float y0[] = {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3,
                               0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3};
    static const uint8_t x1[] = {0, 1, 2, 3};
    static const int64_t k1[] = {1, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 2),
                                         DCL_CONST_DATA(DETCL_I64, k, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 4, 6)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_U8, x1, 2, 2),
                                         DCL_CONST_DATA(DETCL_I64, k1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, "", 2, 0)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
}

void dcl_check_tile(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const int64_t repeats[] = {2, 1, 3, 2, 1, 2, 2, 3};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 3, 5, 37), DCL_CONST_DATA(DETCL_I64, repeats, 3));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 1, 2, 1, 2, 2, 1, 2, 2),
             DCL_CONST_DATA(DETCL_I64, repeats, 8));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 2), DCL_CONST_DATA(DETCL_I64, repeats, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 2),
                                     DCL_CONST_DATA(DETCL_I64, repeats, 3)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_I64, 1)};
    dcl_check_refused(c, NULL, computed, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
