/* The typed functions of detcl/rotated.h on the CPU device and on OpenCL, values worked by hand. */
#include "detcl/detcl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct detcl_tensor *tensor(struct detcl_context *ctx, const struct detcl_desc *desc,
                                   const void *data)
{
    struct detcl_tensor *t = NULL;
    size_t bytes = detcl_dtype_size(desc->dtype);
    for (int i = 0; i < desc->rank; i++)
        bytes *= (size_t)desc->dims[i];
    assert_int_equal(detcl_tensor_create(ctx, desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(detcl_tensor_write(t, data, bytes), DETCL_OK);
    return t;
}

#define DESC(type, n, ...)                                                                         \
    &(const struct detcl_desc)                                                                     \
    {                                                                                              \
        .dtype = (type), .rank = (n), .dims = { __VA_ARGS__ }                                      \
    }

/* Two upright boxes that share a half, one turned by a quarter, and their corners. */
static const float boxes[] = {2, 2, 4, 4, 0, 2, 1, 2, 4, 90};
static const float corners[] = {0, 0, 4, 0, 4, 4, 0, 4, 0, 0, 0, 2, 4, 2, 4, 0};

static void overlaps(struct detcl_context *ctx)
{
    struct detcl_tensor *b = tensor(ctx, DESC(DETCL_F32, 2, 2, 5), boxes);
    struct detcl_tensor *p = tensor(ctx, DESC(DETCL_F32, 3, 2, 4, 2), corners);
    struct detcl_tensor *y = tensor(ctx, DESC(DETCL_F32, 2, 2, 2), NULL);
    struct detcl_tensor *each = tensor(ctx, DESC(DETCL_F32, 1, 2), NULL);
    struct detcl_overlap_params params = {.kind = DETCL_OVERLAP_IOF};
    float got[4];
    assert_int_equal(detcl_iou_rotated(ctx, &params, b, b, y, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(y, got, sizeof got), DETCL_OK);
    assert_true(got[0] == 1 && got[1] == 0.5f && got[2] == 1 && got[3] == 1);
    params = (struct detcl_overlap_params){0};
    assert_int_equal(detcl_iou_polygon(ctx, &params, p, p, y, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(y, got, sizeof got), DETCL_OK);
    assert_true(got[0] == 1 && got[1] == 0.5f && got[2] == 0.5f && got[3] == 1);
    params.elementwise = 1;
    assert_int_equal(detcl_iou_polygon(ctx, &params, p, b, each, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(each, got, 2 * sizeof *got), DETCL_OK);
    assert_true(got[0] == 1 && got[1] == 1);
    assert_int_equal(detcl_iou_rotated(ctx, &params, b, b, y, NULL), DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_iou_rotated(ctx, NULL, b, b, y, NULL), DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_iou_polygon(ctx, &params, y, b, each, NULL), DETCL_ERROR_MODEL);
    detcl_tensor_destroy(&b);
    detcl_tensor_destroy(&p);
    detcl_tensor_destroy(&y);
    detcl_tensor_destroy(&each);
}

static void suppression(struct detcl_context *ctx)
{
    static const float scores[] = {0.25f, 0.75f};
    struct detcl_tensor *b = tensor(ctx, DESC(DETCL_F32, 3, 1, 2, 5), boxes);
    struct detcl_tensor *p = tensor(ctx, DESC(DETCL_F32, 4, 1, 2, 4, 2), corners);
    struct detcl_tensor *s = tensor(ctx, DESC(DETCL_F32, 2, 1, 2), scores);
    struct detcl_tensor *keep = tensor(ctx, DESC(DETCL_I32, 2, 1, 2), NULL);
    struct detcl_tensor *kept = tensor(ctx, DESC(DETCL_I32, 1, 1), NULL);
    struct detcl_nms_polygon_params params = {.iou_threshold = 0.5f};
    int32_t order[2], n;
    assert_int_equal(detcl_nms_rotated(ctx, &params, b, s, NULL, NULL, NULL, keep, kept, NULL),
                     DETCL_OK);
    assert_int_equal(detcl_tensor_read(kept, &n, sizeof n), DETCL_OK);
    assert_int_equal(detcl_tensor_read(keep, order, sizeof order), DETCL_OK);
    assert_true(n == 2 && order[0] == 1 && order[1] == 0);
    params.boundary = DETCL_BOUNDARY_GREATER_EQUAL;
    assert_int_equal(detcl_nms_polygon(ctx, &params, p, s, NULL, NULL, NULL, keep, kept, NULL),
                     DETCL_OK);
    assert_int_equal(detcl_tensor_read(kept, &n, sizeof n), DETCL_OK);
    assert_int_equal(detcl_tensor_read(keep, order, sizeof order), DETCL_OK);
    assert_true(n == 1 && order[0] == 1);
    params.boundary = DETCL_BOUNDARY_LEGACY;
    assert_int_equal(detcl_nms_rotated(ctx, &params, b, s, NULL, NULL, NULL, keep, kept, NULL),
                     DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_nms_polygon(ctx, NULL, p, s, NULL, NULL, NULL, keep, kept, NULL),
                     DETCL_ERROR_ARGUMENT);
    detcl_tensor_destroy(&b);
    detcl_tensor_destroy(&p);
    detcl_tensor_destroy(&s);
    detcl_tensor_destroy(&keep);
    detcl_tensor_destroy(&kept);
}

static void pooling(struct detcl_context *ctx)
{
    static const float x[] = {1, 2, 3, 4}, rois[] = {0, 1, 1, 2, 2, 90, 1, 1, 1, 2, 2, 0};
    struct detcl_tensor *features = tensor(ctx, DESC(DETCL_F32, 4, 1, 1, 2, 2), x);
    struct detcl_tensor *r = tensor(ctx, DESC(DETCL_F32, 2, 2, 6), rois);
    struct detcl_tensor *y = tensor(ctx, DESC(DETCL_F32, 4, 2, 1, 2, 2), NULL);
    struct detcl_roi_align_rotated_params params = {.pooled_height = 2, .pooled_width = 2};
    static const float expected[] = {3, 1, 4, 2, 0, 0, 0, 0};
    float got[8];
    assert_int_equal(detcl_roi_align_rotated(ctx, &params, features, r, y, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(y, got, sizeof got), DETCL_OK);
    assert_memory_equal(got, expected, sizeof got);
    params.pooled_height = 0;
    assert_int_equal(detcl_roi_align_rotated(ctx, &params, features, r, y, NULL),
                     DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_roi_align_rotated(ctx, NULL, features, r, y, NULL),
                     DETCL_ERROR_ARGUMENT);
    detcl_tensor_destroy(&features);
    detcl_tensor_destroy(&r);
    detcl_tensor_destroy(&y);
}

/* On each device that is there. */
static void test_all(void **state)
{
    (void)state;
    static const char *const names[] = {"cpu", "opencl"};
    for (int i = 0; i < 2; i++) {
        const struct detcl_context_params params = {.device = names[i]};
        struct detcl_context *ctx = NULL;
        if (detcl_context_create(&params, &ctx, NULL) != DETCL_OK) {
            assert_int_equal(i, 1);
            continue;
        }
        overlaps(ctx);
        suppression(ctx);
        pooling(ctx);
        detcl_context_destroy(&ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
