/* The slopes of every loss against central differences of its formula, in double. */
#include "ops/loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#define ROUNDS 200
#define STEP 0x1p-10 /* exact in float32 next to the multiples of 1/16 below */

static uint64_t state = 5;

static double uniform(double low, double high)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return low + (high - low) * ((double)(state >> 11) * 0x1p-53);
}

static void same(double slope, double above, double below, double step)
{
    const double expected = (above - below) / (2 * step);
    if (!(fabs(slope - expected) <= 2e-6 * (1 + fabs(expected))))
        fail_msg("the slope is %.9g, differences give %.9g", slope, expected);
}

static void test_sigmoid(void **unused)
{
    (void)unused;
    static const double gammas[] = {0, 0.5, 1, 2, 3.7};
    for (int round = 0; round < ROUNDS; round++) {
        const double x = uniform(-9, 9), gamma = gammas[round % 5], h = 1e-4;
        const double y = round % 4 == 0 ? uniform(0, 1) : round % 2, alpha = round % 3 * 0.3;
        double slope, other;
        dcl_sigmoid_loss(x, y, gamma, alpha, &slope);
        same(slope, dcl_sigmoid_loss(x + h, y, gamma, alpha, &other),
             dcl_sigmoid_loss(x - h, y, gamma, alpha, &other), h);
        dcl_gaussian_loss(x, y, gamma, 4, &slope);
        same(slope, dcl_gaussian_loss(x + h, y, gamma, 4, &other),
             dcl_gaussian_loss(x - h, y, gamma, 4, &other), h);
    }
}

static void test_softmax(void **unused)
{
    (void)unused;
    static const double gammas[] = {0, 0.5, 1, 2, 3.7};
    for (int round = 0; round < ROUNDS; round++) {
        float x[6], slopes[6];
        const int64_t classes = round % 6 + 1, target = round * 7 % (int)classes;
        const double gamma = classes == 1 ? 2 : gammas[round % 5];
        for (int64_t k = 0; k < classes; k++)
            x[k] = (float)floor(uniform(-64, 64)) / 16;
        dcl_softmax_loss(x, classes, target, gamma, 1, slopes);
        for (int64_t k = 0; k < classes; k++) {
            const float at = x[k];
            x[k] = at + (float)STEP;
            const double above = dcl_softmax_loss(x, classes, target, gamma, 1, NULL);
            x[k] = at - (float)STEP;
            same((double)slopes[k], above, dcl_softmax_loss(x, classes, target, gamma, 1, NULL),
                 STEP);
            x[k] = at;
        }
    }
}

static void test_regression(void **unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        const double d = uniform(-3, 3), beta = round % 3, h = 1e-6;
        double slope, other;
        dcl_smooth_l1_loss(d, beta, &slope);
        if (fabs(d) > 2 * h && fabs(fabs(d) - beta) > 2 * h)
            same(slope, dcl_smooth_l1_loss(d + h, beta, &other),
                 dcl_smooth_l1_loss(d - h, beta, &other), h);
    }
}

/* v of the complete IoU and the alpha that its gradient holds constant. */
static double aspect(const double *p, const double *t, double *alpha)
{
    double unused[4];
    const double pi = acos(-1);
    const double turn = atan((t[2] - t[0]) / (t[3] - t[1])) - atan((p[2] - p[0]) / (p[3] - p[1]));
    const double v = 4 / (pi * pi) * turn * turn;
    *alpha = v / (dcl_box_loss(DETCL_BOX_LOSS_IOU, p, t, unused) + v + 1e-7);
    return v;
}

static double frozen(int kind, const double *p, const double *t, double alpha)
{
    double unused[4], own;
    if (kind != DETCL_BOX_LOSS_CIOU)
        return dcl_box_loss(kind, p, t, unused);
    return dcl_box_loss(DETCL_BOX_LOSS_DIOU, p, t, unused) + alpha * aspect(p, t, &own);
}

static void test_boxes(void **unused)
{
    (void)unused;
    const double h = 1e-6;
    for (int round = 0; round < 4 * ROUNDS; round++) {
        double p[4], t[4], slopes[4], alpha;
        for (int k = 0; k < 4; k++) {
            p[k] = k < 2 ? uniform(0, 6) : p[k - 2] + uniform(0.5, 6);
            t[k] = k < 2 ? uniform(0, 6) : t[k - 2] + uniform(0.5, 6);
        }
        const int kind = round % 4;
        const double loss = dcl_box_loss(kind, p, t, slopes), v = aspect(p, t, &alpha);
        if (kind == DETCL_BOX_LOSS_CIOU) {
            double diou[4];
            const double expected = dcl_box_loss(DETCL_BOX_LOSS_DIOU, p, t, diou) + alpha * v;
            assert_true(fabs(loss - expected) < 1e-12);
        }
        for (int k = 0; k < 4; k++) {
            const double at = p[k];
            p[k] = at + h;
            const double above = frozen(kind, p, t, alpha);
            p[k] = at - h;
            same(slopes[k], above, frozen(kind, p, t, alpha), h);
            p[k] = at;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigmoid), cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_regression), cmocka_unit_test(test_boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
