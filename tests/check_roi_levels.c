#include "check.h"

#include <math.h>

/* torchvision 0.14: ops.poolers.LevelMapper(2, 5), on and beside the bounds of the levels. */
static void torchvision(struct dcl_check *c)
{
    static const float rois[] = {0, 0, 111,       112, 0, 0, 112,      112, 5, 5, 229,      229,
                                 0, 0, 448,       448, 0, 0, 447,      448, 0, 0, 2000,     900,
                                 3, 3, 4,         4,   0, 0, 56,       56,  0, 0, 896,      896,
                                 0, 0, 111.9995f, 112, 0, 0, 223.999f, 224, 0, 0, 447.998f, 448};
    static const int32_t levels[] = {2, 3, 4, 5, 4, 5, 2, 2, 5, 2, 3, 4};
    dcl_check_golden(c, NULL, (struct dcl_operand[]){DCL_DATA(DETCL_F32, rois, 12, 4)}, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, levels, 12)}, 1, 0);
}

/* By hand: no area, flipped, NaN, overflow of the area; the canonical size is the lower bound. */
static void by_hand(struct dcl_check *c)
{
    static const float rois[] = {1, 1, 1,     9,     9, 9, 0,  0,  0, 0, NAN,   9,
                                 0, 0, 1e30f, 1e30f, 0, 0, 10, 10, 0, 0, 9.99f, 10};
    static const int32_t levels[] = {0, 0, 0, 7, 1, 0};
    dcl_check_golden(c, "min_level=0 max_level=7 canonical_level=1 canonical_size=10",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, rois, 6, 4)}, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, levels, 6)}, 1, 0);
}

void dcl_check_roi_levels(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, 0, 1000, 131, 4));
    DCL_CASE(c, "min_level=3 max_level=7", 1, DCL_SPECIAL(33, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 4)},
                             fives[] = {DCL_RANDOM(DETCL_F32, 3, 5)};
    dcl_check_refused(c, "min_level=3 max_level=2", in, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "max_level=31", in, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "canonical_size=0", in, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, fives, 1, 1, DETCL_ERROR_MODEL);
}
