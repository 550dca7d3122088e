#include "check.h"

#include <math.h>

/* torchvision 0.14: remove_small_boxes; the second time of the first six boxes. */
static void torchvision(struct dcl_check *c)
{
    static const float x[] = {3,  2.5f, 10.25f, 9, -4, 0,  4, -2, 5.5f, 7, 5.5f,   30,
                              -1, 2,    30,     9, 3,  -8, 7, 40, NAN,  0, 9,      5,
                              0,  0,    2,      2, 0,  0,  3, 2,  0,    0, 1.999f, 5};
    static const int32_t all[] = {0, 3, 4, 6, 7, 0, 0, 0, 0}, n_all[] = {5};
    static const int32_t some[] = {0, 3, 4, 0, 0, 0, 0, 0, 0}, n_some[] = {3}, six[] = {6};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 9, 4), DCL_DATA(DETCL_I32, six, 1)};
    dcl_check_golden(
        c, "min_size=2", in, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_I32, all, 9), DCL_DATA(DETCL_I32, n_all, 1)}, 2, 0);
    dcl_check_golden(
        c, "min_size=2", in, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_I32, some, 9), DCL_DATA(DETCL_I32, n_some, 1)}, 2, 0);
}

void dcl_check_remove_small_boxes(struct dcl_check *c)
{
    torchvision(c);
    static const int32_t counts[] = {0, 64, 5000, -1};
    DCL_CASE(c, "min_size=0.1", 2, DCL_RANDOM(DETCL_F32, 1, 1, 4));
    DCL_CASE(c, "min_size=0.1", 2, DCL_RANDOM(DETCL_F32, 4, 63, 4), DCL_DATA(DETCL_I32, counts, 4));
    DCL_CASE(c, "min_size=-0.3", 2, DCL_RANDOM(DETCL_F32, 4, 1031, 4),
             DCL_DATA(DETCL_I32, counts, 4));
    DCL_CASE(c, "min_size=0", 2, DCL_SPECIAL(2, 99, 4));
    DCL_CASE(c, "min_size=1", 2, DCL_RANDOM(DETCL_F32, 2, 0, 4));
    DCL_CASE(c, "min_size=1", 2, DCL_RANDOM(DETCL_F32, 0, 3, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3, 4), DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "min_size=1", in, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "min_size=1", in, 1, 1, DETCL_ERROR_ARGUMENT);
    const struct dcl_operand flat[] = {DCL_RANDOM(DETCL_F32, 3, 4)};
    dcl_check_refused(c, "min_size=1", flat, 1, 2, DETCL_ERROR_UNSUPPORTED);
}
