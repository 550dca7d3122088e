#include "check.h"

/* torchvision 0.14: DefaultBoxGenerator([[2, 3]], scales=[0.2, 0.35]) on a map of 2 x 1 cells. */
static void torchvision(struct dcl_check *c)
{
    static const float boxes[] = {
        0.25f, 0.5f, 0.2f,        0.2f,        0.25f, 0.5f, 0.26457512f, 0.26457512f,
        0.25f, 0.5f, 0.28284273f, 0.14142136f, 0.25f, 0.5f, 0.14142136f, 0.28284273f,
        0.25f, 0.5f, 0.34641016f, 0.11547005f, 0.25f, 0.5f, 0.11547005f, 0.34641016f,
        0.75f, 0.5f, 0.2f,        0.2f,        0.75f, 0.5f, 0.26457512f, 0.26457512f,
        0.75f, 0.5f, 0.28284273f, 0.14142136f, 0.75f, 0.5f, 0.14142136f, 0.28284273f,
        0.75f, 0.5f, 0.34641016f, 0.11547005f, 0.75f, 0.5f, 0.11547005f, 0.34641016f};
    dcl_check_golden(c,
                     "height=100 width=100 feature_height=1 feature_width=2 min_sizes=20 "
                     "max_sizes=35 ratios=2,3 "
                     "flip=1",
                     NULL, 0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 12, 4)}, 1, 1e-6);
}

/* UltraFace's generate_priors: image of 100 x 60, stride 64, min_boxes 48 and 96, clipped. */
static void ultraface(struct dcl_check *c)
{
    static const float boxes[] = {0.32f, 0.53333336f, 0.48f, 0.8f, 0.32f, 0.53333336f, 0.96f, 1,
                                  0.96f, 0.53333336f, 0.48f, 0.8f, 0.96f, 0.53333336f, 0.96f, 1};
    dcl_check_golden(c, "height=60 width=100 step=64 min_sizes=48,96 clip=1", NULL, 0,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 4, 4)}, 1, 1e-6);
}

/* Worked by hand: Caffe's corner form, clipped. */
static void corners(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 0.5f, 0.5f, 0.5f, 0, 1, 0.5f};
    dcl_check_golden(
        c, "height=8 width=8 feature_height=1 feature_width=2 step=4 min_sizes=4 format=corner",
        NULL, 0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 2, 4)}, 1, 0);
    dcl_check_golden(c,
                     "height=8 width=8 feature_height=1 feature_width=2 step=4 min_sizes=4 "
                     "offset=0.5 format=corner "
                     "clip=1 ratios=1",
                     NULL, 0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 2, 4)}, 1, 0);
}

void dcl_check_prior_box(struct dcl_check *c)
{
    torchvision(c);
    ultraface(c);
    corners(c);
    dcl_check_case(
        c, "height=240 width=320 step=16 min_sizes=32,48 max_sizes=48,64 ratios=2,3 flip=1 clip=1",
        NULL, 0, 1);
    dcl_check_case(c, "height=37 width=53 step=8 min_sizes=10,16 offset=0 format=corner clip=1",
                   NULL, 0, 1);
    static const char *const bad[] = {
        "height=16 width=16 min_sizes=8", "height=16 width=16 step=8 min_sizes=8,9 max_sizes=9",
        "height=16 width=0 step=8 min_sizes=8", "height=16 width=16 step=8 min_sizes=8 ratios=-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        dcl_check_refused(c, bad[i], NULL, 0, 1, DETCL_ERROR_ARGUMENT);
}
