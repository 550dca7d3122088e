#include "check.h"

/* Expected values: NumPy compress. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3, 4, 5};
    static const uint8_t k[] = {0, 1, 1};
    static const float y0[] = {2, 3, 4, 5};
    static const uint8_t k1[] = {0, 1};
    static const float y1[] = {1, 3, 5};
    static const uint8_t k2[] = {1, 0, 0, 1, 1};
    static const float y2[] = {0, 3, 4};
    static const uint8_t k3[] = {0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2),
                                         DCL_CONST_DATA(DETCL_BOOL, k, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2)};
        dcl_check_golden(c, "axis=0", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2),
                                         DCL_CONST_DATA(DETCL_BOOL, k1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 1)};
        dcl_check_golden(c, "axis=-1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2),
                                         DCL_CONST_DATA(DETCL_BOOL, k2, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 3)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2),
                                         DCL_CONST_DATA(DETCL_BOOL, k3, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, "", 3, 0)};
        dcl_check_golden(c, "axis=1", in, 2, out, 1, 0);
    }
}

void dcl_check_compress(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const uint8_t condition[] = {1, 0, 1, 1};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, "axis=1", 1, DCL_RANDOM(types[i], 3, 5, 37),
                 DCL_CONST_DATA(DETCL_BOOL, condition, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3),
                                     DCL_CONST_DATA(DETCL_BOOL, condition, 4)};
    dcl_check_refused(c, "axis=0", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=1", in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_BOOL, 3)};
    dcl_check_refused(c, "axis=0", computed, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
