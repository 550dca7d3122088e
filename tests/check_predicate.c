#include "check.h"

#include <math.h>

/* Expected values: NumPy logical_not, isnan, isposinf, isneginf. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, -1, NAN, INFINITY, -INFINITY, 3.00000001e+38f};
    static const uint8_t y0[] = {0, 0, 1, 0, 0, 0};
    static const uint8_t y1[] = {0, 0, 0, 1, 1, 0};
    static const uint8_t y2[] = {0, 0, 0, 1, 0, 0};
    static const uint8_t y3[] = {0, 0, 0, 0, 1, 0};
    static const uint8_t x1[] = {1, 0, 1};
    static const uint8_t y4[] = {0, 1, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y0, 6)};
        dcl_check_golden(c, "kind=is_nan", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y1, 6)};
        dcl_check_golden(c, "kind=is_inf", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y2, 6)};
        dcl_check_golden(c, "kind=is_inf detect_negative=0", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y3, 6)};
        dcl_check_golden(c, "kind=is_inf detect_positive=0", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_BOOL, x1, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y4, 3)};
        dcl_check_golden(c, "kind=not", in, 1, out, 1, 0);
    }
}

void dcl_check_predicate(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "kind=is_nan", 1, DCL_SPECIAL(3, 67));
    DCL_CASE(c, "kind=is_inf", 1, DCL_SPECIAL(3, 67));
    DCL_CASE(c, "kind=is_inf detect_positive=0 detect_negative=0", 1, DCL_SPECIAL(67));
    DCL_CASE(c, "kind=not", 1, DCL_RANDOM(DETCL_BOOL, 3, 67));
    DCL_CASE(c, "kind=not", 1, DCL_RANDOM(DETCL_BOOL, 0));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "kind=not", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=is_nan", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
