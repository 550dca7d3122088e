#include "report/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where in the document we are: a chain on the stack. */
struct place {
    const struct place *above;
    const char *key; /* NULL: an item of an array */
    size_t index;
};

struct check {
    const json_t *definitions;
    char *why; /* NULL: only the answer is asked for */
    size_t size;
};

static bool holds(const struct check *c, const struct place *at, const json_t *schema,
                  const json_t *value);

static void append(const struct check *c, const char *format, ...)
{
    const size_t used = strlen(c->why);
    va_list args;
    va_start(args, format);
    vsnprintf(c->why + used, c->size - used, format, args);
    va_end(args);
}

static void append_place(const struct check *c, const struct place *at)
{
    if (!at)
        return;
    append_place(c, at->above);
    if (at->key)
        append(c, "%s%.80s", *c->why ? "." : "", at->key);
    else
        append(c, "[%zu]", at->index);
}

/* Returns false, with "PATH: text" in `why`. */
static bool fault(const struct check *c, const struct place *at, const char *format, ...)
{
    if (!c->why)
        return false;
    *c->why = 0;
    append_place(c, at);
    append(c, "%s: ", *c->why ? "" : "the document");
    const size_t used = strlen(c->why);
    va_list args;
    va_start(args, format);
    vsnprintf(c->why + used, c->size - used, format, args);
    va_end(args);
    return false;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_INTEGER:
        return "integer";
    case JSON_REAL:
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "boolean";
    case JSON_NULL:
        return "null";
    }
    return "";
}

static bool is_type(const json_t *value, const char *name)
{
    return strcmp(type_name(value), name) == 0 ||
           (json_is_integer(value) && !strcmp(name, "number"));
}

static bool type_holds(const struct check *c, const struct place *at, const json_t *type,
                       const json_t *value)
{
    if (json_is_string(type))
        return is_type(value, json_string_value(type)) ||
               fault(c, at, "must be %s, not %s", json_string_value(type), type_name(value));
    char names[64] = "";
    size_t i;
    json_t *name;
    json_array_foreach(type, i, name)
    {
        if (is_type(value, json_string_value(name)))
            return true;
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? " or " : "",
                 json_string_value(name));
    }
    return !type || fault(c, at, "must be %s, not %s", names, type_name(value));
}

/* The value as JSON, cut short. */
static void show(const json_t *value, char text[64])
{
    const size_t n =
        json_dumpb(value, text, 60, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    if (n > 60)
        strcpy(text + 57, "...");
    else
        text[n] = 0;
}

static bool choice_holds(const struct check *c, const struct place *at, const json_t *schema,
                         const json_t *value)
{
    char wanted[64], found[64];
    const json_t *only = json_object_get(schema, "const"), *any = json_object_get(schema, "enum");
    show(value, found);
    if (only && !json_equal(only, value)) {
        show(only, wanted);
        return fault(c, at, "must be %s, not %s", wanted, found);
    }
    size_t i;
    json_t *one;
    json_array_foreach(any, i, one)
    {
        if (json_equal(one, value))
            return true;
    }
    if (any) {
        show(any, wanted);
        return fault(c, at, "must be one of %s, not %s", wanted, found);
    }
    return true;
}

/* The number at `key` of the schema, or `otherwise`. */
static double limit_of(const json_t *schema, const char *key, double otherwise)
{
    const json_t *v = json_object_get(schema, key);
    return v ? json_number_value(v) : otherwise;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static bool range_holds(const struct check *c, const struct place *at, const json_t *schema,
                        const json_t *value)
{
    if (json_is_number(value)) {
        const double v = json_number_value(value);
        const double low = limit_of(schema, "minimum", v), high = limit_of(schema, "maximum", v);
        return (v >= low && v <= high) ||
               fault(c, at, "%.9g is not %s %.9g", v, v < low ? "at least" : "at most",
                     v < low ? low : high);
    }
    if (json_is_string(value)) {
        const double n = (double)characters(json_string_value(value));
        const double low = limit_of(schema, "minLength", n),
                     high = limit_of(schema, "maxLength", n);
        return (n >= low && n <= high) ||
               fault(c, at, n < low ? "must not be empty" : "longer than %.0f characters", high);
    }
    const double n = (double)json_array_size(value);
    const double high = limit_of(schema, "maxItems", n);
    return n <= high || fault(c, at, "more than %.0f items", high);
}

static bool object_holds(const struct check *c, const struct place *at, const json_t *schema,
                         const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    size_t i;
    json_t *wanted, *inner;
    json_array_foreach(json_object_get(schema, "required"), i, wanted)
    {
        if (!json_object_get(value, json_string_value(wanted)))
            return fault(c, at, "\"%s\" is missing", json_string_value(wanted));
    }
    const char *key;
    json_object_foreach((json_t *)value, key, inner)
    {
        const json_t *rule = json_object_get(properties, key);
        const struct place here = {.above = at, .key = key};
        if (!rule)
            rule = others;
        if (rule && !holds(c, &here, rule, inner))
            return false;
    }
    return true;
}

static bool items_hold(const struct check *c, const struct place *at, const json_t *items,
                       const json_t *value)
{
    size_t i;
    json_t *inner;
    json_array_foreach(value, i, inner)
    {
        const struct place here = {.above = at, .index = i};
        if (!holds(c, &here, items, inner))
            return false;
    }
    return true;
}

static bool branch_holds(const struct check *c, const struct place *at, const json_t *schema,
                         const json_t *value)
{
    const json_t *condition = json_object_get(schema, "if");
    if (!condition)
        return true;
    const struct check quiet = {.definitions = c->definitions};
    const bool met = holds(&quiet, at, condition, value);
    const json_t *rule = json_object_get(schema, met ? "then" : "else");
    return !rule || holds(c, at, rule, value);
}

static bool holds(const struct check *c, const struct place *at, const json_t *schema,
                  const json_t *value)
{
    static const char prefix[] = "#/$defs/";
    const char *name = json_string_value(json_object_get(schema, "$ref"));
    if (name && !holds(c, at, json_object_get(c->definitions, name + strlen(prefix)), value))
        return false;
    if (!type_holds(c, at, json_object_get(schema, "type"), value) ||
        !choice_holds(c, at, schema, value) || !range_holds(c, at, schema, value))
        return false;
    if (json_is_object(value) && !object_holds(c, at, schema, value))
        return false;
    const json_t *items = json_object_get(schema, "items");
    if (items && json_is_array(value) && !items_hold(c, at, items, value))
        return false;
    return branch_holds(c, at, schema, value);
}

bool dcl_schema_holds(const json_t *schema, const json_t *value, char *why, size_t size)
{
    const struct check c = {json_object_get(schema, "$defs"), why, size};
    return holds(&c, NULL, schema, value);
}
