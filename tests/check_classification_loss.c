#include "loss_cases.h"

#include <math.h>

/* In double, gradients by autograd: torch 1.13 cross_entropy and binary_cross_entropy_with_logits,
 * torchvision 0.14 sigmoid_focal_loss; the softmax focal loss from log_softmax, the heatmap loss
 * from CornerNet's _neg_loss, both written in torch. */
static void torch(struct dcl_check *c)
{
    static const float x[] = {1.375f, 0.75f,  0.875f, 2.625f, 1.75f,   -0.25f,
                              -1,     2.125f, 0,      -2.5f,  -2.125f, 0.75f};
    static const int32_t target[] = {2, 0, -100, 1};
    static const float class_weight[] = {0.5f, 2, 1.5f};
    static const float y[] = {0, 1, 0, 0.25f, 0, 1, 1, 1, 0, 0, 0, 0.75f};
    static const float cross[] = {1.2616429f, 0.38748994f, 0, 2.9659281f};
    static const float cross_slope[] = {
        0.46689874f, 0.24991287f, -0.7168116f, -0.32124156f, 0.28294861f,  0.038292933f,
        0,           0,           0,           0.035404082f, -0.94848734f, 0.91308326f};
    static const float cross_mean[] = {2.0045164f};
    static const float cross_mean_slope[] = {
        0.17508702f, 0.093717329f, -0.26880434f, -0.040155195f, 0.035368577f, 0.0047866167f, 0, 0,
        0,           0.017702041f, -0.47424367f, 0.45654163f};
    static const float binary[] = {1.6004126f,  0.38687101f,  1.2234446f,  2.0386863f,
                                   1.9102242f,  0.82593942f,  1.3132616f,  0.11282228f,
                                   0.69314718f, 0.078889735f, 0.11282228f, 0.57437098f};
    static const float binary_slope[] = {0.79818678f, -0.32082132f, 0.70578504f, 0.68245333f,
                                         0.85195279f, -0.56217653f, -0.7310586f, -0.10669059f,
                                         0.5f,        0.075858183f, 0.10669059f, -0.0708213f};
    static const float focal[] = {0.76471972f, 0.0099548008f,  0.45707813f,    0.65362906f,
                                  1.0398643f,  0.065257974f,   0.17546707f,    0.00032106068f,
                                  0.1299651f,  0.00034047608f, 0.00096318207f, 0.036279477f};
    static const float focal_slope[] = {0.69005597f, -0.021777416f,  0.53263932f,   0.2762827f,
                                        0.77167356f, -0.10156085f,   -0.19205868f,  -0.00087722472f,
                                        0.2237151f,  0.00095668872f, 0.0026316741f, -0.023734825f};
    static const float focal_half[] = {0.7384128f};
    static const float focal_half_slope[] = {
        0.071449138f,  -0.021344183f,  0.062011532f, 0.051291052f,  0.076406583f,  -0.046423167f,
        -0.064671822f, -0.0042757425f, 0.039673805f, 0.0025777549f, 0.0042757425f, -0.007850823f};
    static const float softmax_focal[] = {0.76567417f, 0.07055179f, 0, 2.7397313f};
    static const float softmax_focal_slope[] = {
        0.49520454f, 0.26506388f, -0.76026839f, -0.13032112f, 0.11478646f, 0.015534658f, 0,
        0,           0,           0.040605944f, -1.087847f,   1.0472411f};
    static const float heat[] = {1.0196263f, 0.039819203f,  0.60943753f,   0.74139172f,
                                 1.3864857f, 0.2610319f,    0.7018683f,    0.0012842427f,
                                 0.1732868f, 0.0004539681f, 0.0012842427f, 0.0020485159f};
    static const float heat_slope[] = {0.92007464f, -0.087109663f, 0.71018577f,   0.35668012f,
                                       1.0288981f,  -0.40624341f,  -0.76823473f,  -0.0035088989f,
                                       0.2982868f,  0.0012755849f, 0.0035088989f, 0.00253822f};
    static const float heat_mean[] = {1.2345046f};
    static const float heat_mean_slope[] = {0.23001866f,    -0.021777416f,   0.17754644f,
                                            0.089170031f,   0.25722453f,     -0.10156085f,
                                            -0.19205868f,   -0.00087722472f, 0.074571699f,
                                            0.00031889623f, 0.00087722472f,  0.00063455501f};
    static const float index_mean[] = {0.34760252f};
    static const float index_mean_slope[] = {0.076672889f,
                                             0.054148693f,
                                             -0.0018901125f,
                                             -2.5090401e-05f,
                                             0.085741505f,
                                             0.017338032f,
                                             0,
                                             0,
                                             0,
                                             0.00010629874f,
                                             -0.030386543f,
                                             0.054148693f};
    const struct dcl_operand logits = DCL_DATA(DETCL_F32, x, 4, 3), absent = DCL_ABSENT;
    const struct dcl_operand soft = DCL_DATA(DETCL_F32, y, 4, 3);
    const struct dcl_operand hard = DCL_DATA(DETCL_I32, target, 4);
    const struct dcl_operand classes = DCL_DATA(DETCL_F32, class_weight, 3);
    const struct {
        struct loss_golden golden;
        const struct dcl_operand *target, *classes;
    } list[] = {
        {{"reduction=none kind=softmax", cross, cross_slope, 4}, &hard, &absent},
        {{"reduction=mean kind=softmax", cross_mean, cross_mean_slope, 1}, &hard, &classes},
        {{"reduction=none kind=softmax gamma=1.5", softmax_focal, softmax_focal_slope, 4},
         &hard,
         &absent},
        {{"reduction=none kind=sigmoid", binary, binary_slope, 12}, &soft, &absent},
        {{"reduction=none kind=sigmoid gamma=2 alpha=0.25", focal, focal_slope, 12},
         &soft,
         &absent},
        {{"reduction=mean kind=sigmoid gamma=0.5", focal_half, focal_half_slope, 1},
         &soft,
         &absent},
        {{"reduction=mean kind=sigmoid gamma=2 alpha=0.25", index_mean, index_mean_slope, 1},
         &hard,
         &absent},
        {{"reduction=none kind=gaussian gamma=2", heat, heat_slope, 12}, &soft, &absent},
        {{"reduction=mean kind=gaussian gamma=2", heat_mean, heat_mean_slope, 1}, &soft, &absent},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        loss_golden(
            c, &list[i].golden,
            (struct dcl_operand[]){logits, *list[i].target, absent, absent, *list[i].classes},
            list[i].classes == &classes ? 5 : 2);
}

/* Limits: large and infinite logits, NaN, targets that are no class, rows that are left out. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {INFINITY, -INFINITY, 200, -200, NAN, 0, INFINITY, -INFINITY};
    static const float y[] = {1, 0, 0, 1, 1, 0.5f, 0, 1};
    static const float loss[] = {0, 0, 200, 200, NAN, 0.17328680f, INFINITY, INFINITY};
    static const float slope[] = {0, 0, 1, -1, NAN, 0, 1, -1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 8, 1), DCL_DATA(DETCL_F32, y, 8, 1)};
    loss_golden(c, &(struct loss_golden){"reduction=none kind=sigmoid gamma=2", loss, slope, 8}, in,
                2);
    static const float rows[] = {0, -INFINITY, 0, -INFINITY, 0, 0,  0,
                                 0, INFINITY,  0, NAN,       0, 80, -120};
    static const int32_t target[] = {0, 1, 2, -1, 0, -100, 1};
    static const float row_loss[] = {0, INFINITY, NAN, NAN, NAN, 0, 200};
    static const float row_slope[] = {0, 0, 1, -1, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, 1, -1};
    const struct dcl_operand soft[] = {DCL_DATA(DETCL_F32, rows, 7, 2),
                                       DCL_DATA(DETCL_I32, target, 7)};
    loss_golden(
        c, &(struct loss_golden){"reduction=none kind=softmax gamma=2", row_loss, row_slope, 7},
        soft, 2);
    static const int32_t ignored[] = {-2, -2, -2, -2, -2, -2, -2, -2};
    static const float zero[8] = {0};
    const struct dcl_operand none[] = {DCL_DATA(DETCL_F32, x, 8, 1),
                                       DCL_DATA(DETCL_I32, ignored, 8)};
    loss_golden(c,
                &(struct loss_golden){"reduction=mean kind=sigmoid ignore_index=-2", zero, zero, 1},
                none, 2);
}

static void refusals(struct dcl_check *c)
{
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 4, 3), DCL_RANDOM(DETCL_I32, 4),
                                     DCL_RANDOM(DETCL_F32, 4, 3), DCL_RANDOM(DETCL_I32, 3),
                                     DCL_RANDOM(DETCL_F32, 4)};
    const struct dcl_operand absent = DCL_ABSENT;
    dcl_check_refused(c, "kind=softmax", (struct dcl_operand[]){in[0], in[2]}, 2, 2,
                      DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=gaussian", in, 2, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=softmax", (struct dcl_operand[]){in[0], in[3]}, 2, 2,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=softmax",
                      (struct dcl_operand[]){in[0], in[1], absent, absent, in[4]}, 5, 2,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=softmax alpha=0.5", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "kind=sigmoid gamma=-1", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "gamma=1", in, 2, 2, DETCL_ERROR_MODEL);
}

void dcl_check_classification_loss(struct dcl_check *c)
{
    torch(c);
    by_hand(c);
    refusals(c);
    static const struct {
        const char *attrs;
        int64_t rows, classes;
        bool weighted;
    } list[] = {{"kind=softmax", 5, 7, true},
                {"kind=softmax gamma=2", 19, 33, false},
                {"kind=softmax gamma=0.5 ignore_index=3", 301, 81, true},
                {"kind=softmax", 0, 4, true}};
    const struct dcl_operand none = DCL_ABSENT;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const int64_t n = list[i].rows, k = list[i].classes;
        const struct dcl_operand in[] = {DCL_RANGE(DETCL_F32, -6, 6, n, k),
                                         DCL_RANGE(DETCL_I32, 0, (float)k, n)};
        const struct dcl_operand classes = DCL_RANGE(DETCL_F32, 0.5f, 2, k);
        const struct detcl_desc rows = {DCL_DIMS(n)};
        loss_cases(c, list[i].attrs, in, &rows, &rows, list[i].weighted ? &classes : &none);
    }
    for (int i = 0; i < 3; i++) {
        const int64_t n = i == 2 ? 0 : i ? 211 : 9, k = i ? 20 : 3;
        const struct dcl_operand soft[] = {DCL_RANGE(DETCL_F32, -6, 6, n, k),
                                           DCL_RANGE(DETCL_F32, 0, 1, n, k)};
        const struct dcl_operand hard[] = {soft[0], DCL_RANGE(DETCL_I32, -2, (float)k + 1, n)};
        const struct dcl_operand classes = DCL_RANGE(DETCL_F32, 0.5f, 2, k);
        const struct detcl_desc rows = {DCL_DIMS(n)}, all = {DCL_DIMS(n, k)};
        loss_cases(c, "kind=sigmoid gamma=2 alpha=0.25", soft, &all, &rows, &classes);
        loss_cases(c, "kind=sigmoid gamma=1.5 ignore_index=-2", hard, &all, &rows, &none);
        loss_cases(c, "kind=gaussian gamma=2", soft, &all, &all, &none);
    }
    DCL_CASE(c, "kind=sigmoid gamma=2 alpha=0.25", 2, DCL_SPECIAL(31, 5),
             DCL_RANGE(DETCL_F32, 0, 1, 31, 5));
    DCL_CASE(c, "kind=softmax gamma=2", 2, DCL_SPECIAL(31, 5), DCL_RANGE(DETCL_I32, -1, 6, 31));
}
