/* detcl tune: which way of computing each convolution is fastest here. */
#include "harness/tune.h"
#include "cli.h"
#include "core/clock.h"
#include "device/device.h"
#include "harness/network.h"
#include "whole_file.h"

#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_SECONDS 86400

static const char usage[] =
    "Usage: detcl tune [--suite | --model M] [OPTION...]\n"
    "\n"
    "Find the fastest way to compute each convolution on a device: kernel and tiles. A way counts\n"
    "only when it agrees with the CPU twin here; one that does not, or that does not compile, "
    "goes\n"
    "into quarantine with the reason and is never used again. Later runs on this device and "
    "driver\n"
    "use what was found; shapes that were not tuned follow a model of the device.\n"
    "\n"
    "  -d, --device D        as detcl devices lists them\n"
    "      --suite           the convolutions of well-known networks (what is done without "
    "--model)\n"
    "  -m, --model M         the convolutions of this ONNX file\n"
    "      --sidecars DIR    where the model's sidecar (MODEL.detcl.json) is, if not beside it\n"
    "      --op GLOB         only cases whose name, operation or group matches, as '*3x3*'\n"
    "      --budget SECONDS  for all of it (300); what is not reached stays as it is\n"
    "      --again           shapes that are tuned already too\n"
    "      --out F           write the database to F, not to the user's own\n"
    "  -q, --quiet           no progress\n"
    "  -h, --help            this text\n"
    "\n"
    "The user's own database lies in DETCL_TUNING_DIR, else XDG_DATA_HOME/detcl/tuning, else\n"
    "~/.local/share/detcl/tuning, and goes before what comes with detcl; DETCL_NO_TUNING=1 "
    "ignores\n"
    "both. Ctrl-C ends early: what was found is kept, and the exit code is 130.\n"
    "\n"
    "Examples:\n"
    "  detcl tune --model yolox_nano.onnx --budget 120\n"
    "  detcl tune --suite --device opencl:0 --out tuning.txt\n";

/* Ctrl-C; a second one ends the process. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

struct row {
    const char *name;
    struct dcl_tune_result result;
};

struct tune {
    struct dcl_console console;
    const char *device, *model, *sidecars, *glob, *out;
    int budget;
    bool suite, again;
    struct detcl_context *ctx;
    struct dcl_suite cases;
    struct dcl_tuning found;
    struct row *rows;
    int n_rows, known, single, failures, unreached;
};

/* --- what to tune -------------------------------------------------------------------------------
 */

static bool matches(const struct tune *t, const struct dcl_bench_case *c)
{
    return !t->glob || fnmatch(t->glob, c->name, 0) == 0 || fnmatch(t->glob, c->op, 0) == 0 ||
           fnmatch(t->glob, c->group, 0) == 0;
}

static enum dcl_exit fail(struct tune *t, enum detcl_status status)
{
    dcl_console_error(&t->console, "%s", detcl_context_error(t->ctx));
    return dcl_exit_of(status);
}

/* Whether the case is one to measure: it has a choice that is not made yet. */
static enum detcl_status is_open(struct tune *t, const struct dcl_bench_case *c,
                                 struct dcl_tuning *seen, bool *open)
{
    struct dcl_choices choices;
    *open = false;
    if (strcmp(c->op, "conv2d") != 0 || !matches(t, c))
        return DETCL_OK;
    DCL_TRY(&t->ctx->error, dcl_tune_key(t->ctx, c, &choices));
    if (choices.n < 2) {
        t->single++;
    } else if (!t->again && dcl_tuning_find(&t->ctx->tuning, choices.key)) {
        t->known++;
    } else if (!dcl_tuning_find(seen, choices.key)) {
        *open = true;
        if (!dcl_tuning_use(seen, choices.key, choices.text[0], 0, 0))
            return DETCL_ERROR_MEMORY;
    }
    return DETCL_OK;
}

/* Leave only the cases to measure in the list. */
static enum detcl_status select_cases(struct tune *t)
{
    struct dcl_tuning seen = {0};
    enum detcl_status status = DETCL_OK;
    int n = 0;
    for (int i = 0; i < t->cases.n && status == DETCL_OK && !interrupted; i++) {
        bool open;
        status = is_open(t, &t->cases.cases[i], &seen, &open);
        if (open)
            t->cases.cases[n++] = t->cases.cases[i];
    }
    t->cases.n = n;
    dcl_tuning_free(&seen);
    return status;
}

