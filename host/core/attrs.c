#include "core/attrs.h"
#include "core/locale.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find(const struct dcl_attr_spec *specs, const char *name)
{
    for (int i = 0; specs && specs[i].name; i++)
        if (strcmp(specs[i].name, name) == 0)
            return i;
    return -1;
}

bool dcl_attrs_has(const struct dcl_attr_spec *specs, const char *name)
{
    return find(specs, name) >= 0;
}

const char *dcl_attrs_choice(const struct dcl_attr_spec *specs, const void *attrs, const char *name)
{
    const int at = find(specs, name);
    if (at < 0 || specs[at].type != DCL_ATTR_CHOICE)
        return NULL;
    return specs[at].choices[*(const int *)((const char *)attrs + specs[at].offset)];
}

const struct dcl_ints *dcl_attrs_ints(const struct dcl_attr_spec *specs, const void *attrs,
                                      const char *name)
{
    const int at = find(specs, name);
    if (at < 0 || specs[at].type != DCL_ATTR_INTS)
        return NULL;
    return (const struct dcl_ints *)(const void *)((const char *)attrs + specs[at].offset);
}

float dcl_attrs_float(const struct dcl_attr_spec *specs, const void *attrs, const char *name,
                      float other)
{
    const int at = find(specs, name);
    if (at < 0 || specs[at].type != DCL_ATTR_FLOAT)
        return other;
    return *(const float *)((const char *)attrs + specs[at].offset);
}

static enum detcl_status wrong_type(const char *name, struct dcl_error *e)
{
    return DCL_FAIL(e, DETCL_ERROR_UNSUPPORTED, "attribute '%s' has the wrong type or length",
                    name);
}

static enum detcl_status set_choice(const struct dcl_attr_spec *spec, int *out, const char *text,
                                    struct dcl_error *e)
{
    char known[256] = "";
    for (int k = 0; text && spec->choices[k]; k++) {
        if (strcmp(spec->choices[k], text) == 0) {
            *out = k;
            return DETCL_OK;
        }
        const size_t at = strlen(known);
        snprintf(known + at, sizeof known - at, "%s%s", k ? ", " : "", spec->choices[k]);
    }
    return DCL_FAIL(e, DETCL_ERROR_UNSUPPORTED, "attribute '%s' is '%s'; known values: %s",
                    spec->name, text ? text : "(not text)", known);
}

enum detcl_status dcl_attrs_set(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                const char *name, const struct dcl_attr_value *value,
                                struct dcl_error *e)
{
    const int at = find(specs, name);
    if (at < 0)
        return DCL_FAIL(e, DETCL_ERROR_UNSUPPORTED, "attribute '%s' is not supported", name);
    const struct dcl_attr_spec *spec = &specs[at];
    void *field = (char *)attrs + spec->offset;
    *seen |= (uint64_t)1 << at;
    switch (spec->type) {
    case DCL_ATTR_INT:
        if (value->type != DCL_ATTR_INT)
            return wrong_type(name, e);
        *(int64_t *)field = value->i;
        return DETCL_OK;
    case DCL_ATTR_FLOAT:
        if (value->type != DCL_ATTR_FLOAT && value->type != DCL_ATTR_INT)
            return wrong_type(name, e);
        *(float *)field = value->type == DCL_ATTR_INT ? (float)value->i : value->f;
        return DETCL_OK;
    case DCL_ATTR_INTS:
        if (value->type == DCL_ATTR_INT)
            *(struct dcl_ints *)field = (struct dcl_ints){1, {value->i}};
        else if (value->type == DCL_ATTR_INTS)
            *(struct dcl_ints *)field = value->ints;
        else
            return wrong_type(name, e);
        return DETCL_OK;
    case DCL_ATTR_FLOATS:
        if (value->type != DCL_ATTR_FLOATS)
            return wrong_type(name, e);
        *(struct dcl_floats *)field = value->floats;
        return DETCL_OK;
    case DCL_ATTR_CHOICE:
        return set_choice(spec, field, value->type == DCL_ATTR_CHOICE ? value->text : NULL, e);
    }
    return wrong_type(name, e);
}

/* Read comma-separated numbers; returns how many, or -1. */
static int read_numbers(const char *text, double *out, int capacity)
{
    int n = 0;
    while (*text) {
        char *end;
        errno = 0;
        const double v = strtod(text, &end);
        if (end == text || errno || n == capacity)
            return -1;
        out[n++] = v;
        text = end;
        if (*text == ',')
            text++;
        else if (*text)
            return -1;
    }
    return n;
}

static bool is_integer(double v)
{
    return v >= -0x1p63 && v < 0x1p63 && v == (double)(int64_t)v;
}

