#include "check.h"

#include <math.h>

/* The published decoder (ctdet_decode: 3 x 3 max_pool2d, topk, gathers) transcribed with
 * torch 1.13. */
static void published(struct dcl_check *c)
{
    static const float heat[] = {-2.26f, -1.09f, -0.19f, 0.5f,   -0.68f, -3.85f, -0.14f, 0.45f,
                                 2.17f,  1.16f,  -1.29f, -1.45f, 4.02f,  1.51f,  3.66f,  4.26f,
                                 -1.64f, 0.77f,  0.92f,  1.12f,  1.08f,  0.4f,   0.35f,  -3,
                                 -0.33f, -1.5f,  0.25f,  -0.94f, 1.24f,  1.64f,  0.62f,  0.63f,
                                 0.19f,  -0.9f,  -0.33f, -0.99f, 0.78f,  0.03f,  1.16f,  -2.66f,
                                 1.78f,  -1.53f, -1.47f, -0.39f, -1.13f, 0.58f,  -1.15f, -2.14f};
    static const float size[] = {
        3.31f, 2.24f, 3.58f, 0.88f, 3.56f, 1.8f,  0.82f, 2.67f, 2.09f, 2,     3.48f, 0.98f,
        2.66f, 1.95f, 2.35f, 2.25f, 0.97f, 2.29f, 3.52f, 1.1f,  0.54f, 0.74f, 2.11f, 3.91f,
        0.65f, 3.97f, 2.38f, 0.92f, 1.96f, 1.23f, 3,     2.4f,  1.51f, 1.39f, 3.53f, 3.18f,
        2.03f, 1.92f, 3.08f, 3.9f,  0.78f, 1.06f, 1.77f, 2.28f, 0.75f, 0.69f, 1.27f, 1.85f};
    static const float offset[] = {
        0.74f, 0.61f, 0.03f, 0.05f, 0.45f, 0.87f, 0.91f, 0.37f, 0.89f, 0.93f, 0.41f, 0.75f,
        0.37f, 0.15f, 0.58f, 0.09f, 0.66f, 0.81f, 0.92f, 0.45f, 0.12f, 0.9f,  0.87f, 0.97f,
        0.59f, 0.67f, 0.37f, 0.18f, 0.29f, 0.72f, 0.32f, 0.69f, 0.5f,  0.45f, 0.97f, 0.17f,
        0.49f, 0.16f, 0.94f, 0.49f, 0.33f, 0.17f, 0.59f, 0.4f,  0.13f, 0.03f, 0.39f, 0.58f};
    static const float boxes[] = {
        10.44f, -4.14f,      13.96f,      4.86f,      -3.6599998f, -3.8400002f, 9.58f,
        6.8f,   -0.6199999f, 7.3999996f,  7.74f,      9.559999f,   -0.6199999f, 7.3999996f,
        7.74f,  9.559999f,   -2.7600002f, 3.7600002f, 5.08f,       6.88f,       4.42f,
        2.56f,  9.34f,       6.7999997f,  4.7199993f, -2.3999999f, 14.24f,      9.92f,
        9.96f,  1.04f,       19.560001f,  10.16f};
    static const float scores[] = {0.9860744f, 0.9823637f,  0.897523f,  0.746494f,
                                   0.8556969f, 0.83753496f, 0.7613327f, 0.6524895f};
    static const int32_t classes[] = {1, 1, 0, 1, 1, 0, 1, 0};
    static const int32_t count[] = {4, 4};
    dcl_check_golden(c, "k=4",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, heat, 2, 2, 3, 4),
                                            DCL_DATA(DETCL_F32, size, 2, 2, 3, 4),
                                            DCL_DATA(DETCL_F32, offset, 2, 2, 3, 4)},
                     3,
                     (struct dcl_operand[]){
                         DCL_DATA(DETCL_F32, boxes, 2, 4, 4), DCL_DATA(DETCL_F32, scores, 2, 4),
                         DCL_DATA(DETCL_I32, classes, 2, 4), DCL_DATA(DETCL_I32, count, 2)},
                     4, 1e-6);
}

/* Worked by hand: a plateau is all peaks, by index; the NaN is none and hides none. */
static void by_hand(struct dcl_check *c)
{
    static const float heat[] = {0.5f, 0.5f, 0.25f, 0.125f, NAN, 0.75f};
    static const float size[] = {2, 2, 2, 2, 2, 4, 2, 2, 2, 2, 2, 6};
    static const float boxes[] = {7, -5, 15, 7, -1, -1, 3, 3, 1, -1, 5, 3, 0, 0, 0, 0};
    static const float scores[] = {0.75f, 0.5f, 0.5f, 0};
    static const int32_t classes[] = {0, 0, 0, 0}, count[] = {3};
    dcl_check_golden(c, "k=4 stride=2 activation=none",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, heat, 1, 1, 1, 6),
                                            DCL_DATA(DETCL_F32, size, 1, 2, 1, 6)},
                     2,
                     (struct dcl_operand[]){
                         DCL_DATA(DETCL_F32, boxes, 1, 4, 4), DCL_DATA(DETCL_F32, scores, 1, 4),
                         DCL_DATA(DETCL_I32, classes, 1, 4), DCL_DATA(DETCL_I32, count, 1)},
                     4, 0);
}

void dcl_check_decode_centernet(struct dcl_check *c)
{
    published(c);
    by_hand(c);
    DCL_CASE(c, NULL, 4, DCL_RANGE(DETCL_F32, -9, 9, 2, 3, 37, 41),
             DCL_RANGE(DETCL_F32, 0, 9, 2, 2, 37, 41), DCL_RANGE(DETCL_F32, 0, 1, 2, 2, 37, 41));
    /* Few values: many ties at the cut. */
    static float tied[2 * 5 * 30 * 31];
    for (int i = 0; i < 2 * 5 * 30 * 31; i++)
        tied[i] = (float)(i * 29 % 13 / 6);
    DCL_CASE(c, "k=500 activation=none", 4, DCL_DATA(DETCL_F32, tied, 2, 5, 30, 31),
             DCL_RANDOM(DETCL_F32, 2, 2, 30, 31));
    DCL_CASE(c, "k=17", 4, DCL_SPECIAL(2, 3, 5, 7), DCL_SPECIAL(2, 2, 5, 7),
             DCL_SPECIAL(2, 2, 5, 7));
    DCL_CASE(c, "k=3", 4, DCL_RANDOM(DETCL_F32, 1, 2, 0, 7), DCL_RANDOM(DETCL_F32, 1, 2, 0, 7));
    DCL_CASE(c, "k=3", 4, DCL_RANDOM(DETCL_F32, 0, 2, 3, 7), DCL_RANDOM(DETCL_F32, 0, 2, 3, 7));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 3, 4, 5),
                                     DCL_RANDOM(DETCL_F32, 1, 2, 4, 5),
                                     DCL_RANDOM(DETCL_F32, 1, 2, 5, 4)};
    dcl_check_refused(c, NULL, in, 3, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "k=0", in, 2, 4, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, in, 2, 3, DETCL_ERROR_ARGUMENT);
}
