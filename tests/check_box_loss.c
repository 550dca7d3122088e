#include "loss_cases.h"

#include <math.h>

/* torchvision 0.14 in double: generalized_, distance_ and complete_box_iou_loss; the IoU loss from
 * its _loss_inter_union; gradients by autograd. Pairs: overlapping twice, apart, inside, equal, and
 * p a point (where torch's CIoU is NaN). */
static void torchvision(struct dcl_check *c)
{
    static const float p[] = {0, 0, 4, 3, 1, 2, 5, 8, 0, 0, 2, 2,
                              2, 1, 9, 5, 1, 1, 3, 4, 2, 2, 2, 2};
    static const float t[] = {1, 1, 5, 3.5f, 2, 1, 6, 7, 3, 4, 6, 5,
                              3, 2, 5, 4,    1, 1, 3, 4, 1, 0, 4, 3};
    static const float iou[] = {0.625f, 0.54545456f, 1, 0.85714287f, 1.6666666e-08f, 1};
    static const float iou_slope[] = {-0.0703125f,
                                      -0.09375f,
                                      -0.1015625f,
                                      -0.1640625f,
                                      -0.082644626f,
                                      0.077134989f,
                                      -0.13774104f,
                                      0.055096418f,
                                      0,
                                      0,
                                      0,
                                      0,
                                      -0.020408163f,
                                      -0.035714287f,
                                      0.020408163f,
                                      0.035714287f,
                                      4.1666666e-09f,
                                      2.7777776e-09f,
                                      -4.1666666e-09f,
                                      -2.7777776e-09f,
                                      0,
                                      0,
                                      0,
                                      0};
    static const float giou[] = {0.71071428f, 0.60259742f,    1.7666667f,
                                 0.85714287f, 1.6666666e-08f, 1};
    static const float giou_slope[] = {-0.081741072f,
                                       -0.12640306f,
                                       -0.15870535f,
                                       -0.22120535f,
                                       -0.099787481f,
                                       0.10570642f,
                                       -0.16631247f,
                                       0.075504579f,
                                       0.027777778f,
                                       0.02f,
                                       -0.06666667f,
                                       -0.06666667f,
                                       -0.020408163f,
                                       -0.035714287f,
                                       0.020408163f,
                                       0.035714287f,
                                       4.1666666e-09f,
                                       2.7777776e-09f,
                                       -4.1666666e-09f,
                                       -2.7777776e-09f,
                                       0,
                                       0,
                                       0,
                                       0};
    static const float diou[] = {0.66694629f, 0.57248157f,    1.4016393f,
                                 0.89175826f, 1.6666666e-08f, 1.0277778f};
    static const float diou_slope[] = {
        -0.085897386f, -0.1060017f,    -0.12840813f,   -0.18419673f,    -0.092505842f,
        0.090648502f,  -0.15125456f,   0.063496709f,   0.02163397f,     0.0084654661f,
        -0.057377048f, -0.057377048f,  0.010124382f,   -0.03145393f,    0.036029465f,
        0.03145393f,   4.1666666e-09f, 2.7777776e-09f, -4.1666666e-09f, -2.7777776e-09f,
        -0.027777778f, 0.027777778f,   -0.027777778f,  0.027777778f};
    static const float ciou[] = {0.66695988f, 0.57248157f, 1.4086215f, 0.89269006f, 1.6666666e-08f};
    static const float ciou_slope[] = {
        -0.085858963f, -0.10605293f,   -0.12844656f,   -0.1841455f,     -0.092505842f,
        0.090648502f,  -0.15125456f,   0.063496709f,   0.029163633f,    0.00093580264f,
        -0.064906709f, -0.049847387f,  0.0096936524f,  -0.030700155f,   0.036460195f,
        0.030700155f,  4.1666666e-09f, 2.7777776e-09f, -4.1666666e-09f, -2.7777776e-09f};
    static const float mean[] = {0.98428029f};
    static const float mean_slope[] = {
        -0.020435268f,  -0.031600766f,  -0.039676338f, -0.055301338f, -0.02494687f,  0.026426604f,
        -0.041578118f,  0.018876145f,   0.0069444445f, 0.0049999999f, -0.016666668f, -0.016666668f,
        -0.0051020407f, -0.0089285718f, 0.0051020407f, 0.0089285718f};
    const struct {
        const char *attrs;
        const float *loss, *slope;
        int64_t n;
    } list[] = {{"reduction=none kind=iou", iou, iou_slope, 6},
                {"reduction=none kind=giou", giou, giou_slope, 6},
                {"reduction=none kind=diou", diou, diou_slope, 6},
                {"reduction=none kind=ciou", ciou, ciou_slope, 5},
                {"reduction=mean kind=giou", mean, mean_slope, 4}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const int64_t n = list[i].n;
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, p, n, 4),
                                         DCL_DATA(DETCL_F32, t, n, 4)};
        loss_golden(c,
                    &(struct loss_golden){list[i].attrs, list[i].loss, list[i].slope,
                                          strstr(list[i].attrs, "none") ? n : 1},
                    in, 2);
    }
}

