/* Documents come from other machines: nothing in them is believed before it is checked. */
#include "report/read.h"
#include "report/report.h"
#include "report/schema.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_BYTES (64 << 20)
#define MOST_DEPTH 32

static bool fault(char *why, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, size, format, args);
    va_end(args);
    return false;
}

/* Length of a control character (C0, DEL, C1) at `s`, else 0. */
static size_t control(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    return (*u < 0x20 || *u == 0x7f) ? 1 : *u == 0xc2 && u[1] >= 0x80 && u[1] < 0xa0 ? 2 : 0;
}

/* Control characters become spaces. */
static void clean_bytes(char *text)
{
    for (char *c = text; *c; c++) {
        const size_t n = control(c);
        memset(c, ' ', n);
        c += n ? n - 1 : 0;
    }
}

static bool clean_text(json_t *text)
{
    const char *s = json_string_value(text);
    char *copy = malloc(strlen(s) + 1);
    if (!copy)
        return false;
    strcpy(copy, s);
    clean_bytes(copy);
    const bool good = strcmp(copy, s) == 0 || json_string_set(text, copy) == 0;
    free(copy);
    return good;
}

static bool clean(json_t *value, int depth, char *why, size_t size)
{
    if (depth > MOST_DEPTH)
        return fault(why, size, "the document: nested deeper than %d", MOST_DEPTH);
    if (json_is_string(value))
        return clean_text(value) || fault(why, size, "the document: out of memory");
    const char *key;
    size_t i;
    json_t *inner;
    json_object_foreach(value, key, inner)
    {
        for (const char *c = key; *c; c++)
            if (control(c))
                return fault(why, size, "the document: a key with control characters");
        if (!clean(inner, depth + 1, why, size))
            return false;
    }
    json_array_foreach(value, i, inner)
    {
        if (!clean(inner, depth + 1, why, size))
            return false;
    }
    return true;
}

/* Documents are compared by names. */
static bool unique(const json_t *document, const char *part, char *why, size_t size)
{
    size_t r, i;
    json_t *run, *one;
    bool good = true;
    json_array_foreach(json_object_get(document, "runs"), r, run)
    {
        json_t *seen = json_object();
        json_array_foreach(json_object_get(run, part), i, one)
        {
            const char *name = dcl_text_at(one, "name");
            if (good && json_object_get(seen, name))
                good = fault(why, size, "runs[%zu].%s[%zu].name: \"%s\" is there twice", r, part, i,
                             name);
            json_object_set_new(seen, name, json_true());
        }
        json_decref(seen);
    }
    return good;
}

bool dcl_report_check(json_t *document, char *why, size_t size)
{
    if (!clean(document, 0, why, size))
        return false;
    json_t *schema = json_loads(dcl_report_text("schema"), 0, NULL);
    const bool good = schema ? dcl_schema_holds(schema, document, why, size)
                             : fault(why, size, "the document: out of memory");
    json_decref(schema);
    return good && unique(document, "operations", why, size) &&
           unique(document, "networks", why, size);
}

/* "results/h100/bench.json" -> "h100/bench" */
static json_t *label_of(const char *path)
{
    const char *start = path + strlen(path);
    for (int slashes = 0; start > path; start--)
        if (start[-1] == '/' && ++slashes == 2)
            break;
    size_t n = strlen(start);
    if (n > 5 && strcmp(start + n - 5, ".json") == 0)
        n -= 5;
    json_t *label = json_stringn(start, n);
    return label ? label : json_string("?");
}

static json_t *parse(FILE *file, const char *path, char *why, size_t size)
{
    json_error_t error;
    json_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    char text[512];
    if (!document) {
        fault(why, size, "%s: line %d, column %d: %s", path, error.line, error.column, error.text);
        clean_bytes(why);
    } else if (!dcl_report_check(document, text, sizeof text)) {
        fault(why, size, "%s: %s", path, text);
        json_decref(document);
        return NULL;
    } else {
        json_t *label = label_of(path);
        if (clean_text(label))
            json_object_set(document, "label", label);
        json_decref(label);
    }
    return document;
}

json_t *dcl_report_load(const char *path, char *why, size_t size)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        fault(why, size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > MOST_BYTES) {
        fault(why, size, "%s: %s", path,
              S_ISREG(info.st_mode) ? "larger than 64 MiB" : "not a regular file");
        return NULL;
    }
    FILE *file = fopen(path, "r");
    if (!file) {
        fault(why, size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    json_t *document = parse(file, path, why, size);
    fclose(file);
    return document;
}

static void keep_matching(json_t *run, const char *part, const char *const *keys, const char *glob)
{
    json_t *list = json_object_get(run, part);
    for (size_t i = json_array_size(list); i-- > 0;) {
        bool match = false;
        for (const char *const *key = keys; *key; key++)
            match = match || fnmatch(glob, dcl_text_at(json_array_get(list, i), *key), 0) == 0;
        if (!match)
            json_array_remove(list, i);
    }
}

void dcl_report_filter(json_t *document, const char *glob)
{
    size_t r;
    json_t *run;
    json_array_foreach(json_object_get(document, "runs"), r, run)
    {
        keep_matching(run, "operations", (const char *const[]){"name", "op", NULL}, glob);
        keep_matching(run, "networks", (const char *const[]){"name", NULL}, glob);
        keep_matching(run, "peers", (const char *const[]){"case", NULL}, glob);
    }
}
