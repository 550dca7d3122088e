/* The tuner of `detcl tune`: wrong ways go into quarantine, good ones are recorded, and each way
 * that a convolution offers is right. */
#include "harness/trial.h"
#include "harness/tune.h"
#include "ops/conv2d.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const volatile sig_atomic_t never;

/* An untuned context on an OpenCL device, or NULL. */
static struct detcl_context *open_opencl(const char *profile)
{
    const struct detcl_context_params params = {.device = "opencl"};
    struct detcl_context *ctx = NULL;
    setenv("DETCL_NO_TUNING", "1", 1);
    if (profile)
        setenv("DETCL_PROFILE", profile, 1);
    detcl_context_create(&params, &ctx, NULL);
    unsetenv("DETCL_PROFILE");
    return ctx;
}

static struct dcl_bench_case convolution(int64_t c, int64_t size, int64_t k, int64_t kernel,
                                         const char *attributes)
{
    struct dcl_bench_case made = {.op = "conv2d", .group = "convolution", .n_out = 1};
    dcl_bench_name(&made, "conv2d/test");
    snprintf(made.attributes, sizeof made.attributes, "%s", attributes);
    DCL_BENCH_IN(&made, 1, c, size, size + 2);
    DCL_BENCH_IN(&made, k, c, kernel, kernel)->constant = true;
    DCL_BENCH_IN(&made, k)->constant = true;
    return made;
}

/* --- what the tuner does with wrong ways --------------------------------------------------------
 */

static void faulty_choices(const struct dcl_call *call, const struct dcl_limits *limits,
                           struct dcl_choices *out)
{
    (void)call;
    (void)limits;
    snprintf(out->key, sizeof out->key, "test");
    out->n = 0;
    dcl_add_choice(out, "wrong");
    dcl_add_choice(out, "good");
    dcl_add_choice(out, "does not compile");
}

/* A copy of the input, of which the wrong way leaves out the last element. */
static enum detcl_status record_faulty(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_choices choices;
    faulty_choices(call, dcl_limits(r), &choices);
    const int choice = dcl_choose(r, &choices);
    const int64_t n = dcl_count(call->in[0]) - (choice == 0);
    struct dcl_launch *l =
        dcl_launch(r, "copy", choice == 2 ? "-DT=no_such_type" : "-DT=uint", "copy");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
}

static void wrong_ways_go_into_quarantine(void **state)
{
    struct detcl_context *ctx = *state;
    if (!ctx)
        skip();
    struct dcl_op faulty = *dcl_op_find("copy");
    faulty.choices = faulty_choices;
    faulty.record_cl = record_faulty;
    struct dcl_bench_case what = {.name = "faulty", .op = "copy", .row = &faulty, .n_out = 1};
    DCL_BENCH_IN(&what, 1000);
    struct dcl_tuning found = {0};
    struct dcl_tune_result r;
    assert_int_equal(dcl_tune_case(ctx, &what, 0.5, &never, &found, &r), DETCL_OK);
    assert_int_equal(r.choices, 3);
    assert_int_equal(r.barred, 2);
    assert_int_equal(r.tried, 1);
    assert_string_equal(r.model, "wrong");
    assert_string_equal(r.best, "good");
    assert_true(r.model_ms == 0 && r.best_ms > 0);
    assert_string_equal(dcl_tuning_find(&found, "test"), "good");
    assert_non_null(strstr(dcl_tuning_why(&found, "test", "wrong"), "element 999"));
    assert_non_null(strstr(dcl_tuning_why(&found, "test", "does not compile"), "copy"));
    assert_int_equal(ctx->tuning.n, 0);

    /* What is in quarantine is not tried again, and nothing else being left is an error. */
    ctx->tuning = found;
    found = (struct dcl_tuning){0};
    assert_int_equal(dcl_tune_case(ctx, &what, 0.5, &never, &found, &r), DETCL_OK);
    assert_int_equal(r.barred, 0);
    assert_true(dcl_tuning_bar(&ctx->tuning, "test", "good", "for the test"));
    assert_int_equal(dcl_tune_case(ctx, &what, 0.5, &never, &found, &r), DETCL_ERROR_MISMATCH);
    dcl_tuning_free(&ctx->tuning);
    dcl_tuning_free(&found);
}

static void an_interrupted_case_leaves_nothing(void **state)
{
    struct detcl_context *ctx = *state;
    if (!ctx)
        skip();
    const volatile sig_atomic_t stop = 1;
    const struct dcl_bench_case what = convolution(16, 8, 16, 3, "");
    struct dcl_tuning found = {0};
    struct dcl_tune_result r;
    assert_int_equal(dcl_tune_case(ctx, &what, 10, &stop, &found, &r), DETCL_OK);
    assert_string_equal(r.best, "");
    assert_int_equal(found.n, 0);
}

static void the_cpu_device_has_no_choice(void **state)
{
    (void)state;
    const struct detcl_context_params params = {.device = "cpu"};
    struct detcl_context *ctx = NULL;
    assert_int_equal(detcl_context_create(&params, &ctx, NULL), DETCL_OK);
    const struct dcl_bench_case what = convolution(16, 8, 16, 3, "");
    struct dcl_choices choices;
    assert_int_equal(dcl_tune_key(ctx, &what, &choices), DETCL_OK);
    assert_int_equal(choices.n, 0);
    detcl_context_destroy(&ctx);
}

