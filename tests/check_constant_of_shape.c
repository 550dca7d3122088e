#include "check.h"

/* Expected values: NumPy full. */
static void golden(struct dcl_check *c)
{
    static const int64_t x0[] = {2, 3};
    static const float y0[] = {0, 0, 0, 0, 0, 0};
    static const int64_t x1[] = {2, 2};
    static const int32_t k[] = {7};
    static const int32_t y1[] = {7, 7, 7, 7};
    static const uint8_t k1[] = {1};
    static const int64_t x2[] = {0};
    static const int64_t k2[] = {5};
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I64, x0, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I64, x1, 2),
                                         DCL_CONST_DATA(DETCL_I32, k, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, y1, 2, 2)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I64, "", 0),
                                         DCL_CONST_DATA(DETCL_BOOL, k1, 1)};
        const struct dcl_operand out[] = {
            {.desc = {.dtype = DETCL_BOOL}, .fill = DCL_FILL_DATA, .data = k1}};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I64, x2, 1),
                                         DCL_CONST_DATA(DETCL_I64, k2, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 0)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
}

void dcl_check_constant_of_shape(struct dcl_check *c)
{
    golden(c);
    static const int64_t wrong[] = {2, -1};
    const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I64, wrong, 2)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_I64, 2)};
    dcl_check_refused(c, NULL, computed, 1, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand two[] = {DCL_CONST_DATA(DETCL_I64, wrong, 1),
                                      DCL_WEIGHTS(DETCL_F32, 2)};
    dcl_check_refused(c, NULL, two, 2, 1, DETCL_ERROR_MODEL);
}
