#include "check.h"

/* Expected values: NumPy basic slicing. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                               10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    static const int64_t k[] = {1, 0};
    static const int64_t k1[] = {3, 4};
    static const float y0[] = {5, 6, 7, 8, 10, 11, 12, 13};
    static const int64_t k2[] = {-1};
    static const int64_t k3[] = {INT64_MIN};
    static const int64_t k4[] = {0};
    static const int64_t k5[] = {-2};
    static const float y1[] = {15, 16, 17, 18, 19, 5, 6, 7, 8, 9};
    static const int32_t k6[] = {1, -4};
    static const int32_t k7[] = {1000, -1};
    static const int32_t k8[] = {0, -1};
    static const int32_t k9[] = {2, 2};
    static const float y2[] = {6, 8, 16, 18};
    static const uint8_t x1[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    static const uint8_t y3[] = {2, 3, 4, 7, 8, 9};
    static const int64_t k10[] = {3};
    static const int64_t k11[] = {1};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 5),
                                         DCL_CONST_DATA(DETCL_I64, k, 2),
                                         DCL_CONST_DATA(DETCL_I64, k1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 4)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 4, 5), DCL_CONST_DATA(DETCL_I64, k2, 1),
            DCL_CONST_DATA(DETCL_I64, k3, 1), DCL_CONST_DATA(DETCL_I64, k4, 1),
            DCL_CONST_DATA(DETCL_I64, k5, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 2, 5)};
        dcl_check_golden(c, NULL, in, 5, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 4, 5), DCL_CONST_DATA(DETCL_I32, k6, 2),
            DCL_CONST_DATA(DETCL_I32, k7, 2), DCL_CONST_DATA(DETCL_I32, k8, 2),
            DCL_CONST_DATA(DETCL_I32, k9, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 2, 2)};
        dcl_check_golden(c, NULL, in, 5, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_U8, x1, 4, 5)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, y3, 2, 3)};
        dcl_check_golden(c, "starts=0,-3 ends=2,1000 axes=0,1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 4, 5),
                                         DCL_CONST_DATA(DETCL_I64, k10, 1),
                                         DCL_CONST_DATA(DETCL_I64, k11, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, "", 0, 5)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
}

void dcl_check_slice(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "starts=0,1 ends=640,640 axes=2,3", 1, DCL_RANDOM(DETCL_F32, 1, 3, 64, 64));
    static const int64_t odd[] = {1, 0}, far[] = {1 << 30, 1 << 30}, plane[] = {2, 3},
                         two[] = {2, 2};
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 1, 19, 5, 9), DCL_CONST_DATA(DETCL_I64, odd, 2),
             DCL_CONST_DATA(DETCL_I64, far, 2), DCL_CONST_DATA(DETCL_I64, plane, 2),
             DCL_CONST_DATA(DETCL_I64, two, 2));
    static const int64_t last[] = {-1}, before[] = {-100}, axis[] = {2}, back[] = {-3};
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 1, 19, 5, 9), DCL_CONST_DATA(DETCL_I64, last, 1),
             DCL_CONST_DATA(DETCL_I64, before, 1), DCL_CONST_DATA(DETCL_I64, axis, 1),
             DCL_CONST_DATA(DETCL_I64, back, 1));
    DCL_CASE(c, "starts=16 ends=37 axes=1", 1, DCL_RANDOM(DETCL_F32, 1, 50, 3, 5));
    DCL_CASE(c, "starts=3 ends=20 axes=1", 1, DCL_RANDOM(DETCL_F32, 1, 50, 3, 5));
    DCL_CASE(c, "starts=1 ends=2 axes=0", 1, DCL_RANDOM(DETCL_F32, 3, 20, 3, 5));
    DCL_CASE(c, "starts=1,2 ends=4,40 axes=-1,0", 1, DCL_RANDOM(DETCL_I64, 33, 2, 7));
    DCL_CASE(c, "starts=1 ends=30 axes=0", 1, DCL_RANDOM(DETCL_BOOL, 33));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3)};
    dcl_check_refused(c, "starts=0,1 ends=1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "starts=0 ends=1 axes=2", in, 1, 1, DETCL_ERROR_MODEL);
    static const int64_t zero[] = {0};
    const struct dcl_operand stuck[] = {
        DCL_RANDOM(DETCL_F32, 2, 3), DCL_CONST_DATA(DETCL_I64, zero, 1),
        DCL_CONST_DATA(DETCL_I64, zero, 1), DCL_ABSENT, DCL_CONST_DATA(DETCL_I64, zero, 1)};
    dcl_check_refused(c, NULL, stuck, 5, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand computed[] = {DCL_RANDOM(DETCL_F32, 2, 3), DCL_RANDOM(DETCL_I64, 1),
                                           DCL_RANDOM(DETCL_I64, 1)};
    dcl_check_refused(c, NULL, computed, 3, 1, DETCL_ERROR_UNSUPPORTED);
}
