#include "check.h"

/* Expected values: NumPy reshape and transpose as on the ONNX 1.15 operator pages. */
static void golden(struct dcl_check *c)
{
    static const float x0[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                               16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    static const float y0[] = {0,  4,  1,  5,  8,  12, 9,  13, 2,  6,  3,  7,  10, 14, 11, 15,
                               16, 20, 17, 21, 24, 28, 25, 29, 18, 22, 19, 23, 26, 30, 27, 31};
    static const float y1[] = {0,  2,  1,  3,  4,  6,  5,  7,  8,  10, 9,  11, 12, 14, 13, 15,
                               16, 18, 17, 19, 20, 22, 21, 23, 24, 26, 25, 27, 28, 30, 29, 31};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 8, 1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 2, 2, 2, 4)};
        dcl_check_golden(c, "kind=depth_to_space blocksize=2", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 8, 1, 2)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 2, 2, 2, 4)};
        dcl_check_golden(c, "kind=depth_to_space blocksize=2 mode=CRD", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, y0, 2, 2, 2, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, x0, 2, 8, 1, 2)};
        dcl_check_golden(c, "kind=space_to_depth blocksize=2", in, 1, out, 1, 0);
    }
}

void dcl_check_depth_to_space(struct dcl_check *c)
{
    golden(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    for (int i = 0; i < 5; i++) {
        DCL_CASE(c, "kind=depth_to_space blocksize=3", 1, DCL_RANDOM(types[i], 2, 18, 3, 5));
        DCL_CASE(c, "kind=depth_to_space blocksize=3 mode=CRD", 1,
                 DCL_RANDOM(types[i], 2, 18, 3, 5));
        DCL_CASE(c, "kind=space_to_depth blocksize=2", 1, DCL_RANDOM(types[i], 2, 3, 6, 10));
    }
    DCL_CASE(c, "kind=space_to_depth blocksize=1", 1, DCL_RANDOM(DETCL_F32, 0, 3, 6, 10));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 6, 3, 2),
                                     DCL_RANDOM(DETCL_F32, 4, 3)};
    dcl_check_refused(c, "kind=depth_to_space blocksize=2", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=space_to_depth blocksize=2", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=space_to_depth blocksize=0", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=space_to_depth blocksize=1", in + 1, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
