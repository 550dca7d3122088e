#include "check.h"

/* torchvision 0.14: BoxCoder(weights=(10, 10, 5, 5)).decode_single, torch.softmax. */
static void torchvision(struct dcl_check *c)
{
    static const float priors[] = {2, 3, 1e+01f, 9, 0, 0, 4, 16, 5.5f, 1, 7, 3e+01f};
    static const float loc[] = {-0.33f, 0.88f,  -2,     -0.79f, -1.41f, -1.63f,
                                -1.25f, -0.62f, -0.41f, 0.16f,  4e+01f, 0.74f};
    static const float conf[] = {-0.26f, -1.9f, 0.2f, -0.26f, -0.32f, -0.68f, -1.18f, 0.48f, -0.8f};
    static const float boxes[] = {3.05472f,     3.9664507f,   8.41728f,   9.089549f,
                                  -0.12160158f, -1.6750383f,  2.9936016f, 12.459039f,
                                  -40.686504f,  -0.84893703f, 53.063503f, 32.776936f};
    static const float scores[] = {0.3599642f, 0.06982587f, 0.5702099f,  0.38479128f, 0.3623828f,
                                   0.2528259f, 0.12950692f, 0.68111706f, 0.18937595f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, loc, 1, 3, 4),
                                     DCL_DATA(DETCL_F32, conf, 1, 3, 3),
                                     DCL_CONST_DATA(DETCL_F32, priors, 3, 4)};
    dcl_check_golden(
        c, "height=1 width=1 normalized=0 priors=corner clip=4.135166556742356", in, 3,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 12), DCL_DATA(DETCL_F32, scores, 9)}, 2,
        1e-5);
}

/* Ultra-Light-Fast-Generic-Face-Detector's convert_locations_to_boxes and
 * center_form_to_corner_form, in double; scores as they come. */
static void ultraface(struct dcl_check *c)
{
    static const float priors[] = {0.25f, 0.5f, 0.1f, 0.2f, 0.75f, 0.125f, 0.5f, 0.25f};
    static const float loc[] = {0.2f, 0.83f, -0.84f, 0.04f, 1.57f, 1.59f, -1.5f, -1.17f};
    static const float boxes[] = {67.11434f,  99.79124f, 94.165668f, 148.17677f,
                                  205.85455f, 15.79915f, 324.38545f, 63.280857f};
    static const float conf[] = {0.25f, 0.75f, 1, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, loc, 1, 2, 4),
                                     DCL_DATA(DETCL_F32, conf, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, priors, 1, 2, 4)};
    dcl_check_golden(
        c, "height=240 width=320 activation=none", in, 3,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 8), DCL_DATA(DETCL_F32, conf, 4)}, 2,
        1e-5);
}

void dcl_check_decode_ssd(struct dcl_check *c)
{
    torchvision(c);
    ultraface(c);
    DCL_CASE(c, "height=240 width=320", 2, DCL_RANDOM(DETCL_F32, 2, 37, 4),
             DCL_RANDOM(DETCL_F32, 2, 37, 5), DCL_RANGE(DETCL_F32, 0, 1, 37, 4));
    DCL_CASE(c, "height=240 width=320 priors=corner", 2, DCL_RANDOM(DETCL_F32, 2, 37, 4),
             DCL_RANDOM(DETCL_F32, 2, 37, 20), DCL_RANGE(DETCL_F32, 0, 1, 37, 4));
    DCL_CASE(c, "height=30 width=32 order=yx variances=0.1,0.1,0.2,0.2 activation=sigmoid", 2,
             DCL_RANDOM(DETCL_F32, 1, 129, 4), DCL_RANDOM(DETCL_F32, 1, 129, 1),
             DCL_WEIGHTS(DETCL_F32, 129, 4));
    DCL_CASE(c, "height=1 width=1 clip=2", 2, DCL_SPECIAL(3, 41, 4), DCL_SPECIAL(3, 41, 3),
             DCL_RANDOM(DETCL_F32, 41, 4));
    /* Whole vectors of classes, and what is over. */
    static const int64_t many[] = {16, 21, 32, 81};
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        DCL_CASE(c, "height=300 width=300", 2, DCL_RANDOM(DETCL_F32, 2, 5, 4),
                 DCL_RANGE(DETCL_F32, -9, 9, 2, 5, many[i]), DCL_RANGE(DETCL_F32, 0, 1, 5, 4));
        DCL_CASE(c, "height=300 width=300", 2, DCL_RANDOM(DETCL_F32, 1, 7, 4),
                 DCL_SPECIAL(1, 7, many[i]), DCL_RANGE(DETCL_F32, 0, 1, 7, 4));
    }
    DCL_CASE(c, "height=1 width=1", 2, DCL_RANDOM(DETCL_F32, 1, 0, 4),
             DCL_RANDOM(DETCL_F32, 1, 0, 2), DCL_RANDOM(DETCL_F32, 0, 4));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4), DCL_RANDOM(DETCL_F32, 1, 5, 2),
                                     DCL_RANDOM(DETCL_F32, 4, 4)};
    dcl_check_refused(c, "height=1 width=1", in, 3, 2, DETCL_ERROR_MODEL);
    const struct dcl_operand good[] = {in[0], in[1], DCL_RANDOM(DETCL_F32, 5, 4)};
    dcl_check_refused(c, "height=1 width=1 variances=0.1", good, 3, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "height=0 width=1", good, 3, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=1 width=1", good, 3, 1, DETCL_ERROR_ARGUMENT);
}
