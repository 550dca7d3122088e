#include "check.h"

#include <stdio.h>

/* Expected values: NumPy assignment by integer indices, add.at, multiply.at, maximum.at,
 * minimum.at. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int64_t b[] = {1, 3, -3};
    static const float b1[] = {10, 20, 30, 40, 5, 60};
    static const float y0[] = {1, 2, 5, 60, 5, 6, 30, 40};
    static const float y1[] = {1, 2, 18, 84, 5, 6, 37, 48};
    static const float y2[] = {1, 2, 150, 4800, 5, 6, 210, 320};
    static const float y3[] = {1, 2, 10, 60, 5, 6, 30, 40};
    static const int64_t x1[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int32_t b2[] = {0, 1, 2, 0};
    static const int64_t b3[] = {-1, -2};
    static const int64_t y4[] = {1, -1, 3, 4, -2, 6, 7, 8};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 2),
                                         DCL_DATA(DETCL_I64, b, 3, 1),
                                         DCL_DATA(DETCL_F32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 4, 2)};
        dcl_check_golden(c, "reduction=none", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 2),
                                         DCL_DATA(DETCL_I64, b, 3, 1),
                                         DCL_DATA(DETCL_F32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 4, 2)};
        dcl_check_golden(c, "reduction=add", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 2),
                                         DCL_DATA(DETCL_I64, b, 3, 1),
                                         DCL_DATA(DETCL_F32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 4, 2)};
        dcl_check_golden(c, "reduction=mul", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 2),
                                         DCL_DATA(DETCL_I64, b, 3, 1),
                                         DCL_DATA(DETCL_F32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y3, 4, 2)};
        dcl_check_golden(c, "reduction=max", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 2),
                                         DCL_DATA(DETCL_I64, b, 3, 1),
                                         DCL_DATA(DETCL_F32, b1, 3, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 4, 2)};
        dcl_check_golden(c, "reduction=min", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 4, 2),
                                         DCL_DATA(DETCL_I32, b2, 2, 1, 2),
                                         DCL_DATA(DETCL_I64, b3, 2, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y4, 4, 2)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
}

void dcl_check_scatter_nd(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const char *const reductions[] = {"none", "add", "mul", "max", "min"};
    char attrs[64];
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < (types[i] == DETCL_BOOL ? 1 : 5); k++) {
            snprintf(attrs, sizeof attrs, "reduction=%s", reductions[k]);
            DCL_CASE(c, attrs, 1, DCL_RANDOM(types[i], 3, 9, 7), DCL_RANGE(DETCL_I64, -3, 3, 31, 2),
                     DCL_RANDOM(types[i], 31, 7));
        }
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(67), DCL_RANGE(DETCL_I32, -99, 99, 6, 67, 1),
             DCL_SPECIAL(6, 67));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 0, 1),
             DCL_RANDOM(DETCL_F32, 0, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 5, 1),
                                     DCL_RANDOM(DETCL_F32, 5, 3), DCL_RANDOM(DETCL_F32, 5)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand flat[] = {in[0], in[1], in[3]};
    dcl_check_refused(c, NULL, flat, 3, 1, DETCL_ERROR_UNSUPPORTED);
    static const int64_t far[] = {5};
    const struct dcl_operand outside[] = {
        DCL_RANDOM(DETCL_BOOL, 5), DCL_CONST_DATA(DETCL_I64, far, 1, 1), DCL_RANDOM(DETCL_BOOL, 1)};
    dcl_check_refused(c, NULL, outside, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "reduction=mul", outside, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
