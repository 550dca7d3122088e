#include "check.h"

/* Expected values: the examples of the ONNX 1.15 operator pages (Reshape, Flatten, Squeeze,
 * Unsqueeze, Dropout). */
static void golden_reshape(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t k[] = {4, -1};
    static const int64_t k1[] = {2, 0, 4, 1};
    static const int64_t k2[] = {3, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4),
                                         DCL_CONST_DATA(DETCL_I64, k, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 4, 6)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 12)};
        dcl_check_golden(c, "kind=reshape shape=0,-1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4),
                                         DCL_CONST_DATA(DETCL_I64, k1, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4, 1)};
        dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, "", 0, 3),
                                         DCL_CONST_DATA(DETCL_I64, k2, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, "", 3, 0)};
        dcl_check_golden(c, "allowzero=1", in, 2, out, 1, 0);
    }
}

static void golden_axes(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t k3[] = {-1};
    static const int64_t k4[] = {3, 1};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 6, 4)};
        dcl_check_golden(c, "kind=flatten axis=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 1, 24)};
        dcl_check_golden(c, "kind=flatten axis=-3", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 24, 1)};
        dcl_check_golden(c, "kind=flatten axis=3", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 1, 3, 4, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        dcl_check_golden(c, "kind=squeeze", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 1, 3, 4, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4, 1)};
        dcl_check_golden(c, "kind=squeeze axes=1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 1, 3, 4, 1),
                                         DCL_CONST_DATA(DETCL_I64, k3, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 1, 3, 4)};
        dcl_check_golden(c, "kind=squeeze", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 1, 2, 3, 4, 1)};
        dcl_check_golden(c, "kind=unsqueeze axes=0,-1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4),
                                         DCL_CONST_DATA(DETCL_I64, k4, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 1, 3, 1, 4)};
        dcl_check_golden(c, "kind=unsqueeze", in, 2, out, 1, 0);
    }
}

static void golden_same(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const int64_t x1[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
    static const uint8_t y0[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const float k5[] = {0.300000012f};
    static const uint8_t k6[] = {0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, x1, 2, 3, 4)};
        dcl_check_golden(c, "kind=identity", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4),
                                          DCL_DATA(DETCL_BOOL, y0, 2, 3, 4)};
        dcl_check_golden(c, "kind=dropout ratio=0.5", in, 1, out, 2, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 2, 3, 4),
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = k5, .constant = true},
            {.desc = {.dtype = DETCL_BOOL}, .fill = DCL_FILL_DATA, .data = k6, .constant = true}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 3, 4)};
        dcl_check_golden(c, "kind=dropout", in, 3, out, 1, 0);
    }
}

void dcl_check_reshape(struct dcl_check *c)
{
    golden_reshape(c);
    golden_axes(c);
    golden_same(c);
    DCL_CASE(c, "shape=-1", 1, DCL_RANDOM(DETCL_I64, 3, 5, 7));
    DCL_CASE(c, "kind=dropout", 2, DCL_RANDOM(DETCL_F32, 3, 5, 7));
    DCL_CASE(c, "kind=dropout", 2, DCL_RANDOM(DETCL_F32, 3, 0));
    DCL_CASE(c, "kind=squeeze", 1, DCL_RANDOM(DETCL_BOOL, 1, 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, "shape=3,-1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "shape=-1,-1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "shape=2,5,0", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "shape=2,4", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=flatten axis=3", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=squeeze axes=1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=unsqueeze axes=3,3", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=unsqueeze axes=4", in, 1, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 5), DCL_RANDOM(DETCL_I64, 2)};
    dcl_check_refused(c, NULL, computed, 2, 1, DETCL_ERROR_UNSUPPORTED);
    static const uint8_t yes[] = {1};
    const struct dcl_operand training[] = {DCL_RANDOM(DETCL_F32, 5), DCL_ABSENT,
                                           DCL_CONST_DATA(DETCL_BOOL, yes, 1)};
    dcl_check_refused(c, "kind=dropout", training, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