static enum detcl_status parse_value(const struct dcl_attr_spec *spec, const char *text,
                                     struct dcl_attr_value *out, struct dcl_error *e)
{
    *out = (struct dcl_attr_value){.type = spec->type, .text = text};
    if (spec->type == DCL_ATTR_CHOICE)
        return DETCL_OK;
    double v[DCL_MAX_FLOATS];
    const int limit = spec->type == DCL_ATTR_INTS     ? DCL_MAX_INTS
                      : spec->type == DCL_ATTR_FLOATS ? DCL_MAX_FLOATS
                                                      : 1;
    const bool integers = spec->type == DCL_ATTR_INT || spec->type == DCL_ATTR_INTS;
    const struct dcl_c_locale locale = dcl_c_locale_enter();
    const int n = read_numbers(text, v, limit);
    dcl_c_locale_leave(locale);
    bool good = n > 0 || (n == 0 && limit > 1);
    for (int i = 0; i < n && integers; i++)
        good &= is_integer(v[i]);
    if (!good)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "attribute '%s': cannot read '%s'", spec->name,
                        text);
    for (int i = 0; i < n; i++) {
        out->floats.v[i] = (float)v[i];
        if (integers)
            out->ints.v[i] = (int64_t)v[i];
    }
    out->floats.n = out->ints.n = n;
    out->f = n ? out->floats.v[0] : 0;
    out->i = n ? out->ints.v[0] : 0;
    return DETCL_OK;
}

enum detcl_status dcl_attrs_parse(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                  const char *text, struct dcl_error *e)
{
    char word[512];
    while (text && *text) {
        const size_t skip = strspn(text, " ");
        const size_t n = strcspn(text + skip, " ");
        if (n == 0)
            break;
        if (n >= sizeof word)
            return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "attribute text is too long");
        memcpy(word, text + skip, n);
        word[n] = 0;
        text += skip + n;
        char *equals = strchr(word, '=');
        if (!equals)
            return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "attribute '%s' has no value", word);
        *equals = 0;
        const int at = find(specs, word);
        if (at < 0)
            return DCL_FAIL(e, DETCL_ERROR_UNSUPPORTED, "attribute '%s' is not supported", word);
        struct dcl_attr_value value;
        DCL_TRY(e, parse_value(&specs[at], equals + 1, &value, e));
        DCL_TRY(e, dcl_attrs_set(specs, attrs, seen, word, &value, e));
    }
    return DETCL_OK;
}

enum detcl_status dcl_attrs_init(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                 struct dcl_error *e)
{
    for (int i = 0; specs && specs[i].name; i++) {
        if (!specs[i].initial)
            continue;
        struct dcl_attr_value value;
        uint64_t ignored = 0;
        DCL_TRY(e, parse_value(&specs[i], specs[i].initial, &value, e));
        DCL_TRY(e, dcl_attrs_set(specs, attrs, &ignored, specs[i].name, &value, e));
    }
    *seen = 0;
    return DETCL_OK;
}

static bool same_list(int n_a, int n_b, const void *a, const void *b, size_t size)
{
    return n_a == n_b && memcmp(a, b, (size_t)n_a * size) == 0;
}

static bool same_field(enum dcl_attr_type type, const void *a, const void *b)
{
    const struct dcl_ints *ints_a = a, *ints_b = b;
    const struct dcl_floats *floats_a = a, *floats_b = b;
    switch (type) {
    case DCL_ATTR_INT:
        return memcmp(a, b, sizeof(int64_t)) == 0;
    case DCL_ATTR_FLOAT:
        return memcmp(a, b, sizeof(float)) == 0;
    case DCL_ATTR_INTS:
        return same_list(ints_a->n, ints_b->n, ints_a->v, ints_b->v, sizeof *ints_a->v);
    case DCL_ATTR_FLOATS:
        return same_list(floats_a->n, floats_b->n, floats_a->v, floats_b->v, sizeof *floats_a->v);
    case DCL_ATTR_CHOICE:
        return memcmp(a, b, sizeof(int)) == 0;
    }
    return false;
}

bool dcl_attrs_same(const struct dcl_attr_spec *specs, const void *a, const void *b)
{
    for (int i = 0; specs && specs[i].name; i++)
        if (!same_field(specs[i].type, (const char *)a + specs[i].offset,
                        (const char *)b + specs[i].offset))
            return false;
    return true;
}

enum detcl_status dcl_attrs_check(const struct dcl_attr_spec *specs, uint64_t seen,
                                  struct dcl_error *e)
{
    for (int i = 0; specs && specs[i].name; i++)
        if (!specs[i].initial && !(seen >> i & 1))
            return DCL_FAIL(e, DETCL_ERROR_MODEL, "attribute '%s' is missing", specs[i].name);
    return DETCL_OK;
}
