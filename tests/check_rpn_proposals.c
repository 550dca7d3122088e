#include "check.h"

#include <math.h>

/* torchvision 0.14: RegionProposalNetwork.filter_proposals after box_coder.decode, two levels, two
 * images of unequal size, with levels cut (12 to 8), small, improbable and overlapping boxes
 * dropped and the first image full; from maps and from rows. */
static const float golden_anchors[] = {
    -6, -3, 6,  3,  -3,  -6, 3,  6, 2,  -3,  14, 3,  5,  -6, 11, 6, 10, -3,  22, 3, 13, -6,
    19, 6,  -6, 5,  6,   11, -3, 2, 3,  14,  2,  5,  14, 11, 5,  2, 11, 14,  10, 5, 22, 11,
    13, 2,  19, 14, -11, -6, 11, 6, -6, -11, 6,  11, 1,  -6, 23, 6, 6,  -11, 18, 11};
static const float golden_logits0[] = {
    -0.5f,  -1.02f, 0.05f, 0.72f,  1.44f, 0.41f,  -0.25f, -0.48f, 1.05f,  1.93f, 0.57f, -0.93f,
    -0.66f, 1.9f,   0.5f,  -1.43f, 0.22f, -0.86f, -0.33f, -0.19f, -0.41f, 0.85f, 0.24f, -0.29f};
static const float golden_deltas0[] = {
    -0.02f, -0.12f, -0.42f, -0.16f, -0.44f, -0.54f, 0.09f,  -0.44f, 0.47f,  0.29f,  -0.8f,  0.11f,
    -0.44f, 0.01f,  0.02f,  -0.8f,  -0.09f, -0.1f,  0.38f,  -0.47f, 0.3f,   -0.44f, -0.13f, -0.34f,
    0.58f,  0.23f,  0.97f,  0.26f,  0.34f,  0.34f,  -0.24f, -0.03f, 0.54f,  -0.16f, 0.08f,  -0.01f,
    0.24f,  -0.15f, -0.06f, 0.1f,   0.04f,  -0.35f, 0.36f,  -0.52f, -0.48f, -0.51f, 0.39f,  -0.14f,
    -0.39f, -0.45f, 0.17f,  -0.42f, -0.51f, 0.25f,  -0.48f, -0.13f, 0,      -0.18f, -0.02f, 0.54f,
    -0.21f, -0.5f,  -0.73f, -0.08f, -0.14f, 0.11f,  -0.19f, -0.19f, -0.29f, -0.21f, 0.06f,  -0.15f,
    0.04f,  0.76f,  0.19f,  -0.63f, 0.69f,  0.14f,  -0.38f, 0.36f,  0.01f,  -0.25f, -0.25f, -0.4f,
    0.02f,  0.43f,  -0.13f, 0.17f,  0.75f,  -0.49f, 0.1f,   -0.12f, -0.42f, -0.41f, -0.01f, 0.17f};
static const float golden_logits1[] = {0.71f, 1.13f, -1.34f, 0.04f, -0.68f, 0.13f, -0.99f, 0.32f};
static const float golden_deltas1[] = {
    -0.21f, 0.02f,  0.29f,  0.12f, 0.35f, 0.18f,  0.2f,   0.73f,  0.25f,  0.05f,  0.28f,
    -0.37f, -0.14f, 0.32f,  0.25f, 0.62f, 0,      -0.58f, 0.78f,  0.44f,  -0.42f, 0.55f,
    0.01f,  -0.73f, -0.17f, -0.2f, 0.64f, -0.32f, -0.1f,  -0.11f, -0.15f, -0.37f};
static const float golden_row_logits[] = {
    -0.5f,  -0.25f, -1.02f, -0.48f, 0.05f,  1.05f,  0.72f,  1.93f,  1.44f,  0.57f, 0.41f,
    -0.93f, 0.71f,  -1.34f, 1.13f,  0.04f,  -0.66f, -0.33f, 1.9f,   -0.19f, 0.5f,  -0.41f,
    -1.43f, 0.85f,  0.22f,  0.24f,  -0.86f, -0.29f, -0.68f, -0.99f, 0.13f,  0.32f};
