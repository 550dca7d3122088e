#include "report/markup.h"

#include <stdarg.h>
#include <string.h>

size_t dcl_character(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    const size_t n = *u < 0x80 ? 1 : *u < 0xe0 ? 2 : *u < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* One character; returns where the text goes on. */
static const char *put_character(FILE *out, const char *s)
{
    const size_t n = dcl_character(s);
    if (entity(*s))
        fputs(entity(*s), out);
    else
        fwrite(s, 1, n, out);
    return s + (n ? n : 1);
}

void dcl_put(FILE *out, const char *text)
{
    while (*text)
        text = put_character(out, text);
}

void dcl_put_name(FILE *out, const char *name)
{
    while (*name) {
        const char c = *name;
        name = put_character(out, name);
        if (strchr("/_.", c))
            fputs("<wbr>", out);
    }
}

void dcl_putf(FILE *out, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dcl_put(out, text);
}