/* --- what plans take ----------------------------------------------------------------------------
 */

/* The options that the case's program is built with, under the context's tuning. */
static void plan(struct detcl_context *ctx, const struct dcl_bench_case *what, char *options,
                 size_t size)
{
    struct dcl_trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    const enum detcl_status status = dcl_trial_open(ctx, what, 0, t);
    if (status != DETCL_OK)
        print_error("%s: %s\n", what->attributes, detcl_context_error(ctx));
    assert_int_equal(status, DETCL_OK);
    assert_int_equal(t->exec->recorder.n_programs, 1);
    snprintf(options, size, "%s %s", t->exec->recorder.programs[0].stem,
             t->exec->recorder.programs[0].options);
    dcl_trial_close(t);
    free(t);
}

static void plans_follow_the_table(void **state)
{
    struct detcl_context *ctx = *state;
    if (!ctx)
        skip();
    const struct dcl_bench_case what =
        convolution(32, 9, 32, 3, "pads=1,1,1,1 strides=2,2 dilations=1,1");
    struct dcl_choices choices;
    char model[256], tuned[256], other[256];
    assert_int_equal(dcl_tune_key(ctx, &what, &choices), DETCL_OK);
    assert_true(choices.n > 2);
    plan(ctx, &what, model, sizeof model);
    assert_true(dcl_tuning_use(&ctx->tuning, choices.key, choices.text[1], 1, 2));
    plan(ctx, &what, tuned, sizeof tuned);
    assert_string_not_equal(model, tuned);
    /* A choice that the call does not offer is none, however much it looks like one. */
    assert_true(dcl_tuning_use(&ctx->tuning, choices.key, "blocked ob=9 th=9 tw=99", 1, 2));
    plan(ctx, &what, other, sizeof other);
    assert_string_equal(other, model);
    dcl_tuning_free(&ctx->tuning);
    /* The model's own in quarantine: the next. */
    assert_true(dcl_tuning_bar(&ctx->tuning, choices.key, choices.text[0], "for the test"));
    plan(ctx, &what, other, sizeof other);
    assert_string_equal(other, tuned);
    dcl_tuning_free(&ctx->tuning);
}

/* Every way of a shape with edges on all sides agrees with the twin; how many there are. */
static int all_ways_are_right(struct detcl_context *ctx, const struct dcl_bench_case *what)
{
    struct dcl_choices choices;
    char options[256];
    assert_int_equal(dcl_tune_key(ctx, what, &choices), DETCL_OK);
    for (int k = 0; k < choices.n; k++) {
        dcl_tuning_free(&ctx->tuning);
        assert_true(dcl_tuning_use(&ctx->tuning, choices.key, choices.text[k], 1, 2));
        plan(ctx, what, options, sizeof options);
    }
    dcl_tuning_free(&ctx->tuning);
    return choices.n;
}

static void every_way_is_right(void **state)
{
    static const char *const profiles[] = {"simd", "gpu"};
    const struct dcl_bench_case what = convolution(33, 15, 17, 3, "pads=1,0,1,1");
    if (!*state)
        skip();
    for (int i = 0; i < 2; i++) {
        struct detcl_context *ctx = open_opencl(profiles[i]);
        assert_non_null(ctx);
        assert_true(all_ways_are_right(ctx, &what) > 2);
        detcl_context_destroy(&ctx);
    }
}

static void the_tuner_chooses_among_the_ways(void **state)
{
    struct detcl_context *ctx = *state;
    if (!ctx)
        skip();
    const struct dcl_bench_case what = convolution(32, 20, 32, 3, "pads=1,1,1,1");
    struct dcl_tuning found = {0};
    struct dcl_choices choices;
    struct dcl_tune_result r;
    assert_int_equal(dcl_tune_key(ctx, &what, &choices), DETCL_OK);
    assert_int_equal(dcl_tune_case(ctx, &what, 1, &never, &found, &r), DETCL_OK);
    assert_string_equal(r.key, choices.key);
    assert_string_equal(r.model, choices.text[0]);
    assert_int_equal(r.barred, 0);
    assert_true(r.tried >= 2 && r.tried <= r.choices);
    assert_true(r.ratio >= 1 && r.best_ms > 0);
    bool offered = false;
    for (int i = 0; i < choices.n; i++)
        offered |= strcmp(choices.text[i], r.best) == 0;
    assert_true(offered);
    assert_string_equal(dcl_tuning_find(&found, choices.key), r.best);
    dcl_tuning_free(&found);
}

static int open_device(void **state)
{
    *state = open_opencl(NULL);
    return 0;
}

static int close_device(void **state)
{
    struct detcl_context *ctx = *state;
    detcl_context_destroy(&ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_ways_go_into_quarantine),
        cmocka_unit_test(an_interrupted_case_leaves_nothing),
        cmocka_unit_test(the_cpu_device_has_no_choice),
        cmocka_unit_test(plans_follow_the_table),
        cmocka_unit_test(every_way_is_right),
        cmocka_unit_test(the_tuner_chooses_among_the_ways),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
