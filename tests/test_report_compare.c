/* Which cases are called faster, slower or the same, and which documents can be compared. */
#include "report/compare.h"
#include "report_support.h"

#include <math.h>

#define FIRST "runs.0.operations.0"

/* The sample against itself with `text` at `path` (several may be given, NULL ends). */
struct pair {
    json_t *documents[2];
    struct dcl_comparison *comparison;
    char why[512];
};

static void pair_make(struct pair *p, const char *const changes[][2])
{
    p->documents[0] = sample_load();
    p->documents[1] = sample_load();
    for (int i = 0; changes[i][0]; i++)
        sample_set(p->documents[1], changes[i][0], changes[i][1]);
    p->comparison = dcl_comparison_create(p->documents, 2, p->why, sizeof p->why);
}

static void pair_free(struct pair *p)
{
    dcl_comparison_destroy(&p->comparison);
    json_decref(p->documents[0]);
    json_decref(p->documents[1]);
}

static const struct dcl_row *row_of(const struct dcl_comparison *c, const char *name)
{
    for (int r = 0; c && r < c->tables[0].row_count; r++)
        if (strcmp(c->tables[0].rows[r].name, name) == 0)
            return &c->tables[0].rows[r];
    fail_msg("no row %s", name);
    return NULL;
}

static void assert_judged(const char *path, const char *text, const char *name,
                          enum dcl_verdict verdict, double ratio)
{
    struct pair p;
    pair_make(&p, (const char *const[][2]){{path, text}, {NULL, NULL}});
    const struct dcl_judgement j = dcl_judge(row_of(p.comparison, name), 1);
    assert_string_equal(dcl_verdict_name(j.verdict), dcl_verdict_name(verdict));
    assert_true(isnan(ratio) ? isnan(j.ratio) : fabs(j.ratio - ratio) < 1e-9);
    pair_free(&p);
}

static void verdicts_respect_the_noise(void **state)
{
    (void)state;
    /* The spreads are 0.02 each. */
    assert_judged("complete", "true", "conv2d/a.3x3", DCL_SAME, 1);
    assert_judged(FIRST ".event.median", "1.03", "conv2d/a.3x3", DCL_SAME, 1.03);
    assert_judged(FIRST ".event.median", "1.05", "conv2d/a.3x3", DCL_SLOWER, 1.05);
    assert_judged(FIRST ".event.median", "0.97", "conv2d/a.3x3", DCL_SAME, 0.97);
    assert_judged(FIRST ".event.median", "0.95", "conv2d/a.3x3", DCL_FASTER, 0.95);
    /* 0.3 each */
    assert_judged("runs.0.operations.2.wall.median", "0.3", "nms/uniform_100", DCL_SAME, 1.5);
    assert_judged("runs.0.operations.2.wall.median", "0.33", "nms/uniform_100", DCL_SLOWER, 1.65);
    /* Without device time on one side, both are taken from enqueue to end. */
    assert_judged(FIRST ".event", "null", "conv2d/a.3x3", DCL_SAME, 1);
    assert_judged("runs.0.networks.0.scenarios.offline.images_per_second", "135", "tiny/offline",
                  DCL_SLOWER, 2);
}

static void failures_and_gaps_have_no_ratio(void **state)
{
    (void)state;
    assert_judged(FIRST,
                  "{\"name\": \"conv2d/a.3x3\", \"op\": \"conv2d\", \"group\": "
                  "\"convolution\", \"failed\": \"no\"}",
                  "conv2d/a.3x3", DCL_NOW_FAILS, NAN);
    assert_judged("complete", "true", "conv2d/b.1x1", DCL_NOT_BOTH, NAN);
    assert_judged(FIRST, NULL, "conv2d/a.3x3", DCL_NOT_BOTH, NAN);
    assert_judged(FIRST ".name", "\"new\"", "new", DCL_NOT_BOTH, NAN);
}

static int slower(const char *path, const char *text, double over, char *line, size_t size)
{
    struct pair p;
    pair_make(&p, (const char *const[][2]){{path, text}, {NULL, NULL}});
    FILE *out = tmpfile();
    assert_non_null(p.comparison);
    assert_non_null(out);
    const int count = dcl_comparison_slower(out, p.comparison, over);
    char *all = sample_read_back(out);
    snprintf(line, size, "%s", all);
    free(all);
    pair_free(&p);
    return count;
}

static void regressions_are_counted_beyond_the_noise(void **state)
{
    char line[512];
    (void)state;
    assert_int_equal(slower("complete", "true", 0, line, sizeof line), 0);
    assert_int_equal(slower(FIRST ".event.median", "1.13", 0.1, line, sizeof line), 0);
    assert_int_equal(slower(FIRST ".event.median", "1.15", 0.1, line, sizeof line), 1);
    assert_string_equal(line, "B: conv2d/a.3x3: 1.15x of A (noise 4.0 %)\n");
    assert_int_equal(slower(FIRST ".event.median", "0.1", 0, line, sizeof line), 0);
    assert_int_equal(slower(FIRST, NULL, 0, line, sizeof line), 0);
    assert_int_equal(slower("runs.0.networks.0",
                            "{\"name\": \"tiny\", \"failed\": \"no such node\"}", 0.1, line,
                            sizeof line),
                     3);
    assert_non_null(strstr(line, "B: tiny/single_stream: now fails: no such node\n"));
}

