/* The sample document, whole or with something in it replaced. */
#ifndef TESTS_REPORT_SUPPORT_H
#define TESTS_REPORT_SUPPORT_H

#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE "tests/bench/sample.json"

/* The value at "runs.0.operations.2.wall", NULL where there is none. */
static inline json_t *sample_at(json_t *value, const char *path)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *rest = copy, *key; value && (key = strtok_r(rest, ".", &rest));)
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(key))
                                     : json_object_get(value, key);
    return value;
}

/* Put the JSON text at `path`; NULL removes what is there. */
static inline void sample_set(json_t *document, const char *path, const char *text)
{
    char above[256];
    snprintf(above, sizeof above, "%s", path);
    char *dot = strrchr(above, '.');
    if (dot)
        *dot = 0;
    json_t *parent = dot ? sample_at(document, above) : document;
    const char *key = dot ? dot + 1 : path;
    assert_non_null(parent);
    if (!text) {
        if (json_is_array(parent))
            assert_int_equal(json_array_remove(parent, (size_t)atoi(key)), 0);
        else
            assert_int_equal(json_object_del(parent, key), 0);
        return;
    }
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    if (json_is_array(parent))
        assert_int_equal(json_array_set_new(parent, (size_t)atoi(key), value), 0);
    else
        assert_int_equal(json_object_set_new(parent, key, value), 0);
}

/* All that was written to a temporary file, which is closed; to be freed. */
static inline char *sample_read_back(FILE *file)
{
    const long size = ftell(file);
    char *all = malloc((size_t)size + 1);
    assert_true(size >= 0 && all);
    rewind(file);
    assert_int_equal(fread(all, 1, (size_t)size, file), size);
    fclose(file);
    all[size] = 0;
    return all;
}

static inline json_t *sample_load(void)
{
    char why[512];
    json_t *document = dcl_report_load(SAMPLE, why, sizeof why);
    if (!document)
        print_error("%s\n", why);
    assert_non_null(document);
    return document;
}

#endif
