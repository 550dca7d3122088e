/* Tables of tunings: what they hold, what they make of damaged and foreign files, where those lie.
 */
#include "device/tuning.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct detcl_device_info device = {.name = "A device",
                                                .platform = "A platform",
                                                .driver = "1.0",
                                                .profile = "simd",
                                                .compute_units = 2};

/* What was said last, and how often. */
struct log {
    char text[1024];
    int lines;
};

static void keep_line(void *user, enum detcl_log_level level, const char *text)
{
    struct log *log = user;
    if (level > DETCL_LOG_WARNING)
        return;
    snprintf(log->text, sizeof log->text, "%s", text);
    log->lines++;
}

static struct dcl_error error_to(struct log *log)
{
    *log = (struct log){.lines = 0};
    return (struct dcl_error){.log = keep_line, .log_user = log, .log_level = DETCL_LOG_WARNING};
}

static void finds_what_was_entered(void **state)
{
    (void)state;
    struct dcl_tuning t = {0};
    char key[32], choice[32];
    enum { N = 200 };
    for (int i = 0; i < N; i++) { /* 37 and 200 have no common factor: each once, in no order */
        snprintf(key, sizeof key, "key %d", i * 37 % N);
        snprintf(choice, sizeof choice, "choice %d", i * 37 % N);
        assert_true(dcl_tuning_use(&t, key, choice, 1, 2));
    }
    assert_int_equal(t.n, N);
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof key, "key %d", i);
        snprintf(choice, sizeof choice, "choice %d", i);
        assert_string_equal(dcl_tuning_find(&t, key), choice);
    }
    for (int i = 1; i < t.n; i++)
        assert_true(strcmp(t.entries[i - 1].key, t.entries[i].key) < 0);
    assert_null(dcl_tuning_find(&t, "key"));
    assert_null(dcl_tuning_find(&t, "key 2000"));
    assert_true(dcl_tuning_use(&t, "key 7", "another", 1, 2));
    assert_int_equal(t.n, N);
    assert_string_equal(dcl_tuning_find(&t, "key 7"), "another");
    dcl_tuning_free(&t);
    assert_null(dcl_tuning_find(&t, "key 7"));
}

static void quarantine_and_use_exclude_each_other(void **state)
{
    (void)state;
    struct dcl_tuning t = {0};
    assert_true(dcl_tuning_use(&t, "key", "fast", 1, 2));
    assert_true(dcl_tuning_bar(&t, "key", "other", "wrong"));
    assert_string_equal(dcl_tuning_find(&t, "key"), "fast");
    assert_true(dcl_tuning_bar(&t, "key", "fast", "wrong\there\n"));
    assert_null(dcl_tuning_find(&t, "key"));
    assert_string_equal(dcl_tuning_why(&t, "key", "fast"), "wrong here ");
    assert_null(dcl_tuning_why(&t, "another key", "fast"));
    assert_true(dcl_tuning_use(&t, "key", "fast", 1, 2));
    assert_null(dcl_tuning_why(&t, "key", "fast"));
    assert_non_null(dcl_tuning_why(&t, "key", "other"));
    assert_string_equal(dcl_tuning_find(&t, "key"), "fast");
    assert_int_equal(t.n, 2);
    dcl_tuning_free(&t);
}

static void refuses_what_no_line_can_hold(void **state)
{
    (void)state;
    struct dcl_tuning t = {0};
    char much[DCL_TUNING_KEY + 1];
    memset(much, 'a', sizeof much - 1);
    much[sizeof much - 1] = 0;
    assert_false(dcl_tuning_use(&t, much, "choice", 1, 2));
    assert_false(dcl_tuning_use(&t, "key", much, 1, 2));
    assert_false(dcl_tuning_use(&t, "a\tkey", "choice", 1, 2));
    assert_false(dcl_tuning_use(&t, "", "choice", 1, 2));
    assert_false(dcl_tuning_bar(&t, "key", "cho\nice", "why"));
    assert_int_equal(t.n, 0);
    much[DCL_TUNING_KEY - 1] = 0;
    assert_true(dcl_tuning_use(&t, much, "choice", 1, 2));
    dcl_tuning_free(&t);
}

static void text_says_all_of_a_table(void **state)
{
    (void)state;
    struct log log;
    struct dcl_error error = error_to(&log);
    struct dcl_tuning t = {0}, again = {0};
    assert_true(dcl_tuning_use(&t, "b", "fast", 123456789012, 0));
    assert_true(dcl_tuning_bar(&t, "b", "wrong", "element 3 is 1, the CPU twin has 2"));
    assert_true(dcl_tuning_use(&t, "a", "fast", 1, 2));
    char *text = dcl_tuning_text(&t, &device);
    assert_non_null(text);
    assert_true(dcl_tuning_parse(&again, text, strlen(text), &device, "it", &error));
    char *second = dcl_tuning_text(&again, &device);
    assert_string_equal(text, second);
    assert_int_equal(log.lines, 0);
    assert_int_equal(again.n, 3);
    assert_true(again.entries[1].ns == 123456789012);
    free(second);
    free(text);
    dcl_tuning_free(&again);
    dcl_tuning_free(&t);
}

