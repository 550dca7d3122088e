/* The typed functions of RoIs, each on both devices with a map whose values are easy by hand. */
#include "detcl/detcl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct fixture {
    struct detcl_context *ctx;
    struct detcl_tensor *map, *coarse, *rois, *batch, *count, *y, *index;
};

static const float whole[] = {0, 0, 1, 1};

static struct detcl_tensor *tensor(struct detcl_context *ctx, enum detcl_dtype dtype, int rank,
                                   const int64_t *dims, const void *data)
{
    struct detcl_desc desc = {.dtype = dtype, .rank = rank};
    size_t n = detcl_dtype_size(dtype);
    for (int i = 0; i < rank; i++) {
        desc.dims[i] = dims[i];
        n *= (size_t)dims[i];
    }
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(detcl_tensor_write(t, data, n), DETCL_OK);
    return t;
}

static void open_fixture(struct fixture *f)
{
    static const float fine[] = {1, 2, 3, 4}, coarse[] = {10, 20, 30, 40};
    static const int32_t zero = 0, one = 1;
    const int64_t map[] = {1, 1, 2, 2}, rois[] = {1, 4}, each[] = {1}, bins[] = {1, 1, 1, 1};
    f->map = tensor(f->ctx, DETCL_F32, 4, map, fine);
    f->coarse = tensor(f->ctx, DETCL_F32, 4, map, coarse);
    f->rois = tensor(f->ctx, DETCL_F32, 2, rois, whole);
    f->batch = tensor(f->ctx, DETCL_I32, 1, each, &zero);
    f->count = tensor(f->ctx, DETCL_I32, 0, each, &one);
    f->y = tensor(f->ctx, DETCL_F32, 4, bins, NULL);
    f->index = tensor(f->ctx, DETCL_I32, 4, bins, NULL);
}

static void close_fixture(struct fixture *f)
{
    struct detcl_tensor **const all[] = {&f->map,   &f->coarse, &f->rois, &f->batch,
                                         &f->count, &f->y,      &f->index};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        detcl_tensor_destroy(all[i]);
}

/* Each test on each device that is there. */
static void on_each(void (*test)(struct fixture *f))
{
    static const char *const names[] = {"cpu", "opencl"};
    for (int i = 0; i < 2; i++) {
        struct fixture f = {NULL};
        const struct detcl_context_params params = {.device = names[i]};
        const enum detcl_status status = detcl_context_create(&params, &f.ctx, NULL);
        if (i == 0)
            assert_int_equal(status, DETCL_OK);
        if (status != DETCL_OK)
            continue;
        open_fixture(&f);
        test(&f);
        close_fixture(&f);
        detcl_context_destroy(&f.ctx);
    }
}

static void has(struct fixture *f, enum detcl_status status, float expected)
{
    float got = -1;
    if (status != DETCL_OK)
        fail_msg("%s", detcl_context_error(f->ctx));
    assert_int_equal(detcl_tensor_read(f->y, &got, sizeof got), DETCL_OK);
    assert_true(got == expected);
}

static void refused(struct fixture *f, enum detcl_status got, enum detcl_status expected,
                    const char *text)
{
    assert_int_equal(got, expected);
    if (!strstr(detcl_context_error(f->ctx), text))
        fail_msg("'%s' does not say '%s'", detcl_context_error(f->ctx), text);
}

