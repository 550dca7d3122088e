#include "check.h"

/* Expected values: NumPy cumsum. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6};
    static const int32_t k[] = {0};
    static const float y0[] = {1, 2, 3, 5, 7, 9};
    static const int64_t k1[] = {-1};
    static const float y1[] = {0, 1, 3, 0, 4, 9};
    static const int64_t x1[] = {1, 2, 3, 4, 5, 6};
    static const int64_t y2[] = {6, 5, 3, 15, 11, 6};
    static const float y3[] = {5, 3, 0, 11, 6, 0};
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 2, 3),
            {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = k, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 3)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 2, 3)};
        dcl_check_golden(c, "exclusive=1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 2, 3)};
        dcl_check_golden(c, "reverse=1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y3, 2, 3)};
        dcl_check_golden(c, "exclusive=1 reverse=1", in, 2, out, 1, 0);
    }
}

void dcl_check_cumsum(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64};
    static const int64_t axis[] = {1}, far[] = {3};
    for (int i = 0; i < 3; i++) {
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 3, 67, 5), DCL_CONST_DATA(DETCL_I64, axis, 1));
        DCL_CASE(c, "reverse=1 exclusive=1", 1, DCL_RANDOM(types[i], 3, 67, 5),
                 DCL_CONST_DATA(DETCL_I64, axis, 1));
    }
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(7, 9), DCL_CONST_DATA(DETCL_I64, axis, 1));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 0), DCL_CONST_DATA(DETCL_I64, axis, 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 2),
                                     DCL_CONST_DATA(DETCL_I64, far, 1)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 3, 2), DCL_RANDOM(DETCL_I64, 1)};
    dcl_check_refused(c, NULL, computed, 2, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand bytes[] = {DCL_RANDOM(DETCL_U8, 3, 2),
                                        DCL_CONST_DATA(DETCL_I64, axis, 1)};
    dcl_check_refused(c, NULL, bytes, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
