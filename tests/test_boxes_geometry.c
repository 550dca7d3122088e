/* The typed functions of boxes.h: each once with values worked by hand, and one misuse. */
#include "detcl/detcl.h"
#include "each_device.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct detcl_desc rows4(int64_t n)
{
    return (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {n, 4}};
}

static struct detcl_tensor *tensor(struct detcl_context *ctx, struct detcl_desc desc,
                                   const void *data)
{
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(
            detcl_tensor_write(t, data,
                               (size_t)detcl_desc_count(&desc) * detcl_dtype_size(desc.dtype)),
            DETCL_OK);
    return t;
}

#define F32(...)                                                                                   \
    (struct detcl_desc)                                                                            \
    {                                                                                              \
        .dtype = DETCL_F32, .rank = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),     \
        .dims = {                                                                                  \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define I32(n)                                                                                     \
    (struct detcl_desc)                                                                            \
    {                                                                                              \
        .dtype = DETCL_I32, .rank = 1, .dims = { n }                                               \
    }

/* Read `t`, destroy it and compare its 4-byte elements as float32. */
static void expect(struct detcl_tensor *t, const float *expected, int n)
{
    float got[16];
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int i = 0; i < n; i++)
        if (!(fabsf(got[i] - expected[i]) <= 1e-5f))
            fail_msg("element %d is %g, not %g", i, (double)got[i], (double)expected[i]);
    detcl_tensor_destroy(&t);
}

static void expect_ints(struct detcl_tensor *t, const int32_t *expected, int n)
{
    int32_t got[16];
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int i = 0; i < n; i++)
        assert_int_equal(got[i], expected[i]);
    detcl_tensor_destroy(&t);
}

static void refused(struct detcl_context *ctx, enum detcl_status got, enum detcl_status expected,
                    const char *text)
{
    assert_int_equal(got, expected);
    if (!strstr(detcl_context_error(ctx), text))
        fail_msg("'%s' does not say '%s'", detcl_context_error(ctx), text);
}

static const float boxes_a[] = {0, 0, 2, 2, 0, 0, 4, 4}, boxes_b[] = {1, 0, 3, 2, 0, 0, 2, 1};

static void overlaps(struct detcl_context *ctx)
{
    static const uint8_t flags[] = {1, 0};
    static const int32_t ends[] = {0, 1, 2}, one[] = {1};
    const struct detcl_desc pairs = {.dtype = DETCL_BOOL, .rank = 1, .dims = {2}};
    struct detcl_tensor *a = tensor(ctx, rows4(2), boxes_a), *b = tensor(ctx, rows4(2), boxes_b);
    struct detcl_tensor *crowd = tensor(ctx, pairs, flags), *offsets = tensor(ctx, I32(3), ends);
    struct detcl_tensor *y = tensor(ctx, F32(2), NULL), *y_offsets = tensor(ctx, I32(3), NULL);
    assert_int_equal(detcl_box_iou_each(ctx, DETCL_IOU, a, b, crowd, y, NULL), DETCL_OK);
    expect(y, (float[]){0.5f, 0.125f}, 2);
    y = tensor(ctx, F32(3), NULL);
    assert_int_equal(
        detcl_box_iou_ragged(ctx, DETCL_IOU, a, offsets, b, offsets, NULL, y, y_offsets, NULL),
        DETCL_OK);
    expect(y, (float[]){2.0f / 6, 0.125f, 0}, 3);
    refused(
        ctx,
        detcl_box_iou_ragged(ctx, DETCL_IOU, a, offsets, b, offsets, NULL, NULL, y_offsets, NULL),
        DETCL_ERROR_ARGUMENT, "both needed");
    expect_ints(y_offsets, (int32_t[]){0, 1, 2}, 3);
    struct detcl_tensor *batch_a = tensor(ctx, F32(1, 2, 4), boxes_a);
    struct detcl_tensor *batch_b = tensor(ctx, F32(1, 2, 4), boxes_b);
    struct detcl_tensor *count = tensor(ctx, I32(1), one);
    y = tensor(ctx, F32(1, 2, 2), NULL);
    assert_int_equal(
        detcl_box_iou_padded(ctx, DETCL_IOU, batch_a, batch_b, NULL, count, NULL, y, NULL),
        DETCL_OK);
    refused(ctx, detcl_box_iou_padded(ctx, DETCL_GIOU, a, b, crowd, NULL, NULL, y, NULL),
            DETCL_ERROR_UNSUPPORTED, "kind=iou only");
    expect(y, (float[]){2.0f / 6, 0.5f, 0, 0}, 4);
    refused(ctx, detcl_box_iou_each(ctx, DETCL_IOU, a, batch_b, NULL, count, NULL),
            DETCL_ERROR_MODEL, "one shape");
    struct detcl_tensor *all[] = {a, b, crowd, offsets, batch_a, batch_b, count};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        detcl_tensor_destroy(&all[i]);
}