static void align(struct fixture *f)
{
    struct detcl_roi_align_params p = {.output_height = 1, .output_width = 1};
    has(f, detcl_roi_align(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL), 2.5f);
    has(f, detcl_roi_align(f->ctx, &p, f->map, f->rois, f->batch, f->count, f->y, NULL), 2.5f);
    p.aligned = 1;
    has(f, detcl_roi_align(f->ctx, &p, f->map, f->rois, f->batch, NULL, f->y, NULL), 1);
    p.mode = DETCL_ROI_MAX;
    p.spatial_scale = 2;
    p.sampling_ratio = 1; /* in the middle; a quarter of 4 is the largest corner */
    has(f, detcl_roi_align(f->ctx, &p, f->map, f->rois, f->batch, NULL, f->y, NULL), 1);
    p.output_height = 2;
    refused(f, detcl_roi_align(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_ARGUMENT, "output 0 is");
    refused(f, detcl_roi_align(f->ctx, NULL, f->map, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_ARGUMENT, "params");
}

static void align_backward(struct fixture *f)
{
    const struct detcl_roi_align_params p = {0}, max = {.mode = DETCL_ROI_MAX};
    const float four = 4;
    float got[4];
    assert_int_equal(detcl_tensor_write(f->y, &four, sizeof four), DETCL_OK);
    assert_int_equal(
        detcl_roi_align_backward(f->ctx, &p, f->y, f->rois, f->batch, f->count, f->map, NULL),
        DETCL_OK);
    assert_int_equal(detcl_tensor_read(f->map, got, sizeof got), DETCL_OK);
    for (int i = 0; i < 4; i++)
        assert_true(got[i] == 1);
    refused(f, detcl_roi_align_backward(f->ctx, &max, f->y, f->rois, NULL, NULL, f->map, NULL),
            DETCL_ERROR_UNSUPPORTED, "average");
    refused(f, detcl_roi_align_backward(f->ctx, &p, f->y, f->rois, NULL, NULL, NULL, NULL),
            DETCL_ERROR_ARGUMENT, "grad_features");
}

static void levels(struct fixture *f)
{
    struct detcl_roi_levels_params p = {.min_level = 0, .max_level = 5, .canonical_size = 4};
    const int64_t each[] = {1};
    struct detcl_tensor *level = tensor(f->ctx, DETCL_I32, 1, each, NULL);
    int32_t got = -1;
    assert_int_equal(detcl_roi_levels(f->ctx, &p, f->rois, level, NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(level, &got, sizeof got), DETCL_OK);
    assert_int_equal(got, 2); /* 4 + log2(1 / 4) */
    p.max_level = -1;
    refused(f, detcl_roi_levels(f->ctx, &p, f->rois, level, NULL), DETCL_ERROR_ARGUMENT, "levels");
    detcl_tensor_destroy(&level);
}

static void multi_level(struct fixture *f)
{
    struct detcl_tensor *const maps[] = {f->map, f->coarse};
    struct detcl_multi_level_roi_align_params p = {
        .output_height = 1, .output_width = 1, .spatial_scales = {1, 0.5f}};
    has(f,
        detcl_multi_level_roi_align(f->ctx, &p, maps, 2, f->rois, f->batch, f->count, f->y, NULL),
        2.5f);
    p.canonical_level = 1;
    p.canonical_size = 1;
    has(f, detcl_multi_level_roi_align(f->ctx, &p, maps, 2, f->rois, NULL, NULL, f->y, NULL), 25);
    refused(f, detcl_multi_level_roi_align(f->ctx, &p, maps, 7, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_ARGUMENT, "7 maps");
    p.spatial_scales[1] = 0;
    refused(f, detcl_multi_level_roi_align(f->ctx, &p, maps, 2, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_ARGUMENT, "spatial_scale");
}

static void pool(struct fixture *f)
{
    const struct detcl_roi_pool_params p = {.output_height = 1, .output_width = 1}, none = {0};
    int32_t at = 0;
    float got[4];
    has(f, detcl_roi_pool(f->ctx, &p, f->map, f->rois, f->batch, f->count, f->y, f->index, NULL),
        4);
    assert_int_equal(detcl_tensor_read(f->index, &at, sizeof at), DETCL_OK);
    assert_int_equal(at, 3);
    has(f, detcl_roi_pool(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL, NULL), 4);
    assert_int_equal(
        detcl_roi_pool_backward(f->ctx, f->y, f->rois, NULL, NULL, f->index, f->map, NULL),
        DETCL_OK);
    assert_int_equal(detcl_tensor_read(f->map, got, sizeof got), DETCL_OK);
    assert_true(got[0] == 0 && got[1] == 0 && got[2] == 0 && got[3] == 4);
    refused(f, detcl_roi_pool(f->ctx, &none, f->map, f->rois, NULL, NULL, f->y, NULL, NULL),
            DETCL_ERROR_ARGUMENT, "bins");
    refused(f, detcl_roi_pool_backward(f->ctx, f->y, f->rois, NULL, NULL, NULL, f->map, NULL),
            DETCL_ERROR_MODEL, "argmax");
}

static void sensitive(struct fixture *f)
{
    struct detcl_psroi_pool_params p = {.output_height = 1, .output_width = 1, .spatial_scale = 2};
    has(f, detcl_psroi_pool(f->ctx, &p, f->map, f->rois, f->batch, f->count, f->y, NULL), 1);
    p.kind = DETCL_PSROI_ALIGN;
    has(f, detcl_psroi_pool(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL), 2.5f);
    p.output_height = 2;
    refused(f, detcl_psroi_pool(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_MODEL, "channels");
}

static void crop(struct fixture *f)
{
    struct detcl_crop_params p = {.output_height = 1, .output_width = 1};
    has(f, detcl_crop_and_resize(f->ctx, &p, f->map, f->rois, f->batch, f->count, f->y, NULL),
        2.5f);
    p.method = DETCL_CROP_NEAREST;
    has(f, detcl_crop_and_resize(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL), 4);
    p.method = (enum detcl_crop_method)2;
    refused(f, detcl_crop_and_resize(f->ctx, &p, f->map, f->rois, NULL, NULL, f->y, NULL),
            DETCL_ERROR_ARGUMENT, "method");
}

#define ON_EACH(name)                                                                              \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each(name);                                                                             \
    }
ON_EACH(align)
ON_EACH(align_backward)
ON_EACH(levels)
ON_EACH(multi_level)
ON_EACH(pool)
ON_EACH(sensitive)
ON_EACH(crop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align),  cmocka_unit_test(test_align_backward),
        cmocka_unit_test(test_levels), cmocka_unit_test(test_multi_level),
        cmocka_unit_test(test_pool),   cmocka_unit_test(test_sensitive),
        cmocka_unit_test(test_crop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
