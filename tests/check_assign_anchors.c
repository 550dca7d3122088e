#include "check.h"

#include <math.h>

/* torchvision 0.14: box_iou and models.detection._utils.Matcher. Ties are among them, and a ground
 * truth that no anchor overlaps: with it every anchor is claimed. */
static void torchvision(struct dcl_check *c)
{
    static const float anchors[] = {9,  3,  12, 12, 0,  11, 8,  14, 5,  3,  14, 7, 5,  0,
                                    10, 7,  1,  11, 6,  16, 1,  11, 6,  16, 5,  4, 9,  10,
                                    3,  4,  9,  10, 8,  9,  12, 12, 4,  1,  10, 4, 0,  10,
                                    6,  19, 8,  1,  11, 5,  6,  1,  10, 4,  1,  7, 10, 16};
    static const float truth[] = {3, 4, 8,  10, 8, 8, 11, 13, 8,   8,   11,  13,
                                  7, 5, 10, 13, 5, 7, 8,  15, 100, 100, 110, 110};
    static const int32_t strict[] = {-1, -1, -1, -1, -1, -1, 0, 0, 1, -1, -1, -1, -1, -1};
    static const int32_t wide[] = {-2, -2, -2, -2, -1, -1, 0, 0, 1, -1, -1, -1, -1, -2};
    static const int32_t some[] = {-1, -1, -1, -1, -1, -1, 0, 0, 1, -1, -1, -1, -1, 4};
    static const int32_t all[] = {1, 4, 0, 0, 4, 4, 0, 0, 1, 0, 4, 0, 0, 4};
    static const int32_t five[] = {5}, six[] = {6};
    const struct {
        const char *attrs;
        const int32_t *count, *matches;
    } list[] = {{"high=0.5 low=0.4", six, strict},
                {"high=0.3 low=0.1", six, wide},
                {"high=0.7 low=0.3 low_quality=all", five, some},
                {"high=0.7 low=0.3 low_quality=overlapping", six, some},
                {"high=0.7 low=0.3 low_quality=all", six, all}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, anchors, 14, 4),
                                         DCL_DATA(DETCL_F32, truth, 1, 6, 4),
                                         DCL_DATA(DETCL_I32, list[i].count, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, list[i].matches, 1, 14), DCL_ABSENT};
        dcl_check_golden(c, list[i].attrs, in, 3, out, 2, 0);
    }
}

/* By hand: two images with sets of their own; an overlap at a threshold counts as above it; broken
 * boxes overlap nothing; no ground truth; labels. */
static void by_hand(struct dcl_check *c)
{
    static const float anchors[] = {0, 0, 4, 4, 0, 0, 4, 1, 0, 0, NAN, 4,  4, 4, 0, 0,
                                    0, 0, 4, 4, 0, 0, 2, 2, 9, 9, 10,  10, 1, 1, 1, 1};
    static const float truth[] = {0, 0, 2, 4, 0, 0, 4, 2, 0, 0, 8, 8, 0, 0, INFINITY, 4};
    static const int32_t classes[] = {7, 8, 9, 4}, counts[] = {2, 1}, none[] = {0, -3};
    static const int32_t matches[] = {0, 1, -1, -1, -2, -1, -1, -1},
                         labels[] = {7, 8, -1, -1, -2, -1, -1, -1};
    static const int32_t empty[] = {-1, -1, -1, -1, -1, -1, -1, -1};
    struct dcl_operand in[] = {DCL_DATA(DETCL_F32, anchors, 2, 4, 4),
                               DCL_DATA(DETCL_F32, truth, 2, 2, 4), DCL_DATA(DETCL_I32, counts, 2),
                               DCL_DATA(DETCL_I32, classes, 2, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, matches, 2, 4),
                                      DCL_DATA(DETCL_I32, labels, 2, 4)};
    dcl_check_golden(c, "high=0.5 low=0.25", in, 4, out, 2, 0);
    in[2].data = none;
    dcl_check_golden(c, "high=0.5 low=0.25 low_quality=all", in, 4,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, empty, 2, 4), DCL_ABSENT}, 2, 0);
}

void dcl_check_assign_anchors(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    static const char *const rules[] = {"high=0.5 low=0.4",
                                        "high=0.4 low=0.2 low_quality=overlapping",
                                        "high=0.6 low=0.1 low_quality=all"};
    static const int32_t counts[] = {5, 0, 9};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        DCL_CASE(c, rules[i], 2, DCL_RANGE(DETCL_F32, 0, 9, 3, 67, 4),
                 DCL_RANGE(DETCL_F32, 0, 9, 3, 7, 4), DCL_DATA(DETCL_I32, counts, 3),
                 DCL_RANDOM(DETCL_I32, 3, 7));
        DCL_CASE(c, rules[i], 1, DCL_RANGE(DETCL_F32, 0, 9, 1300, 4),
                 DCL_RANGE(DETCL_F32, 0, 9, 2, 11, 4));
        DCL_CASE(c, rules[i], 2, DCL_SPECIAL(37, 4), DCL_SPECIAL(2, 5, 4));
        DCL_CASE(c, rules[i], 2, DCL_RANDOM(DETCL_F32, 19, 4), DCL_RANDOM(DETCL_F32, 2, 0, 4));
        DCL_CASE(c, rules[i], 2, DCL_RANDOM(DETCL_F32, 0, 4), DCL_RANDOM(DETCL_F32, 2, 3, 4));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 3, 2, 4),
                                     DCL_RANDOM(DETCL_F32, 2, 2, 4), DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, rules[0], in, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, rules[0], (struct dcl_operand[]){in[0], in[2], in[3]}, 3, 2,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "high=0.3 low=0.4", (struct dcl_operand[]){in[0], in[2]}, 2, 2,
                      DETCL_ERROR_ARGUMENT);
}
