#include "loss_cases.h"

#include <math.h>

/* torch 1.13: smooth_l1_loss with beta 1.5 and l1_loss, gradients by autograd. */
static void torch(struct dcl_check *c)
{
    static const float x[] = {2.25f,    1.1875f,  0.25f,   -2,    1.4375f, 2.0625f,
                              -1.8125f, -1.1875f, 2.4375f, -0.5f, 0.5f,    0.5625f};
    static const float t[] = {2.25f,   -1.0625f, -1.6875f, 1.25f,   -1.125f, 0.0625f,
                              -2.375f, -0.25f,   -0.625f,  0.8125f, 1.625f,  -2.25f};
    static const float upstream[] = {0.75f, 1,  0.5f,   1,      1.25f, 1.5f,
                                     -1.5f, -1, -0.25f, -0.25f, 0.25f, -1.75f};
    static const float smooth[] = {0,       1.5f,        1.1875f,     2.5f,
                                   1.8125f, 1.25f,       0.10546875f, 0.29296875f,
                                   2.3125f, 0.57421875f, 0.421875f,   2.0625f};
    static const float smooth_slope[] = {0,        1,      0.5f,   -1,       1.25f,    1.5f,
                                         -0.5625f, 0.625f, -0.25f, 0.21875f, -0.1875f, -1.75f};
    static const float mean[] = {1.1682943f};
    static const float mean_slope[] = {
        0,         0.041666668f,  0.041666668f, -0.041666668f, 0.041666668f, 0.041666668f,
        0.015625f, -0.026041666f, 0.041666668f, -0.036458332f, -0.03125f,    0.041666668f};
    static const float l1[] = {0,       2.25f,   1.9375f, 3.25f,   2.5625f, 2,
                               0.5625f, 0.9375f, 3.0625f, 1.3125f, 1.125f,  2.8125f};
    static const float l1_slope[] = {0,     1, 0.5f,   -1,    1.25f,  1.5f,
                                     -1.5f, 1, -0.25f, 0.25f, -0.25f, -1.75f};
    static const float sum[] = {21.8125f}, half[] = {0.5f};
    static const float sum_slope[] = {0,    0.5f,  0.5f, -0.5f, 0.5f,  0.5f,
                                      0.5f, -0.5f, 0.5f, -0.5f, -0.5f, 0.5f};
    struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 3, 2), DCL_DATA(DETCL_F32, t, 2, 3, 2),
                               DCL_ABSENT, DCL_DATA(DETCL_F32, upstream, 2, 3, 2)};
    loss_golden(c, &(struct loss_golden){"reduction=none beta=1.5", smooth, smooth_slope, 12}, in,
                4);
    loss_golden(c, &(struct loss_golden){"reduction=none", l1, l1_slope, 12}, in, 4);
    in[3].data = half;
    in[3].desc = (struct detcl_desc){.dtype = DETCL_F32};
    loss_golden(c, &(struct loss_golden){"reduction=mean beta=1.5", mean, mean_slope, 1}, in, 4);
    loss_golden(c, &(struct loss_golden){"reduction=sum", sum, sum_slope, 1}, in, 4);
}

/* Worked by hand: a row left out, infinities, NaN; nothing to take a mean of. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {NAN, 1, 3, -1, INFINITY, 2, INFINITY, NAN}, t[8] = {[6] = INFINITY};
    static const float weight[] = {0, 0.5f, 2, 1}, none[4] = {0};
    static const float loss[] = {0, 0, 1.5f, 0.5f, INFINITY, 4, NAN, NAN};
    static const float slope[] = {0, 0, 0.5f, -0.5f, 2, 2, NAN, NAN};
    static const float zero[8] = {0};
    struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 4, 2), DCL_DATA(DETCL_F32, t, 4, 2),
                               DCL_DATA(DETCL_F32, weight, 4)};
    loss_golden(c, &(struct loss_golden){"reduction=none", loss, slope, 8}, in, 3);
    struct dcl_operand two[] = {DCL_DATA(DETCL_F32, x, 2, 2), DCL_DATA(DETCL_F32, t, 2, 2),
                                DCL_DATA(DETCL_F32, weight, 2)};
    /* (0.5 * 3 + 0.5 * 1) / (0.5 + 0.5) = 2 */
    static const float mean[] = {2}, half[] = {0, 0, 0.5f, -0.5f};
    loss_golden(c, &(struct loss_golden){"reduction=mean", mean, half, 1}, two, 3);
    in[2].data = none;
    loss_golden(c, &(struct loss_golden){"reduction=mean", zero, zero, 1}, in, 3);
}

void dcl_check_regression_loss(struct dcl_check *c)
{
    torch(c);
    by_hand(c);
    static const int64_t rows[] = {13, 0, 1, 200, 3001};
    const struct dcl_operand none = DCL_ABSENT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct dcl_operand in[] = {DCL_RANGE(DETCL_F32, -2, 2, rows[i], 5),
                                         DCL_RANGE(DETCL_F32, -2, 2, rows[i], 5)};
        const struct detcl_desc weights = {DCL_DIMS(rows[i])};
        loss_cases(c, i % 2 ? "" : "beta=0.7", in, &in[0].desc, &weights, &none);
    }
    DCL_CASE(c, "beta=1", 2, DCL_SPECIAL(17, 3), DCL_SPECIAL(17, 3), DCL_SPECIAL(17));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5), DCL_RANDOM(DETCL_F32, 2, 5),
                                     DCL_RANDOM(DETCL_F32, 2, 5), DCL_RANDOM(DETCL_F32, 2)};
    dcl_check_refused(c, NULL, in, 3, 2, DETCL_ERROR_MODEL); /* a weight for each element */
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[3]}, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[1], in[3], in[3]}, 4, 2,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "beta=-1", in, 2, 2, DETCL_ERROR_ARGUMENT);
}
