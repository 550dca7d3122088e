/* The typed losses on both devices: values by hand or from check_*_loss.c, and misuse. */
#include "loss_tensors.h"

/* -log(1/4) and its slope; class 1 of row 1 is left out; the mean of one row, halved upstream. */
static void classification(struct detcl_context *ctx)
{
    static const float logits[8] = {0}, half[] = {0.5f}, loss[] = {1.3862944f};
    static const float slope[] = {0.125f, 0.125f, -0.375f, 0.125f, 0, 0, 0, 0};
    static const int32_t target[] = {2, -100};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 2, 4, -1, logits), tensor(ctx, DETCL_I32, 2, -1, -1, target),
        tensor(ctx, DETCL_F32, -1, -1, -1, half), tensor(ctx, DETCL_F32, -1, -1, -1, NULL),
        tensor(ctx, DETCL_F32, 2, 4, -1, NULL)};
    struct detcl_classification_loss_params p = {.reduction = DETCL_REDUCTION_MEAN};
    assert_int_equal(
        detcl_classification_loss(ctx, &p, t[0], t[1], NULL, NULL, t[2], t[3], t[4], NULL),
        DETCL_OK);
    expect_floats(t[3], loss);
    expect_floats(t[4], slope);
    p.alpha = 0.5f;
    refused(ctx, detcl_classification_loss(ctx, &p, t[0], t[1], NULL, NULL, t[2], t[3], t[4], NULL),
            DETCL_ERROR_ARGUMENT, "an alpha of 0.5");
    p = (struct detcl_classification_loss_params){.kind = DETCL_CLASSIFICATION_SIGMOID,
                                                  .reduction = DETCL_REDUCTION_SUM,
                                                  .gamma = 2,
                                                  .alpha = 0.25f};
    /* log(2) / 4 times alpha_t: one class of 0.25 and three of 0.75 */
    static const float focal[] = {0.43321699f};
    assert_int_equal(
        detcl_classification_loss(ctx, &p, t[0], t[1], NULL, NULL, NULL, t[3], NULL, NULL),
        DETCL_OK);
    expect_floats(t[3], focal);
    DROP(t);
}

static void heatmap(struct detcl_context *ctx)
{
    /* At p = 1/2: log(2) / 4 where y = 1, and times (1 - y)^4 elsewhere. */
    static const float logits[4] = {0}, y[] = {1, 0.5f, 0, 1}, loss[] = {0.26534540f};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 1, 2, 2, logits), tensor(ctx, DETCL_F32, 1, 2, 2, y),
        tensor(ctx, DETCL_F32, -1, -1, -1, NULL), tensor(ctx, DETCL_F32, 1, 2, 2, NULL)};
    struct detcl_heatmap_loss_params p = {.reduction = DETCL_REDUCTION_MEAN};
    assert_int_equal(detcl_heatmap_loss(ctx, &p, t[0], t[1], NULL, NULL, t[2], t[3], NULL),
                     DETCL_OK);
    expect_floats(t[2], loss);
    p.beta = -1;
    refused(ctx, detcl_heatmap_loss(ctx, &p, t[0], t[1], NULL, NULL, t[2], t[3], NULL),
            DETCL_ERROR_ARGUMENT, "a beta of -1");
    DROP(t);
}

static void boxes(struct detcl_context *ctx)
{
    static const float p[] = {0, 0, 4, 3, 0, 0, 2, 2}, q[] = {1, 1, 5, 3.5f, 3, 4, 6, 5};
    static const float loss[] = {0.71071428f, 1.7666667f};
    static const float slope[] = {-0.081741072f, -0.12640306f, -0.15870535f, -0.22120535f,
                                  0.027777778f,  0.02f,        -0.06666667f, -0.06666667f};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 2, 4, -1, p), tensor(ctx, DETCL_F32, 2, 4, -1, q),
        tensor(ctx, DETCL_F32, 2, -1, -1, NULL), tensor(ctx, DETCL_F32, 2, 4, -1, NULL)};
    const struct detcl_box_loss_params giou = {.kind = DETCL_BOX_LOSS_GIOU};
    assert_int_equal(detcl_box_loss(ctx, &giou, t[0], t[1], NULL, NULL, t[2], t[3], NULL),
                     DETCL_OK);
    expect_floats(t[2], loss);
    expect_floats(t[3], slope);
    refused(ctx, detcl_box_loss(ctx, &giou, t[0], t[2], NULL, NULL, t[2], t[3], NULL),
            DETCL_ERROR_MODEL, "[..., 4]");
    refused(ctx, detcl_box_loss(ctx, NULL, t[0], t[1], NULL, NULL, t[2], t[3], NULL),
            DETCL_ERROR_ARGUMENT, "params");
    DROP(t);
}

static void regression(struct detcl_context *ctx)
{
    static const float p[] = {3, 0.5f, -1, 9}, zero[4] = {0}, weight[] = {2, 0};
    static const float loss[] = {5, 0.25f, 0, 0}, slope[] = {2, 1, 0, 0};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 2, 2, -1, p), tensor(ctx, DETCL_F32, 2, 2, -1, zero),
        tensor(ctx, DETCL_F32, 2, -1, -1, weight), tensor(ctx, DETCL_F32, 2, 2, -1, NULL),
        tensor(ctx, DETCL_F32, 2, 2, -1, NULL)};
    const struct detcl_regression_loss_params smooth = {.beta = 1};
    assert_int_equal(detcl_regression_loss(ctx, &smooth, t[0], t[1], t[2], NULL, t[3], t[4], NULL),
                     DETCL_OK);
    expect_floats(t[3], loss);
    expect_floats(t[4], slope);
    refused(ctx, detcl_regression_loss(ctx, &smooth, t[0], t[1], t[1], NULL, t[3], t[4], NULL),
            DETCL_ERROR_MODEL, "the weight is not float32 [2]");
    refused(ctx, detcl_regression_loss(ctx, &smooth, t[0], t[1], NULL, NULL, NULL, t[4], NULL),
            DETCL_ERROR_ARGUMENT, "the loss is needed");
    DROP(t);
}

ON_EACH_DEVICE(classification)
ON_EACH_DEVICE(heatmap)
ON_EACH_DEVICE(boxes)
ON_EACH_DEVICE(regression)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classification),
                                       cmocka_unit_test(test_heatmap), cmocka_unit_test(test_boxes),
                                       cmocka_unit_test(test_regression)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
