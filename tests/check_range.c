#include "check.h"

/* Expected values: NumPy arange. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {1};
    static const float k[] = {5};
    static const float k1[] = {1.5f};
    static const float y0[] = {1, 2.5f, 4};
    static const int32_t x1[] = {10};
    static const int32_t k2[] = {4};
    static const int32_t k3[] = {-2};
    static const int32_t y1[] = {10, 8, 6};
    static const int64_t x2[] = {3};
    static const int64_t k4[] = {1};
    static const int64_t x3[] = {-5};
    static const int64_t k5[] = {100000000000};
    static const int64_t k6[] = {30000000000};
    static const int64_t y2[] = {-5, 29999999995, 59999999995, 89999999995};
    static const int64_t x4[] = {0};
    static const int64_t k7[] = {-1};
    {
        const struct dcl_operand in[] = {
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = x0, .constant = true},
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k, .constant = true},
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k1, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = x1, .constant = true},
            {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = k2, .constant = true},
            {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = k3, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, y1, 3)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = x2, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = x2, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k4, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 0)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = x3, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k5, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k6, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y2, 4)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = x4, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k7, .constant = true},
            {.desc = {.dtype = DETCL_I64}, .fill = DCL_FILL_DATA, .data = k4, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, "", 0)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
}

void dcl_check_range(struct dcl_check *c)
{
    golden(c);
    static const int32_t zero[] = {0};
    static const int64_t ends[] = {INT64_MIN, INT64_MAX, 1};
    const struct dcl_operand still[] = {DCL_CONST_DATA(DETCL_I32, zero, 1),
                                        DCL_CONST_DATA(DETCL_I32, zero, 1),
                                        DCL_CONST_DATA(DETCL_I32, zero, 1)};
    dcl_check_refused(c, NULL, still, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand all[] = {DCL_CONST_DATA(DETCL_I64, ends, 1),
                                      DCL_CONST_DATA(DETCL_I64, ends + 1, 1),
                                      DCL_CONST_DATA(DETCL_I64, ends + 2, 1)};
    dcl_check_refused(c, NULL, all, 3, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_I64, 1), DCL_RANDOM(DETCL_I64, 1),
                                           DCL_RANDOM(DETCL_I64, 1)};
    dcl_check_refused(c, NULL, computed, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
