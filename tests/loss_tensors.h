/* Tensors for the tests of typed losses and assignment. */
#ifndef DCL_TESTS_LOSS_TENSORS_H
#define DCL_TESTS_LOSS_TENSORS_H

#include "detcl/detcl.h"
#include "each_device.h"

#include <math.h>
#include <string.h>

/* A tensor with `data` (NULL: none); a last extent of -1 is left out, so that one call serves all
 * ranks. */
static struct detcl_tensor *tensor(struct detcl_context *ctx, enum detcl_dtype dtype, int64_t a,
                                   int64_t b, int64_t c, const void *data)
{
    const int64_t dims[] = {a, b, c};
    struct detcl_desc desc = {.dtype = dtype};
    while (desc.rank < 3 && dims[desc.rank] >= 0) {
        desc.dims[desc.rank] = dims[desc.rank];
        desc.rank++;
    }
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_create(ctx, &desc, &t), DETCL_OK);
    if (data)
        assert_int_equal(
            detcl_tensor_write(t, data, (size_t)detcl_desc_count(&desc) * detcl_dtype_size(dtype)),
            DETCL_OK);
    return t;
}

static __attribute__((unused)) void expect_floats(struct detcl_tensor *t, const float *expected)
{
    float got[64];
    const int64_t n = detcl_desc_count(detcl_tensor_desc(t));
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int64_t i = 0; i < n; i++)
        if (!(fabsf(got[i] - expected[i]) <= 1e-5f * (1 + fabsf(expected[i]))))
            fail_msg("element %d is %g, not %g", (int)i, (double)got[i], (double)expected[i]);
}

static __attribute__((unused)) void expect_ints(struct detcl_tensor *t, const int32_t *expected)
{
    int32_t got[64];
    const int64_t n = detcl_desc_count(detcl_tensor_desc(t));
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(got[i], expected[i]);
}

static void drop(struct detcl_tensor **list, int n)
{
    for (int i = 0; i < n; i++)
        detcl_tensor_destroy(&list[i]);
}
#define DROP(list) drop((list), (int)(sizeof(list) / sizeof *(list)))

static void refused(struct detcl_context *ctx, enum detcl_status got, enum detcl_status expected,
                    const char *text)
{
    assert_int_equal(got, expected);
    if (!strstr(detcl_context_error(ctx), text))
        fail_msg("'%s' does not say '%s'", detcl_context_error(ctx), text);
}

#endif
