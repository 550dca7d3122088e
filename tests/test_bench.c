/* The harness of `detcl bench`: its statistics, its inputs, its suite, its bounds. */
#include "harness/bench.h"
#include "harness/suite.h"
#include "harness/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* NumPy: np.percentile([4, 1, 3, 2, 10], [50, 90, 99, 25, 75]) = 3, 7.6, 9.76, 2, 4. */
static void quantiles_are_numpys(void **state)
{
    (void)state;
    const double samples[] = {4, 1, 3, 2, 10};
    double room[5];
    const struct dcl_statistics s = dcl_statistics_of(samples, 5, room);
    assert_int_equal(s.n, 5);
    assert_float_equal(s.median, 3, 1e-12);
    assert_float_equal(s.p90, 7.6, 1e-12);
    assert_float_equal(s.p99, 9.76, 1e-12);
    assert_float_equal(s.least, 1, 0);
    assert_float_equal(s.most, 10, 0);
    assert_float_equal(s.spread, 2.0 / 3, 1e-12);
    assert_float_equal(samples[0], 4, 0); /* the samples keep their order */
}

static void one_sample_is_every_quantile(void **state)
{
    (void)state;
    const double sample = 2.5;
    double room;
    const struct dcl_statistics s = dcl_statistics_of(&sample, 1, &room);
    assert_float_equal(s.median, 2.5, 0);
    assert_float_equal(s.p99, 2.5, 0);
    assert_float_equal(s.spread, 0, 0);
    assert_float_equal(s.drift, 0, 0);
}

/* A device that gets slower: 1 1 1 1 2 2 2 2 2: the last third takes twice the first. */
static void drift_shows_throttling(void **state)
{
    (void)state;
    const double samples[] = {1, 1, 1, 1, 2, 2, 2, 2, 2};
    double room[9];
    const struct dcl_statistics s = dcl_statistics_of(samples, 9, room);
    assert_float_equal(s.drift, 1, 1e-12);
    json_t *flags = json_array();
    dcl_json_flags(flags, &s);
    dcl_json_flags(flags, &s);
    assert_int_equal(json_array_size(flags), 2); /* each once */
    assert_string_equal(json_string_value(json_array_get(flags, 0)), "noisy");
    assert_string_equal(json_string_value(json_array_get(flags, 1)), "throttled");
    json_decref(flags);
}