static void means_are_geometric(void **state)
{
    struct pair p;
    int count;
    (void)state;
    pair_make(&p, (const char *const[][2]){{"runs.0.operations.2.wall.median", "0.4"},
                                           {"runs.0.operations.3.wall.median", "6.4"},
                                           {NULL, NULL}});
    assert_non_null(p.comparison);
    const struct dcl_comparison_table *t = &p.comparison->tables[0];
    assert_true(fabs(dcl_geometric_mean(t, "nms", 1, &count) - 4) < 1e-9);
    assert_int_equal(count, 2);
    assert_true(fabs(dcl_geometric_mean(t, "convolution", 1, &count) - 1) < 1e-9);
    assert_int_equal(count, 1);
    assert_true(fabs(dcl_geometric_mean(t, NULL, 1, &count) - pow(16, 1.0 / 6)) < 1e-9);
    assert_int_equal(count, 6);
    assert_true(isnan(dcl_geometric_mean(t, "nothing", 1, &count)));
    pair_free(&p);
}

static void assert_noted(const char *path, const char *text, const char *words)
{
    struct pair p;
    pair_make(&p, (const char *const[][2]){{path, text}, {NULL, NULL}});
    assert_non_null(p.comparison);
    bool found = false;
    for (int i = 0; i < p.comparison->note_count; i++)
        found = found || strcmp(p.comparison->notes[i], words) == 0;
    if (!found)
        print_error("no note: %s\n", words);
    assert_true(found);
    assert_int_equal(p.comparison->note_count, 1);
    pair_free(&p);
}

static void differences_are_said(void **state)
{
    (void)state;
    assert_noted("runs.0.device.name", "\"Another\"", "B: another device: Another, not A device");
    assert_noted("runs.0.device.driver", "\"4.0\"", "B: another driver: 4.0, not 3.1");
    assert_noted("library.name", "\"other\"", "B: another library: other, not detcl");
    assert_noted("quick", "true",
                 "A is from the full suite, B from --quick: fewer cases and samples");
    assert_noted("complete", "false", "B: interrupted, holds what was measured up to then");
    assert_noted("runs.0.threads", "8", "B: 8 threads, not 2");
    assert_noted(FIRST, NULL, "1 of the cases of A are not in B");
}

static void nothing_in_common_is_an_error(void **state)
{
    struct pair p;
    (void)state;
    pair_make(&p, (const char *const[][2]){{"runs.0.operations.0.name", "\"a\""},
                                           {"runs.0.operations.1.name", "\"b\""},
                                           {"runs.0.operations.2.name", "\"c\""},
                                           {"runs.0.operations.3.name", "\"d\""},
                                           {"runs.0.networks.0.name", "\"e\""},
                                           {"runs.0.networks.1.name", "\"f\""},
                                           {NULL, NULL}});
    assert_null(p.comparison);
    assert_string_equal(p.why, "bench/sample and bench/sample have no case in common");
    pair_free(&p);
}

/* Runs: A holds devices 1 and 2, B device 2 and a third. */
static void runs_are_paired_by_device(void **state)
{
    (void)state;
    struct pair p;
    char why[512];
    pair_make(&p, (const char *const[][2]){{"complete", "true"}, {NULL, NULL}});
    dcl_comparison_destroy(&p.comparison);
    for (int d = 0; d < 2; d++) {
        json_t *runs = json_object_get(p.documents[d], "runs");
        json_t *copy = json_deep_copy(json_array_get(runs, 0));
        json_array_append_new(runs, copy);
        sample_set(p.documents[d], "runs.1.device.name", d ? "\"third\"" : "\"second\"");
    }
    sample_set(p.documents[1], "runs.0.device.name", "\"second\"");
    p.comparison = dcl_comparison_create(p.documents, 2, why, sizeof why);
    assert_non_null(p.comparison);
    assert_int_equal(p.comparison->n, 2);
    assert_int_equal(p.comparison->tables[0].n, 2); /* device 1 and, from another machine, third */
    assert_int_equal(p.comparison->tables[1].n, 2); /* second and second */
    assert_int_equal(p.comparison->note_count, 1);
    dcl_comparison_destroy(&p.comparison);

    /* A document of several devices alone: side by side. */
    p.comparison = dcl_comparison_create(p.documents, 1, why, sizeof why);
    assert_non_null(p.comparison);
    assert_int_equal(p.comparison->n, 1);
    assert_int_equal(p.comparison->tables[0].n, 2);
    pair_free(&p);
}

static void peers_alone_are_not_compared(void **state)
{
    struct pair p;
    (void)state;
    pair_make(&p, (const char *const[][2]){
                      {"runs.0.operations", NULL}, {"runs.0.networks", NULL}, {NULL, NULL}});
    assert_non_null(p.comparison);
    assert_int_equal(p.comparison->n, 1);
    assert_int_equal(p.comparison->tables[0].n, 1);
    pair_free(&p);
}

static void a_pattern_leaves_what_matches(void **state)
{
    (void)state;
    json_t *document = sample_load();
    dcl_report_filter(document, "nms*");
    assert_int_equal(json_array_size(sample_at(document, "runs.0.operations")), 2);
    assert_int_equal(json_array_size(sample_at(document, "runs.0.networks")), 0);
    assert_int_equal(json_array_size(sample_at(document, "runs.0.peers")), 1);
    json_decref(document);
    document = sample_load();
    dcl_report_filter(document, "conv2d");
    assert_int_equal(json_array_size(sample_at(document, "runs.0.operations")), 2);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_respect_the_noise),
        cmocka_unit_test(failures_and_gaps_have_no_ratio),
        cmocka_unit_test(regressions_are_counted_beyond_the_noise),
        cmocka_unit_test(means_are_geometric),
        cmocka_unit_test(differences_are_said),
        cmocka_unit_test(nothing_in_common_is_an_error),
        cmocka_unit_test(runs_are_paired_by_device),
        cmocka_unit_test(peers_alone_are_not_compared),
        cmocka_unit_test(a_pattern_leaves_what_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
