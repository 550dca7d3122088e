#include "check.h"

#include <float.h>
#include <math.h>

/* torchvision 0.14: roi_pool with its argmax. */
static void torchvision(struct dcl_check *c)
{
    static const float x[] = {0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13,
                              20, 4,  11, 18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10,
                              17, 1,  8,  15, 22, 6,  13, 20, 4,  11, 18, 2,  9,  16, 0,  7,
                              14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,
                              11, 18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1};
    static const float rois[] = {0,    0,     7.5f, 6.25f, -3, 1,  4, 9, 3, 2,
                                 3.5f, 2.25f, 9,    9,     30, 30, 6, 5, 2, 1.5f};
    static const int32_t batch[] = {0, 1, 1, 0, 1};
    static const float y[] = {19, 21, 20, 22, 21, 19, 22, 20, 17, 19, 17, 17, 19, 21,
                              19, 19, 7,  7,  7,  7,  9,  9,  9,  9,  0,  0,  0,  0,
                              0,  0,  0,  0,  15, 15, 15, 15, 17, 17, 17, 17};
    static const int32_t argmax[] = {6,  3,  16, 13, 6,  9,  16, 19, 15, 12, 15, 15, 15, 12,
                                     15, 15, 7,  7,  7,  7,  7,  7,  7,  7,  -1, -1, -1, -1,
                                     -1, -1, -1, -1, 18, 18, 18, 18, 18, 18, 18, 18};

    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 2, 4, 5),
                                     DCL_DATA(DETCL_F32, rois, 5, 4),
                                     DCL_DATA(DETCL_I32, batch, 5)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 5, 2, 2, 2),
                                      DCL_DATA(DETCL_I32, argmax, 5, 2, 2, 2)};
    dcl_check_golden(c, "output_height=2 output_width=2 spatial_scale=0.5", in, 3, out, 2, 0);
}

/* By hand: NaN are passed over, ties go to the first, nothing above -FLT_MAX, RoIs without pixels.
 */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {NAN, 2, 2, -INFINITY};
    static const float rois[] = {0, 0, 1,   1, 0, 0, 0, 0, 1,   1, 1, 1, 5, 5,
                                 9, 9, NAN, 0, 1, 1, 0, 0, 1e9, 1, 0, 0, 1, 1};
    static const int32_t batch[] = {0, 0, 0, 0, 0, 0, 1};
    static const float y[] = {2, -FLT_MAX, -FLT_MAX, 0, 0, 0, 0};
    static const int32_t argmax[] = {1, -1, -1, -1, -1, -1, -1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, rois, 7, 4),
                                     DCL_DATA(DETCL_I32, batch, 7)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 7, 1, 1, 1),
                                      DCL_DATA(DETCL_I32, argmax, 7, 1, 1, 1)};
    dcl_check_golden(c, "output_height=1 output_width=1", in, 3, out, 2, 0);
}

void dcl_check_roi_pool(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    static const char *const attrs[] = {"output_height=3 output_width=2",
                                        "output_height=7 output_width=7 spatial_scale=0.37"};
    static const int32_t three = 3;
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
        for (int n_out = 1; n_out < 3; n_out++) {
            DCL_CASE(c, attrs[i], n_out, DCL_RANDOM(DETCL_F32, 2, 5, 6, 7),
                     DCL_RANGE(DETCL_F32, -3, 12, 7, 4), DCL_RANGE(DETCL_I32, -1, 3, 7),
                     DCL_DATA(DETCL_I32, &three, 1));
            DCL_CASE(c, attrs[i], n_out, DCL_RANDOM(DETCL_F32, 2, 17, 9, 11),
                     DCL_RANGE(DETCL_F32, -3, 30, 19, 4), DCL_RANGE(DETCL_I64, 0, 2, 19));
            DCL_CASE(c, attrs[i], n_out, DCL_SPECIAL(1, 3, 5, 4),
                     DCL_RANGE(DETCL_F32, -900, 900, 5, 4));
            DCL_CASE(c, attrs[i], n_out, DCL_RANDOM(DETCL_F32, 2, 3, 0, 4),
                     DCL_RANDOM(DETCL_F32, 2, 4));
            DCL_CASE(c, attrs[i], n_out, DCL_RANDOM(DETCL_F32, 2, 3, 4, 4),
                     DCL_RANDOM(DETCL_F32, 0, 4));
            DCL_CASE(c, attrs[i], n_out, DCL_SPECIAL(1, 2, 3, 3), DCL_SPECIAL(5, 4));
        }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 2, 3, 3), DCL_RANDOM(DETCL_F32, 2, 4),
                                     DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "output_height=1 output_width=0", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "output_height=1 output_width=1", in, 3, 1, DETCL_ERROR_MODEL);
}
