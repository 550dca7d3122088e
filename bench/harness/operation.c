/* One case: verified, then timed cold and warm. */
#include "core/clock.h"
#include "harness/bench.h"
#include "harness/trial.h"

#include <math.h>
#include <stdlib.h>

#define MOST_SAMPLES 2000

const struct dcl_bench_budget dcl_budget_cold = {10, 0.5, MOST_SAMPLES};
const struct dcl_bench_budget dcl_budget_warm = {10, 0.25, MOST_SAMPLES};
const struct dcl_bench_budget dcl_budget_quick = {5, 0.1, MOST_SAMPLES};

#define WARM_UP 2

struct samples {
    double wall[MOST_SAMPLES], device[MOST_SAMPLES], room[MOST_SAMPLES];
    int n;
};

/* `sets`: how many sets of operands are taken in turn; 1 leaves everything in the caches. */
static enum detcl_status sample(struct dcl_trial *t, int sets,
                                const struct dcl_bench_budget *budget,
                                const volatile sig_atomic_t *stop, struct samples *s)
{
    double wall, device;
    for (int i = 0; i < WARM_UP; i++)
        DCL_TRY(&t->ctx->error, dcl_trial_run(t, i % sets, &wall, &device));
    const double until = dcl_clock_ms() + 1e3 * budget->seconds;
    for (s->n = 0; s->n < budget->most; s->n++) {
        if (*stop || (s->n >= budget->least && dcl_clock_ms() > until))
            break;
        DCL_TRY(&t->ctx->error,
                dcl_trial_run(t, (s->n + WARM_UP) % sets, &s->wall[s->n], &s->device[s->n]));
    }
    return DETCL_OK;
}

/* What the median means next to the limits. */
static void add_rates(const struct dcl_trial *t, const struct dcl_bench_limits *limits, double ms,
                      json_t *row)
{
    const double bytes = dcl_trial_bytes(t), flops = t->what->flops;
    const char *by;
    const int launches = t->exec->recorder.n_launches;
    const double bound = dcl_bench_bound(limits, bytes, flops, launches, &by);
    json_object_set_new(row, "flops", dcl_json_number(flops));
    json_object_set_new(row, "bytes", dcl_json_number(bytes));
    json_object_set_new(row, "gbs", dcl_json_number(1e-6 * bytes / ms));
    json_object_set_new(row, "gflops", dcl_json_number(1e-6 * flops / ms));
    json_object_set_new(row, "bound_ms", dcl_json_number(bound));
    json_object_set_new(row, "bound_by", json_string(by));
    json_object_set_new(row, "share", dcl_json_number(bound / ms));
    json_object_set_new(row, "launches", json_integer(launches));
    json_object_set_new(row, "device_bytes",
                        json_integer((json_int_t)(dcl_exec_bytes(t->exec) + t->set_bytes)));
}

static enum detcl_status time_trial(struct dcl_trial *t, const struct dcl_bench_options *options,
                                    const struct dcl_bench_limits *limits, struct samples *s,
                                    json_t *row)
{
    const bool quick = options->quick;
    DCL_TRY(&t->ctx->error,
            sample(t, t->n_sets, quick ? &dcl_budget_quick : &dcl_budget_cold, options->stop, s));
    if (*options->stop)
        return DETCL_OK;
    json_t *flags = json_array();
    const bool events = dcl_statistics_of(s->device, s->n, s->room).median > 0;
    const struct dcl_statistics time =
        dcl_statistics_of(events ? s->device : s->wall, s->n, s->room);
    dcl_json_flags(flags, &time);
    if ((double)t->n_sets * (double)t->set_bytes < (double)limits->cache_bytes)
        json_array_append_new(flags, json_string("in_cache"));
    json_object_set_new(row, "event",
                        events ? dcl_json_time(s->device, s->n, s->room) : json_null());
    json_object_set_new(row, "wall", dcl_json_time(s->wall, s->n, s->room));
    add_rates(t, limits, time.median, row);
    DCL_TRY(&t->ctx->error,
            sample(t, 1, quick ? &dcl_budget_quick : &dcl_budget_warm, options->stop, s));
    json_object_set_new(row, "warm", dcl_json_time(events ? s->device : s->wall, s->n, s->room));
    json_object_set_new(row, "flags", flags);
    return DETCL_OK;
}

static json_t *describe(const struct dcl_bench_case *c)
{
    char shapes[512];
    dcl_trial_shapes(c, shapes, sizeof shapes);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", c->name, "op", c->op, "group",
                            c->group, "attributes", c->attributes, "shapes", shapes);
    if (c->series)
        json_object_set_new(row, "series", json_pack("{s:s, s:f}", "name", c->series, "x", c->x));
    return row;
}

json_t *dcl_bench_operation(struct detcl_context *ctx, const struct dcl_bench_options *options,
                            const struct dcl_bench_limits *limits, const void *bench_case)
{
    const struct dcl_bench_case *c = bench_case;
    struct dcl_trial *t = malloc(sizeof *t);
    struct samples *s = malloc(sizeof *s);
    json_t *row = describe(c);
    if (t && s && row) {
        enum detcl_status status = dcl_trial_open(ctx, c, limits->cache_bytes, t);
        if (isfinite(t->error))
            json_object_set_new(row, "verified",
                                json_pack("{s:f, s:f}", "error", t->error, "limit", t->limit));
        if (status == DETCL_OK)
            status = time_trial(t, options, limits, s, row);
        if (status != DETCL_OK) {
            json_object_set_new(row, "failed", dcl_json_text(detcl_context_error(ctx)));
            options->failure(options->user, c->name, detcl_context_error(ctx));
        }
        dcl_trial_close(t);
    }
    free(s);
    free(t);
    if (row && *options->stop && !json_object_get(row, "flags")) {
        json_decref(row); /* half a case is none */
        return NULL;
    }
    return row;
}
