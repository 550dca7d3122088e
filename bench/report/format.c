#include "report/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

static struct dcl_words short_number(double v)
{
    struct dcl_words w;
    snprintf(w.text, sizeof w.text, "%.10g", v);
    return w;
}

/* v in the largest unit that leaves at least 1. */
static struct dcl_words scaled(double v, double step, const char *const *units, int count,
                               struct dcl_words (*digits)(double))
{
    struct dcl_words w = {"-"};
    if (isnan(v))
        return w;
    int unit = 0;
    while (unit + 1 < count && fabs(v) >= step * 0.9995) {
        v /= step;
        unit++;
    }
    snprintf(w.text, sizeof w.text, "%.20s%s%s", digits(v).text, *units[unit] ? " " : "",
             units[unit]);
    return w;
}

static const char *const times[] = {"us", "ms", "s"};
static const char *const powers[] = {"", "k", "M", "G", "T", "P"};

struct dcl_words dcl_ms(double ms)
{
    return scaled(ms * 1e3, 1e3, times, 3, dcl_number);
}

struct dcl_words dcl_si(double v)
{
    return scaled(v, 1e3, powers, 6, dcl_number);
}

struct dcl_words dcl_rate(double v, const char *unit)
{
    static const char *const units[][2] = {{"GB/s", "TB/s"}, {"GFLOP/s", "TFLOP/s"}, {"us", "ms"}};
    for (int i = 0; i < 3; i++)
        if (strcmp(units[i][0], unit) == 0)
            return scaled(v, 1e3, units[i], 2, dcl_number);
    return dcl_number(v);
}

struct dcl_words dcl_bytes(double v)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    return scaled(v, 1024, units, 5, dcl_number);
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

struct dcl_words dcl_tick(double v)
{
    return scaled(v, 1e3, powers, 6, short_number);
}

struct dcl_words dcl_tick_ms(double ms)
{
    return scaled(ms * 1e3, 1e3, times, 3, short_number);
}

struct dcl_words dcl_tick_ratio(double v)
{
    struct dcl_words w;
    snprintf(w.text, sizeof w.text, "%.20sx", short_number(v).text);
    return w;
}

struct dcl_words dcl_tick_percent(double v)
{
    struct dcl_words w;
    snprintf(w.text, sizeof w.text, "%.20s %%", short_number(v * 100).text);
    return w;
}
