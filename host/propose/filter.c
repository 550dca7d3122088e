#include "propose/filter.h"

#include <stddef.h>

/* exp(-x) for x >= 0 from basic arithmetic, so that it is the same number everywhere: a Taylor
 * series near zero, then squared ten times. */
static double falling_exp(double x)
{
    const double r = -x / 1024;
    double term = 1, sum = 1;
    for (int i = 1; i <= 10; i++) {
        term *= r / i;
        sum += term;
    }
    for (int i = 0; i < 10; i++)
        sum *= sum;
    return sum;
}

void dcl_gaussian_taps(double sigma, struct dcl_taps *taps)
{
    double value[DCL_MAX_RADIUS + 1], sum = 1;
    *taps = (struct dcl_taps){.radius = (int)(4 * sigma + 0.5)};
    value[0] = 1;
    for (int d = 1; d <= taps->radius; d++) {
        value[d] = falling_exp((d / sigma) * (d / sigma) / 2);
        sum += 2 * value[d];
    }
    for (int d = 0; d <= taps->radius; d++)
        taps->tap[d] = (float)(value[d] / sum);
}

void dcl_derivative_taps(double sigma, struct dcl_taps *taps)
{
    dcl_gaussian_taps(sigma, taps);
    taps->odd = 1;
    for (int d = 0; d <= taps->radius; d++)
        taps->tap[d] *= (float)(d / (sigma * sigma));
}

static int mirror(int i, int n)
{
    i = (i < 0 ? -1 - i : i) % (2 * n);
    return i < n ? i : 2 * n - 1 - i;
}

/* One more tap for `n` numbers: before and after are `d` away on either side. */
static void add_tap(float *restrict out, const float *restrict before, const float *restrict after,
                    float tap, int odd, size_t n)
{
    if (odd)
        for (size_t i = 0; i < n; i++)
            out[i] += tap * (after[i] - before[i]);
    else
        for (size_t i = 0; i < n; i++)
            out[i] += tap * (after[i] + before[i]);
}

static void filter_row(const float *in, float *out, int width, const struct dcl_taps *t, float *row)
{
    for (int i = 0; i < width + 2 * t->radius; i++)
        row[i] = in[mirror(i - t->radius, width)];
    const float *middle = row + t->radius;
    for (int i = 0; i < width; i++)
        out[i] = t->tap[0] * middle[i];
    for (int d = 1; d <= t->radius; d++)
        add_tap(out, middle - d, middle + d, t->tap[d], t->odd, (size_t)width);
}

void dcl_filter(const float *in, float *out, int width, int height, const struct dcl_taps *x,
                const struct dcl_taps *y, float *middle, float *row)
{
    const size_t n = (size_t)width;
    for (int i = 0; i < height; i++)
        filter_row(in + (size_t)i * n, middle + (size_t)i * n, width, x, row);
    for (int i = 0; i < height; i++) {
        float *to = out + (size_t)i * n;
        const float *from = middle + (size_t)i * n;
        for (size_t j = 0; j < n; j++)
            to[j] = y->tap[0] * from[j];
        for (int d = 1; d <= y->radius; d++)
            add_tap(to, middle + (size_t)mirror(i - d, height) * n,
                    middle + (size_t)mirror(i + d, height) * n, y->tap[d], y->odd, n);
    }
}
