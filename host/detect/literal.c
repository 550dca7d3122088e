#include "detect/literal.h"

#include "core/locale.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAME 1024

static const char *skip(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
        p++;
    return p;
}

/* Step over `c` and the spaces around it; NULL when something else is there. */
static const char *take(const char *p, char c)
{
    p = skip(p);
    return *p == c ? skip(p + 1) : NULL;
}

static const char *take_int(const char *p, int *out)
{
    char *end;
    const long v = strtol(p, &end, 10);
    if (end == p || v < 0 || v > DCL_MAX_LABELS)
        return NULL;
    *out = (int)v;
    return skip(end);
}

static size_t put_utf8(unsigned long code, char *to)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

/* The character after a backslash: \xHH and \uHHHH are read, any other stands for itself. */
static const char *take_escape(const char *p, char *to, size_t *n)
{
    const int digits = *p == 'x' ? 2 : *p == 'u' ? 4 : 0;
    if (!digits) {
        to[(*n)++] = *p;
        return *p ? p + 1 : NULL;
    }
    char hex[5] = "";
    for (int i = 0; i < digits && p[1 + i]; i++)
        hex[i] = p[1 + i];
    char *end;
    const unsigned long code = strtoul(hex, &end, 16);
    if (end != hex + digits)
        return NULL;
    *n += put_utf8(code, to + *n);
    return p + 1 + digits;
}

/* A quoted string into name[MAX_NAME]. */
static const char *take_string(const char *p, char *name, size_t *length)
{
    const char quote = *p;
    if (quote != '\'' && quote != '"')
        return NULL;
    size_t n = 0;
    for (p++; *p != quote;) {
        if (!*p || n + 4 > MAX_NAME)
            return NULL;
        if (*p == '\\') {
            p = take_escape(p + 1, name, &n);
            if (!p)
                return NULL;
        } else {
            name[n++] = *p++;
        }
    }
    *length = n;
    return skip(p + 1);
}

/* An integer key, quoted or not, and its colon. */
static const char *take_key(const char *p, int *index)
{
    const char quote = *p == '\'' || *p == '"' ? *p : 0;
    p = take_int(quote ? p + 1 : p, index);
    if (p && quote)
        p = take(p, quote);
    return p ? take(p, ':') : NULL;
}

/* Walk over the entries; with `names` NULL only `*n` is found. */
static bool walk(const char *text, struct dcl_arena *arena, const char **names, int *n)
{
    const char *p = skip(text);
    const char close = *p == '{' ? '}' : *p == '[' ? ']' : *p == '(' ? ')' : 0;
    const bool keys = close == '}';
    if (!close)
        return false;
    p = skip(p + 1);
    *n = 0;
    for (int next = 0; *p != close; next++) {
        int index = next;
        char name[MAX_NAME];
        size_t length;
        if (keys && !(p = take_key(p, &index)))
            return false;
        if (index >= DCL_MAX_LABELS || !(p = take_string(p, name, &length)))
            return false;
        if (names && !(names[index] = dcl_label_copy(name, length, arena)))
            return false;
        *n = index + 1 > *n ? index + 1 : *n;
        if (*p == ',')
            p = skip(p + 1);
        else if (*p != close)
            return false;
    }
    return *skip(p + 1) == 0 && *n > 0;
}

bool dcl_literal_names(const char *text, struct dcl_arena *arena, struct dcl_labels *out)
{
    int n;
    if (!walk(text, arena, NULL, &n))
        return false;
    const char **names = dcl_arena_array(arena, (size_t)n, sizeof *names);
    if (!names || !walk(text, arena, names, &n))
        return false;
    *out = (struct dcl_labels){n, names};
    return true;
}

bool dcl_literal_pair(const char *text, int *first, int *second)
{
    const char *p = skip(text);
    const char close = *p == '[' ? ']' : *p == '(' ? ')' : 0;
    p = take_int(close ? skip(p + 1) : p, first);
    if (!p)
        return false;
    *second = *first;
    if (close && *p == ',' && !(p = take_int(skip(p + 1), second)))
        return false;
    if (close && !(p = take(p, close)))
        return false;
    return *p == 0;
}

bool dcl_literal_number(const char *text, double *out)
{
    char *end;
    const struct dcl_c_locale locale = dcl_c_locale_enter();
    *out = strtod(text, &end);
    dcl_c_locale_leave(locale);
    return end != text && *skip(end) == 0;
}
