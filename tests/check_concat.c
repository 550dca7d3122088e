#include "check.h"

/* Expected values: NumPy concatenate. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2, 3};
    static const float b[] = {10, 11, 12, 13, 14, 15};
    static const float y0[] = {0, 1, 10, 11, 12, 2, 3, 13, 14, 15};
    static const float b1[] = {5, 6, 7, 8};
    static const float y1[] = {0, 1, 2, 3, 0, 1, 2, 3, 5, 6, 7, 8};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 2),
                                         DCL_DATA(DETCL_F32, b, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 5)};
        dcl_check_golden(c, "axis=1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 2),
                                         DCL_DATA(DETCL_F32, x0, 2, 2),
                                         DCL_DATA(DETCL_F32, b1, 2, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 6, 2)};
        dcl_check_golden(c, "axis=-2", in, 3, out, 1, 0);
    }
}

void dcl_check_concat(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, "axis=1", 1, DCL_RANDOM(types[i], 3, 5, 7), DCL_RANDOM(types[i], 3, 2, 7),
                 DCL_RANDOM(types[i], 3, 1, 7));
    DCL_CASE(c, "axis=1", 1, DCL_RANDOM(DETCL_F32, 2, 16, 3, 5), DCL_RANDOM(DETCL_F32, 2, 16, 3, 5),
             DCL_RANDOM(DETCL_F32, 2, 7, 3, 5));
    DCL_CASE(c, "axis=1", 1, DCL_RANDOM(DETCL_F32, 2, 7, 3, 5), DCL_RANDOM(DETCL_F32, 2, 16, 3, 5));
    DCL_CASE(c, "axis=3", 1, DCL_RANDOM(DETCL_F32, 2, 7, 3, 5), DCL_RANDOM(DETCL_F32, 2, 7, 3, 2));
    DCL_CASE(c, "axis=0", 1, DCL_RANDOM(DETCL_F32, 2, 7, 3, 5), DCL_WEIGHTS(DETCL_F32, 1, 7, 3, 5));
    DCL_CASE(c, "axis=0", 1, DCL_RANDOM(DETCL_F32, 33));
    DCL_CASE(c, "axis=0", 1, DCL_RANDOM(DETCL_F32, 0, 3), DCL_RANDOM(DETCL_F32, 2, 3));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5), DCL_RANDOM(DETCL_F32, 3, 5),
                                     DCL_RANDOM(DETCL_I32, 2, 5), DCL_RANDOM(DETCL_F32, 2)};
    dcl_check_refused(c, "axis=1", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=2", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=0", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=0", in + 2, 2, 1, DETCL_ERROR_MODEL);
}
