#include "check.h"

#include <math.h>

/* DETR's and Deformable DETR's HungarianMatcher, written out in torch 1.13 in double, with
 * torchvision 0.14 generalized_box_iou. */
static void detr(struct dcl_check *c)
{
    static const float logits[] = {-2.625f, -2.5f,   1.125f,  -1.875f, 1.625f, -1.75f,
                                   2,       -2.625f, -2,      0.875f,  1,      0.625f,
                                   1.625f,  0.5f,    -0.875f, -0.625f, 0.25f,  2.375f,
                                   2.5f,    -1.375f, -1.875f, 0.625f,  0.875f, -1.375f};
    static const float boxes[] = {0.6875f,  0.46875f, 0.34375f, 0.34375f, 0.4375f,  0.5625f,
                                  0.375f,   0.09375f, 0.8125f,  0.28125f, 0.375f,   0.375f,
                                  0.125f,   0.65625f, 0.3125f,  0.15625f, 0.46875f, 0.25f,
                                  0.15625f, 0.21875f, 0.53125f, 0.28125f, 0.3125f,  0.40625f};
    static const int32_t classes[] = {2, 0, 3, 1};
    static const float truth[] = {0.46875f, 0.84375f, 0.1875f,  0.28125f, 0.75f,   0.21875f,
                                  0.21875f, 0.1875f,  0.21875f, 0.34375f, 0.1875f, 0.1875f,
                                  0.5625f,  0.59375f, 0.09375f, 0.21875f};
    static const float softmax[] = {4.1269779f, 3.1459064f, 3.8563111f, 5.6156759f,
                                    6.8610215f, 1.7414109f, 3.7340002f, 4.8256984f,
                                    2.9137051f, 3.1717629f, 4.1208439f, 3.8402312f};
    static const float focal[] = {3.8425107f, 4.3383904f,  1.9632846f, 4.1278973f,
                                  6.2012897f, 2.5827503f,  3.9490604f, 4.5080657f,
                                  3.4200795f, 0.51779556f, 4.6709886f, 3.5954854f};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, logits, 2, 3, 4), DCL_DATA(DETCL_F32, boxes, 2, 3, 4),
        DCL_DATA(DETCL_I32, classes, 2, 2), DCL_DATA(DETCL_F32, truth, 2, 2, 4)};
    dcl_check_golden(c, NULL, in, 4, (struct dcl_operand[]){DCL_DATA(DETCL_F32, softmax, 2, 3, 2)},
                     1, 2e-6);
    dcl_check_golden(c, "kind=focal class_weight=2", in, 4,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, focal, 2, 3, 2)}, 1, 2e-6);
}

/* Past the count 0, a class that is none NaN unless its term is left out; equal boxes cost
 * -giou_weight. */
static void by_hand(struct dcl_check *c)
{
    static const float logits[] = {0, 0}, boxes[] = {1, 1, 2, 2},
                       truth[] = {1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2};
    static const int32_t classes[] = {1, 2, 0}, two[] = {2};
    static const float cost[] = {-2.5f, NAN, 0}, rest[] = {-2, -2, 0};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, logits, 1, 1, 2), DCL_DATA(DETCL_F32, boxes, 1, 1, 4),
        DCL_DATA(DETCL_I32, classes, 1, 3), DCL_DATA(DETCL_F32, truth, 1, 3, 4),
        DCL_DATA(DETCL_I32, two, 1)};
    dcl_check_golden(c, NULL, in, 5, (struct dcl_operand[]){DCL_DATA(DETCL_F32, cost, 1, 1, 3)}, 1,
                     0);
    dcl_check_golden(c, "class_weight=0", in, 5,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, rest, 1, 1, 3)}, 1, 0);
    static const float nan_logits[] = {NAN, 0}, nan_boxes[] = {1, 1, NAN, 2};
    static const float nans[] = {NAN, NAN, NAN};
    struct dcl_operand broken[] = {DCL_DATA(DETCL_F32, nan_logits, 1, 1, 2), in[1], in[2], in[3]};
    dcl_check_golden(c, NULL, broken, 4, (struct dcl_operand[]){DCL_DATA(DETCL_F32, nans, 1, 1, 3)},
                     1, 0);
    broken[0] = in[0];
    broken[1].data = nan_boxes;
    dcl_check_golden(c, "class_weight=0", broken, 4,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, nans, 1, 1, 3)}, 1, 0);
}

void dcl_check_match_cost(struct dcl_check *c)
{
    detr(c);
    by_hand(c);
    static const char *const attrs[] = {"kind=softmax", "kind=focal class_weight=2",
                                        "kind=focal gamma=1.5 l1_weight=0"};
    static const int32_t counts[] = {5, 0, 99};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, -5, 5, 3, 17, 9),
                 DCL_RANGE(DETCL_F32, 0, 1, 3, 17, 4), DCL_RANGE(DETCL_I32, 0, 10, 3, 7),
                 DCL_RANGE(DETCL_F32, 0, 1, 3, 7, 4), DCL_DATA(DETCL_I32, counts, 3));
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, -9, 9, 2, 100, 91),
                 DCL_RANGE(DETCL_F32, 0, 1, 2, 100, 4), DCL_RANGE(DETCL_I32, 0, 91, 2, 33),
                 DCL_RANGE(DETCL_F32, 0, 1, 2, 33, 4));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(1, 20, 5), DCL_RANDOM(DETCL_F32, 1, 20, 4),
                 DCL_RANGE(DETCL_I32, 0, 5, 1, 8), DCL_RANDOM(DETCL_F32, 1, 8, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 4), DCL_RANDOM(DETCL_F32, 2, 3, 4),
                 DCL_RANDOM(DETCL_I32, 2, 0), DCL_RANDOM(DETCL_F32, 2, 0, 4));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3, 4), DCL_RANDOM(DETCL_F32, 2, 3, 4),
                                     DCL_RANDOM(DETCL_I32, 2, 5), DCL_RANDOM(DETCL_F32, 2, 6, 4),
                                     DCL_RANDOM(DETCL_F32, 2, 5, 4)};
    dcl_check_refused(c, NULL, in, 4, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "alpha=2", (struct dcl_operand[]){in[0], in[1], in[2], in[4]}, 4, 1,
                      DETCL_ERROR_ARGUMENT);
}
