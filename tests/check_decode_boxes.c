#include "check.h"

/* Worked by hand: two boxes of three numbers forms, one class and an objectness. */
static void golden(struct dcl_check *c)
{
    static const float rows[] = {8, 10, 4, 6, 0.5f, 0.25f, 1, 0, 2, 2, 0.25f, 1};
    static const float columns[] = {8, 1, 10, 0, 4, 2, 6, 2, 0.5f, 0.25f, 0.25f, 1};
    static const float centred[] = {6, 7, 10, 13, 0, -1, 2, 1},
                       corner[] = {8, 10, 12, 16, 1, 0, 3, 2};
    static const float swapped[] = {100, 8, 60, 4, 0, 1, 20, 2};
    static const float product[] = {0.125f, 0.25f}, two[] = {0.5f, 0.25f, 0.25f, 1};
    const struct dcl_operand by_row[] = {DCL_DATA(DETCL_F32, rows, 1, 2, 6)};
    const struct dcl_operand by_column[] = {DCL_DATA(DETCL_F32, columns, 1, 6, 2)};
    dcl_check_golden(
        c, "format=cxcywh objectness=1", by_row, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, centred, 8), DCL_DATA(DETCL_F32, product, 2)}, 2,
        0);
    dcl_check_golden(
        c, "format=xywh channels_first=1", by_column, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, corner, 8), DCL_DATA(DETCL_F32, two, 4)}, 2, 0);
    dcl_check_golden(
        c, "order=yx normalized=1 height=1 width=10", by_row, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, swapped, 8), DCL_DATA(DETCL_F32, two, 4)}, 2, 0);
}

void dcl_check_decode_boxes(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "normalized=1 height=240 width=320", 2, DCL_RANGE(DETCL_F32, 0, 1, 2, 37, 4),
             DCL_RANGE(DETCL_F32, 0, 1, 2, 37, 2));
    DCL_CASE(c, "format=cxcywh channels_first=1", 2, DCL_RANGE(DETCL_F32, 0, 640, 2, 84, 77));
    DCL_CASE(c, "format=cxcywh objectness=1 activation=sigmoid", 2, DCL_SPECIAL(2, 19, 8));
    DCL_CASE(c, "format=xywh activation=softmax channels_first=1", 2,
             DCL_RANDOM(DETCL_F32, 3, 4, 9), DCL_RANDOM(DETCL_F32, 3, 5, 9));
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 1, 0, 4), DCL_RANDOM(DETCL_F32, 1, 0, 2));
    /* Planes of more than a vector of cells and classes, and what is over. */
    static const char *const planes[] = {
        "channels_first=1", "format=cxcywh channels_first=1 objectness=1 activation=sigmoid",
        "format=xywh order=yx channels_first=1 normalized=1 width=300 height=200"};
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++) {
        DCL_CASE(c, planes[i], 2, DCL_RANDOM(DETCL_F32, 2, 4 + 23, 37));
        DCL_CASE(c, planes[i], 2, DCL_SPECIAL(1, 4 + 33, 64));
        DCL_CASE(c, planes[i], 2, DCL_RANDOM(DETCL_F32, 1, 4 + 17, 81));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4),
                                     DCL_RANDOM(DETCL_F32, 1, 6, 2)};
    dcl_check_refused(c, NULL, in, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "objectness=1", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "normalized=1", in, 1, 2, DETCL_ERROR_ARGUMENT);
}
