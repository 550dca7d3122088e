#include "check.h"

/* torchvision 0.14: BoxCoder(weights=(10, 10, 5, 5)).decode_single on maps laid out by RetinaNet's
 * permutation, torch.sigmoid. */
static void torchvision(struct dcl_check *c)
{
    static const float anchors[] = {10.2f, 19,   14.6f, 28.3f, 6.2f, 8.5f,  11.9f, 15.2f,
                                    11,    0.6f, 26.5f, 7.6f,  6.6f, 15.8f, 17.3f, 35.5f};
    static const float deltas[] = {-2.71f, -1.89f, -0.17f, -0.42f, 9,      0.22f,  2.12f, -1.11f,
                                   -0.38f, 2.04f,  0.65f,  0.66f,  -0.51f, -1.65f, 0.17f, 0.11f,
                                   -1.23f, -0.68f, -0.07f, -0.94f, -0.1f,  0.1f,   0.04f, -0.51f,
                                   0.59f,  0.89f,  0.32f,  -0.82f, 0.73f,  -0.5f,  0.88f, -1.07f};
    static const float logits[] = {0.91f, -0.02f, -1.25f, -0.31f, 0.05f,  0.27f, -0.98f, -1.11f,
                                   0.2f,  -0.47f, 0.24f,  0.76f,  -1.65f, 0.25f, 1.22f,  -0.3f};
    static const float boxes[] = {
        -2.1016264f, 16.386414f, 24.516827f, 30.597385f, 6.2597647f, 8.819642f,  11.407033f,
        15.751359f,  7.7218876f, 1.0027962f, 23.919113f, 6.609204f,  10.286557f, 16.8811f,
        17.97904f,   37.019302f, 9.702362f,  18.89755f,  14.015238f, 28.27225f,  6.08829f,
        8.069734f,   12.684308f, 16.059069f, 9.789438f,  0.2813964f, 25.60256f,  6.6026034f,
        8.061419f,   16.08222f,  17.74318f,  31.986982f};
    static const float scores[] = {0.7130002f,  0.22270013f, 0.51249737f, 0.27289176f,
                                   0.4950002f,  0.42311472f, 0.5670929f,  0.24787088f,
                                   0.54983395f, 0.55971366f, 0.16110896f, 0.77206355f,
                                   0.38461626f, 0.68135375f, 0.5621765f,  0.4255575f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, anchors, 4, 4),
                                     DCL_DATA(DETCL_F32, logits, 2, 4, 1, 2),
                                     DCL_DATA(DETCL_F32, deltas, 2, 8, 1, 2)};
    dcl_check_golden(c, "center=0.1 size=0.2", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 2, 4, 4),
                                            DCL_DATA(DETCL_F32, scores, 2, 4, 2)},
                     2, 1e-5);
}

/* Worked by hand: twice as wide, half a width to the right; a size beyond the clip; scores as they
 * come. */
static void by_hand(struct dcl_check *c)
{
    static const float anchors[] = {0, 0, 4, 2, 0, 0, 2, 2};
    static const float deltas[] = {0.5f, 0, 0.69314718f, 0, 0, 0, 100, 0}, logits[] = {3, -2};
    static const float boxes[] = {0, 0, 8, 2, -1, 0, 3, 2};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, anchors, 2, 4),
                                     DCL_DATA(DETCL_F32, logits, 1, 2, 1),
                                     DCL_DATA(DETCL_F32, deltas, 1, 2, 4)};
    dcl_check_golden(
        c, "clip=0.69314718 activation=none", in, 3,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 8), DCL_DATA(DETCL_F32, logits, 2)}, 2,
        1e-6);
}

void dcl_check_decode_deltas(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    DCL_CASE(c, NULL, 2, DCL_RANGE(DETCL_F32, 0, 50, 141, 4), DCL_RANDOM(DETCL_F32, 2, 9, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 9, 3, 4), DCL_RANDOM(DETCL_F32, 2, 12, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 12, 3, 4));
    /* Extents as of large pictures: what the corners lose is measured by their own size. */
    DCL_CASE(c, "clip=0", 2, DCL_RANGE(DETCL_F32, -900, 900, 2100, 4),
             DCL_RANDOM(DETCL_F32, 1, 2100, 2), DCL_RANDOM(DETCL_F32, 1, 2100, 4));
    DCL_CASE(c, "activation=softmax", 2, DCL_RANGE(DETCL_F32, 0, 50, 75, 4),
             DCL_RANDOM(DETCL_F32, 1, 6, 5, 5), DCL_RANDOM(DETCL_F32, 1, 12, 5, 5));
    DCL_CASE(c, "activation=none clip=0", 2, DCL_RANGE(DETCL_F32, 0, 50, 41, 4),
             DCL_SPECIAL(2, 41, 2), DCL_SPECIAL(2, 41, 4));
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 0, 4), DCL_RANDOM(DETCL_F32, 2, 3, 0, 7),
             DCL_RANDOM(DETCL_F32, 2, 12, 0, 7));
    const struct dcl_operand in[] = {
        DCL_RANDOM(DETCL_F32, 70, 4),      DCL_RANDOM(DETCL_F32, 1, 2, 5, 7),
        DCL_RANDOM(DETCL_F32, 1, 8, 5, 7), DCL_RANDOM(DETCL_F32, 1, 7, 5, 7),
        DCL_RANDOM(DETCL_F32, 71, 4),      DCL_RANDOM(DETCL_F32, 1, 70, 4)};
    const int bad[][3] = {{0, 1, 3}, {4, 1, 2}, {0, 1, 5}, {0, 2, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        dcl_check_refused(c, NULL,
                          (struct dcl_operand[]){in[bad[i][0]], in[bad[i][1]], in[bad[i][2]]}, 3, 2,
                          DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[1], in[2], in[2]}, 4, 2,
                      DETCL_ERROR_MODEL);
}
