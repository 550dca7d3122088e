#include "check.h"

/* Expected values: NumPy slices in reverse. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int64_t b[] = {4, 3, 1};
    static const float y0[] = {9, 7, 2, 6, 4, 5, 3, 1, 8, 0, 10, 11};
    static const int64_t b1[] = {0, 1, 2, 3};
    static const float y1[] = {0, 1, 2, 3, 4, 5, 7, 6, 8, 11, 10, 9};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 3), DCL_DATA(DETCL_I64, b, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 4, 3)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 3), DCL_DATA(DETCL_I64, b1, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 4, 3)};
        dcl_check_golden(c, "batch_axis=0 time_axis=1", in, 2, out, 1, 0);
    }
}

void dcl_check_reverse_sequence(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++) {
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 9, 5, 7), DCL_RANGE(DETCL_I64, -2, 12, 5));
        DCL_CASE(c, "batch_axis=0 time_axis=1", 1, DCL_RANDOM(types[i], 9, 5, 3, 2),
                 DCL_RANGE(DETCL_I64, 0, 6, 9));
    }
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 5), DCL_RANDOM(DETCL_I64, 5));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 2), DCL_RANDOM(DETCL_I64, 3)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "batch_axis=1 time_axis=1", in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand narrow[] = {DCL_RANDOM(DETCL_F32, 3, 2), DCL_RANDOM(DETCL_I32, 2)};
    dcl_check_refused(c, NULL, narrow, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
