#include "check.h"

/* Expected values: NumPy triu and tril. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const float y0[] = {1, 2, 3, 4, 0, 6, 7, 8, 0, 0, 11, 12};
    static const int64_t k[] = {1};
    static const float y1[] = {1, 2, 0, 0, 5, 6, 7, 0, 9, 10, 11, 12};
    static const int64_t x1[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const int64_t b[] = {-1};
    static const int64_t y2[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 10, 11, 12};
    static const int64_t b1[] = {-7};
    static const float y3[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3, 4)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 3, 4),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 4)};
        dcl_check_golden(c, "upper=0", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_I64, x1, 3, 4),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = b}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 3, 4)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 4), DCL_DATA(DETCL_I64, b1, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y3, 3, 4)};
        dcl_check_golden(c, "upper=0", in, 2, out, 1, 0);
    }
}

void dcl_check_trilu(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++) {
        DCL_CASE(c, "upper=1", 1, DCL_RANDOM(types[i], 3, 7, 5), DCL_RANGE(DETCL_I64, -3, 3, 1));
        DCL_CASE(c, "upper=0", 1, DCL_RANDOM(types[i], 3, 5, 7));
    }
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 0, 7));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_F32, 3, 3),
                                     DCL_RANDOM(DETCL_I64, 2)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, in + 1, 2, 1, DETCL_ERROR_MODEL);
}
