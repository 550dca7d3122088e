#include "check.h"

#include <math.h>

/* The published PostProcess of DETR (softmax) and of Deformable DETR (sigmoid), transcribed with
 * torch 1.13. */
static void published(struct dcl_check *c)
{
    static const float logits[] = {-0.56f, -0.92f, 2.63f, 0.48f,  -0.67f, -0.46f,
                                   1.1f,   -0.8f,  0.63f, -0.07f, 2.73f,  2.34f,
                                   -2.85f, -0.32f, 1.43f, -0.9f,  1.63f,  0.68f};
    static const float in_boxes[] = {0.93f, 0.51f, 0.98f, 0.97f, 0.06f, 0.68f, 0.24f, 0.62f,
                                     0.89f, 0.46f, 0.65f, 0.67f, 0.19f, 0.43f, 0.29f, 0.48f,
                                     0.76f, 0.15f, 0.55f, 0.5f,  0.38f, 0.84f, 0.35f, 0.8f};
    static const float sizes[] = {40, 60, 100, 50};
    static const float softmax_boxes[] = {
        26.4f,  0.99999905f, 85.200005f, 39.8f,      -3.6f,  14.8f,      10.799999f, 39.6f,
        33.9f,  5,           72.899994f, 31.800001f, 2.25f,  19.000002f, 16.749998f, 67,
        24.25f, -9.999999f,  51.75f,     40,         10.25f, 43.999996f, 27.75f,     124};
    static const float softmax_scores[] = {0.03848211f, 0.5857323f, 0.56351656f,
                                           0.57541806f, 0.1463216f, 0.68194216f};
    static const int32_t softmax_classes[] = {0, 0, 0, 1, 1, 1};
    static const float sigmoid_boxes[] = {
        26.4f,  0.99999905f, 85.200005f, 39.8f,      33.9f,  5,          72.899994f, 31.800001f,
        33.9f,  5,           72.899994f, 31.800001f, -3.6f,  14.8f,      10.799999f, 39.6f,
        2.25f,  19.000002f,  16.749998f, 67,         2.25f,  19.000002f, 16.749998f, 67,
        10.25f, 43.999996f,  27.75f,     124,        24.25f, -9.999999f, 51.75f,     40};
    static const float sigmoid_scores[] = {0.93276757f, 0.7502601f, 0.6524895f,  0.61774784f,
                                           0.9387739f,  0.9121361f, 0.83616966f, 0.8069013f};
    static const int32_t sigmoid_classes[] = {2, 0, 2, 0, 1, 2, 1, 2};
    static const int32_t three[] = {3, 3}, four[] = {4, 4};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, logits, 2, 3, 3),
                                     DCL_DATA(DETCL_F32, in_boxes, 2, 3, 4),
                                     DCL_DATA(DETCL_F32, sizes, 2, 2)};
    dcl_check_golden(c, NULL, in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, softmax_boxes, 2, 3, 4),
                                            DCL_DATA(DETCL_F32, softmax_scores, 2, 3),
                                            DCL_DATA(DETCL_I32, softmax_classes, 2, 3),
                                            DCL_DATA(DETCL_I32, three, 2)},
                     4, 1e-6);
    dcl_check_golden(c, "kind=sigmoid k=4", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, sigmoid_boxes, 2, 4, 4),
                                            DCL_DATA(DETCL_F32, sigmoid_scores, 2, 4),
                                            DCL_DATA(DETCL_I32, sigmoid_classes, 2, 4),
                                            DCL_DATA(DETCL_I32, four, 2)},
                     4, 1e-6);
}

/* Worked by hand: equal logits by query, then class; NaN left out, or the smallest. */
static void by_hand(struct dcl_check *c)
{
    static const float logits[] = {0, 0, NAN, 0},
                       in_boxes[] = {0.5f, 0.5f, 1, 1, 0.25f, 0.5f, 0.5f, 0};
    static const float boxes[] = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0};
    static const float scores[] = {0.5f, 0.5f, 0.5f, 0}, probabilities[] = {0.5f, NAN};
    static const int32_t classes[] = {0, 1, 1, 0}, count[] = {3}, first[] = {0, 0}, both[] = {2};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, logits, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, in_boxes, 1, 2, 4)};
    dcl_check_golden(c, "kind=sigmoid k=4", in, 2,
                     (struct dcl_operand[]){
                         DCL_DATA(DETCL_F32, boxes, 1, 4, 4), DCL_DATA(DETCL_F32, scores, 1, 4),
                         DCL_DATA(DETCL_I32, classes, 1, 4), DCL_DATA(DETCL_I32, count, 1)},
                     4, 0);
    dcl_check_golden(c, NULL, in, 2,
                     (struct dcl_operand[]){DCL_ABSENT, DCL_DATA(DETCL_F32, probabilities, 1, 2),
                                            DCL_DATA(DETCL_I32, first, 1, 2),
                                            DCL_DATA(DETCL_I32, both, 1)},
                     4, 1e-7);
}

void dcl_check_decode_detr(struct dcl_check *c)
{
    published(c);
    by_hand(c);
    static const char *const kinds[] = {"kind=softmax", "kind=sigmoid k=300", "kind=sigmoid k=7"};
    for (int i = 0; i < 3; i++) {
        DCL_CASE(c, kinds[i], 4, DCL_RANGE(DETCL_F32, -6, 6, 2, 67, 92),
                 DCL_RANGE(DETCL_F32, 0, 1, 2, 67, 4), DCL_RANGE(DETCL_F32, 20, 900, 2, 2));
        DCL_CASE(c, kinds[i], 4, DCL_SPECIAL(2, 13, 9), DCL_SPECIAL(2, 13, 4));
        DCL_CASE(c, kinds[i], 4, DCL_RANDOM(DETCL_F32, 1, 0, 9), DCL_RANDOM(DETCL_F32, 1, 0, 4));
    }
    /* Ten values over many tiles of keys: the cut goes through equal ones. */
    static float tied[2 * 130 * 91];
    for (int i = 0; i < 2 * 130 * 91; i++)
        tied[i] = (float)(i * 7919 % 1009 % 10 - 5);
    DCL_CASE(c, "kind=sigmoid k=3000", 4, DCL_DATA(DETCL_F32, tied, 2, 130, 91),
             DCL_RANDOM(DETCL_F32, 2, 130, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 1), DCL_RANDOM(DETCL_F32, 2, 5, 4),
                                     DCL_RANDOM(DETCL_F32, 3, 2)};
    dcl_check_refused(c, NULL, in, 2, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=sigmoid", in, 3, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=sigmoid k=0", in, 2, 4, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "kind=sigmoid", in, 2, 3, DETCL_ERROR_ARGUMENT);
}
