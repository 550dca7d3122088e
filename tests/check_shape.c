#include "check.h"

/* Expected values: the examples of the ONNX 1.15 operator pages (Shape, Size). */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t y0[] = {2, 3, 4};
    static const int64_t y1[] = {3, 4};
    static const int64_t y2[] = {2, 3};
    static const int64_t y3[] = {4};
    static const int64_t y4[] = {3};
    static const int64_t y5[] = {24};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y0, 3)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y1, 2)};
        dcl_check_golden(c, "start=1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 2)};
        dcl_check_golden(c, "end=-1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y3, 1)};
        dcl_check_golden(c, "start=-1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y4, 1)};
        dcl_check_golden(c, "start=1 end=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y0, 3)};
        dcl_check_golden(c, "end=9", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 0)};
        dcl_check_golden(c, "start=2 end=1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = y5}};
        dcl_check_golden(c, "kind=size", in, 1, out, 1, 0);
    }
}

void dcl_check_shape(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 0, 3));
    DCL_CASE(c, NULL, 1, {.desc = {.dtype = DETCL_F32}});
    DCL_CASE(c, "kind=size", 1, DCL_RANDOM(DETCL_I64, 5, 0));
}
