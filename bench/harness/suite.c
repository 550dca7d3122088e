#include "harness/suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dcl_bench_case *dcl_suite_add(struct dcl_suite *suite, const char *group, const char *op,
                                     const char *attributes, int n_out)
{
    static struct dcl_bench_case scratch;
    struct dcl_bench_case *c = &scratch;
    if (suite->n == suite->capacity) {
        const int capacity = suite->capacity ? 2 * suite->capacity : 64;
        void *larger = realloc(suite->cases, (size_t)capacity * sizeof *suite->cases);
        suite->failed |= !larger;
        if (larger) {
            suite->cases = larger;
            suite->capacity = capacity;
        }
    }
    if (suite->n < suite->capacity)
        c = &suite->cases[suite->n++];
    *c = (struct dcl_bench_case){.group = group, .op = op, .n_out = n_out};
    snprintf(c->attributes, sizeof c->attributes, "%s", attributes ? attributes : "");
    return c;
}

void dcl_bench_name(struct dcl_bench_case *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->name, sizeof c->name, format, args);
    va_end(args);
}

struct dcl_bench_input *dcl_bench_in(struct dcl_bench_case *c, int rank, const int64_t *dims)
{
    struct dcl_bench_input *in = &c->in[c->n_in++];
    *in = (struct dcl_bench_input){.desc = {.dtype = DETCL_F32, .rank = rank}};
    memcpy(in->desc.dims, dims, (size_t)rank * sizeof *dims);
    return in;
}

bool dcl_suite_make(struct dcl_suite *suite, int batch, bool quick)
{
    *suite = (struct dcl_suite){.batch = batch, .quick = quick};
    dcl_suite_network(suite);
    dcl_suite_boxes(suite);
    dcl_suite_regions(suite);
    return !suite->failed;
}

void dcl_suite_free(struct dcl_suite *suite)
{
    free(suite->cases);
    *suite = (struct dcl_suite){0};
}
