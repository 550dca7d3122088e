#include "harness/bench.h"

#include <string.h>

#define NOISY 0.1
#define THROTTLED 0.1

json_t *dcl_json_time(const double *samples, int n, double *room)
{
    if (n < 1)
        return json_null();
    const struct dcl_statistics s = dcl_statistics_of(samples, n, room);
    return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "n", s.n, "median", s.median,
                     "p90", s.p90, "p99", s.p99, "least", s.least, "most", s.most, "spread",
                     s.spread, "drift", s.drift);
}

static void add_once(json_t *flags, const char *name)
{
    for (size_t i = 0; i < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), name) == 0)
            return;
    json_array_append_new(flags, json_string(name));
}

void dcl_json_flags(json_t *flags, const struct dcl_statistics *s)
{
    if (s->spread > NOISY)
        add_once(flags, "noisy");
    if (s->drift > THROTTLED)
        add_once(flags, "throttled");
}
