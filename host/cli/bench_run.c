/* detcl bench: measure, tell, write. */
#include "bench.h"
#include "core/clock.h"
#include "detcl/image.h"
#include "harness/bench.h"
#include "image/image.h"
#include "json_file.h"
#include "report/report.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Ctrl-C; a second one ends the process. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

struct bench {
    struct dcl_console console;
    struct dcl_bench_request request;
    struct dcl_image pixels;
    json_t *document;
    double start;
    int failures;
};

static void show_progress(void *user, const char *what, double done)
{
    struct bench *b = user;
    const double seconds = 1e-3 * (dcl_clock_ms() - b->start);
    dcl_console_bar(&b->console, what, done, done > 0.02 ? seconds * (1 - done) / done : -1);
}

static void show_failure(void *user, const char *what, const char *why)
{
    struct bench *b = user;
    b->failures++;
    dcl_console_error(&b->console, "%s: %s", what, why);
}

/* --- tables on stdout ---------------------------------------------------------------------------
 */

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static double median(const json_t *row, const char *key)
{
    return number(json_object_get(row, key), "median");
}

static void print_limits(const json_t *run)
{
    const json_t *device = json_object_get(run, "device");
    printf("%s (%s, driver %s)\n", json_string_value(json_object_get(device, "name")),
           json_string_value(json_object_get(device, "id")),
           json_string_value(json_object_get(device, "driver")));
    for (int i = 0; i < DCL_BENCH_LIMITS; i++) {
        const char *name = dcl_limit_infos[i].name;
        const json_t *limit = json_object_get(json_object_get(run, "limits"), name);
        if (limit)
            printf("  %-14s %12.2f %s\n", name, number(limit, "value"), dcl_limit_infos[i].unit);
    }
}

static void print_operation(const json_t *row)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    if (json_object_get(row, "failed")) {
        printf("%-44s failed\n", name);
        return;
    }
    printf("%-44s %10.4f %10.4f %10.4f %9.2f %9.2f %5.1f%%  %s", name, median(row, "event"),
           median(row, "wall"), median(row, "warm"), number(row, "gflops"), number(row, "gbs"),
           100 * number(row, "share"), json_string_value(json_object_get(row, "bound_by")));
    const json_t *flags = json_object_get(row, "flags");
    for (size_t i = 0; i < json_array_size(flags); i++)
        printf(" %s", json_string_value(json_array_get(flags, i)));
    putchar('\n');
}

static void print_operations(const json_t *rows)
{
    if (json_array_size(rows))
        printf("\n%-44s %10s %10s %10s %9s %9s %6s  %s\n", "operation", "event ms", "wall ms",
               "warm ms", "GFLOP/s", "GB/s", "share", "bound by");
    for (size_t i = 0; i < json_array_size(rows); i++)
        print_operation(json_array_get(rows, i));
}

static void print_networks(const json_t *rows)
{
    if (json_array_size(rows))
        printf("\n%-28s %12s %14s %10s %10s %10s %6s\n", "network", "single p90", "8 images p99",
               "images/s", "cold ms", "second ms", "boxes");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *name = json_string_value(json_object_get(row, "name"));
        const json_t *s = json_object_get(row, "scenarios");
        if (json_object_get(row, "failed")) {
            printf("%-28s failed\n", name);
            continue;
        }
        printf("%-28s %12.3f %14.3f %10.1f %10.0f %10.0f %6.0f\n", name,
               number(json_object_get(json_object_get(s, "single_stream"), "time"), "p90"),
               number(json_object_get(json_object_get(s, "multi_stream"), "time"), "p99"),
               number(json_object_get(s, "offline"), "images_per_second"),
               number(row, "cold_start_ms"), number(row, "second_start_ms"), number(row, "boxes"));
    }
}

static void print_run(struct bench *b, const json_t *run)
{
    dcl_console_clear(&b->console);
    const struct dcl_bench_request *r = &b->request;
    const char *files[] = {r->json, r->files.csv, r->files.markdown, r->files.html};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && strcmp(files[i], "-") == 0)
            return;
    print_limits(run);
    print_operations(json_object_get(run, "operations"));
    print_networks(json_object_get(run, "networks"));
    fflush(stdout);
}

