/* Documents of the benchmark that are damaged are refused, with the place at fault. */
#include "report_support.h"
#include "temp_dir.h"

/* --- values ------------------------------------------------------------------------------ */

static const struct damage {
    const char *path, *text; /* NULL: removed */
    const char *why;
} damages[] = {
    {"schema", "\"detcl-bench/2\"", "schema: must be \"detcl-bench/1\", not \"detcl-bench/2\""},
    {"schema", NULL, "the document: \"schema\" is missing"},
    {"date", "7", "date: must be string, not integer"},
    {"complete", "\"yes\"", "complete: must be boolean, not string"},
    {"library", "[]", "library: must be object, not array"},
    {"library.version", NULL, "library: \"version\" is missing"},
    {"host.cores", "-2", "host.cores: -2 is not at least 0"},
    {"runs", "{}", "runs: must be array, not object"},
    {"runs.0", "null", "runs[0]: must be object, not null"},
    {"runs.0.device.name", "\"\"", "runs[0].device.name: must not be empty"},
    {"runs.0.threads", "\"2\"", "runs[0].threads: must be number or null, not string"},
    {"runs.0.limits.copy", "40", "runs[0].limits.copy: must be object, not integer"},
    {"runs.0.limits.fp32.value", "1e300", "runs[0].limits.fp32.value: 1e+300 is not at most 1e+12"},
    {"runs.0.limits.copy.unit", "\"MB/s\"", "runs[0].limits.copy.unit: must be one of"},
    {"runs.0.operations.0.wall", NULL, "runs[0].operations[0]: \"wall\" is missing"},
    {"runs.0.operations.0.wall", "null", "runs[0].operations[0].wall: must be object, not null"},
    {"runs.0.operations.0.event", "3", "operations[0].event: must be object or null, not integer"},
    {"runs.0.operations.0.event.n", "2.5", "event.n: must be integer, not number"},
    {"runs.0.operations.0.event.n", "0", "event.n: 0 is not at least 1"},
    {"runs.0.operations.0.event.median", "-1", "event.median: -1 is not at least 0"},
    {"runs.0.operations.0.event.median", "1e10", "event.median: 1e+10 is not at most 1e+09"},
    {"runs.0.operations.0.bound_by", "\"luck\"", "bound_by: must be one of"},
    {"runs.0.operations.0.flags", "[1]", "operations[0].flags[0]: must be string, not integer"},
    {"runs.0.operations.1.failed", "true", "operations[1].failed: must be string, not boolean"},
    {"runs.0.operations.1.failed", NULL, "runs[0].operations[1]: \"event\" is missing"},
    {"runs.0.operations.2.series.x", "\"100\"", "series.x: must be number, not string"},
    {"runs.0.operations.3.name", "\"nms/uniform_100\"",
     "runs[0].operations[3].name: \"nms/uniform_100\" is there twice"},
    {"runs.0.networks.1.name", "\"tiny\"", "runs[0].networks[1].name: \"tiny\" is there twice"},
    {"runs.0.networks.0.scenarios.offline.images_per_second", "[]",
     "scenarios.offline.images_per_second: must be number or null, not array"},
    {"runs.0.networks.0.scenarios.single_stream.samples.1", "\"4\"",
     "runs[0].networks[0].scenarios.single_stream.samples[1]: must be number, not string"},
    {"runs.0.networks.0.profile.2.ms", "null", "networks[0].profile[2].ms: must be number"},
    {"runs.0.peers.0.ratio", "{}", "runs[0].peers[0].ratio: must be number or null, not object"},
    {"runs.0.peers.1.agrees", "1", "peers[1].agrees: must be boolean or null, not integer"},
    {"runs.0.absent_peers.0.why", NULL, "runs[0].absent_peers[0]: \"why\" is missing"},
};

static void damage_is_refused_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char why[512] = "";
        json_t *document = sample_load();
        sample_set(document, damages[i].path, damages[i].text);
        const bool good = dcl_report_check(document, why, sizeof why);
        if (good || !strstr(why, damages[i].why))
            print_error("row %zu: '%s' is not in: %s\n", i, damages[i].why, why);
        assert_false(good);
        assert_non_null(strstr(why, damages[i].why));
        json_decref(document);
    }
}

