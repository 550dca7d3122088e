/* The typed functions' common ground: plans are found again, operands are checked. */
#include "detcl/detcl.h"
#include "device/device.h"
#include "each_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MANY 200 /* more shapes than plans are kept for */

static struct detcl_tensor *tensor(struct detcl_context *ctx, enum detcl_dtype dtype, int64_t rows,
                                   int64_t columns, const void *data)
{
    const struct detcl_desc desc = {.dtype = dtype, .rank = 2, .dims = {rows, columns}};
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(
            detcl_tensor_write(t, data, (size_t)(rows * columns) * detcl_dtype_size(dtype)),
            DETCL_OK);
    return t;
}

static const float one_box[] = {0, 0, 2, 2}, two_boxes[] = {1, 0, 3, 2, 0, 0, 2, 1};

static void compute_one(struct detcl_context *ctx)
{
    struct detcl_tensor *a = tensor(ctx, DETCL_F32, 1, 4, one_box);
    struct detcl_tensor *b = tensor(ctx, DETCL_F32, 2, 4, two_boxes);
    struct detcl_tensor *y = tensor(ctx, DETCL_F32, 1, 2, NULL);
    float got[2];
    for (int run = 0; run < 2; run++) {
        assert_int_equal(detcl_box_iou(ctx, DETCL_IOU, a, b, y, NULL), DETCL_OK);
        assert_int_equal(detcl_tensor_read(y, got, sizeof got), DETCL_OK);
        assert_true(got[0] == 2.0f / 6 && got[1] == 0.5f);
    }
    assert_int_equal(detcl_box_iou(ctx, DETCL_IOF, a, b, y, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(y, got, sizeof got), DETCL_OK);
    assert_true(got[0] == 0.5f && got[1] == 0.5f);
    detcl_tensor_destroy(&a);
    detcl_tensor_destroy(&b);
    detcl_tensor_destroy(&y);
}

static void test_values(void **state)
{
    on_each(state, compute_one);
}

static void many_shapes(struct detcl_context *ctx)
{
    struct detcl_tensor *a = tensor(ctx, DETCL_F32, 1, 4, one_box);
    for (int round = 0; round < 2; round++)
        for (int64_t n = 0; n < MANY; n++) {
            float boxes[MANY * 4], got[MANY];
            for (int64_t i = 0; i < n; i++)
                memcpy(boxes + 4 * i, two_boxes + 4 * (i % 2), 4 * sizeof *boxes);
            struct detcl_tensor *b = tensor(ctx, DETCL_F32, n, 4, boxes);
            struct detcl_tensor *y = tensor(ctx, DETCL_F32, 1, n, NULL);
            assert_int_equal(detcl_box_iou(ctx, DETCL_IOU, a, b, y, NULL), DETCL_OK);
            assert_int_equal(detcl_tensor_read(y, got, (size_t)n * sizeof *got), DETCL_OK);
            for (int64_t i = 0; i < n; i++)
                assert_true(got[i] == (i % 2 ? 0.5f : 2.0f / 6));
            detcl_tensor_destroy(&b);
            detcl_tensor_destroy(&y);
        }
    detcl_tensor_destroy(&a);
}

static void test_many_shapes(void **state)
{
    on_each(state, many_shapes);
}

static void refused(struct detcl_context *ctx, enum detcl_status got, enum detcl_status expected,
                    const char *text)
{
    assert_int_equal(got, expected);
    if (!strstr(detcl_context_error(ctx), text))
        fail_msg("'%s' does not say '%s'", detcl_context_error(ctx), text);
}

static void misuse(struct detcl_context *ctx)
{
    struct detcl_tensor *a = tensor(ctx, DETCL_F32, 1, 4, one_box);
    struct detcl_tensor *b = tensor(ctx, DETCL_F32, 2, 4, two_boxes);
    struct detcl_tensor *y = tensor(ctx, DETCL_F32, 2, 2, NULL);
    refused(ctx, detcl_box_iou(ctx, DETCL_IOU, a, b, y, NULL), DETCL_ERROR_ARGUMENT,
            "iou: output 0 is float32 [2, 2], but these operands give float32 [1, 2]");
    refused(ctx, detcl_box_iou(ctx, (enum detcl_iou_kind)9, a, b, y, NULL), DETCL_ERROR_ARGUMENT,
            "kind is 9, not 0 to 4");
    refused(ctx, detcl_box_iou(ctx, DETCL_IOU, a, NULL, y, NULL), DETCL_ERROR_MODEL,
            "has 1 inputs");
    refused(ctx, detcl_box_iou(ctx, DETCL_IOU, a, b, NULL, NULL), DETCL_ERROR_ARGUMENT,
            "no output");
    refused(ctx, detcl_nms(ctx, NULL, a, b, NULL, NULL, NULL, y, y, NULL), DETCL_ERROR_ARGUMENT,
            "params");
    assert_int_equal(detcl_box_iou(NULL, DETCL_IOU, a, b, y, NULL), DETCL_ERROR_ARGUMENT);
    detcl_tensor_destroy(&a);
    detcl_tensor_destroy(&b);
    detcl_tensor_destroy(&y);
}

static void test_misuse(void **state)
{
    on_each(state, misuse);
    struct detcl_context **contexts = *state;
    if (!contexts[1])
        return;
    struct detcl_tensor *a = tensor(contexts[0], DETCL_F32, 1, 4, one_box);
    struct detcl_tensor *b = tensor(contexts[1], DETCL_F32, 1, 4, one_box);
    struct detcl_tensor *y = tensor(contexts[0], DETCL_F32, 1, 1, NULL);
    refused(contexts[0], detcl_box_iou(contexts[0], DETCL_IOU, a, b, y, NULL), DETCL_ERROR_ARGUMENT,
            "input 1 is a tensor of another context");
    detcl_tensor_destroy(&a);
    detcl_tensor_destroy(&b);
    detcl_tensor_destroy(&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_many_shapes),
                                       cmocka_unit_test(test_misuse)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
