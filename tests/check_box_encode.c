#include "check.h"

static const float boxes[] = {1, 4, 12, 8.5f, -3, 2, 9, 5};
static const float anchors[] = {2, 3, 10, 9, 0, 0, 4, 16};

/* torchvision 0.14: BoxCoder((10, 10, 5, 5)) and BoxCoder((1, 1, 1, 1)).encode_single; as variances
 * the former is SSD's center_size. */
static void torchvision(struct dcl_check *c)
{
    static const float plain[] = {0.0625f, 0.0416666679f, 0.318453729f, -0.287682086f,
                                  0.25f,   -0.28125f,     1.09861231f,  -1.67397642f};
    static const float weighed[] = {0.625f, 0.416666657f, 1.59226871f, -1.4384104f,
                                    2.5f,   -2.8125f,     5.49306154f, -8.36988258f};
    static const float variances[] = {0.1f, 0.1f, 0.2f, 0.2f, 0.1f, 0.1f, 0.2f, 0.2f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
                                     DCL_DATA(DETCL_F32, anchors, 2, 4),
                                     DCL_DATA(DETCL_F32, variances, 2, 4)};
    const struct dcl_operand expected[] = {DCL_DATA(DETCL_F32, plain, 1, 2, 4),
                                           DCL_DATA(DETCL_F32, weighed, 1, 2, 4)};
    dcl_check_golden(c, NULL, in, 2, &expected[0], 1, 1e-6);
    dcl_check_golden(c, "weights=10,10,5,5", in, 2, &expected[1], 1, 1e-6);
    dcl_check_golden(c, NULL, in, 3, &expected[1], 1, 1e-6);
}

/* Worked by hand after EncodeBBox of Caffe's SSD (bbox_util.cpp). */
static void caffe(struct dcl_check *c)
{
    static const float corner[] = {-10, 10, 10, -2.5f};
    static const float corner_size[] = {-1.25f, 1.66666667f, 1.25f, -0.416666667f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 1, 4),
                                     DCL_DATA(DETCL_F32, anchors, 1, 1, 4)};
    dcl_check_golden(c, "code=corner weights=10,10,5,5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, corner, 4)}, 1, 1e-6);
    dcl_check_golden(c, "code=corner_size weights=10,10,5,5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, corner_size, 4)}, 1, 1e-6);
}

void dcl_check_box_encode(struct dcl_check *c)
{
    torchvision(c);
    caffe(c);
    static const char *const cases[] = {"code=center_size weights=10,10,5,5", "code=corner",
                                        "code=corner_size weights=1,2,3,4"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        DCL_CASE(c, cases[i], 1, DCL_RANDOM(DETCL_F32, 3, 21, 4), DCL_RANDOM(DETCL_F32, 21, 4),
                 DCL_RANGE(DETCL_F32, 0.1f, 1, 21, 4));
        DCL_CASE(c, cases[i], 1, DCL_RANDOM(DETCL_F32, 2, 65, 4), DCL_RANDOM(DETCL_F32, 2, 65, 4));
    }
    DCL_CASE(c, "code=corner", 1, DCL_SPECIAL(1, 70, 4), DCL_SPECIAL(70, 4));
    static const float empty[] = {1, 1, 1, 5, 2, 2, 2, 2}; /* no extent: infinities and NaNs */
    DCL_CASE(c, NULL, 1, DCL_DATA(DETCL_F32, empty, 1, 2, 4), DCL_DATA(DETCL_F32, empty, 2, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 0, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 5, 4),
                                     DCL_RANDOM(DETCL_F32, 4, 4)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "weights=1,1", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "weights=1,0,1,1", in, 2, 1, DETCL_ERROR_ARGUMENT);
    const struct dcl_operand eight[] = {DCL_RANDOM(DETCL_F32, 2, 5, 8), in[1]};
    dcl_check_refused(c, NULL, eight, 2, 1, DETCL_ERROR_MODEL);
}
