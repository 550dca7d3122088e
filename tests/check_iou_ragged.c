#include "check.h"

#include <math.h>

/* torchvision 0.14: box_iou of each image on its own. Three images with 2, 0 and 1 boxes of a and
 * 1, 2 and 2 of b. */
static void torchvision(struct dcl_check *c)
{
    static const float a[] = {8, 9, 15, 14, 3, 8, 14, 19, 8, 0, 15, 9};
    static const float b[] = {4, 7, 9, 14, 0, 0, 1, 1, 0, 0, 1, 1, 8, 1, 18, 4, 6, 2, 16, 11};
    static const int32_t a_offsets[] = {0, 2, 2, 3}, b_offsets[] = {0, 1, 3, 5};
    static const float y[] = {0.07692308f, 0.23809524f, 0.29166666f, 0.47115386f, 0, 0};
    static const int32_t out_offsets[] = {0, 2, 2, 4};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 3, 4), DCL_DATA(DETCL_F32, b, 5, 4),
                                     DCL_DATA(DETCL_I32, a_offsets, 4),
                                     DCL_DATA(DETCL_I32, b_offsets, 4)};
    const struct dcl_operand expected[] = {DCL_DATA(DETCL_F32, y, 6),
                                           DCL_DATA(DETCL_I32, out_offsets, 4)};
    const struct dcl_operand cut[] = {DCL_DATA(DETCL_F32, y, 3),
                                      DCL_DATA(DETCL_I32, out_offsets, 4)};
    dcl_check_golden(c, "capacity=6", in, 4, expected, 2, 1e-6);
    dcl_check_golden(c, "capacity=3", in, 4, cut, 2, 1e-6);
}

/* Worked by hand: offsets that leave the boxes or descend; the last box of b is a crowd. */
static void by_hand(struct dcl_check *c)
{
    static const float a[] = {0, 0, 4, 4, 0, 0, 2, 2}, b[] = {0, 0, 2, 4, 0, 0, 8, 8};
    static const int32_t a_offsets[] = {-3, 1, 0, 9}, b_offsets[] = {0, 7, 7, 1};
    static const uint8_t crowd[] = {0, 1};
    static const float y[] = {0.5f, 1};
    static const int32_t out_offsets[] = {0, 2, 2, 2};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 2, 4), DCL_DATA(DETCL_F32, b, 2, 4),
                                     DCL_DATA(DETCL_I32, a_offsets, 4),
                                     DCL_DATA(DETCL_I32, b_offsets, 4),
                                     DCL_DATA(DETCL_BOOL, crowd, 2)};
    dcl_check_golden(
        c, "capacity=2", in, 5,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 2), DCL_DATA(DETCL_I32, out_offsets, 4)}, 2,
        0);
}

void dcl_check_iou_ragged(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    static const int32_t a_offsets[] = {0, 3, 3, 20, 31}, b_offsets[] = {2, 35, 40, 40, 61};
    static const char *const attrs[] = {"kind=iou capacity=330", "kind=iof capacity=100",
                                        "kind=giou capacity=331", "kind=diou capacity=400",
                                        "kind=ciou capacity=512"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
        DCL_CASE(c, attrs[i], 2, DCL_RANGE(DETCL_F32, 0, 9, 31, 4),
                 DCL_RANGE(DETCL_F32, 0, 9, 61, 4), DCL_DATA(DETCL_I32, a_offsets, 5),
                 DCL_DATA(DETCL_I32, b_offsets, 5));
    static const int32_t halves[] = {0, 60, 130};
    DCL_CASE(c, "capacity=9000", 2, DCL_SPECIAL(130, 4), DCL_SPECIAL(130, 4),
             DCL_DATA(DETCL_I32, halves, 3), DCL_DATA(DETCL_I32, halves, 3),
             DCL_RANDOM(DETCL_U8, 130));
    DCL_CASE(c, "capacity=70", 2, DCL_RANDOM(DETCL_F32, 30, 4), DCL_RANDOM(DETCL_F32, 9, 4),
             DCL_RANGE(DETCL_I32, -9, 40, 50), DCL_RANGE(DETCL_I32, -9, 20, 50));
    DCL_CASE(c, "capacity=5", 2, DCL_RANDOM(DETCL_F32, 0, 4), DCL_RANDOM(DETCL_F32, 3, 4),
             DCL_RANDOM(DETCL_I32, 3), DCL_RANDOM(DETCL_I32, 3));
    DCL_CASE(c, "capacity=0", 2, DCL_RANDOM(DETCL_F32, 4, 4), DCL_RANDOM(DETCL_F32, 3, 4),
             DCL_RANDOM(DETCL_I32, 1), DCL_RANDOM(DETCL_I32, 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 5, 4), DCL_RANDOM(DETCL_F32, 5, 4),
                                     DCL_RANDOM(DETCL_I32, 2), DCL_RANDOM(DETCL_I32, 2),
                                     DCL_RANDOM(DETCL_BOOL, 5)};
    dcl_check_refused(c, "capacity=-1", in, 5, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "capacity=1 kind=giou", in, 5, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "capacity=1", in, 4, 1, DETCL_ERROR_ARGUMENT);
    const struct dcl_operand odd[] = {in[0], in[1], in[2], DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "capacity=1", odd, 4, 2, DETCL_ERROR_MODEL);
}
