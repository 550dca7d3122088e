#include "check.h"

static const float anchors[] = {2, 3, 10, 9, 0, 0, 4, 16};

/* torchvision 0.14: BoxCoder((10, 10, 5, 5)).decode_single, two classes; one log size is clamped.
 */
static void torchvision(struct dcl_check *c)
{
    static const float x[] = {-0.33f, 0.88f,  -2,     -0.79f, 1.5f,  -1, 40,    0.5f,
                              -1.41f, -1.63f, -1.25f, -0.62f, 0.16f, 0,  0.74f, 3};
    static const float y[] = {3.05471992f,   3.96645069f,  8.4172802f,  9.08954906f,
                              -242.800018f,  2.0844872f,   257.200012f, 8.71551323f,
                              -0.121601582f, -1.67503834f, 2.99360156f, 12.4590387f,
                              -0.255025864f, -6.57695103f, 4.38302565f, 22.5769501f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 2, 8),
                                     DCL_DATA(DETCL_F32, anchors, 2, 4)};
    dcl_check_golden(c, "weights=10,10,5,5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 1, 2, 8)}, 1, 1e-5);
}

/* Worked by hand after DecodeBBox of Caffe's SSD (bbox_util.cpp). */
static void caffe(struct dcl_check *c)
{
    static const float corner[] = {-10, 10, 10, -2.5f}, y[] = {1, 4, 12, 8.5f};
    static const float corner_size[] = {-1.25f, 1.66666667f, 1.25f, -0.416666667f};
    static const float variances[] = {0.1f, 0.1f, 0.2f, 0.2f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, corner, 1, 1, 4),
                                     DCL_DATA(DETCL_F32, anchors, 1, 4),
                                     DCL_DATA(DETCL_F32, variances, 1, 4)};
    const struct dcl_operand sized[] = {DCL_DATA(DETCL_F32, corner_size, 1, 1, 4), in[1], in[2]};
    const struct dcl_operand expected[] = {DCL_DATA(DETCL_F32, y, 4)};
    dcl_check_golden(c, "code=corner", in, 3, expected, 1, 1e-6);
    dcl_check_golden(c, "code=corner_size", sized, 3, expected, 1, 1e-6);
}

void dcl_check_box_decode(struct dcl_check *c)
{
    torchvision(c);
    caffe(c);
    static const char *const cases[] = {"code=center_size weights=10,10,5,5 clip=0.05",
                                        "code=corner clip=0", "code=corner_size weights=1,2,3,4"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        DCL_CASE(c, cases[i], 1, DCL_RANDOM(DETCL_F32, 3, 11, 12), DCL_RANDOM(DETCL_F32, 11, 4),
                 DCL_RANDOM(DETCL_F32, 11, 4));
        DCL_CASE(c, cases[i], 1, DCL_RANDOM(DETCL_F32, 2, 65, 4), DCL_RANDOM(DETCL_F32, 2, 65, 4));
        DCL_CASE(c, cases[i], 1, DCL_SPECIAL(1, 40, 8), DCL_RANDOM(DETCL_F32, 40, 4));
    }
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 0, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 3, 0), DCL_RANDOM(DETCL_F32, 3, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 6), DCL_RANDOM(DETCL_F32, 5, 4)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand good[] = {DCL_RANDOM(DETCL_F32, 2, 5, 4), in[1]};
    dcl_check_refused(c, "clip=-1", good, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "code=corners", good, 2, 1, DETCL_ERROR_UNSUPPORTED);
}