/* --- measuring ----------------------------------------------------------------------------------
 */

static enum dcl_exit run_device(struct bench *b, const char *device)
{
    struct dcl_bench_request *r = &b->request;
    struct detcl_context *ctx = NULL;
    const enum dcl_exit code = dcl_cli_open(&b->console, *device ? device : NULL, false, &ctx);
    if (code != DCL_EXIT_OK)
        return code;
    struct dcl_bench_network models[DCL_BENCH_MODELS];
    for (int i = 0; i < r->n_models; i++)
        models[i] = (struct dcl_bench_network){r->models[i], r->sidecars};
    const struct detcl_image image = {
        .pixels = b->pixels.rgb, .width = b->pixels.width, .height = b->pixels.height};
    const struct dcl_bench_options options = {.operations = r->operations,
                                              .networks = r->networks,
                                              .quick = r->quick,
                                              .glob = r->glob,
                                              .batches = r->batches,
                                              .n_batches = r->n_batches,
                                              .models = models,
                                              .n_models = r->n_models,
                                              .image = &image,
                                              .image_file = r->image,
                                              .stop = &interrupted,
                                              .progress = show_progress,
                                              .failure = show_failure,
                                              .user = b};
    b->start = dcl_clock_ms();
    json_t *run = dcl_bench_run(ctx, &options);
    print_run(b, run);
    json_array_append_new(json_object_get(b->document, "runs"), run);
    detcl_context_destroy(&ctx);
    return DCL_EXIT_OK;
}

static enum dcl_exit write_reports(struct bench *b)
{
    const struct dcl_bench_request *r = &b->request;
    char why[512];
    bool good = !r->json || dcl_json_write(&b->console, b->document, r->json);
    if (!dcl_report_check(b->document, why, sizeof why)) {
        dcl_console_error(&b->console, "the document is not what it should be: %s", why);
        return DCL_EXIT_RUNTIME;
    }
    const struct dcl_documents documents = {&b->document, 1};
    good = dcl_documents_write(&b->console, &r->files, &documents) && good;
    return good ? DCL_EXIT_OK : DCL_EXIT_RUNTIME;
}

/* A picture that cannot be read is known before anything is measured. */
static enum dcl_exit load_image(struct bench *b)
{
    char why[1024];
    if (!b->request.networks)
        return DCL_EXIT_OK;
    const enum detcl_status status = dcl_image_load(b->request.image, &b->pixels, why, sizeof why);
    if (status != DETCL_OK)
        dcl_console_error(&b->console, "%s", why);
    return status == DETCL_OK ? DCL_EXIT_OK : dcl_exit_of(status);
}

static enum dcl_exit measure_all(struct bench *b)
{
    enum dcl_exit code = load_image(b);
    b->document = dcl_bench_document(b->request.command, b->request.quick);
    if (!b->document) {
        dcl_console_error(&b->console, "out of memory");
        return DCL_EXIT_RUNTIME;
    }
    const struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    for (int i = 0; i < b->request.n_devices && code == DCL_EXIT_OK && !interrupted; i++)
        code = run_device(b, b->request.devices[i]);
    if (code != DCL_EXIT_OK && !json_array_size(json_object_get(b->document, "runs")))
        return code;
    json_object_set_new(b->document, "complete", json_boolean(!interrupted && code == DCL_EXIT_OK));
    const enum dcl_exit written = write_reports(b);
    if (interrupted)
        dcl_console_note(&b->console, "interrupted: the rest was not measured");
    return written != DCL_EXIT_OK ? written
           : code != DCL_EXIT_OK  ? code
           : interrupted          ? DCL_EXIT_INTERRUPTED
           : b->failures          ? DCL_EXIT_RUNTIME
                                  : DCL_EXIT_OK;
}

enum dcl_exit dcl_cli_bench_run(int argc, char **argv)
{
    struct bench b = {0};
    bool done = false;
    dcl_console_init(&b.console, "bench");
    enum dcl_exit code = dcl_bench_arguments(&b.console, argc, argv, &b.request, &done);
    if (code == DCL_EXIT_OK && !done)
        code = measure_all(&b);
    json_decref(b.document);
    dcl_image_free(&b.pixels);
    dcl_bench_request_free(&b.request);
    return code;
}
