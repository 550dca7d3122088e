#include "check.h"

#include <math.h>

void dcl_check_box_clip(struct dcl_check *c)
{
    /* torchvision 0.14: clip_boxes_to_image. */
    static const float x[] = {-1, 2, 30, 9, 3, -8, 7, 40, NAN, INFINITY, -INFINITY, 5};
    static const float y[] = {0, 2, 20, 9, 3, 0, 7, 16, NAN, 16, 0, 5};
    const struct dcl_operand golden[] = {DCL_DATA(DETCL_F32, x, 3, 4)};
    dcl_check_golden(c, "width=20 height=16", golden, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 3, 4)}, 1, 0);
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, -20, 90, 3, 27, 4),
             DCL_RANGE(DETCL_F32, 1, 60, 3, 2));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(70, 4), DCL_SPECIAL(70, 2));
    DCL_CASE(c, "width=9 height=8", 1, DCL_RANGE(DETCL_F32, -20, 90, 2, 3, 5, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 4), DCL_RANDOM(DETCL_F32, 1, 2)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
}
