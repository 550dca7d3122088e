#include "check.h"

void dcl_check_batch_normalization(struct dcl_check *c)
{
#define PARAMETERS(n)                                                                              \
    DCL_RANDOM(DETCL_F32, n), DCL_RANDOM(DETCL_F32, n), DCL_RANDOM(DETCL_F32, n),                  \
        DCL_RANGE(DETCL_F32, 0.1f, 2, n)
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 5, 7, 3), PARAMETERS(5));
    DCL_CASE(c, "epsilon=0.01", 1, DCL_RANDOM(DETCL_F32, 1, 19, 33), PARAMETERS(19));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 4), PARAMETERS(4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 3, 2, 2), PARAMETERS(3));
    /* Worked by hand: (x - 1) * 2 / sqrt(3 + 1) + 0.5. */
    static const float x[] = {0, 1, 3}, scale[] = {2}, shift[] = {0.5f}, mean[] = {1},
                       variance[] = {3}, y[] = {-0.5f, 0.5f, 2.5f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 3, 1), DCL_DATA(DETCL_F32, scale, 1),
                                     DCL_DATA(DETCL_F32, shift, 1), DCL_DATA(DETCL_F32, mean, 1),
                                     DCL_DATA(DETCL_F32, variance, 1)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 3, 1)};
    dcl_check_golden(c, "epsilon=1", in, 5, out, 1, 1e-6);
    const struct dcl_operand wrong[] = {DCL_RANDOM(DETCL_F32, 2, 4, 3), PARAMETERS(5)};
    dcl_check_refused(c, NULL, wrong, 5, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "training_mode=1", in, 5, 1, DETCL_ERROR_UNSUPPORTED);
}
