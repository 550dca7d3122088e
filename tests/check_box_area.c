#include "check.h"

void dcl_check_box_area(struct dcl_check *c)
{
    /* torchvision 0.14: box_area. */
    static const float x[] = {3, 2.5f, 10.25f, 9, -4, 0, 4, -2, 5.5f, 7, 5.5f, 30};
    static const float y[] = {47.125f, -16, 0};
    const struct dcl_operand golden[] = {DCL_DATA(DETCL_F32, x, 1, 3, 4)};
    dcl_check_golden(c, NULL, golden, 1, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 1, 3)}, 1,
                     0);
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 3, 71, 4));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(65, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 4, 3)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_MODEL);
}
