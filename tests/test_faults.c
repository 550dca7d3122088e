/* Every allocation of the library fails once, one run each: the call must return an error, or the
 * right answer, and leak nothing (the sanitizer build sees that). */
#include "detcl/detcl.h"
#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

enum { N = 12 };

/* Create a context, an operation and tensors, run, read back. */
static enum detcl_status use_library(const char *device, float *y)
{
    const struct detcl_context_params params = {.device = device};
    struct detcl_context *ctx = NULL;
    struct detcl_graph *g = NULL;
    struct detcl_tensor *t = NULL;
    const struct detcl_operand operand = {.desc = {DETCL_F32, 4, {1, 3, 2, 2}}};
    float x[N];
    for (int i = 0; i < N; i++)
        x[i] = (float)i - 6.0f;
    enum detcl_status s = detcl_context_create(&params, &ctx, NULL);
    if (s == DETCL_OK)
        s = detcl_op_create(ctx, "unary", "kind=leaky_relu alpha=0.5", &operand, 1, 1, &g);
    if (s == DETCL_OK)
        s = detcl_tensor_create(ctx, &operand.desc, &t);
    if (s == DETCL_OK)
        s = detcl_tensor_write(t, x, sizeof x);
    if (s == DETCL_OK)
        s = detcl_graph_run(g, &t, NULL, NULL);
    if (s == DETCL_OK)
        s = detcl_graph_validate(g, NULL, NULL);
    if (s == DETCL_OK)
        s = detcl_graph_run(g, &t, NULL, NULL);
    if (s == DETCL_OK)
        s = detcl_graph_read_output(g, 0, y, N * sizeof *y);
    detcl_graph_destroy(&g);
    detcl_tensor_destroy(&t);
    detcl_context_destroy(&ctx);
    return s;
}

static void check_answer(const float *y)
{
    for (int i = 0; i < N; i++)
        assert_true(y[i] == (i < 6 ? ((float)i - 6.0f) * 0.5f : (float)i - 6.0f));
}

static void each_allocation_fails(const char *device, int least)
{
    float y[N];
    int failed = 0;
    for (long n = 0; n < 10000; n++) {
        memset(y, 0, sizeof y);
        countdown = n;
        const enum detcl_status s = use_library(device, y);
        const long left = countdown;
        countdown = -1;
        if (s == DETCL_OK)
            check_answer(y);
        else
            failed++;
        if (left >= 0) { /* fewer than n + 1 allocations: every one has failed once */
            assert_int_equal(s, DETCL_OK);
            assert_true(failed >= least);
            return;
        }
    }
    fail_msg("the library never stops allocating");
}

static void on_the_cpu(void **state)
{
    (void)state;
    each_allocation_fails("cpu", 20);
}

static void on_opencl(void **state)
{
    (void)state;
    float y[N];
    if (use_library("opencl", y) == DETCL_ERROR_DEVICE)
        skip();
    each_allocation_fails("opencl", 20);
}

/* A prepared graph runs without a single allocation. */
static void runs_allocate_nothing_on(const char *device)
{
    const struct detcl_context_params params = {.device = device};
    struct detcl_context *ctx = NULL;
    struct detcl_graph *g = NULL;
    if (detcl_context_create(&params, &ctx, NULL) != DETCL_OK)
        skip();
    float w[4 * 3 * 9];
    for (int i = 0; i < 108; i++)
        w[i] = (float)(i % 5) - 2.0f;
    const struct detcl_operand operands[] = {{.desc = {DETCL_F32, 4, {1, 3, 8, 8}}},
                                             {.desc = {DETCL_F32, 4, {4, 3, 3, 3}}, .constant = w}};
    assert_int_equal(detcl_op_create(ctx, "conv2d", "pads=1,1,1,1", operands, 2, 1, &g), DETCL_OK);
    float x[192] = {0};
    assert_int_equal(detcl_graph_write_input(g, 0, x, sizeof x), DETCL_OK);
    countdown = 0; /* the first allocation from here on fails */
    for (int i = 0; i < 3; i++)
        assert_int_equal(detcl_graph_run(g, NULL, NULL, NULL), DETCL_OK);
    assert_int_equal(detcl_context_finish(ctx), DETCL_OK);
    const long left = countdown;
    countdown = -1;
    assert_int_equal(left, 0);
    detcl_graph_destroy(&g);
    detcl_context_destroy(&ctx);
}

static void runs_allocate_nothing(void **state)
{
    (void)state;
    runs_allocate_nothing_on("cpu");
    runs_allocate_nothing_on("opencl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_cpu),
        cmocka_unit_test(on_opencl),
        cmocka_unit_test(runs_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
