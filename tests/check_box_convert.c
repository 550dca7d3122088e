#include "check.h"

/* torchvision 0.14: box_convert; for the normalised one divided by the size. */
static void torchvision(struct dcl_check *c)
{
    static const float x[] = {3, 2.5f, 10.25f, 9, -4, 0, 4, -2, 5.5f, 7, 5.5f, 30};
    static const struct {
        const char *attrs;
        float y[12];
    } list[] = {
        {"from=xyxy to=xywh", {3, 2.5f, 7.25f, 6.5f, -4, 0, 8, -2, 5.5f, 7, 0, 23}},
        {"from=xyxy to=cxcywh", {6.625f, 5.75f, 7.25f, 6.5f, 0, -1, 8, -2, 5.5f, 18.5f, 0, 23}},
        {"from=xywh to=xyxy", {3, 2.5f, 13.25f, 11.5f, -4, 0, 0, -2, 5.5f, 7, 11, 37}},
        {"from=xywh to=cxcywh", {8.125f, 7, 10.25f, 9, -2, -1, 4, -2, 8.25f, 22, 5.5f, 30}},
        {"from=cxcywh to=xyxy", {-2.125f, -2, 8.125f, 7, -6, 1, -2, -1, 2.75f, -8, 8.25f, 22}},
        {"from=cxcywh to=xywh", {-2.125f, -2, 10.25f, 9, -6, 1, 4, -2, 2.75f, -8, 5.5f, 30}},
        {"from=xyxy to=cxcywh to_normalized=1 width=20 height=16",
         {0.331250012f, 0.359375f, 0.362500012f, 0.40625f, 0, -0.0625f, 0.400000006f, -0.125f,
          0.275000006f, 1.15625f, 0, 1.4375f}},
        {"from=xywh to=xywh", {3, 2.5f, 10.25f, 9, -4, 0, 4, -2, 5.5f, 7, 5.5f, 30}}};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 3, 4)};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 1,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].y, 3, 4)}, 1, 1e-6);
}

/* Worked by hand: two images of 10 x 20 and 4 x 8. */
static void sizes(struct dcl_check *c)
{
    static const float x[] = {0.5f, 0.5f, 0.2f, 0.5f, 0.5f, 0.5f, 1, 0.25f};
    static const float size[] = {10, 20, 4, 8}, y[] = {4, 5, 6, 15, 0, 3, 4, 5};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 1, 4),
                                     DCL_DATA(DETCL_F32, size, 2, 2)};
    dcl_check_golden(c, "from=cxcywh to=xyxy from_normalized=1", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 2, 1, 4)}, 1, 1e-6);
}

void dcl_check_box_convert(struct dcl_check *c)
{
    torchvision(c);
    sizes(c);
    static const char *const cases[] = {
        "from=xyxy to=cxcywh to_normalized=1", "from=cxcywh to=xywh from_normalized=1",
        "from=xywh to=xyxy from_normalized=1 to_normalized=1", "from=xywh to=xywh to_normalized=1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        DCL_CASE(c, cases[i], 1, DCL_RANDOM(DETCL_F32, 3, 27, 4), DCL_RANGE(DETCL_F32, 1, 9, 3, 2));
    DCL_CASE(c, "from=cxcywh to=xyxy", 1, DCL_SPECIAL(133, 4));
    DCL_CASE(c, "from=xyxy to=xywh to_normalized=1 width=3 height=7", 1, DCL_SPECIAL(5, 4));
    DCL_CASE(c, "from=cxcywh to=xyxy", 1, DCL_RANDOM(DETCL_F32, 4));
    DCL_CASE(c, "from=cxcywh to=xyxy from_normalized=1", 1, DCL_RANDOM(DETCL_F32, 2, 0, 4),
             DCL_RANDOM(DETCL_F32, 2, 2));
    DCL_CASE(c, "from=cxcywh to=xyxy from_normalized=1", 1, DCL_RANDOM(DETCL_F32, 0, 2, 4),
             DCL_RANDOM(DETCL_F32, 0, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 3, 2)};
    dcl_check_refused(c, "from=xyxy to=xywh", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "from=xyxy to=xywh to_normalized=1 width=4", in, 1, 1,
                      DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "from=xyxy to=xywh", &in[1], 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "from=xyxy to=yxyx", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