static void the_later_table_wins(void **state)
{
    (void)state;
    struct dcl_tuning shipped = {0}, own = {0};
    assert_true(dcl_tuning_use(&shipped, "a", "shipped", 1, 2));
    assert_true(dcl_tuning_use(&shipped, "b", "shipped", 1, 2));
    assert_true(dcl_tuning_use(&shipped, "c", "shipped", 1, 2));
    assert_true(dcl_tuning_bar(&shipped, "d", "own", "wrong"));
    assert_true(dcl_tuning_use(&own, "b", "own", 1, 2));
    assert_true(dcl_tuning_bar(&own, "c", "shipped", "wrong here"));
    assert_true(dcl_tuning_use(&own, "d", "own", 1, 2));
    assert_true(dcl_tuning_merge(&shipped, &own));
    assert_string_equal(dcl_tuning_find(&shipped, "a"), "shipped");
    assert_string_equal(dcl_tuning_find(&shipped, "b"), "own");
    assert_null(dcl_tuning_find(&shipped, "c"));
    assert_string_equal(dcl_tuning_find(&shipped, "d"), "own");
    assert_null(dcl_tuning_why(&shipped, "d", "own"));
    dcl_tuning_free(&own);
    dcl_tuning_free(&shipped);
}

/* --- hostile text ----------------------------------------------------------------------------- */

static const char head[] = "detcl-tuning 1\ndevice\tA device\nplatform\tA platform\ndriver\t1.0\n"
                           "units\t2\nprofile\tsimd\n";

/* Parse the head and these bytes; how many warnings. */
static int parse_rest(struct dcl_tuning *t, const char *rest, size_t size, struct log *log)
{
    struct dcl_error error = error_to(log);
    char *text = malloc(sizeof head + size); /* no more: a checker sees what is read beyond */
    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    memcpy(text + sizeof head - 1, rest, size);
    assert_true(dcl_tuning_parse(t, text, sizeof head - 1 + size, &device, "FILE", &error));
    free(text);
    return log->lines;
}

static void damaged_lines_are_left_out(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "use\n",
        "use\tkey\tchoice\t1\n",
        "use\tkey\tchoice\t1\t2\t3\n",
        "use\tkey\tchoice\t-1\t2\n",
        "use\tkey\tchoice\t1\t2x\n",
        "use\tkey\tchoice\t\t2\n",
        "use\tkey\tchoice\t9999999999999999999999\t2\n",
        "use\t\tchoice\t1\t2\n",
        "use\tkey\tcho\033[31mice\t1\t2\n",
        "USE\tkey\tchoice\t1\t2\n",
        "bad\tkey\tchoice\n",
        "bad\tkey\tchoice\twhy\tmore\n",
        "\n",
        "use\tkey\tchoice\t1\t2", /* cut off: the end of the line is not there */
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct dcl_tuning t = {0};
        struct log log;
        char rest[512];
        snprintf(rest, sizeof rest, "use\tgood\tchoice\t1\t2\n%s", damaged[i]);
        assert_int_equal(parse_rest(&t, rest, strlen(rest), &log), 1);
        assert_non_null(strstr(log.text, "FILE: 1 of 2 lines"));
        assert_int_equal(t.n, 1);
        assert_string_equal(dcl_tuning_find(&t, "good"), "choice");
        dcl_tuning_free(&t);
    }
}

static void bytes_of_any_kind_do_no_harm(void **state)
{
    (void)state;
    static char bytes[65536];
    uint32_t seed = 1;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = round < 10 ? (char)(seed >> 24) : "use\tbad\n\t 10\0k"[(seed >> 24) % 15];
        }
        struct dcl_tuning t = {0};
        struct log log;
        assert_int_equal(parse_rest(&t, bytes, sizeof bytes, &log), 1);
        dcl_tuning_free(&t);
    }
    memset(bytes, 'a', sizeof bytes); /* one line, longer than any */
    struct dcl_tuning t = {0};
    struct log log;
    assert_int_equal(parse_rest(&t, bytes, sizeof bytes, &log), 1);
    assert_int_equal(t.n, 0);
    const char zero[] = "use\tkey\0\tchoice\t1\t2\n";
    assert_int_equal(parse_rest(&t, zero, sizeof zero - 1, &log), 1);
    assert_int_equal(t.n, 0);
    dcl_tuning_free(&t);
}

