#include "check.h"

/* Expected values: NumPy broadcasting. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0, 1, 2};
    static const int64_t k[] = {2, 1, 4};
    static const float y0[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
                               0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
    static const int64_t x1[] = {0, 1, 2};
    static const int64_t k1[] = {1, 1};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 3, 1),
                                         DCL_CONST_DATA(DETCL_I64, k, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 3, 4)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 3, 1),
                                         DCL_CONST_DATA(DETCL_I64, k1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, x1, 3, 1)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
}

void dcl_check_expand(struct dcl_check *c)
{
    golden(c);
    static const int64_t shape[] = {2, 5, 1, 33};
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 7, 1), DCL_CONST_DATA(DETCL_I64, shape, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 33), DCL_CONST_DATA(DETCL_I64, shape, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I64, 1), DCL_CONST_DATA(DETCL_I64, shape, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I32, 2, 5, 0, 1), DCL_CONST_DATA(DETCL_I64, shape, 4));
    static const int64_t wrong[] = {-2, 3};
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5),
                                     DCL_CONST_DATA(DETCL_I64, wrong + 1, 1)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand negative[] = {DCL_RANDOM(DETCL_F32, 5),
                                           DCL_CONST_DATA(DETCL_I64, wrong, 2)};
    dcl_check_refused(c, NULL, negative, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 5), DCL_RANDOM(DETCL_I64, 2)};
    dcl_check_refused(c, NULL, computed, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
