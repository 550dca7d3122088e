/* The typed functions of suppression.h, each once on every device that is there, with values worked
 * by hand, and one misuse each. */
#include "detcl/detcl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

/* Box 1 overlaps box 0 by 3/5, box 2 neither; box 3 is box 2 again, of another class. */
static const float boxes[] = {0, 0, 8, 4, 2, 0, 10, 4, 20, 20, 24, 24, 20, 20, 24, 24};
static const float scores[] = {0.75f, 0.25f, 0.5f, 0.375f};
static const int32_t classes[] = {0, 0, 0, 1}, count[] = {4};

static struct detcl_tensor *tensor(struct detcl_context *ctx, enum detcl_dtype dtype, int rank,
                                   const int64_t *dims, const void *data)
{
    struct detcl_desc desc = {.dtype = dtype, .rank = rank};
    size_t size = detcl_dtype_size(dtype);
    for (int i = 0; i < rank; i++) {
        desc.dims[i] = dims[i];
        size *= (size_t)dims[i];
    }
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(detcl_tensor_write(t, data, size), DETCL_OK);
    return t;
}

#define TENSOR(type, data, ...)                                                                    \
    tensor(ctx, type, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),                   \
           (int64_t[]){__VA_ARGS__}, data)

/* The operands that most of the functions share. */
struct operands {
    struct detcl_tensor *boxes, *scores, *classes, *count; /* inputs */
    struct detcl_tensor *out_boxes, *out_scores, *keep, *kept;
};

static struct operands open_operands(struct detcl_context *ctx)
{
    return (struct operands){TENSOR(DETCL_F32, boxes, 1, 4, 4), TENSOR(DETCL_F32, scores, 1, 4),
                             TENSOR(DETCL_I32, classes, 1, 4),  TENSOR(DETCL_I32, count, 1),
                             TENSOR(DETCL_F32, NULL, 1, 4, 4),  TENSOR(DETCL_F32, NULL, 1, 4),
                             TENSOR(DETCL_I32, NULL, 1, 4),     TENSOR(DETCL_I32, NULL, 1)};
}

static void close_operands(struct operands *o)
{
    struct detcl_tensor **all[] = {&o->boxes,     &o->scores,     &o->classes, &o->count,
                                   &o->out_boxes, &o->out_scores, &o->keep,    &o->kept};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        detcl_tensor_destroy(all[i]);
}

static void expect_ints(struct detcl_tensor *t, const int32_t *expected, int n, size_t size)
{
    int32_t got[16];
    assert_int_equal(detcl_tensor_read(t, got, size), DETCL_OK);
    assert_memory_equal(got, expected, (size_t)n * sizeof *got);
}

static void expect_floats(struct detcl_tensor *t, const float *expected, int n, size_t size)
{
    float got[16];
    assert_int_equal(detcl_tensor_read(t, got, size), DETCL_OK);
    for (int i = 0; i < n; i++)
        assert_float_equal(got[i], expected[i], 1e-6);
}

static void expect_kept(const struct operands *o, int n, const int32_t *keep)
{
    expect_ints(o->kept, &(int32_t){n}, 1, 4);
    expect_ints(o->keep, keep, n, 16);
}

