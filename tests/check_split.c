#include "check.h"

/* Expected values: NumPy split, and ONNX 1.15 (Split-18) for uneven parts. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const float y0[] = {0, 1, 6, 7};
    static const float y1[] = {2, 3, 8, 9};
    static const float y2[] = {4, 5, 10, 11};
    static const float y3[] = {2, 3, 4, 5, 8, 9, 10, 11};
    static const int64_t x1[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int64_t k[] = {0, 2};
    static const int32_t x2[] = {0, 1, 2, 3, 4, 5, 6};
    static const int32_t y4[] = {0, 1};
    static const int32_t y5[] = {2, 3};
    static const int32_t y6[] = {4, 5};
    static const int32_t y7[] = {6};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2),
                                          DCL_DATA(DETCL_F32, y1, 2, 2),
                                          DCL_DATA(DETCL_F32, y2, 2, 2)};
        dcl_check_golden(c, "axis=1", in, 1, out, 3, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 6)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2),
                                          DCL_DATA(DETCL_F32, y3, 2, 4)};
        dcl_check_golden(c, "axis=-1 split=2,4", in, 1, out, 2, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 6),
                                         DCL_CONST_DATA(DETCL_I64, k, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 0, 6),
                                          DCL_DATA(DETCL_I64, x1, 2, 6)};
        dcl_check_golden(c, NULL, in, 2, out, 2, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, x2, 7)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, y4, 2), DCL_DATA(DETCL_I32, y5, 2),
                                          DCL_DATA(DETCL_I32, y6, 2), DCL_DATA(DETCL_I32, y7, 1)};
        dcl_check_golden(c, "num_outputs=4", in, 1, out, 4, 0);
    }
}

void dcl_check_split(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "axis=1", 3, DCL_RANDOM(DETCL_F32, 1, 48, 3, 5));
    DCL_CASE(c, "axis=1 split=16,32,5", 3, DCL_RANDOM(DETCL_F32, 1, 53, 3, 5));
    DCL_CASE(c, "axis=1 split=5,32,16", 3, DCL_RANDOM(DETCL_F32, 1, 53, 3, 5));
    DCL_CASE(c, "axis=3 split=1,0,4", 3, DCL_RANDOM(DETCL_F32, 2, 19, 3, 5));
    DCL_CASE(c, "axis=0", 2, DCL_RANDOM(DETCL_U8, 65, 33));
    DCL_CASE(c, "axis=2 split=7", 1, DCL_RANDOM(DETCL_I64, 3, 2, 7));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, "axis=1 split=2,2", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=1 split=-1,6", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=1 split=2,3", in, 1, 3, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=2", in, 1, 2, DETCL_ERROR_MODEL);
}