static const float golden_row_deltas[] = {
    -0.02f, 0.09f,  -0.44f, 0.38f,  0.58f,  -0.24f, 0.24f,  0.36f,  -0.12f, -0.44f, 0.01f,  -0.47f,
    0.23f,  -0.03f, -0.15f, -0.52f, -0.42f, 0.47f,  0.02f,  0.3f,   0.97f,  0.54f,  -0.06f, -0.48f,
    -0.16f, 0.29f,  -0.8f,  -0.44f, 0.26f,  -0.16f, 0.1f,   -0.51f, -0.44f, -0.8f,  -0.09f, -0.13f,
    0.34f,  0.08f,  0.04f,  0.39f,  -0.54f, 0.11f,  -0.1f,  -0.34f, 0.34f,  -0.01f, -0.35f, -0.14f,
    -0.21f, 0.29f,  0.35f,  0.2f,   0.25f,  0.28f,  -0.14f, 0.25f,  0.02f,  0.12f,  0.18f,  0.73f,
    0.05f,  -0.37f, 0.32f,  0.62f,  -0.39f, -0.48f, -0.21f, -0.19f, 0.04f,  -0.38f, 0.02f,  0.1f,
    -0.45f, -0.13f, -0.5f,  -0.19f, 0.76f,  0.36f,  0.43f,  -0.12f, 0.17f,  0,      -0.73f, -0.29f,
    0.19f,  0.01f,  -0.13f, -0.42f, -0.42f, -0.18f, -0.08f, -0.21f, -0.63f, -0.25f, 0.17f,  -0.41f,
    -0.51f, -0.02f, -0.14f, 0.06f,  0.69f,  -0.25f, 0.75f,  -0.01f, 0.25f,  0.54f,  0.11f,  -0.15f,
    0.14f,  -0.4f,  -0.49f, 0.17f,  0,      0.78f,  -0.42f, 0.01f,  -0.17f, 0.64f,  -0.1f,  -0.15f,
    -0.58f, 0.44f,  0.55f,  -0.73f, -0.2f,  -0.32f, -0.11f, -0.37f};
static const float golden_boxes[] = {
    0,         2.4770265f, 4.875513f,  9.682974f,  0,          0.5657134f,  8.203588f,  5.834286f,
    0,         0,          24,         13.890483f, 18.994705f, 2.7673001f,  24,         10.192701f,
    0,         0,          10.989744f, 10.808416f, 6.9175673f, 0.09811592f, 13.162433f, 16,
    5.788999f, 0,          18.491f,    10.940299f, 0,          4.6944904f,  7.0961494f, 11.06551f,
    0,         2.388546f,  18.305782f, 8.171453f,  15.002121f, 0,           18.67788f,  10.311829f,
    0,         3.2996988f, 7.2275147f, 14,         0,          0,           0,          0};
static const float golden_scores[] = {0.8732495f,  0.80845463f, 0.7558389f,  0.74077487f,
                                      0.67040116f, 0.6387632f,  0.55971366f, 0.55477923f,
                                      0.5324543f,  0.42800388f, 0.33626127f, 0};
static const int32_t golden_count[] = {6, 5};

static void torchvision(struct dcl_check *c)
{
    static const float sizes[] = {16, 24, 14, 20};
    const struct dcl_operand expected[] = {DCL_DATA(DETCL_F32, golden_boxes, 2, 6, 4),
                                           DCL_DATA(DETCL_F32, golden_scores, 2, 6),
                                           DCL_DATA(DETCL_I32, golden_count, 2)};
    const struct dcl_operand table = DCL_DATA(DETCL_F32, golden_anchors, 16, 4);
    const struct dcl_operand size = DCL_DATA(DETCL_F32, sizes, 2, 2);
#define PARAMETERS                                                                                 \
    "pre_nms_top_n=8 post_nms_top_n=6 iou_threshold=0.4 score_threshold=0.3 min_size=3"
    dcl_check_golden(c, PARAMETERS,
                     (struct dcl_operand[]){table, size,
                                            DCL_DATA(DETCL_F32, golden_logits0, 2, 2, 2, 3),
                                            DCL_DATA(DETCL_F32, golden_logits1, 2, 2, 1, 2),
                                            DCL_DATA(DETCL_F32, golden_deltas0, 2, 8, 2, 3),
                                            DCL_DATA(DETCL_F32, golden_deltas1, 2, 8, 1, 2)},
                     6, expected, 3, 1e-6);
    dcl_check_golden(c, PARAMETERS " level_sizes=12,4",
                     (struct dcl_operand[]){table, size,
                                            DCL_DATA(DETCL_F32, golden_row_logits, 2, 16, 1),
                                            DCL_DATA(DETCL_F32, golden_row_deltas, 2, 16, 4)},
                     4, expected, 3, 1e-6);
}

/* Worked by hand: equal logits by anchor, the second box suppressed by the first, a NaN logit and a
 * NaN delta dropped, an infinite delta clipped to the image, fewer proposals than room. */
static void by_hand(struct dcl_check *c)
{
    static const float anchors[] = {0, 0, 4, 4, 0, 0, 4, 4, 4, 4, 8, 8, 4, 0, 8, 4, 0, 4, 4, 8};
    static const float logits[] = {0, 0, NAN, 0, -1};
    static const float deltas[] = {0, 0, 0,   0, 0, 0, 0, 0, 0,        0,
                                   0, 0, NAN, 0, 0, 0, 0, 0, INFINITY, 0};
    static const float boxes[] = {0, 0, 4, 4, 0, 4, 8, 8, 0, 0, 0, 0};
    static const float scores[] = {0.5f, 0.26894142f, 0};
    static const int32_t count[] = {2};
    dcl_check_golden(c, "height=8 width=8 post_nms_top_n=3 clip=0",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, anchors, 5, 4), DCL_ABSENT,
                                            DCL_DATA(DETCL_F32, logits, 1, 5, 1),
                                            DCL_DATA(DETCL_F32, deltas, 1, 5, 4)},
                     4,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 1, 3, 4),
                                            DCL_DATA(DETCL_F32, scores, 1, 3),
                                            DCL_DATA(DETCL_I32, count, 1)},
                     3, 1e-7);
}

