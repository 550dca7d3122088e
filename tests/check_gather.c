#include "check.h"

/* Expected values: NumPy take. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t b[] = {2, -1, 0, -3};
    static const float y0[] = {16, 17, 18, 19, 20, 21, 22, 23, 16, 17, 18, 19, 20, 21, 22, 23,
                               0,  1,  2,  3,  4,  5,  6,  7,  0,  1,  2,  3,  4,  5,  6,  7};
    static const int32_t b1[] = {3, 0, -2};
    static const float y1[] = {3, 0, 2, 7, 4, 6, 11, 8, 10, 15, 12, 14, 19, 16, 18, 23, 20, 22};
    static const int64_t x1[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t k[] = {1};
    static const int64_t y2[] = {4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2, 4),
                                         DCL_DATA(DETCL_I64, b, 2, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2, 2, 4)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 2, 4),
                                         DCL_DATA(DETCL_I32, b1, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 2, 3)};
        dcl_check_golden(c, "axis=-1", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_I64, x1, 3, 2, 4),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 3, 4)};
        dcl_check_golden(c, "axis=1", in, 2, out, 1, 0);
    }
}

void dcl_check_gather(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++) {
        DCL_CASE(c, "axis=1", 1, DCL_RANDOM(types[i], 3, 9, 37), DCL_RANGE(DETCL_I64, -9, 9, 2, 5));
        DCL_CASE(c, "axis=2", 1, DCL_RANDOM(types[i], 3, 2, 9), DCL_RANGE(DETCL_I32, -9, 9, 7));
    }
    /* Computed indices outside the extent are clamped. */
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 17), DCL_RANGE(DETCL_I64, -100, 100, 31));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 17), DCL_RANDOM(DETCL_I64, 0));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 0), DCL_RANDOM(DETCL_I64, 3));
    static const int64_t far[] = {5};
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5), DCL_CONST_DATA(DETCL_I64, far, 1)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand real[] = {DCL_RANDOM(DETCL_F32, 5), DCL_RANDOM(DETCL_F32, 1)};
    dcl_check_refused(c, NULL, real, 2, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand empty[] = {DCL_RANDOM(DETCL_F32, 0), DCL_RANDOM(DETCL_I64, 1)};
    dcl_check_refused(c, NULL, empty, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=1", real, 2, 1, DETCL_ERROR_MODEL);
}
