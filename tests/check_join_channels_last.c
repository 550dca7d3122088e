#include "check.h"

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)

/* By hand: two pixels, channels 0 and 1 of the first map, then the second's. */
static void golden(struct dcl_check *c)
{
    static const float a[] = {1, 2, 3, 4, 5, 6, 7, 8}, b[] = {-1, -2, -3, -4};
    static const float y[] = {1, 3, -1, 2, 4, -2, 5, 7, -3, 6, 8, -4};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 2, 2, 1, 2),
                                     DCL_DATA(DETCL_F32, b, 2, 1, 2, 1)};
    const struct dcl_operand fits[] = {in[0], DCL_DATA(DETCL_F32, b, 2, 1, 1, 2)};
    const struct dcl_operand out = DCL_DATA(DETCL_F32, y, 2, 2, 3);
    dcl_check_golden(c, NULL, fits, 2, &out, 1, 0);
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
}

void dcl_check_join_channels_last(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, NULL, 1, X(1, 4, 7, 9), X(1, 1, 7, 9), X(1, 80, 7, 9));
    DCL_CASE(c, NULL, 1, X(2, 35, 5, 13));
    DCL_CASE(c, NULL, 1, X(2, 16, 3, 3), X(2, 3, 3, 3), X(2, 48, 3, 3), X(2, 17, 3, 3));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(1, 18, 2, 5), DCL_SPECIAL(1, 2, 2, 5));
    DCL_CASE(c, NULL, 1, X(0, 4, 7, 9), X(0, 3, 7, 9));
    const struct dcl_operand flat[] = {X(1, 4, 5)};
    dcl_check_refused(c, NULL, flat, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
