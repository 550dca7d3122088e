#include "check.h"

/* Expected values: NumPy transpose. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const float y0[] = {0, 12, 4, 16, 8,  20, 1, 13, 5, 17, 9,  21,
                               2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23};
    static const float y1[] = {0,  1,  2,  3,  12, 13, 14, 15, 4,  5,  6,  7,
                               16, 17, 18, 19, 8,  9,  10, 11, 20, 21, 22, 23};
    static const int64_t x1[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t y2[] = {0, 8,  16, 1, 9,  17, 2, 10, 18, 3, 11, 19,
                                 4, 12, 20, 5, 13, 21, 6, 14, 22, 7, 15, 23};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 4, 3, 2)};
        dcl_check_golden(c, NULL, in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 2, 4)};
        dcl_check_golden(c, "perm=1,0,2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 1, 3, 2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 1, 2, 4, 3)};
        dcl_check_golden(c, "perm=0,2,3,1", in, 1, out, 1, 0);
    }
}

void dcl_check_transpose(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, "perm=2,0,1", 1, DCL_RANDOM(types[i], 5, 37, 3));
    DCL_CASE(c, "perm=0,2,3,1", 1, DCL_RANDOM(DETCL_F32, 2, 35, 2, 7));
    DCL_CASE(c, "perm=0,2,3,1", 1, DCL_RANDOM(DETCL_F32, 1, 3, 5, 7));
    DCL_CASE(c, "perm=3,1,0,2", 1, DCL_RANDOM(DETCL_F32, 2, 32, 3, 5));
    DCL_CASE(c, "perm=0,1,2,3", 1, DCL_RANDOM(DETCL_F32, 2, 19, 3, 3));
    DCL_CASE(c, "perm=7,1,5,3,4,2,6,0", 1, DCL_RANDOM(DETCL_F32, 2, 3, 2, 3, 2, 2, 2, 3));
    DCL_CASE(c, NULL, 1, {.desc = {.dtype = DETCL_F32}});
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 9));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 0, 2));
    DCL_CASE(c, "perm=0,2,1", 1, DCL_RANDOM(DETCL_F32, 1, 85, 1029));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3)};
    dcl_check_refused(c, "perm=0,0", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "perm=0,2", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "perm=0", in, 1, 1, DETCL_ERROR_MODEL);
}
