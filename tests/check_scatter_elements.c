#include "check.h"

#include <stdio.h>

/* Expected values: NumPy put_along_axis, add.at, multiply.at, maximum.at, minimum.at. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const int64_t b[] = {1, 0, 2, 1, 2, -2};
    static const float b1[] = {10, 20, 30, 40, 50, 60};
    static const float y0[] = {1, 20, 3, 40, 5, 60, 7, 50, 30};
    static const float y1[] = {1, 22, 3, 54, 5, 66, 7, 58, 39};
    static const float y2[] = {1, 40, 3, 1600, 5, 360, 7, 400, 270};
    static const int64_t x1[] = {0, 1, 2, 3, 4};
    static const int32_t b2[] = {1, 1};
    static const int64_t b3[] = {7, 8};
    static const int64_t y3[] = {0, 8, 2, 3, 4};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3, 3)};
        dcl_check_golden(c, "reduction=none", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 3)};
        dcl_check_golden(c, "reduction=add", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 3, 3)};
        dcl_check_golden(c, "reduction=mul", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3, 3)};
        dcl_check_golden(c, "reduction=max", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 3),
                                         DCL_DATA(DETCL_I64, b, 2, 3),
                                         DCL_DATA(DETCL_F32, b1, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 3, 3)};
        dcl_check_golden(c, "reduction=min", in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 1, 5),
                                         DCL_DATA(DETCL_I32, b2, 1, 2),
                                         DCL_DATA(DETCL_I64, b3, 1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y3, 1, 5)};
        dcl_check_golden(c, "axis=-1", in, 3, out, 1, 0);
    }
}

void dcl_check_scatter_elements(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const char *const reductions[] = {"none", "add", "mul", "max", "min"};
    char attrs[64];
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < (types[i] == DETCL_BOOL ? 1 : 5); k++) {
            snprintf(attrs, sizeof attrs, "axis=1 reduction=%s", reductions[k]);
            DCL_CASE(c, attrs, 1, DCL_RANDOM(types[i], 3, 9, 7),
                     DCL_RANGE(DETCL_I64, -9, 9, 2, 12, 5), DCL_RANDOM(types[i], 2, 12, 5));
        }
    DCL_CASE(c, "reduction=max", 1, DCL_SPECIAL(67), DCL_RANGE(DETCL_I32, -99, 99, 67),
             DCL_SPECIAL(67));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 0, 2),
             DCL_RANDOM(DETCL_F32, 0, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 5, 2),
                                     DCL_RANDOM(DETCL_F32, 4, 2), DCL_RANDOM(DETCL_I32, 5, 2)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand types_differ[] = {in[0], in[1], in[3]};
    dcl_check_refused(c, NULL, types_differ, 3, 1, DETCL_ERROR_UNSUPPORTED);
    static const int64_t far[] = {5};
    const struct dcl_operand outside[] = {
        DCL_RANDOM(DETCL_BOOL, 5), DCL_CONST_DATA(DETCL_I64, far, 1), DCL_RANDOM(DETCL_BOOL, 1)};
    dcl_check_refused(c, NULL, outside, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "reduction=add", outside, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