static void forms(struct detcl_context *ctx)
{
    const struct detcl_box_convert_params params = {.from = DETCL_BOX_XYXY,
                                                    .to = DETCL_BOX_CXCYWH,
                                                    .to_normalized = 1,
                                                    .width = 4,
                                                    .height = 2};
    struct detcl_tensor *a = tensor(ctx, rows4(2), boxes_a), *y = tensor(ctx, rows4(2), NULL);
    assert_int_equal(detcl_box_convert(ctx, &params, a, NULL, y, NULL), DETCL_OK);
    expect(y, (float[]){0.25f, 0.5f, 0.5f, 1, 0.5f, 1, 1, 2}, 8);
    y = tensor(ctx, rows4(2), NULL);
    assert_int_equal(detcl_box_clip(ctx, 3, 1, a, NULL, y, NULL), DETCL_OK);
    refused(ctx, detcl_box_clip(ctx, 0, 1, a, NULL, y, NULL), DETCL_ERROR_ARGUMENT, "sizes");
    refused(ctx, detcl_box_convert(ctx, NULL, a, NULL, y, NULL), DETCL_ERROR_ARGUMENT, "params");
    expect(y, (float[]){0, 0, 2, 1, 0, 0, 3, 1}, 8);
    y = tensor(ctx, F32(2), NULL);
    refused(ctx, detcl_box_area(ctx, y, y, NULL), DETCL_ERROR_MODEL, "[..., 4]");
    for (int run = 0; run < 2; run++)
        assert_int_equal(detcl_box_area(ctx, a, y, NULL), DETCL_OK);
    expect(y, (float[]){4, 16}, 2);
    detcl_tensor_destroy(&a);
}

static void small_boxes(struct detcl_context *ctx)
{
    const struct detcl_desc list = {.dtype = DETCL_I32, .rank = 2, .dims = {1, 2}};
    struct detcl_tensor *a = tensor(ctx, F32(1, 2, 4), boxes_a);
    struct detcl_tensor *keep = tensor(ctx, list, NULL), *kept = tensor(ctx, I32(1), NULL);
    assert_int_equal(detcl_remove_small_boxes(ctx, 3, a, NULL, keep, kept, NULL), DETCL_OK);
    refused(ctx, detcl_remove_small_boxes(ctx, NAN, a, NULL, keep, kept, NULL),
            DETCL_ERROR_ARGUMENT, "min_size");
    expect_ints(keep, (int32_t[]){1, -1}, 2);
    expect_ints(kept, (int32_t[]){1}, 1);
    detcl_tensor_destroy(&a);
}

static void deltas(struct detcl_context *ctx)
{
    static const float box[] = {0, 1, 4, 3}, expected[] = {5, 5, 3.4657359f, 0};
    const struct detcl_box_code_params params = {.weights = {10, 10, 5, 5}};
    struct detcl_tensor *anchor = tensor(ctx, rows4(1), boxes_a);
    struct detcl_tensor *x = tensor(ctx, F32(1, 1, 4), box), *y = tensor(ctx, F32(1, 1, 4), NULL);
    struct detcl_tensor *back = tensor(ctx, F32(1, 1, 4), NULL);
    assert_int_equal(detcl_box_encode(ctx, &params, x, anchor, NULL, y, NULL), DETCL_OK);
    assert_int_equal(detcl_box_decode(ctx, &params, y, anchor, NULL, back, NULL), DETCL_OK);
    refused(ctx, detcl_box_encode(ctx, NULL, x, anchor, NULL, y, NULL), DETCL_ERROR_ARGUMENT,
            "params");
    refused(ctx,
            detcl_box_decode(ctx, &(struct detcl_box_code_params){.max_log_size = -1}, x, anchor,
                             NULL, back, NULL),
            DETCL_ERROR_ARGUMENT, "clip");
    expect(y, expected, 4);
    expect(back, box, 4);
    detcl_tensor_destroy(&anchor);
    detcl_tensor_destroy(&x);
}

static void masks(struct detcl_context *ctx)
{
    static const uint8_t pixels[] = {0, 0, 0, 0, 1, 1};
    static const float box[] = {1, 0, 2, 1}, one[] = {1};
    const struct detcl_desc desc = {.dtype = DETCL_U8, .rank = 3, .dims = {1, 2, 3}};
    struct detcl_tensor *mask = tensor(ctx, desc, pixels), *y = tensor(ctx, F32(1, 4), NULL);
    assert_int_equal(detcl_masks_to_boxes(ctx, mask, y, NULL), DETCL_OK);
    refused(ctx, detcl_masks_to_boxes(ctx, y, y, NULL), DETCL_ERROR_UNSUPPORTED, "float32");
    expect(y, (float[]){1, 1, 2, 1}, 4);
    /* Three times as large: corners 0, -1 and 3, 2; 0.625 of the way on both axes. */
    struct detcl_paste_masks_params params = {.height = 1, .width = 4};
    struct detcl_tensor *x = tensor(ctx, F32(1, 1, 1), one), *at = tensor(ctx, rows4(1), box);
    y = tensor(ctx, F32(1, 1, 4), NULL);
    assert_int_equal(detcl_paste_masks(ctx, &params, x, at, y, NULL), DETCL_OK);
    refused(ctx, detcl_paste_masks(ctx, NULL, x, at, y, NULL), DETCL_ERROR_ARGUMENT, "params");
    params.threshold = NAN;
    refused(ctx, detcl_paste_masks(ctx, &params, x, at, y, NULL), DETCL_ERROR_ARGUMENT,
            "threshold");
    expect(y, (float[]){0, 0.390625f, 0.390625f, 0}, 4);
    detcl_tensor_destroy(&mask);
    detcl_tensor_destroy(&x);
    detcl_tensor_destroy(&at);
}

static void test_overlaps(void **state)
{
    on_each(state, overlaps);
}

static void test_forms(void **state)
{
    on_each(state, forms);
}

static void test_small_boxes(void **state)
{
    on_each(state, small_boxes);
}

static void test_deltas(void **state)
{
    on_each(state, deltas);
}

static void test_masks(void **state)
{
    on_each(state, masks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_overlaps),
                                       cmocka_unit_test(test_forms),
                                       cmocka_unit_test(test_small_boxes),
                                       cmocka_unit_test(test_deltas), cmocka_unit_test(test_masks)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
