#include "harness/bench.h"
#include "harness/suite.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* How much longer a network takes than an operation, for the time that is left. */
#define NETWORK_STEPS 12.0
#define LIMIT_STEPS 5.0

struct steps {
    const struct dcl_bench_options *options;
    double done, total;
};

static void advance(struct steps *s, const char *what, double step)
{
    s->options->progress(s->options->user, what, s->done / s->total);
    s->done += step;
}

static json_t *device_json(const struct detcl_context *ctx, size_t cache_bytes)
{
    const struct detcl_device_info *d = &ctx->info;
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:i, s:i, s:I, s:I, s:I}", "id", d->id,
                     "name", dcl_json_text(d->name), "platform", dcl_json_text(d->platform),
                     "driver", dcl_json_text(d->driver), "version", dcl_json_text(d->version),
                     "type", d->type, "profile", d->profile, "compute_units", d->compute_units,
                     "clock_mhz", d->clock_mhz, "global_bytes", (json_int_t)d->global_bytes,
                     "local_bytes", (json_int_t)d->local_bytes, "cache_bytes",
                     (json_int_t)cache_bytes);
}

static json_t *limits_json(const struct dcl_bench_limits *limits)
{
    json_t *all = json_object();
    for (int i = 0; i < DCL_BENCH_LIMITS; i++)
        if (limits->of[i].known)
            json_object_set_new(all, dcl_limit_infos[i].name,
                                json_pack("{s:s, s:f, s:f}", "unit", dcl_limit_infos[i].unit,
                                          "value", limits->of[i].value, "spread",
                                          limits->of[i].spread));
    return all;
}

static bool wanted(const struct dcl_bench_options *options, const struct dcl_bench_case *c)
{
    return !options->glob || fnmatch(options->glob, c->name, 0) == 0 ||
           fnmatch(options->glob, c->op, 0) == 0 || fnmatch(options->glob, c->group, 0) == 0;
}

static int count_wanted(const struct dcl_bench_options *options, const struct dcl_suite *suite)
{
    int n = 0;
    for (int i = 0; i < suite->n; i++)
        n += wanted(options, &suite->cases[i]);
    return n;
}

/* Batches other than 1 are part of the name, so that cases are told apart. */
static void run_suite(struct detcl_context *ctx, struct steps *steps,
                      const struct dcl_bench_limits *limits, const struct dcl_suite *suite,
                      json_t *rows)
{
    const struct dcl_bench_options *options = steps->options;
    for (int i = 0; i < suite->n && !*options->stop; i++) {
        struct dcl_bench_case c = suite->cases[i];
        if (!wanted(options, &c))
            continue;
        if (suite->batch > 1) {
            const size_t at = strlen(c.name);
            snprintf(c.name + at, sizeof c.name - at, "/batch%d", suite->batch);
        }
        advance(steps, c.name, 1);
        json_t *row = dcl_bench_operation(ctx, options, limits, &c);
        if (row)
            json_array_append_new(rows, row);
    }
}

static void run_operations(struct detcl_context *ctx, struct steps *steps,
                           const struct dcl_bench_limits *limits, json_t *rows)
{
    const struct dcl_bench_options *options = steps->options;
    for (int b = 0; b < options->n_batches && !*options->stop; b++) {
        struct dcl_suite suite;
        if (dcl_suite_make(&suite, options->batches[b], options->quick))
            run_suite(ctx, steps, limits, &suite, rows);
        dcl_suite_free(&suite);
    }
}

static void run_networks(struct detcl_context *ctx, struct steps *steps, json_t *rows)
{
    const struct dcl_bench_options *options = steps->options;
    for (int i = 0; i < options->n_models && !*options->stop; i++) {
        advance(steps, options->models[i].model, NETWORK_STEPS);
        json_t *row = dcl_bench_measure_network(ctx, options, &options->models[i]);
        if (row)
            json_array_append_new(rows, row);
    }
}

static double count_steps(const struct dcl_bench_options *options)
{
    struct dcl_suite suite;
    double total = LIMIT_STEPS;
    if (options->operations && dcl_suite_make(&suite, 1, options->quick))
        total += (double)count_wanted(options, &suite) * options->n_batches;
    if (options->operations)
        dcl_suite_free(&suite);
    return total + (options->networks ? NETWORK_STEPS * options->n_models : 0);
}

/* Threads of a processor, as far as the environment tells. */
static json_t *threads_json(const struct detcl_context *ctx)
{
    const bool processor = strcmp(ctx->info.type, "cpu") == 0;
    return processor ? json_integer(ctx->info.compute_units) : json_null();
}

json_t *dcl_bench_run(struct detcl_context *ctx, const struct dcl_bench_options *options)
{
    struct steps steps = {options, 0, count_steps(options)};
    struct dcl_bench_limits limits;
    advance(&steps, "limits", LIMIT_STEPS);
    const enum detcl_status status = dcl_bench_measure_limits(ctx, options->stop, &limits);
    if (status != DETCL_OK)
        options->failure(options->user, "limits", detcl_context_error(ctx));
    json_t *run = json_object();
    json_object_set_new(run, "device", device_json(ctx, limits.cache_bytes));
    json_object_set_new(run, "threads", threads_json(ctx));
    json_object_set_new(run, "limits", limits_json(&limits));
    if (options->operations) {
        json_t *rows = json_array();
        json_object_set_new(run, "operations", rows);
        run_operations(ctx, &steps, &limits, rows);
    }
    if (options->networks) {
        json_t *rows = json_array();
        json_object_set_new(run, "networks", rows);
        run_networks(ctx, &steps, rows);
    }
    options->progress(options->user, "done", 1);
    return run;
}

/* --- the document's head -----------------------------------------------------------------------
 */

static void processor_name(char *text, size_t size)
{
    snprintf(text, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(text, size, "%s", colon[1] == ' ' ? colon + 2 : colon + 1);
        break;
    }
    if (file)
        fclose(file);
}

static json_t *host_json(void)
{
    char processor[512], system[256];
    struct utsname u;
    processor_name(processor, sizeof processor);
    if (uname(&u) == 0)
        snprintf(system, sizeof system, "%.60s %.60s %.60s", u.sysname, u.release, u.machine);
    else
        snprintf(system, sizeof system, "unknown");
    const json_int_t memory =
        (json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE);
    return json_pack("{s:o, s:i, s:I, s:s}", "processor", dcl_json_text(processor), "cores",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "memory_bytes", memory, "system", system);
}

json_t *dcl_bench_document(const char *command, bool quick)
{
    char date[32];
    const time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return json_pack("{s:s, s:o, s:s, s:b, s:b, s:{s:s, s:s, s:s}, s:o, s:[]}", "schema",
                     "detcl-bench/1", "command", dcl_json_text(command), "date", date, "complete",
                     0, "quick", quick, "library", "name", "detcl", "version", DETCL_VERSION,
                     "compiler", __VERSION__, "host", host_json(), "runs");
}
