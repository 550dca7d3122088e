#include "check.h"

/* Expected values: NumPy take_along_axis. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    static const int64_t b[] = {1, 2, 0, 2, 0, -3};
    static const float y0[] = {3, 7, 2, 6, 1, 2};
    static const int32_t b1[] = {0, 0, 1, -1, 2, 1};
    static const float y1[] = {0, 0, 4, 5, 8, 7};
    static const int64_t x1[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int64_t b2[] = {1, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 2)};
        dcl_check_golden(c, "axis=1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 3, 2),
                                         DCL_DATA(DETCL_I64, b2, 1, 1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, b2, 1, 1, 2)};
        dcl_check_golden(c, "axis=-1", in, 2, out, 1, 0);
    }
}

void dcl_check_gather_elements(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++) {
        DCL_CASE(c, "axis=1", 1, DCL_RANDOM(types[i], 3, 9, 19),
                 DCL_RANGE(DETCL_I64, -9, 9, 2, 5, 17));
        DCL_CASE(c, "axis=2", 1, DCL_RANDOM(types[i], 3, 2, 9),
                 DCL_RANGE(DETCL_I32, -9, 9, 3, 2, 19));
    }
    /* Computed indices outside the extent are clamped. */
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 17), DCL_RANGE(DETCL_I64, -100, 100, 31, 17));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 17), DCL_RANDOM(DETCL_I64, 0, 17));
    static const int64_t far[] = {5};
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5), DCL_CONST_DATA(DETCL_I64, far, 1)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand wide[] = {DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 5, 3)};
    dcl_check_refused(c, NULL, wide, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=2", wide, 2, 1, DETCL_ERROR_MODEL);
}
