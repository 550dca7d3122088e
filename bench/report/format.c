#include "report/format.h"

#include <math.h>
#include <stdio.h>

struct dcl_words dcl_number(double v)
{
    struct dcl_words w = {"-"};
    if (isnan(v))
        return w;
    const double size = fabs(v);
    const int digits = size >= 99.95 || size == 0 ? 0
                       : size >= 9.995            ? 1
                       : size >= 0.9995           ? 2
                       : size >= 0.09995          ? 3
                                                  : 4;
    snprintf(w.text, sizeof w.text, "%.*f", digits, v);
    return w;
}

/* v in the largest unit that leaves at least 1. */
static struct dcl_words scaled(double v, double step, const char *const *units, int count)
{
    struct dcl_words w = {"-"};
    if (isnan(v))
        return w;
    int unit = 0;
    while (unit + 1 < count && fabs(v) >= step * 0.9995) {
        v /= step;
        unit++;
    }
    snprintf(w.text, sizeof w.text, "%.20s%s%s", dcl_number(v).text, *units[unit] ? " " : "",
             units[unit]);
    return w;
}

struct dcl_words dcl_ms(double ms)
{
    static const char *const units[] = {"us", "ms", "s"};
    return scaled(ms * 1e3, 1e3, units, 3);
}

struct dcl_words dcl_si(double v)
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    return scaled(v, 1e3, units, 6);
}

struct dcl_words dcl_bytes(double v)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    return scaled(v, 1024, units, 5);
}

struct dcl_words dcl_percent(double v)
{
    struct dcl_words w = {"-"};
    if (!isnan(v))
        snprintf(w.text, sizeof w.text, "%.*f %%", v < 0.0995 ? 1 : 0, v * 100);
    return w;
}

struct dcl_words dcl_ratio(double v)
{
    struct dcl_words w = {"-"};
    if (!isnan(v))
        snprintf(w.text, sizeof w.text, "%.20sx", dcl_number(v).text);
    return w;
}
