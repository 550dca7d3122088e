/* Numbers in arguments: the whole text or nothing. */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

bool dcl_parse_int(const char *text, int low, int high, int *out)
{
    char *end;
    errno = 0;
    const long v = strtol(text, &end, 10);
    if (end == text || *end || errno || v < low || v > high)
        return false;
    *out = (int)v;
    return true;
}

/* One number up to `stop`; NULL when there is none in range, else where the text goes on. */
static const char *parse_until(const char *text, char stop, double low, double high, float *out)
{
    char *end;
    const double v = strtod(text, &end);
    if (end == text || *end != stop || !isfinite(v) || v < low || v > high)
        return NULL;
    *out = (float)v;
    return stop ? end + 1 : end;
}

bool dcl_parse_float(const char *text, double low, double high, float *out)
{
    return parse_until(text, '\0', low, high, out) != NULL;
}

bool dcl_parse_floats(const char *text, int count, double low, double high, float *out)
{
    for (int i = 0; i < count && text; i++)
        text = parse_until(text, i + 1 < count ? ',' : '\0', low, high, &out[i]);
    return text != NULL;
}
