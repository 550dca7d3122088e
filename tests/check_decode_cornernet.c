#include "check.h"

#include <math.h>

/* The published decoder (_decode of CornerNet's kp_utils: 3 x 3 max_pool2d, topk, gathers,
 * rejection by class, tag and place, topk of the pairs) transcribed with torch 1.13; what it
 * rejects is zero here. */
static void published(struct dcl_check *c)
{
    static const float tl[] = {2.25f,  1.45f,  -3.25f, -3.38f, 0.41f,  -1.92f, 0.94f,  0.34f,
                               -2.85f, -2.09f, -2.29f, -1.79f, -0.42f, 1.37f,  2.7f,   -1.96f,
                               -1.14f, 3.13f,  1.8f,   0.47f,  -4.74f, -2.04f, 0.31f,  -1.2f,
                               4.01f,  0.18f,  0.57f,  -2.23f, -2.11f, -1.35f, -1.27f, -0.48f};
    static const float br[] = {0.75f,  0.47f,  2.02f,  -2.74f, 0.42f,  0.48f,  3.2f,   -0.45f,
                               0.65f,  -1.66f, 0.85f,  0.8f,   -1.28f, -0.89f, -0.07f, 1.16f,
                               -2.33f, 1.78f,  -0.68f, 3.83f,  2.95f,  -0.82f, -1.27f, 4.96f,
                               1.27f,  1.14f,  -0.86f, -0.27f, 1.62f,  1.24f,  -1.68f, 2.51f};
    static const float tl_tag[] = {0.66f, 0.85f, 0.47f, 0.14f, 0.8f,  0.53f, 0.68f, 0.1f,
                                   0.78f, 0.37f, 0.89f, 0.25f, 0.01f, 0.32f, 0.72f, 0.72f};
    static const float br_tag[] = {0.85f, 0.21f, 0.59f, 0.07f, 0.22f, 0.05f, 0.63f, 0.9f,
                                   0.6f,  0.6f,  0.9f,  0.33f, 0.56f, 0.81f, 0.19f, 0.7f};
    static const float tl_offset[] = {0.08f, 0.37f, 0.18f, 0.43f, 0.2f,  0.06f, 0.44f, 0.39f,
                                      0.73f, 0.01f, 0.64f, 0.04f, 0.49f, 0.02f, 0.91f, 0.49f,
                                      0.48f, 0.07f, 0.79f, 0.27f, 0.47f, 0.72f, 0.79f, 0.39f,
                                      0.06f, 0.99f, 0.26f, 0.04f, 0.62f, 0.87f, 0.09f, 0.05f};
    static const float br_offset[] = {0.68f, 0.57f, 0.26f, 0.27f, 0.77f, 0.02f, 0.24f, 0.36f,
                                      0.77f, 0.31f, 0.05f, 0.74f, 0.69f, 0.13f, 0.73f, 0.62f,
                                      0.37f, 0.58f, 0.5f,  0.79f, 0.95f, 0.34f, 0.09f, 0.36f,
                                      0.6f,  0.26f, 0.15f, 0.21f, 0.85f, 0.71f, 0.13f, 0.3f};
    static const float boxes[] = {5.48f, 0.28f, 13.440001f, 5.44f,  2.92f, 8.24f, 14.48f,
                                  13.2f, 5.48f, 0.28f,      14.48f, 13.2f, 0.32f, 1.92f,
                                  8.96f, 4.36f, 0,          0,      0,     0};
    static const float scores[] = {0.9755746f, 0.9535147f, 0.9414767f, 0.93274236f, 0};
    static const int32_t classes[] = {1, 1, 1, 0, 0};
    static const int32_t count[] = {4};
    dcl_check_golden(
        c, "k=4 max_output=5",
        (struct dcl_operand[]){
            DCL_DATA(DETCL_F32, tl, 1, 2, 4, 4), DCL_DATA(DETCL_F32, br, 1, 2, 4, 4),
            DCL_DATA(DETCL_F32, tl_tag, 1, 1, 4, 4), DCL_DATA(DETCL_F32, br_tag, 1, 1, 4, 4),
            DCL_DATA(DETCL_F32, tl_offset, 1, 2, 4, 4), DCL_DATA(DETCL_F32, br_offset, 1, 2, 4, 4)},
        6,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 1, 5, 4),
                               DCL_DATA(DETCL_F32, scores, 1, 5),
                               DCL_DATA(DETCL_I32, classes, 1, 5), DCL_DATA(DETCL_I32, count, 1)},
        4, 1e-6);
}