static void other_devices_say_nothing(void **state)
{
    (void)state;
    struct dcl_tuning t = {0};
    assert_true(dcl_tuning_use(&t, "key", "choice", 1, 2));
    char *text = dcl_tuning_text(&t, &device);
    dcl_tuning_free(&t);
    struct detcl_device_info others[4] = {device, device, device, device};
    snprintf(others[0].driver, sizeof others[0].driver, "1.1");
    snprintf(others[1].name, sizeof others[1].name, "Another device");
    others[2].compute_units = 4;
    snprintf(others[3].profile, sizeof others[3].profile, "gpu");
    char name[DCL_TUNING_FILE], other[DCL_TUNING_FILE];
    dcl_tuning_name(&device, name);
    for (int i = 0; i < 4; i++) {
        struct log log;
        struct dcl_error error = error_to(&log);
        assert_false(dcl_tuning_parse(&t, text, strlen(text), &others[i], "FILE", &error));
        assert_int_equal(log.lines, 1);
        assert_int_equal(t.n, 0);
        dcl_tuning_name(&others[i], other);
        assert_string_not_equal(name, other);
    }
    struct log log;
    struct dcl_error error = error_to(&log);
    for (size_t size = 0; size < sizeof head - 1; size++) /* cut off in the head */
        assert_false(dcl_tuning_parse(&t, text, size, &device, "FILE", &error));
    assert_true(dcl_tuning_parse(&t, text, sizeof head - 1, &device, "FILE", &error));
    assert_int_equal(t.n, 0);
    free(text);
}

/* --- files -------------------------------------------------------------------------------------
 */

#ifdef DETCL_OPENCL
static void files_are_kept_and_found(void **state)
{
    (void)state;
    struct temp_dir dir;
    struct log log;
    struct dcl_error error = error_to(&log);
    struct dcl_tuning found = {0}, t = {0};
    char path[512], folder[300];
    assert_int_equal(temp_dir_make(&dir), 0);
    snprintf(folder, sizeof folder, "%s/made/here", dir.path);
    setenv("DETCL_TUNING_DIR", folder, 1);
    unsetenv("DETCL_NO_TUNING");
    dcl_tuning_load(&t, &device, &error);
    assert_int_equal(t.n, 0);
    assert_int_equal(log.lines, 0);
    assert_int_equal(temp_dir_count(dir.path, "", NULL), 0); /* reading makes no folders */
    assert_true(dcl_tuning_use(&found, "a", "first", 1, 2));
    assert_int_equal(dcl_tuning_save(&found, &device, path, sizeof path, &error), DETCL_OK);
    dcl_tuning_free(&found);
    assert_true(dcl_tuning_use(&found, "b", "second", 1, 2));
    assert_int_equal(dcl_tuning_save(&found, &device, path, sizeof path, &error), DETCL_OK);
    dcl_tuning_load(&t, &device, &error);
    assert_string_equal(dcl_tuning_find(&t, "a"), "first");
    assert_string_equal(dcl_tuning_find(&t, "b"), "second");
    assert_int_equal(log.lines, 0);
    assert_int_equal(temp_dir_count(folder, "", NULL), 1); /* nothing else was left */
    dcl_tuning_free(&t);

    setenv("DETCL_NO_TUNING", "1", 1);
    dcl_tuning_load(&t, &device, &error);
    assert_int_equal(t.n, 0);
    unsetenv("DETCL_NO_TUNING");

    assert_int_equal(chmod(path, 0666), 0);
    dcl_tuning_load(&t, &device, &error);
    assert_int_equal(t.n, 0);
    assert_non_null(strstr(log.text, "others may write it"));
    dcl_tuning_free(&found);
    temp_dir_remove(dir.path);
}

static void a_place_that_is_none_is_named(void **state)
{
    (void)state;
    struct log log;
    struct dcl_error error = error_to(&log);
    struct dcl_tuning found = {0};
    char path[512];
    setenv("DETCL_TUNING_DIR", "/dev/null/tuning", 1);
    assert_true(dcl_tuning_use(&found, "a", "first", 1, 2));
    assert_int_equal(dcl_tuning_save(&found, &device, path, sizeof path, &error), DETCL_ERROR_IO);
    assert_non_null(strstr(error.text, "/dev/null/tuning"));
    dcl_tuning_free(&found);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_entered),
        cmocka_unit_test(quarantine_and_use_exclude_each_other),
        cmocka_unit_test(refuses_what_no_line_can_hold),
        cmocka_unit_test(text_says_all_of_a_table),
        cmocka_unit_test(the_later_table_wins),
        cmocka_unit_test(damaged_lines_are_left_out),
        cmocka_unit_test(bytes_of_any_kind_do_no_harm),
        cmocka_unit_test(other_devices_say_nothing),
#ifdef DETCL_OPENCL
        cmocka_unit_test(files_are_kept_and_found),
        cmocka_unit_test(a_place_that_is_none_is_named),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
