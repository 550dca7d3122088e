#include "harness/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double dcl_quantile(const double *sorted, int n, double q)
{
    const double at = q * (n - 1);
    const int below = (int)floor(at), above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

static double median_of(const double *samples, int n, double *room)
{
    memcpy(room, samples, (size_t)n * sizeof *room);
    qsort(room, (size_t)n, sizeof *room, ascending);
    return dcl_quantile(room, n, 0.5);
}

struct dcl_statistics dcl_statistics_of(const double *samples, int n, double *room)
{
    struct dcl_statistics s = {.n = n};
    const int third = (n + 2) / 3;
    const double first = median_of(samples, third, room);
    const double last = median_of(samples + n - third, third, room);
    s.drift = first > 0 ? last / first - 1 : 0;
    s.median = median_of(samples, n, room);
    s.p90 = dcl_quantile(room, n, 0.9);
    s.p99 = dcl_quantile(room, n, 0.99);
    s.least = room[0];
    s.most = room[n - 1];
    const double range = dcl_quantile(room, n, 0.75) - dcl_quantile(room, n, 0.25);
    s.spread = s.median > 0 ? range / s.median : 0;
    return s;
}
