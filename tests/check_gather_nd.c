#include "check.h"

/* Expected values: NumPy integer indexing. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int64_t b[] = {0, 1, 1, -1};
    static const float y0[] = {2, 3, 10, 11};
    static const int64_t b1[] = {1, 0};
    static const float y1[] = {2, 3, 6, 7};
    static const int64_t x1[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int32_t b2[] = {0, 0, 0, 1, 2, 1};
    static const int64_t y2[] = {0, 11};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 2),
                                         DCL_DATA(DETCL_I64, b, 2, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 2),
                                         DCL_DATA(DETCL_I64, b1, 2, 1, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 2, 1, 2)};
        dcl_check_golden(c, "batch_dims=1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 3, 2),
                                         DCL_DATA(DETCL_I32, b2, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 2)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
}

void dcl_check_gather_nd(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 3, 5, 37), DCL_RANGE(DETCL_I64, -3, 3, 7, 2));
    DCL_CASE(c, "batch_dims=2", 1, DCL_RANDOM(DETCL_F32, 3, 2, 9, 5, 4),
             DCL_RANGE(DETCL_I32, -5, 5, 3, 2, 6, 2));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 2), DCL_RANGE(DETCL_I64, -90, 90, 40, 2));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 2), DCL_RANDOM(DETCL_I64, 0, 1));
    static const int64_t far[] = {0, 2};
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5, 2),
                                     DCL_CONST_DATA(DETCL_I64, far, 1, 2)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand deep[] = {DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 5, 3)};
    dcl_check_refused(c, NULL, deep, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand batch[] = {DCL_RANDOM(DETCL_F32, 5, 2), DCL_RANDOM(DETCL_I64, 4, 1)};
    dcl_check_refused(c, "batch_dims=1", batch, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "batch_dims=2", batch, 2, 1, DETCL_ERROR_MODEL);
}
