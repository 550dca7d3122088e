/* The typed functions of sampling.h: one value each, worked by hand, and one misuse each. */
#include "detcl/detcl.h"
#include "each_device.h"

#include <string.h>

static struct detcl_tensor *tensor(struct detcl_context *ctx, struct detcl_desc desc,
                                   const float *data)
{
    struct detcl_tensor *t = NULL;
    size_t n = sizeof *data;
    desc.dtype = DETCL_F32;
    for (int i = 0; i < desc.rank; i++)
        n *= (size_t)desc.dims[i];
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(detcl_tensor_write(t, data, n), DETCL_OK);
    return t;
}

#define SHAPE(...)                                                                                 \
    ((struct detcl_desc){.rank = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),        \
                         .dims = {__VA_ARGS__}})

/* Read `n` values, compare, and let the tensor go. */
static void expect(struct detcl_tensor *t, const float *values, size_t n)
{
    float got[16];
    assert_int_equal(detcl_tensor_read(t, got, n * sizeof *got), DETCL_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(got[i] == values[i]);
    detcl_tensor_destroy(&t);
}

static const float map[] = {1, 2, 3, 4};

/* One tap of weight 2 in the middle of the map: y = 2 * 0.5 * 2.5 + 1. */
static void deform(struct detcl_context *ctx)
{
    static const float half[] = {0.5f, 0.5f}, two[] = {2}, factor[] = {0.5f}, one[] = {1};
    static const float y_is[] = {3.5f}, x_slope[] = {0.25f, 0.25f, 0.25f, 0.25f};
    static const float offset_slope[] = {2, 1}, mask_slope[] = {5}, w_slope[] = {1.25f};
    const struct detcl_deform_conv2d_params params = {.stride = {2, 2}};
    struct detcl_tensor *x = tensor(ctx, SHAPE(1, 1, 2, 2), map);
    struct detcl_tensor *w = tensor(ctx, SHAPE(1, 1, 1, 1), two);
    struct detcl_tensor *offset = tensor(ctx, SHAPE(1, 2, 1, 1), half);
    struct detcl_tensor *mask = tensor(ctx, SHAPE(1, 1, 1, 1), factor);
    struct detcl_tensor *bias = tensor(ctx, SHAPE(1), one);
    struct detcl_tensor *y = tensor(ctx, SHAPE(1, 1, 1, 1), NULL);
    assert_int_equal(detcl_deform_conv2d(ctx, &params, x, w, offset, mask, bias, y, NULL),
                     DETCL_OK);
    assert_int_equal(detcl_deform_conv2d(ctx, NULL, x, w, offset, mask, bias, y, NULL),
                     DETCL_ERROR_ARGUMENT);
    expect(y, y_is, 1);
    struct detcl_tensor *grad = tensor(ctx, SHAPE(1, 1, 1, 1), one);
    struct detcl_tensor *grads[] = {
        tensor(ctx, SHAPE(1, 1, 2, 2), NULL), tensor(ctx, SHAPE(1, 1, 1, 1), NULL),
        tensor(ctx, SHAPE(1, 2, 1, 1), NULL), tensor(ctx, SHAPE(1, 1, 1, 1), NULL),
        tensor(ctx, SHAPE(1), NULL)};
    assert_int_equal(detcl_deform_conv2d_backward(ctx, &params, x, w, offset, NULL, grad, grads[0],
                                                  NULL, NULL, grads[3], NULL, NULL),
                     DETCL_ERROR_ARGUMENT);
    assert_non_null(strstr(detcl_context_error(ctx), "mask"));
    assert_int_equal(detcl_deform_conv2d_backward(ctx, &params, x, w, offset, mask, grad, NULL,
                                                  NULL, grads[2], NULL, NULL, NULL),
                     DETCL_OK);
    assert_int_equal(detcl_deform_conv2d_backward(ctx, &params, x, w, offset, mask, grad, grads[0],
                                                  grads[1], grads[2], grads[3], grads[4], NULL),
                     DETCL_OK);
    expect(grads[0], x_slope, 4);
    expect(grads[1], w_slope, 1);
    expect(grads[2], offset_slope, 2);
    expect(grads[3], mask_slope, 1);
    expect(grads[4], one, 1);
    detcl_tensor_destroy(&x);
    detcl_tensor_destroy(&w);
    detcl_tensor_destroy(&offset);
    detcl_tensor_destroy(&mask);
    detcl_tensor_destroy(&bias);
    detcl_tensor_destroy(&grad);
}

static void grid(struct detcl_context *ctx)
{
    static const float at[] = {0, 0, 0.5f, -0.5f, -1, -1}, zeros[] = {2.5f, 2, 0.25f};
    static const float aligned[] = {2.5f, 2.25f, 1};
    const struct detcl_desc desc = SHAPE(1, 1, 1, 3);
    struct detcl_grid_sample_params params = {.mode = DETCL_GRID_BILINEAR};
    struct detcl_tensor *x = tensor(ctx, SHAPE(1, 1, 2, 2), map);
    struct detcl_tensor *where = tensor(ctx, SHAPE(1, 1, 3, 2), at);
    struct detcl_tensor *y = tensor(ctx, desc, NULL);
    assert_int_equal(detcl_grid_sample(ctx, &params, x, where, y, NULL), DETCL_OK);
    expect(y, zeros, 3);
    y = tensor(ctx, desc, NULL);
    params.align_corners = 1;
    assert_int_equal(detcl_grid_sample(ctx, &params, x, where, y, NULL), DETCL_OK);
    params.padding = (enum detcl_grid_padding)7;
    assert_int_equal(detcl_grid_sample(ctx, &params, x, where, y, NULL), DETCL_ERROR_ARGUMENT);
    assert_non_null(strstr(detcl_context_error(ctx), "padding_mode is 7"));
    expect(y, aligned, 3);
    static const float up[] = {1, 0, 0}, x_slope[] = {0.25f, 0.25f, 0.25f, 0.25f};
    static const float grid_slope[] = {0.5f, 1, 0, 0, 0, 0};
    struct detcl_tensor *grad = tensor(ctx, desc, up);
    struct detcl_tensor *grad_x = tensor(ctx, SHAPE(1, 1, 2, 2), NULL);
    struct detcl_tensor *grad_grid = tensor(ctx, SHAPE(1, 1, 3, 2), NULL);
    params.padding = DETCL_GRID_ZEROS;
    assert_int_equal(
        detcl_grid_sample_backward(ctx, &params, x, where, grad, NULL, grad_grid, NULL), DETCL_OK);
    assert_int_equal(
        detcl_grid_sample_backward(ctx, &params, x, where, grad, grad_x, grad_grid, NULL),
        DETCL_OK);
    assert_int_equal(detcl_grid_sample_backward(ctx, &params, x, where, grad_x, grad_x, NULL, NULL),
                     DETCL_ERROR_MODEL);
    expect(grad_x, x_slope, 4);
    expect(grad_grid, grid_slope, 6);
    detcl_tensor_destroy(&grad);
    detcl_tensor_destroy(&x);
    detcl_tensor_destroy(&where);
}

static void attention(struct detcl_context *ctx)
{
    static const float at[] = {0.5f, 0.5f, 0.75f, 0.25f}, weights[] = {2, 0.5f}, sum[] = {6};
    struct detcl_ms_deform_attn_params params = {.levels = 1, .spatial_shapes = {{2, 2}}};
    struct detcl_tensor *value = tensor(ctx, SHAPE(1, 4, 1, 1), map);
    struct detcl_tensor *where = tensor(ctx, SHAPE(1, 1, 1, 1, 2, 2), at);
    struct detcl_tensor *w = tensor(ctx, SHAPE(1, 1, 1, 1, 2), weights);
    struct detcl_tensor *y = tensor(ctx, SHAPE(1, 1, 1), NULL);
    assert_int_equal(detcl_ms_deform_attn(ctx, &params, value, where, w, y, NULL), DETCL_OK);
    params.levels = DETCL_ATTENTION_LEVELS + 1;
    assert_int_equal(detcl_ms_deform_attn(ctx, &params, value, where, w, y, NULL),
                     DETCL_ERROR_MODEL);
    expect(y, sum, 1);
    detcl_tensor_destroy(&value);
    detcl_tensor_destroy(&where);
    detcl_tensor_destroy(&w);
}

ON_EACH_DEVICE(deform)
ON_EACH_DEVICE(grid)
ON_EACH_DEVICE(attention)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_deform), cmocka_unit_test(test_grid),
                                       cmocka_unit_test(test_attention)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