static void what_may_be_absent_may_be(void **state)
{
    static const char *const paths[] = {
        "command",
        "quick",
        "library.compiler",
        "host.system",
        "runs.0.threads",
        "runs.0.limits",
        "runs.0.operations",
        "runs.0.networks",
        "runs.0.peers",
        "runs.0",
        "runs.0.networks.0.profile",
        "runs.0.operations.0.warm",
        "runs.0.peers.2",
        "runs.0.device.driver",
    };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char why[512] = "";
        json_t *document = sample_load();
        sample_set(document, paths[i], NULL);
        if (!dcl_report_check(document, why, sizeof why))
            print_error("without %s: %s\n", paths[i], why);
        assert_string_equal(why, "");
        json_decref(document);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    for (int depth = 20; depth <= 40; depth += 20) {
        char text[128] = "", why[512];
        for (int i = 0; i < depth; i++)
            text[i] = '[', text[depth + i] = ']';
        json_t *document = sample_load();
        sample_set(document, "unknown", text);
        const bool good = dcl_report_check(document, why, sizeof why);
        assert_int_equal(good, depth < 32);
        if (!good)
            assert_string_equal(why, "the document: nested deeper than 32");
        json_decref(document);
    }
}

static void control_characters_do_not_reach_terminals(void **state)
{
    char why[512];
    (void)state;
    json_t *document = sample_load();
    sample_set(document, "runs.0.device.name", "\"a\\u001b[31mb\\u009bc\\nd\\u00e9\"");
    assert_true(dcl_report_check(document, why, sizeof why));
    assert_string_equal(json_string_value(sample_at(document, "runs.0.device.name")),
                        "a [31mb  c d\xc3\xa9");
    json_decref(document);

    document = sample_load();
    json_object_set_new(sample_at(document, "runs.0.limits"), "a\033[31m", json_null());
    assert_false(dcl_report_check(document, why, sizeof why));
    assert_non_null(strstr(why, "a key with control characters"));
    json_decref(document);
}

/* --- files ------------------------------------------------------------------------------- */

static void write_and_load(const struct temp_dir *dir, const char *text, size_t size,
                           const char *expected)
{
    char path[512], why[1024] = "";
    snprintf(path, sizeof path, "%s/document.json", dir->path);
    assert_int_equal(temp_dir_write(path, text, size), 0);
    json_t *document = dcl_report_load(path, why, sizeof why);
    if (document || !strstr(why, expected))
        print_error("'%s' is not in: %s\n", expected, why);
    assert_null(document);
    assert_non_null(strstr(why, path));
    assert_non_null(strstr(why, expected));
}

static void files_that_are_no_documents_are_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } files[] = {
        {"", "line 1, column 0"},
        {"no JSON", "line 1, column 2: '[' or '{' expected near 'no'"},
        {"[]", "the document: must be object, not array"},
        {"{}", "the document: \"schema\" is missing"},
        {"{\"schema\": NaN}", "invalid token"},
        {"{\"schema\": 1e999}", "real number overflow"},
        {"{\"schema\": 1, \"schema\": 2}", "duplicate object key"},
        {"{\"schema\": \"\xff\"}", "unable to decode byte 0xff"},
        {"{\"schema\": \033[31m}", "invalid token near ' '"},
    };
    struct temp_dir dir;
    (void)state;
    assert_int_equal(temp_dir_make(&dir), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_and_load(&dir, files[i].text, strlen(files[i].text), files[i].why);
    temp_dir_remove(dir.path);
}

static void every_truncation_is_refused(void **state)
{
    struct temp_dir dir;
    size_t size = 0;
    (void)state;
    assert_int_equal(temp_dir_make(&dir), 0);
    unsigned char *sample = temp_dir_read(SAMPLE, &size);
    assert_non_null(sample);
    for (size_t n = 0; n < size - 2; n += n % 97 + 1)
        write_and_load(&dir, (const char *)sample, n, "line ");
    free(sample);
    temp_dir_remove(dir.path);
}

static void what_is_not_a_readable_file_is_refused(void **state)
{
    struct temp_dir dir;
    char path[512], why[1024];
    (void)state;
    assert_int_equal(temp_dir_make(&dir), 0);
    assert_null(dcl_report_load(dir.path, why, sizeof why));
    assert_non_null(strstr(why, "not a regular file"));
    snprintf(path, sizeof path, "%s/nothing.json", dir.path);
    assert_null(dcl_report_load(path, why, sizeof why));
    assert_non_null(strstr(why, "No such file"));
    assert_int_equal(temp_dir_write(path, "", 0), 0);
    assert_int_equal(truncate(path, (64 << 20) + 1), 0);
    assert_null(dcl_report_load(path, why, sizeof why));
    assert_non_null(strstr(why, "larger than 64 MiB"));
    temp_dir_remove(dir.path);
}

static void documents_are_told_apart_by_their_paths(void **state)
{
    (void)state;
    json_t *document = sample_load();
    assert_string_equal(json_string_value(json_object_get(document, "label")), "bench/sample");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_refused_where_it_is),
        cmocka_unit_test(what_may_be_absent_may_be),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(control_characters_do_not_reach_terminals),
        cmocka_unit_test(files_that_are_no_documents_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_is_not_a_readable_file_is_refused),
        cmocka_unit_test(documents_are_told_apart_by_their_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