/* What is not finite is NaN throughout, unless it is left out; a point has the aspect ratio 0: with
 * the target [0, 0, 2, 2], v = 4 / pi^2 (pi / 4)^2 = 1 / 4, alpha = 1 / 5 and d^2 / c^2 = 1 / 4. */
static void by_hand(struct dcl_check *c)
{
    static const float p[] = {0, 0, NAN, 1, 0, 0, INFINITY, 1, 0, 0, 0, 0, 0, 0, NAN, 1};
    static const float t[] = {0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2, 2};
    static const float weight[] = {1, 1, 2, 0}, loss[] = {NAN, NAN, 2.6f, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, p, 4, 4), DCL_DATA(DETCL_F32, t, 4, 4),
                                     DCL_DATA(DETCL_F32, weight, 4)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, loss, 4), DCL_ABSENT};
    dcl_check_golden(c, "kind=ciou", in, 3, out, 2, 1e-6);
    static const float nan[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    const struct dcl_operand two[] = {DCL_DATA(DETCL_F32, p, 2, 4), DCL_DATA(DETCL_F32, t, 2, 4)};
    loss_golden(c, &(struct loss_golden){"kind=giou reduction=sum", nan, nan, 1}, two, 2);
}

void dcl_check_box_loss(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    static const char *const kinds[] = {"kind=iou", "kind=giou", "kind=diou", "kind=ciou"};
    static const int64_t rows[] = {13, 67, 0, 1501};
    const struct dcl_operand none = DCL_ABSENT;
    for (size_t i = 0; i < 4; i++) {
        const struct dcl_operand in[] = {DCL_RANGE(DETCL_F32, 0, 9, rows[i], 4),
                                         DCL_RANGE(DETCL_F32, 0, 9, rows[i], 4)};
        const struct detcl_desc losses = {DCL_DIMS(rows[i])};
        loss_cases(c, kinds[i], in, &losses, &losses, &none);
        /* Centred on 0, corners in order: what training sees. */
        float boxes[2][20][4];
        for (int k = 0; k < 160; k++)
            boxes[k / 80][k / 4 % 20][k % 4] =
                (float)(k % 4 < 2 ? -1 : 1) * (1 + (float)(k * 37 % 11));
        DCL_CASE(c, kinds[i], 2, DCL_DATA(DETCL_F32, boxes[0], 4, 5, 4),
                 DCL_DATA(DETCL_F32, boxes[1], 4, 5, 4));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 4), DCL_RANDOM(DETCL_F32, 3, 4),
                                     DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, NULL, in, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[2], in[2]}, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=l2", (struct dcl_operand[]){in[0], in[0]}, 2, 2,
                      DETCL_ERROR_UNSUPPORTED);
}
