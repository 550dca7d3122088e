#include "check.h"

void dcl_check_lrn(struct dcl_check *c)
{
    DCL_CASE(c, "size=3", 1, DCL_RANDOM(DETCL_F32, 2, 5, 7, 3));
    DCL_CASE(c, "size=4 alpha=0.5 beta=0.5 bias=2", 1, DCL_RANDOM(DETCL_F32, 1, 19, 33));
    DCL_CASE(c, "size=9 alpha=1", 1, DCL_RANDOM(DETCL_F32, 3, 4));
    DCL_CASE(c, "size=1", 1, DCL_RANDOM(DETCL_F32, 0, 3, 2, 2));
    /* Worked by hand: windows {1,2}, {1,2,3}, {2,3}; alpha / size = 1, beta 1, bias 1. */
    static const float x[] = {1, 2, 3}, y[] = {1 / 6.0f, 2 / 15.0f, 3 / 14.0f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 3)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 1, 3)};
    dcl_check_golden(c, "size=3 alpha=3 beta=1", in, 1, out, 1, 1e-6);
    dcl_check_refused(c, "size=0", in, 1, 1, DETCL_ERROR_MODEL);
}
