#include "check.h"

/* Expected values: NumPy eye. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float y0[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    static const int64_t y1[] = {0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0};
    static const uint8_t y2[] = {0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3, 4)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y1, 3, 4)};
        dcl_check_golden(c, "k=-1 dtype=7", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, y2, 3, 4)};
        dcl_check_golden(c, "k=2 dtype=9", in, 1, out, 1, 0);
    }
}

void dcl_check_eye_like(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "dtype=2", 1, DCL_RANDOM(DETCL_F32, 0, 3));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_F32, 3, 3)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "dtype=11", in + 1, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