static void greedy(struct detcl_context *ctx, struct operands *o)
{
    const struct detcl_nms_params nms = {.iou_threshold = 0.5f, .score_threshold = 0.4f};
    assert_int_equal(detcl_nms(ctx, &nms, o->boxes, o->scores, o->classes, NULL, o->count, o->keep,
                               o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 2, (int32_t[]){0, 2});
    const struct detcl_cluster_nms_params p = {.iou_threshold = 0.5f};
    assert_int_equal(detcl_cluster_nms(ctx, &p, o->boxes, o->scores, o->classes, NULL, NULL,
                                       o->keep, o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 3, (int32_t[]){0, 2, 3});
    assert_int_equal(
        detcl_fast_nms(ctx, &p, o->boxes, o->scores, NULL, NULL, NULL, o->keep, o->kept, NULL),
        DETCL_OK);
    expect_kept(o, 2, (int32_t[]){0, 2});
    /* DIoU of 0 and 1: 3/5 - 4 / 116 = 0.5655. */
    const struct detcl_cluster_nms_params far = {.iou_threshold = 0.57f, .max_output = 3};
    assert_int_equal(
        detcl_diou_nms(ctx, &far, o->boxes, o->scores, NULL, NULL, NULL, o->keep, o->kept, NULL),
        DETCL_OK);
    expect_kept(o, 3, (int32_t[]){0, 2, 1});
    const struct detcl_cluster_nms_params bad = {.iou_threshold = -0.5f};
    assert_int_equal(
        detcl_cluster_nms(ctx, &bad, o->boxes, o->scores, NULL, NULL, NULL, o->keep, o->kept, NULL),
        DETCL_ERROR_ARGUMENT);
    assert_non_null(strstr(detcl_context_error(ctx), "iou_threshold is -0.5, not 0 to 1"));
    assert_int_equal(
        detcl_fast_nms(ctx, NULL, o->boxes, o->scores, NULL, NULL, NULL, o->keep, o->kept, NULL),
        DETCL_ERROR_ARGUMENT);
    assert_int_equal(
        detcl_diou_nms(ctx, &p, o->boxes, NULL, NULL, NULL, NULL, o->keep, o->kept, NULL),
        DETCL_ERROR_MODEL);
}

static void rescoring(struct detcl_context *ctx, struct operands *o)
{
    const struct detcl_soft_nms_params soft = {.iou_threshold = 0.5f};
    assert_int_equal(detcl_soft_nms(ctx, &soft, o->boxes, o->scores, o->classes, NULL, o->count,
                                    o->keep, o->out_scores, o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 4, (int32_t[]){0, 2, 3, 1});
    expect_floats(o->out_scores, (float[]){0.75f, 0.5f, 0.375f, 0.1f}, 4, 16);
    const struct detcl_soft_nms_params gaussian = {.decay = DETCL_DECAY_GAUSSIAN};
    assert_int_equal(detcl_soft_nms(ctx, &gaussian, o->boxes, o->scores, NULL, NULL, NULL, o->keep,
                                    o->out_scores, o->kept, NULL),
                     DETCL_OK);
    const float e1 = 0.25f * expf(-0.72f), e3 = 0.375f * expf(-2);
    expect_kept(o, 4, (int32_t[]){0, 2, 1, 3});
    expect_floats(o->out_scores, (float[]){0.75f, 0.5f, e1, e3}, 4, 16);
    const struct detcl_matrix_nms_params matrix = {.post_threshold = 0.05f};
    assert_int_equal(detcl_matrix_nms(ctx, &matrix, o->boxes, o->scores, NULL, NULL, NULL, o->keep,
                                      o->out_scores, o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 3, (int32_t[]){0, 2, 1});
    expect_floats(o->out_scores, (float[]){0.75f, 0.5f, 0.1f}, 3, 16);
    const struct detcl_soft_nms_params bad = {.decay = (enum detcl_decay)7};
    assert_int_equal(detcl_soft_nms(ctx, &bad, o->boxes, o->scores, NULL, NULL, NULL, o->keep,
                                    o->out_scores, o->kept, NULL),
                     DETCL_ERROR_ARGUMENT);
    const struct detcl_matrix_nms_params low = {.sigma = -1};
    assert_int_equal(detcl_matrix_nms(ctx, &low, o->boxes, o->scores, NULL, NULL, NULL, o->keep,
                                      o->out_scores, o->kept, NULL),
                     DETCL_ERROR_ARGUMENT);
}

static void fusing(struct detcl_context *ctx, struct operands *o)
{
    static const float fused[] = {0.5f, 0, 8.5f, 4, 20, 20, 24, 24, 20, 20, 24, 24};
    const struct detcl_weighted_nms_params p = {.iou_threshold = 0.5f};
    assert_int_equal(detcl_weighted_nms(ctx, &p, o->boxes, o->scores, o->classes, NULL, o->count,
                                        o->out_boxes, o->out_scores, o->keep, o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 3, (int32_t[]){0, 2, 3});
    expect_floats(o->out_boxes, fused, 12, 64);
    expect_floats(o->out_scores, (float[]){0.75f, 0.5f, 0.375f}, 3, 16);
    assert_int_equal(detcl_weighted_nms(ctx, NULL, o->boxes, o->scores, NULL, NULL, NULL,
                                        o->out_boxes, o->out_scores, o->keep, o->kept, NULL),
                     DETCL_ERROR_ARGUMENT);
    /* Two models of weight 1: mean(0.75, 0.25) * 2 / 2, then 0.5 / 2 and 0.375 / 2. */
    struct detcl_tensor *weights = TENSOR(DETCL_F32, ((float[]){1, 1}), 2);
    struct detcl_tensor *models = TENSOR(DETCL_I32, ((int32_t[]){0, 1, 0, 1}), 1, 4);
    const struct detcl_weighted_boxes_fusion_params wbf = {.iou_threshold = 0.55f};
    assert_int_equal(detcl_weighted_boxes_fusion(ctx, &wbf, o->boxes, o->scores, o->classes, NULL,
                                                 weights, models, o->out_boxes, o->out_scores,
                                                 o->keep, o->kept, NULL),
                     DETCL_OK);
    expect_kept(o, 3, (int32_t[]){0, 0, 1});
    expect_floats(o->out_boxes, fused, 12, 64);
    expect_floats(o->out_scores, (float[]){0.5f, 0.25f, 0.1875f}, 3, 16);
    assert_int_equal(detcl_weighted_boxes_fusion(ctx, &wbf, o->boxes, o->scores, o->classes, NULL,
                                                 NULL, models, o->out_boxes, o->out_scores, o->keep,
                                                 o->kept, NULL),
                     DETCL_ERROR_MODEL);
    assert_non_null(strstr(detcl_context_error(ctx), "weights of the models are missing"));
    detcl_tensor_destroy(&weights);
    detcl_tensor_destroy(&models);
}

static void ordering(struct detcl_context *ctx, struct operands *o)
{
    assert_int_equal(detcl_sort(ctx, 0, o->scores, o->count, o->out_scores, o->keep, NULL),
                     DETCL_OK);
    expect_ints(o->keep, (int32_t[]){1, 3, 2, 0}, 4, 16);
    expect_floats(o->out_scores, (float[]){0.25f, 0.375f, 0.5f, 0.75f}, 4, 16);
    assert_int_equal(detcl_sort(ctx, 1, o->scores, NULL, o->keep, o->keep, NULL),
                     DETCL_ERROR_ARGUMENT);
    struct detcl_tensor *values = TENSOR(DETCL_F32, NULL, 1, 2);
    struct detcl_tensor *indices = TENSOR(DETCL_I64, NULL, 1, 2);
    int64_t got[2];
    assert_int_equal(detcl_topk(ctx, 2, 1, o->scores, values, indices, NULL), DETCL_OK);
    expect_floats(values, (float[]){0.75f, 0.5f}, 2, 8);
    assert_int_equal(detcl_tensor_read(indices, got, sizeof got), DETCL_OK);
    assert_true(got[0] == 0 && got[1] == 2);
    assert_int_equal(detcl_topk(ctx, 5, 1, o->scores, values, indices, NULL), DETCL_ERROR_MODEL);
    detcl_tensor_destroy(&values);
    detcl_tensor_destroy(&indices);
}

static void onnx(struct detcl_context *ctx, struct operands *o)
{
    struct detcl_tensor *by_class = TENSOR(DETCL_F32, scores, 1, 1, 4);
    struct detcl_tensor *limit = TENSOR(DETCL_I64, &(int64_t){4}, 1);
    struct detcl_tensor *iou = TENSOR(DETCL_F32, &(float){0.5f}, 1);
    struct detcl_tensor *selected = TENSOR(DETCL_I64, NULL, 4, 3);
    struct detcl_tensor *n = tensor(ctx, DETCL_I32, 0, NULL, NULL);
    static const int64_t expected[12] = {0, 0, 0, 0, 0, 2};
    int64_t got[12];
    assert_int_equal(
        detcl_non_max_suppression(ctx, 0, o->boxes, by_class, limit, iou, NULL, selected, n, NULL),
        DETCL_OK);
    expect_ints(n, (int32_t[]){2}, 1, 4);
    assert_int_equal(detcl_tensor_read(selected, got, sizeof got), DETCL_OK);
    assert_memory_equal(got, expected, sizeof got);
    assert_int_equal(
        detcl_non_max_suppression(ctx, 0, o->boxes, o->scores, limit, iou, NULL, selected, n, NULL),
        DETCL_ERROR_UNSUPPORTED);
    detcl_tensor_destroy(&by_class);
    detcl_tensor_destroy(&limit);
    detcl_tensor_destroy(&iou);
    detcl_tensor_destroy(&selected);
    detcl_tensor_destroy(&n);
}

static void selection(struct detcl_context *ctx, struct operands *o)
{
    struct detcl_tensor *by_box = TENSOR(DETCL_F32, scores, 1, 4, 1);
    struct detcl_tensor *anchors = TENSOR(DETCL_I32, NULL, 1, 4);
    const struct detcl_select_params p = {.score_threshold = 0.375f};
    assert_int_equal(
        detcl_select(ctx, &p, o->boxes, by_box, o->out_scores, o->keep, anchors, o->kept, NULL),
        DETCL_OK);
    expect_ints(o->kept, (int32_t[]){2}, 1, 4);
    expect_ints(o->keep, (int32_t[]){0, 0}, 2, 16);
    expect_ints(anchors, (int32_t[]){0, 2}, 2, 16);
    expect_floats(o->out_scores, (float[]){0.75f, 0.5f}, 2, 16);
    const struct detcl_select_params at = {.score_threshold = 0.375f, .greater_equal = 1};
    assert_int_equal(
        detcl_select(ctx, &at, o->boxes, by_box, o->out_scores, o->keep, anchors, o->kept, NULL),
        DETCL_OK);
    expect_ints(o->kept, (int32_t[]){3}, 1, 4);
    assert_int_equal(
        detcl_select(ctx, NULL, o->boxes, by_box, o->out_scores, o->keep, anchors, o->kept, NULL),
        DETCL_ERROR_ARGUMENT);
    detcl_tensor_destroy(&by_box);
    detcl_tensor_destroy(&anchors);
}

static void on_each(void (*test)(struct detcl_context *ctx, struct operands *o))
{
    static const char *const names[] = {"cpu", "opencl"};
    for (int i = 0; i < 2; i++) {
        const struct detcl_context_params params = {.device = names[i]};
        struct detcl_context *ctx = NULL;
        const enum detcl_status status = detcl_context_create(&params, &ctx, NULL);
        if (i == 0)
            assert_int_equal(status, DETCL_OK);
        if (status != DETCL_OK)
            continue;
        struct operands o = open_operands(ctx);
        test(ctx, &o);
        close_operands(&o);
        detcl_context_destroy(&ctx);
    }
}

#define ON_EACH(name)                                                                              \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each(name);                                                                             \
    }
ON_EACH(greedy)
ON_EACH(rescoring)
ON_EACH(fusing)
ON_EACH(ordering)
ON_EACH(onnx)
ON_EACH(selection)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greedy), cmocka_unit_test(test_rescoring),
        cmocka_unit_test(test_fusing), cmocka_unit_test(test_ordering),
        cmocka_unit_test(test_onnx),   cmocka_unit_test(test_selection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