/* Worked by hand: a corner pairs with one at its own place; a tag as far as the threshold does, a
 * NaN tag does not. */
static void by_hand(struct dcl_check *c)
{
    static const float tl[] = {1, 0, 0.5f, 0, -1}, br[] = {1, 0, 0.5f, 0, 0.75f};
    static const float tl_tag[] = {0, 0, 0, 0, 0}, br_tag[] = {NAN, 0, 0, 0, 0.5f};
    static const float boxes[] = {0, 0, 4, 0, 0, 0, 2, 0, 2, 0, 4, 0};
    static const float scores[] = {0.875f, 0.75f, 0.625f};
    static const int32_t classes[] = {0, 0, 0}, count[] = {3};
    dcl_check_golden(c, "k=3 max_output=3 stride=1 activation=none",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, tl, 1, 1, 1, 5),
                                            DCL_DATA(DETCL_F32, br, 1, 1, 1, 5),
                                            DCL_DATA(DETCL_F32, tl_tag, 1, 1, 1, 5),
                                            DCL_DATA(DETCL_F32, br_tag, 1, 1, 1, 5)},
                     4,
                     (struct dcl_operand[]){
                         DCL_DATA(DETCL_F32, boxes, 1, 3, 4), DCL_DATA(DETCL_F32, scores, 1, 3),
                         DCL_DATA(DETCL_I32, classes, 1, 3), DCL_DATA(DETCL_I32, count, 1)},
                     4, 0);
}

#define MAPS(n, channels, h, w)                                                                    \
    DCL_RANGE(DETCL_F32, -5, 5, n, channels, h, w),                                                \
        DCL_RANGE(DETCL_F32, -5, 5, n, channels, h, w), DCL_RANDOM(DETCL_F32, n, 1, h, w),         \
        DCL_RANDOM(DETCL_F32, n, 1, h, w)
#define OFFSETS(n, h, w)                                                                           \
    DCL_RANGE(DETCL_F32, 0, 1, n, 2, h, w), DCL_RANGE(DETCL_F32, 0, 1, n, 2, h, w)

void dcl_check_decode_cornernet(struct dcl_check *c)
{
    published(c);
    by_hand(c);
    DCL_CASE(c, "k=70 max_output=200", 4, MAPS(2, 2, 33, 41), OFFSETS(2, 33, 41));
    DCL_CASE(c, "k=9 max_output=100", 4, MAPS(2, 3, 9, 11));
    DCL_CASE(c, "k=9 max_output=4 activation=none", 4, DCL_SPECIAL(2, 2, 5, 7),
             DCL_SPECIAL(2, 2, 5, 7), DCL_SPECIAL(2, 1, 5, 7), DCL_SPECIAL(2, 1, 5, 7),
             DCL_SPECIAL(2, 2, 5, 7), DCL_SPECIAL(2, 2, 5, 7));
    DCL_CASE(c, "k=2 max_output=4", 4, MAPS(1, 3, 0, 7));
    const struct dcl_operand in[] = {MAPS(1, 3, 5, 7), OFFSETS(1, 5, 7)};
    dcl_check_refused(c, NULL, in, 5, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "k=5000", in, 6, 4, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[1], in[4], in[3]}, 4, 4,
                      DETCL_ERROR_MODEL);
}