static enum detcl_status collect(struct tune *t)
{
    if (!t->model) {
        if (dcl_suite_make(&t->cases, 1, false))
            return select_cases(t);
        return DCL_FAIL(&t->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    }
    const struct dcl_bench_network network = {t->model, t->sidecars};
    DCL_TRY(&t->ctx->error, dcl_tune_network(t->ctx, &network, &t->cases));
    return select_cases(t);
}

/* --- measuring ----------------------------------------------------------------------------------
 */

/* Each case gets an equal share of the time that is left. */
static void tune_all(struct tune *t)
{
    const double start = dcl_clock_ms(), until = start + 1e3 * t->budget;
    for (int i = 0; i < t->cases.n && !interrupted; i++) {
        const struct dcl_bench_case *c = &t->cases.cases[i];
        const double left = 1e-3 * (until - dcl_clock_ms());
        if (left <= 0) {
            t->unreached = t->cases.n - i;
            return;
        }
        dcl_console_bar(&t->console, c->name, (double)i / t->cases.n, left);
        struct row *row = &t->rows[t->n_rows];
        const double share = left / (t->cases.n - i);
        if (dcl_tune_case(t->ctx, c, share, &interrupted, &t->found, &row->result) != DETCL_OK) {
            t->failures++;
            dcl_console_error(&t->console, "%s: %s", c->name, detcl_context_error(t->ctx));
        } else if (*row->result.best) {
            row->name = c->name;
            t->n_rows++;
        }
    }
}

/* --- results ------------------------------------------------------------------------------------
 */

static void print_rows(const struct tune *t)
{
    double sum = 0;
    const struct row *worst = &t->rows[0];
    if (!t->n_rows)
        return;
    printf("%-40s %-34s %10s  %-34s %10s %6s %6s\n", "case", "model's choice", "ms", "best", "ms",
           "gain", "tried");
    for (int i = 0; i < t->n_rows; i++) {
        const struct row *row = &t->rows[i];
        const struct dcl_tune_result *r = &row->result;
        printf("%-40s %-34s %10.4f  %-34s %10.4f %6.2f %3d/%d\n", row->name, r->model, r->model_ms,
               r->best, r->best_ms, r->ratio, r->tried, r->choices);
        sum += log(r->ratio);
        if (r->ratio > worst->result.ratio)
            worst = row;
    }
    printf("tuned %d: the model's choices take %.3f times as long (geometric mean), at most %.2f "
           "times (%s)\n",
           t->n_rows, exp(sum / t->n_rows), worst->result.ratio, worst->name);
}

static void print_quarantine(const struct tune *t)
{
    for (int i = 0; i < t->found.n; i++)
        if (t->found.entries[i].why)
            printf("quarantine: %s: %s: %s\n", t->found.entries[i].key, t->found.entries[i].choice,
                   t->found.entries[i].why);
}

static void print_rest(struct tune *t)
{
    if (t->known)
        dcl_console_note(&t->console, "%d tuned already (--again tunes them anew)", t->known);
    if (t->single)
        dcl_console_note(&t->console, "%d with one way to compute them: nothing to tune",
                         t->single);
    if (t->unreached)
        dcl_console_note(&t->console, "%d not reached in %d s: run it again to go on", t->unreached,
                         t->budget);
    if (interrupted)
        dcl_console_note(&t->console, "interrupted: the rest was not tuned");
}

static bool put_text(FILE *out, const void *user)
{
    return fputs(user, out) >= 0;
}

static bool save(struct tune *t)
{
    const struct detcl_device_info *d = detcl_context_device(t->ctx);
    if (!t->found.n)
        return true;
    if (t->out) {
        char *text = dcl_tuning_text(&t->found, d);
        const bool good = text && dcl_file_write(&t->console, t->out, put_text, text);
        free(text);
        return good;
    }
#ifdef DETCL_OPENCL
    char path[4096];
    if (dcl_tuning_save(&t->found, d, path, sizeof path, &t->ctx->error) != DETCL_OK) {
        dcl_console_error(&t->console, "%s", detcl_context_error(t->ctx));
        return false;
    }
    dcl_console_note(&t->console, "kept in %s", path);
#endif
    return true;
}

static enum dcl_exit run(struct tune *t)
{
    if (t->ctx->device == &dcl_cpu_device) {
        dcl_console_note(&t->console, "nothing to tune: the CPU device has one way to compute each "
                                      "operation (--device names an OpenCL device)");
        return DCL_EXIT_OK;
    }
    const struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    const enum detcl_status status = collect(t);
    if (status != DETCL_OK)
        return fail(t, status);
    t->rows = calloc((size_t)t->cases.n + 1, sizeof *t->rows);
    if (!t->rows)
        return fail(t, DETCL_ERROR_MEMORY);
    tune_all(t);
    dcl_console_clear(&t->console);
    const bool kept = save(t);
    if (!t->out || strcmp(t->out, "-") != 0) {
        print_rows(t);
        print_quarantine(t);
        fflush(stdout);
    }
    print_rest(t);
    return !kept         ? DCL_EXIT_RUNTIME
           : interrupted ? DCL_EXIT_INTERRUPTED
           : t->failures ? DCL_EXIT_RUNTIME
                         : DCL_EXIT_OK;
}

/* --- arguments ----------------------------------------------------------------------------------
 */

enum { SUITE = 256, SIDECARS, OP, BUDGET, AGAIN, OUT };

static const struct option options[] = {{"device", required_argument, NULL, 'd'},
                                        {"suite", no_argument, NULL, SUITE},
                                        {"model", required_argument, NULL, 'm'},
                                        {"sidecars", required_argument, NULL, SIDECARS},
                                        {"op", required_argument, NULL, OP},
                                        {"budget", required_argument, NULL, BUDGET},
                                        {"again", no_argument, NULL, AGAIN},
                                        {"out", required_argument, NULL, OUT},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

static bool take_option(struct tune *t, int o)
{
    switch (o) {
    case 'd':
        t->device = optarg;
        return true;
    case 'm':
        t->model = optarg;
        return true;
    case SUITE:
        return t->suite = true;
    case SIDECARS:
        t->sidecars = optarg;
        return true;
    case OP:
        t->glob = optarg;
        return true;
    case BUDGET:
        return dcl_parse_int(optarg, 1, MOST_SECONDS, &t->budget);
    case AGAIN:
        return t->again = true;
    case OUT:
        t->out = optarg;
        return true;
    case 'q':
        return t->console.quiet = true;
    default:
        return false;
    }
}

static enum dcl_exit check_arguments(struct tune *t, int argc, char **argv)
{
    struct stat info;
    if (optind < argc)
        return dcl_console_usage(&t->console, "'%s' is one argument too many", argv[optind]);
    if (t->suite && t->model)
        return dcl_console_usage(&t->console, "--suite and --model exclude each other");
    if (t->model && stat(t->model, &info) != 0) {
        dcl_console_error(&t->console, "%s: no such file", t->model);
        return DCL_EXIT_MODEL;
    }
    return DCL_EXIT_OK;
}

enum dcl_exit dcl_cli_tune(int argc, char **argv)
{
    struct tune t = {.budget = 300};
    dcl_console_init(&t.console, "tune");
    for (int o; (o = getopt_long(argc, argv, "d:m:qh", options, NULL)) != -1;) {
        if (o == 'h') {
            fputs(usage, stdout);
            return DCL_EXIT_OK;
        }
        if (!take_option(&t, o))
            return o == '?'
                       ? dcl_console_hint(&t.console)
                       : dcl_console_usage(&t.console, "'%s' is not a number of seconds", optarg);
    }
    enum dcl_exit code = check_arguments(&t, argc, argv);
    if (code == DCL_EXIT_OK)
        code = dcl_cli_open(&t.console, t.device, false, &t.ctx);
    if (code == DCL_EXIT_OK)
        code = run(&t);
    fflush(stdout);
    detcl_context_destroy(&t.ctx);
    dcl_suite_free(&t.cases);
    dcl_tuning_free(&t.found);
    free(t.rows);
    return code;
}
