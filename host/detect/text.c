#include "detect/text.h"

#include "core/locale.h"

#include <stdarg.h>
#include <stdio.h>

struct dcl_text dcl_text_in(char *room, size_t size)
{
    room[0] = 0;
    return (struct dcl_text){room, size, 0};
}

void dcl_text_put(struct dcl_text *t, const char *format, ...)
{
    const size_t left = t->size - t->used;
    va_list args;
    va_start(args, format);
    const struct dcl_c_locale locale = dcl_c_locale_enter();
    const int n = vsnprintf(t->v + t->used, left, format, args);
    dcl_c_locale_leave(locale);
    va_end(args);
    if (n > 0)
        t->used += (size_t)n < left ? (size_t)n : left - 1;
}

void dcl_text_floats(struct dcl_text *t, const float *v, int n, int digits)
{
    for (int i = 0; i < n; i++)
        dcl_text_put(t, "%s%.*g", i ? "," : "", digits, (double)v[i]);
}

void dcl_text_ints(struct dcl_text *t, const int *v, int n)
{
    for (int i = 0; i < n; i++)
        dcl_text_put(t, "%s%d", i ? "," : "", v[i]);
}