static void refusals(struct dcl_check *c)
{
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 12, 4), DCL_RANDOM(DETCL_F32, 1, 2),
                                     DCL_RANDOM(DETCL_F32, 1, 12, 1),
                                     DCL_RANDOM(DETCL_F32, 1, 12, 4)};
    static const char *const bad[] = {"pre_nms_top_n=0", "post_nms_top_n=-1", "iou_threshold=2",
                                      "level_sizes=6,5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        dcl_check_refused(c, bad[i], in, 4, 3, DETCL_ERROR_ARGUMENT);
    const struct dcl_operand unsized[] = {in[0], DCL_ABSENT, in[2], in[3]};
    dcl_check_refused(c, NULL, unsized, 4, 3, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, in, 4, 2, DETCL_ERROR_ARGUMENT);
    const struct dcl_operand two[] = {in[0], in[1], DCL_RANDOM(DETCL_F32, 1, 12, 2), in[3]};
    dcl_check_refused(c, NULL, two, 4, 3, DETCL_ERROR_MODEL);
    const struct dcl_operand sized[] = {in[0], DCL_RANDOM(DETCL_F32, 2, 2), in[2], in[3]};
    dcl_check_refused(c, NULL, sized, 4, 3, DETCL_ERROR_MODEL);
}

void dcl_check_rpn_proposals(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    refusals(c);
    DCL_CASE(c, "height=40 width=50 pre_nms_top_n=100 post_nms_top_n=70", 3,
             DCL_RANGE(DETCL_F32, 0, 40, 702, 4), DCL_ABSENT,
             DCL_RANGE(DETCL_F32, -4, 4, 3, 3, 12, 15), DCL_RANGE(DETCL_F32, -4, 4, 3, 3, 6, 9),
             DCL_RANDOM(DETCL_F32, 3, 12, 12, 15), DCL_RANDOM(DETCL_F32, 3, 12, 6, 9));
    /* Integer logits: many ties at the cut. */
    static float tied[2 * 900];
    for (int i = 0; i < 2 * 900; i++)
        tied[i] = (float)(i * 37 % 11 / 3);
    DCL_CASE(c,
             "height=90 width=90 pre_nms_top_n=300 post_nms_top_n=50 level_sizes=400,0,500 "
             "iou_threshold=0.3",
             3, DCL_RANGE(DETCL_F32, 0, 90, 900, 4), DCL_ABSENT,
             DCL_DATA(DETCL_F32, tied, 2, 900, 1), DCL_RANDOM(DETCL_F32, 2, 900, 4));
    DCL_CASE(c, "pre_nms_top_n=20 post_nms_top_n=300 score_threshold=0.6 clip=0", 3,
             DCL_RANGE(DETCL_F32, 0, 9, 70, 4), DCL_RANGE(DETCL_F32, 5, 9, 2, 2),
             DCL_SPECIAL(2, 70, 1), DCL_SPECIAL(2, 70, 4));
    DCL_CASE(c, "height=9 width=9 pre_nms_top_n=11 post_nms_top_n=7", 3,
             DCL_RANGE(DETCL_F32, 0, 9, 126, 4), DCL_ABSENT, DCL_RANDOM(DETCL_F32, 2, 2, 7, 9),
             DCL_RANDOM(DETCL_F32, 2, 8, 7, 9));
    DCL_CASE(c, "height=9 width=9 post_nms_top_n=7", 3, DCL_RANDOM(DETCL_F32, 0, 4), DCL_ABSENT,
             DCL_RANDOM(DETCL_F32, 1, 2, 0, 5), DCL_RANDOM(DETCL_F32, 1, 8, 0, 5));
    DCL_CASE(c, "height=9 width=9 post_nms_top_n=7", 3, DCL_RANDOM(DETCL_F32, 5, 4), DCL_ABSENT,
             DCL_RANDOM(DETCL_F32, 0, 5, 1), DCL_RANDOM(DETCL_F32, 0, 5, 4));
    /* More than one tile of keys on every profile. */
    DCL_CASE(c, "height=900 width=900 pre_nms_top_n=500 post_nms_top_n=100", 3,
             DCL_RANGE(DETCL_F32, 0, 900, 12000, 4), DCL_ABSENT,
             DCL_RANDOM(DETCL_F32, 1, 3, 40, 100), DCL_RANDOM(DETCL_F32, 1, 12, 40, 100));
}
