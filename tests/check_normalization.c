#include "check.h"

#define PARAMETERS(n) DCL_RANDOM(DETCL_F32, n), DCL_RANDOM(DETCL_F32, n)

void dcl_check_normalization(struct dcl_check *c)
{
    DCL_CASE(c, "kind=instance", 1, DCL_RANDOM(DETCL_F32, 2, 5, 7, 3), PARAMETERS(5));
    DCL_CASE(c, "kind=instance epsilon=0.1", 1, DCL_RANGE(DETCL_F32, 99, 101, 1, 3, 130),
             PARAMETERS(3));
    DCL_CASE(c, "kind=layer axis=-1", 3, DCL_RANDOM(DETCL_F32, 3, 4, 17), PARAMETERS(17));
    DCL_CASE(c, "kind=layer axis=1", 3, DCL_RANDOM(DETCL_F32, 3, 4, 17), PARAMETERS(68));
    DCL_CASE(c, "kind=layer axis=0", 1, DCL_RANDOM(DETCL_F32, 5), DCL_RANDOM(DETCL_F32, 5));
    DCL_CASE(c, "kind=group num_groups=2", 1, DCL_RANDOM(DETCL_F32, 2, 6, 3, 5), PARAMETERS(2));
    DCL_CASE(c, "kind=group num_groups=2", 1, DCL_RANDOM(DETCL_F32, 2, 6, 3, 5), PARAMETERS(6));
    DCL_CASE(c, "kind=layer axis=1", 1, DCL_RANDOM(DETCL_F32, 0, 4), PARAMETERS(4));
    /* Worked by hand: mean 2, variance 1; then times 3, plus 1. */
    static const float x[] = {1, 3}, scale[] = {3, 3}, shift[] = {1, 1}, y[] = {-2, 4},
                       mean[] = {2}, inverse[] = {1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 2), DCL_DATA(DETCL_F32, scale, 2),
                                     DCL_DATA(DETCL_F32, shift, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 1, 2), DCL_DATA(DETCL_F32, mean, 1, 1),
                                      DCL_DATA(DETCL_F32, inverse, 1, 1)};
    dcl_check_golden(c, "kind=layer epsilon=0", in, 3, out, 3, 1e-6);
    const struct dcl_operand wrong[] = {DCL_DATA(DETCL_F32, x, 1, 2), PARAMETERS(3)};
    dcl_check_refused(c, "kind=layer axis=0", wrong, 3, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand odd[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4), PARAMETERS(5)};
    dcl_check_refused(c, "kind=group num_groups=2", odd, 3, 1, DETCL_ERROR_MODEL);
}