static void the_tightest_limit_binds(void **state)
{
    (void)state;
    struct dcl_bench_limits limits = {0};
    const char *by;
    assert_float_equal(dcl_bench_bound(&limits, 1e9, 1e9, 5, &by), 0, 0); /* nothing is known */
    limits.of[DCL_LIMIT_COPY].known = limits.of[DCL_LIMIT_FP32].known = true;
    limits.of[DCL_LIMIT_LAUNCH].known = true;
    limits.of[DCL_LIMIT_COPY].value = 10;   /* GB/s */
    limits.of[DCL_LIMIT_FP32].value = 100;  /* GFLOP/s */
    limits.of[DCL_LIMIT_LAUNCH].value = 50; /* us */
    assert_float_equal(dcl_bench_bound(&limits, 1e7, 1e7, 1, &by), 1, 1e-9);
    assert_string_equal(by, "memory");
    assert_float_equal(dcl_bench_bound(&limits, 1e6, 1e9, 1, &by), 10, 1e-9);
    assert_string_equal(by, "compute");
    assert_float_equal(dcl_bench_bound(&limits, 1e4, 1e4, 4, &by), 0.2, 1e-9);
    assert_string_equal(by, "launch");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void names_of_cases_are_unique(void **state)
{
    (void)state;
    struct dcl_suite suite;
    assert_true(dcl_suite_make(&suite, 1, false));
    const char **names = calloc((size_t)suite.n, sizeof *names);
    assert_non_null(names);
    int convolutions = 0;
    for (int i = 0; i < suite.n; i++) {
        names[i] = suite.cases[i].name;
        convolutions += strcmp(suite.cases[i].op, "conv2d") == 0;
    }
    qsort(names, (size_t)suite.n, sizeof *names, by_name);
    for (int i = 1; i < suite.n; i++)
        assert_string_not_equal(names[i - 1], names[i]);
    assert_true(convolutions >= 40);
    free(names);
    dcl_suite_free(&suite);
}

/* The quick suite is a part of the whole one, so that their documents have cases in common. */
static void quick_is_a_part(void **state)
{
    (void)state;
    struct dcl_suite all, quick;
    assert_true(dcl_suite_make(&all, 1, false));
    assert_true(dcl_suite_make(&quick, 1, true));
    assert_true(quick.n < all.n);
    for (int i = 0; i < quick.n; i++) {
        bool found = false;
        for (int k = 0; k < all.n; k++)
            found |= strcmp(quick.cases[i].name, all.cases[k].name) == 0;
        assert_true(found);
    }
    dcl_suite_free(&quick);
    dcl_suite_free(&all);
}

static struct dcl_bench_case boxes_of(enum dcl_bench_distribution distribution, int64_t n)
{
    struct dcl_bench_case c = {.distribution = distribution};
    DCL_BENCH_IN(&c, 1, n, 4)->fill = DCL_BENCH_BOXES;
    DCL_BENCH_IN(&c, 1, n)->fill = DCL_BENCH_SCORES;
    return c;
}

static bool overlap(const float *a, const float *b)
{
    return fminf(a[2], b[2]) > fmaxf(a[0], b[0]) && fminf(a[3], b[3]) > fmaxf(a[1], b[1]);
}

/* Share of the pairs that overlap. */
static double crowding(enum dcl_bench_distribution distribution)
{
    enum { N = 200 };
    static float boxes[4 * N];
    const struct dcl_bench_case c = boxes_of(distribution, N);
    dcl_bench_fill(&c, 0, boxes);
    int pairs = 0;
    for (int i = 0; i < N; i++) {
        assert_true(boxes[4 * i] < boxes[4 * i + 2] && boxes[4 * i + 1] < boxes[4 * i + 3]);
        for (int k = 0; k < i; k++)
            pairs += overlap(&boxes[4 * i], &boxes[4 * k]);
    }
    return pairs / (N * (N - 1) / 2.0);
}

static void distributions_are_what_they_say(void **state)
{
    (void)state;
    assert_float_equal(crowding(DCL_BENCH_ALL_OVERLAPPING), 1, 0);
    assert_float_equal(crowding(DCL_BENCH_NONE_OVERLAPPING), 0, 0);
    const double uniform = crowding(DCL_BENCH_UNIFORM_BOXES);
    assert_true(uniform > 0.001 && uniform < 0.05);
    assert_true(crowding(DCL_BENCH_CLUSTERED) > uniform);
    float scores[64];
    const struct dcl_bench_case c = boxes_of(DCL_BENCH_EQUAL_SCORES, 64);
    dcl_bench_fill(&c, 1, scores);
    for (int i = 1; i < 64; i++)
        assert_true(scores[i] == scores[0]);
}

/* Whole measurements on the CPU device. */

struct found {
    int failures, steps;
    double last;
};

static void count_step(void *user, const char *what, double done)
{
    struct found *f = user;
    assert_non_null(what);
    assert_true(done >= f->last && done <= 1.0 + 1e-9);
    f->last = done;
    f->steps++;
}

static void count_failure(void *user, const char *what, const char *why)
{
    (void)what;
    (void)why;
    ((struct found *)user)->failures++;
}

static json_t *measure(const char *glob, const volatile sig_atomic_t *stop, struct found *f)
{
    const struct detcl_context_params params = {.device = "cpu"};
    struct detcl_context *ctx = NULL;
    assert_int_equal(detcl_context_create(&params, &ctx, NULL), DETCL_OK);
    const int batch = 1;
    const struct dcl_bench_options options = {.operations = true,
                                              .quick = true,
                                              .glob = glob,
                                              .batches = &batch,
                                              .n_batches = 1,
                                              .stop = stop,
                                              .progress = count_step,
                                              .failure = count_failure,
                                              .user = f};
    json_t *run = dcl_bench_run(ctx, &options);
    detcl_context_destroy(&ctx);
    assert_non_null(run);
    return run;
}

static void a_case_is_verified_and_timed(void **state)
{
    (void)state;
    const volatile sig_atomic_t stop = 0;
    struct found f = {0};
    json_t *run = measure("nms/uniform/100", &stop, &f);
    const json_t *rows = json_object_get(run, "operations");
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(f.failures, 0);
    const json_t *row = json_array_get(rows, 0), *wall = json_object_get(row, "wall");
    assert_non_null(json_object_get(row, "verified"));
    assert_true(json_integer_value(json_object_get(wall, "n")) >= 5);
    assert_true(json_real_value(json_object_get(wall, "median")) > 0);
    assert_true(json_real_value(json_object_get(row, "bytes")) == 100 * (16 + 4 + 4) + 4);
    assert_float_equal(f.last, 1, 1e-9);
    json_decref(run);
}

static void an_interrupted_run_holds_no_half_case(void **state)
{
    (void)state;
    const volatile sig_atomic_t stop = 1;
    struct found f = {0};
    json_t *run = measure("nms/uniform/100", &stop, &f);
    assert_int_equal(json_array_size(json_object_get(run, "operations")), 0);
    assert_non_null(json_object_get(run, "device"));
    json_decref(run);
}

/* Gives another result each time: the device, which is the CPU device here, disagrees with the
 * twin.
 */
static enum detcl_status run_unsteady(struct dcl_call *call)
{
    static float runs;
    *(float *)call->out[0]->data = runs;
    runs += 1;
    return DETCL_OK;
}

static enum detcl_status infer_one(struct dcl_call *call)
{
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static json_t *measure_case(const struct dcl_bench_case *c, struct found *f)
{
    const struct detcl_context_params params = {.device = "cpu"};
    struct detcl_context *ctx = NULL;
    assert_int_equal(detcl_context_create(&params, &ctx, NULL), DETCL_OK);
    const volatile sig_atomic_t stop = 0;
    const struct dcl_bench_options options = {
        .quick = true, .stop = &stop, .failure = count_failure, .user = f};
    const struct dcl_bench_limits limits = {0};
    json_t *row = dcl_bench_operation(ctx, &options, &limits, c);
    assert_non_null(row);
    detcl_context_destroy(&ctx);
    return row;
}

static void a_wrong_result_is_not_timed(void **state)
{
    (void)state;
    static const struct dcl_attr_spec none[] = {DCL_ATTRS_END};
    const struct dcl_op unsteady = {.name = "unsteady",
                                    .attrs = none,
                                    .min_in = 1,
                                    .max_in = 1,
                                    .max_out = 1,
                                    .infer = infer_one,
                                    .run_cpu = run_unsteady};
    struct dcl_bench_case c = {
        .name = "unsteady", .op = "unsteady", .group = "x", .row = &unsteady, .n_out = 1};
    DCL_BENCH_IN(&c, 1);
    struct found f = {0};
    json_t *row = measure_case(&c, &f);
    const char *why = json_string_value(json_object_get(row, "failed"));
    assert_non_null(why);
    assert_non_null(strstr(why, "the CPU twin has 0"));
    assert_null(json_object_get(row, "wall"));
    assert_null(json_object_get(row, "event"));
    assert_int_equal(f.failures, 1);
    json_decref(row);
}

static void what_is_refused_is_told(void **state)
{
    (void)state;
    struct dcl_bench_case c = {.name = "broken", .op = "no_such_op", .group = "x", .n_out = 1};
    DCL_BENCH_IN(&c, 4);
    struct found f = {0};
    json_t *row = measure_case(&c, &f);
    assert_non_null(strstr(json_string_value(json_object_get(row, "failed")), "no_such_op"));
    assert_int_equal(f.failures, 1);
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_numpys),
        cmocka_unit_test(one_sample_is_every_quantile),
        cmocka_unit_test(drift_shows_throttling),
        cmocka_unit_test(the_tightest_limit_binds),
        cmocka_unit_test(names_of_cases_are_unique),
        cmocka_unit_test(quick_is_a_part),
        cmocka_unit_test(distributions_are_what_they_say),
        cmocka_unit_test(a_case_is_verified_and_timed),
        cmocka_unit_test(an_interrupted_run_holds_no_half_case),
        cmocka_unit_test(a_wrong_result_is_not_timed),
        cmocka_unit_test(what_is_refused_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
