#include "check.h"

/* Expected values: NumPy nonzero. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1, 0, 2, 0, 0, 3};
    static const int64_t y0[] = {0, 0, 1, 0, 2, 2};
    static const uint8_t x1[] = {1, 0, 1, 0, 0, 1};
    static const int32_t x2[] = {0, 0, 0, 0};
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_F32, x0, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_BOOL, x1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_CONST_DATA(DETCL_I32, x2, 2, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 2, 0)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
}

void dcl_check_nonzero(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, NULL, 1, DCL_WEIGHTS(DETCL_I64, 3, 2, 5));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
