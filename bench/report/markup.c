#include "report/markup.h"

#include <stdarg.h>
#include <string.h>

void dcl_put(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

void dcl_put_name(FILE *out, const char *name)
{
    for (; *name; name++) {
        const char one[] = {*name, 0};
        dcl_put(out, one);
        if (strchr("/_.", *name))
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
