#include "check.h"

/* Expected values: NumPy comparison with arange. */
static void golden(struct dcl_check *c)
{
    static const int64_t x0[] = {0, 2, -1, 7};
    static const int64_t k[] = {3};
    static const float b[] = {2, 5};
    static const float y0[] = {5, 2, 2, 2, 2, 5, 2, 2, 5, 2, 2, 2};
    static const float x1[] = {1, 0, 2, -4};
    static const float k1[] = {3};
    static const int64_t b1[] = {2, 5};
    static const int64_t y1[] = {2, 5, 5, 2, 2, 2, 2, 2, 2, 2, 5, 2};
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_I64, x0, 4),
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k, .constant = true},
            DCL_DATA(DETCL_F32, b, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 4, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x1, 2, 2),
                                         DCL_CONST_DATA(DETCL_F32, k1, 1),
                                         DCL_DATA(DETCL_I64, b1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y1, 2, 3, 2)};
        dcl_check_golden(c, "axis=1", in, 3, out, 1, 0);
    }
}

void dcl_check_one_hot(struct dcl_check *c)
{
    golden(c);
    static const int64_t depth[] = {9}, negative[] = {-1};
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8};
    for (int i = 0; i < 4; i++)
        DCL_CASE(c, "axis=1", 1, DCL_RANGE(types[i], types[i] == DETCL_U8 ? 0 : -12, 12, 5, 7),
                 DCL_CONST_DATA(DETCL_I64, depth, 1), DCL_RANDOM(types[i], 2));
    DCL_CASE(c, "axis=0", 1, DCL_SPECIAL(67), DCL_CONST_DATA(DETCL_I64, depth, 1),
             DCL_RANDOM(DETCL_BOOL, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_I64, 5),
                                     DCL_CONST_DATA(DETCL_I64, negative, 1),
                                     DCL_RANDOM(DETCL_F32, 2), DCL_RANDOM(DETCL_F32, 3)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand three[] = {in[0], DCL_CONST_DATA(DETCL_I64, depth, 1), in[3]};
    dcl_check_refused(c, NULL, three, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=2", three, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {in[0], in[0], in[2]};
    dcl_check_refused(c, NULL, computed, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
