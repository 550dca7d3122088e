#include "check.h"

#include <math.h>

static const float masks[] = {0.25f, 1,     0.5f, 0.75f, 0.125f, 0, 1, 0.5f, 0.875f,
                              0.5f,  0.25f, 1,    1,     0.75f,  0, 0, 0.5f, 1};
static const float boxes[] = {1.2f, 0.7f, 6.9f, 4.1f, -3, 2, 1.5f, 9};

/* torchvision 0.14: paste_masks_in_image; the bits are those of its result >= 0.5. */
static void torchvision(struct dcl_check *c)
{
    static const float y[] = {0,           0,           0,           0,           0,
                              0,           0,           0,           0,           0.06250001f,
                              0.16666669f, 0.43750006f, 0.74999994f, 0.54166663f, 0.33333325f,
                              0.12499993f, 0,           0.18055557f, 0.48148149f, 0.51851851f,
                              0.48958337f, 0.33333334f, 0.18518518f, 0.06944442f, 0,
                              0.28472224f, 0.75925922f, 0.59953696f, 0.28124997f, 0.32754627f,
                              0.32407397f, 0.12152768f, 0,           0.25000006f, 0.66666681f,
                              0.58333337f, 0.37500009f, 0.53125012f, 0.58333331f, 0.21874991f,
                              0,           0,           0,           0,           0,
                              0,           0,           0,           0.06054687f, 0.11914061f,
                              0.05468749f, 0,           0,           0,           0,
                              0,           0.26236975f, 0.516276f,   0.23697916f, 0,
                              0,           0,           0,           0,           0.46419269f,
                              0.91341144f, 0.41927081f, 0,           0,           0,
                              0,           0,           0.49609375f, 0.61328131f, 0.27343753f,
                              0,           0,           0,           0,           0};
    uint8_t bits[80];
    for (int i = 0; i < 80; i++)
        bits[i] = y[i] >= 0.5f;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, masks, 2, 1, 3, 3),
                                     DCL_DATA(DETCL_F32, boxes, 2, 4)};
    dcl_check_golden(c, "height=5 width=8", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 2, 5, 8)}, 1, 1e-5);
    dcl_check_golden(c, "height=5 width=8 threshold=0.5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_U8, bits, 2, 5, 8)}, 1, 0);
}

void dcl_check_paste_masks(struct dcl_check *c)
{
    torchvision(c);
    /* Across the borders, downscaled, outside, flipped, larger than any image, not finite. */
    static const float odd[] = {-5, -7, 50, 60,       3,  4,     5,    5,     90,    90, 99,   99,
                                20, 20, 9,  9,        0,  -1e8f, 1e9f, 3e20f, NAN,   0,  9,    9,
                                0,  0,  9,  INFINITY, 10, 10,    10,   10,    -1e7f, 3,  1e7f, 30};
    static const char *const attrs[] = {"height=33 width=41", "height=33 width=41 threshold=0.5",
                                        "height=17 width=16 threshold=0.1"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, 0, 1, 9, 7, 7),
                 DCL_DATA(DETCL_F32, odd, 9, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, 0, 1, 5, 1, 1, 1),
                 DCL_RANGE(DETCL_F32, -5, 40, 5, 4));
    }
    DCL_CASE(c, "height=6 width=7", 1, DCL_SPECIAL(3, 4, 4), DCL_RANGE(DETCL_F32, 0, 7, 3, 4));
    DCL_CASE(c, "height=9 width=0", 1, DCL_RANDOM(DETCL_F32, 1, 3, 3), DCL_RANDOM(DETCL_F32, 1, 4));
    DCL_CASE(c, "height=9 width=9", 1, DCL_RANDOM(DETCL_F32, 0, 3, 3), DCL_RANDOM(DETCL_F32, 0, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3, 4), DCL_RANDOM(DETCL_F32, 2, 4)};
    dcl_check_refused(c, "height=9 width=9", in, 2, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand good[] = {DCL_RANDOM(DETCL_F32, 2, 3, 3), in[1]};
    dcl_check_refused(c, "height=9 width=-1", good, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=9 width=9 threshold=-1", good, 2, 1, DETCL_ERROR_ARGUMENT);
}
