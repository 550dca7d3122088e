/* detcl check: every kernel against its CPU twin on the user's own device and driver. */
#include "check.h"
#include "cli.h"
#include "detcl/ops.h"
#include "json_file.h"

#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: detcl check [OPTION...]\n"
    "\n"
    "Run every operation's cases on a device and hold the results against its CPU twin, and the\n"
    "twin against golden values. One line an operation; failures in full. Exit code 0 only if all\n"
    "passed.\n"
    "\n"
    "  -d, --device D   cpu, opencl:0, opencl:PLATFORM or a part of a name (detcl devices)\n"
    "      --op GLOB    only the operations whose names match, as 'conv*'\n"
    "      --seed N     other random inputs (a failure is repeated with the same seed)\n"
    "      --small      leave out cases over 65536 elements: for interpreters of device code\n"
    "      --limit N    leave out cases over N elements\n"
    "      --bare       under a memory checker: no guard zones, a context of its own for each run\n"
    "      --json       one JSON object on stdout instead of lines\n"
    "      --list       print each program that was compiled instead: stem, tab, build options\n"
    "  -q, --quiet      failures and the last line only\n"
    "  -v, --verbose    each case\n"
    "  -h, --help       this text\n"
    "\n"
    "Example: detcl check --device opencl:0 --op 'conv*' --verbose\n";

/* Programs that the cases compiled, each once, in the order of their first use. */
struct program_list {
    char **lines;
    int count, capacity;
};

struct run {
    struct dcl_console console;
    struct detcl_context *ctx;
    const char *device, *glob;
    int seed, limit;
    bool small, bare, json, list;
    json_t *ops, *failures;
    struct program_list programs;
    struct dcl_check_totals total;
};

static void print_case(const struct run *run, const struct dcl_check_report *r)
{
    if (r->passed && !run->console.verbose)
        return;
    FILE *out = run->list ? stderr : stdout;
    fprintf(out, "  %s %s [%s] %s %s%s%s\n", r->passed ? "ok  " : "FAIL", r->op,
            r->attrs ? r->attrs : "", r->shapes, r->form, r->passed ? "" : ": ",
            r->passed ? "" : r->why);
}

static void receive_case(void *user, const struct dcl_check_report *r)
{
    struct run *run = user;
    if (!run->json) {
        dcl_console_clear(&run->console);
        print_case(run, r);
    } else if (!r->passed) {
        json_array_append_new(run->failures,
                              json_pack("{s:s, s:o, s:s, s:s, s:o}", "op", r->op, "attrs",
                                        dcl_json_text(r->attrs ? r->attrs : ""), "shapes",
                                        r->shapes, "form", r->form, "why", dcl_json_text(r->why)));
    }
}

static void receive_program(void *user, const char *stem, const char *options)
{
    struct program_list *list = &((struct run *)user)->programs;
    const size_t size = strlen(stem) + strlen(options) + 2;
    char *line = malloc(size);
    if (!line)
        return;
    snprintf(line, size, "%s\t%s", stem, options);
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->lines[i], line) == 0) {
            free(line);
            return;
        }
    if (list->count == list->capacity) {
        const int capacity = list->capacity ? 2 * list->capacity : 64;
        char **larger = realloc(list->lines, (size_t)capacity * sizeof *larger);
        if (!larger) {
            free(line);
            return;
        }
        list->lines = larger;
        list->capacity = capacity;
    }
    list->lines[list->count++] = line;
}

static void add_totals(struct run *run, const char *op, const struct dcl_check_totals *t)
{
    run->total.passed += t->passed;
    run->total.failed += t->failed;
    run->total.skipped += t->skipped;
    run->total.ops += t->ops;
    if (run->json)
        json_array_append_new(run->ops,
                              json_pack("{s:s, s:i, s:i, s:i}", "op", op, "passed", t->passed,
                                        "failed", t->failed, "skipped", t->skipped));
    else if (!run->list && (!run->console.quiet || t->failed))
        printf("%-4s %-24s %5d passed  %3d failed  %3d skipped\n", t->failed ? "FAIL" : "ok", op,
               t->passed, t->failed, t->skipped);
    fflush(stdout);
}

/* Operation by operation, to count each by itself. */
static enum detcl_status check_ops(struct run *run)
{
    int n = 0;
    while (detcl_op_name(n))
        n++;
    for (int i = 0; i < n; i++) {
        const char *op = detcl_op_name(i);
        if (run->glob && fnmatch(run->glob, op, 0) != 0)
            continue;
        dcl_console_progress(&run->console, op, i + 1, n);
        const struct dcl_check_options options = {.glob = op,
                                                  .seed = (uint64_t)run->seed,
                                                  .small = run->small,
                                                  .limit = run->limit,
                                                  .bare = run->bare,
                                                  .report = receive_case,
                                                  .program = run->list ? receive_program : NULL,
                                                  .user = run};
        struct dcl_check_totals totals;
        const enum detcl_status status = dcl_check_run(run->ctx, &options, &totals);
        dcl_console_clear(&run->console);
        if (status != DETCL_OK)
            return status;
        add_totals(run, op, &totals);
    }
    return DETCL_OK;
}

static bool print_end(struct run *run)
{
    const struct detcl_device_info *d = detcl_context_device(run->ctx);
    const struct dcl_check_totals *t = &run->total;
    if (run->json) {
        json_t *root = json_pack(
            "{s:{s:o, s:o, s:o, s:o}, s:i, s:i, s:i, s:O, s:O}", "device", "id",
            dcl_json_text(d->id), "name", dcl_json_text(d->name), "driver",
            dcl_json_text(d->driver), "profile", dcl_json_text(d->profile), "passed", t->passed,
            "failed", t->failed, "skipped", t->skipped, "ops", run->ops, "failures", run->failures);
        const bool good = dcl_json_write(&run->console, root, "-");
        json_decref(root);
        return good;
    }
    for (int i = 0; i < run->programs.count; i++)
        puts(run->programs.lines[i]);
    fprintf(run->list ? stderr : stdout,
            "%s (%s, %s profile): %d operations, %d passed, %d failed, %d skipped\n", d->name,
            d->id, d->profile, t->ops, t->passed, t->failed, t->skipped);
    return true;
}

static enum dcl_exit run_checks(struct run *run)
{
    enum dcl_exit code = dcl_cli_open(&run->console, run->device, false, &run->ctx);
    if (code != DCL_EXIT_OK)
        return code;
    run->ops = json_array();
    run->failures = json_array();
    const enum detcl_status status = check_ops(run);
    if (status != DETCL_OK) {
        dcl_console_error(&run->console, "%s", detcl_context_error(run->ctx));
        code = dcl_exit_of(status);
    } else if (run->total.ops == 0) {
        code = dcl_console_usage(&run->console, "no operation matches '%s'", run->glob);
    } else if (!print_end(run) || run->total.failed) {
        code = DCL_EXIT_RUNTIME;
    }
    fflush(stdout);
    detcl_context_save_programs(run->ctx, INFINITY);
    detcl_context_destroy(&run->ctx);
    json_decref(run->ops);
    json_decref(run->failures);
    for (int i = 0; i < run->programs.count; i++)
        free(run->programs.lines[i]);
    free(run->programs.lines);
    return code;
}

static const struct option options[] = {
    {"device", required_argument, NULL, 'd'}, {"op", required_argument, NULL, 'o'},
    {"seed", required_argument, NULL, 's'},   {"small", no_argument, NULL, 'm'},
    {"limit", required_argument, NULL, 'n'},  {"bare", no_argument, NULL, 'b'},
    {"json", no_argument, NULL, 'j'},         {"list", no_argument, NULL, 'l'},
    {"quiet", no_argument, NULL, 'q'},        {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};

/* False: the option is not known, or its value is wrong. */
static bool take_option(struct run *run, int o)
{
    switch (o) {
    case 'd':
        run->device = optarg;
        return true;
    case 'o':
        run->glob = optarg;
        return true;
    case 's':
        return dcl_parse_int(optarg, 1, 0x7fffffff, &run->seed);
    case 'n':
        return dcl_parse_int(optarg, 1, 0x7fffffff, &run->limit);
    case 'm':
        return run->small = true;
    case 'b':
        return run->bare = true;
    case 'j':
        return run->json = true;
    case 'l':
        return run->list = true;
    case 'q':
        return run->console.quiet = true;
    case 'v':
        return run->console.verbose = true;
    default:
        return false;
    }
}

enum dcl_exit dcl_cli_check(int argc, char **argv)
{
    struct run run = {0};
    dcl_console_init(&run.console, "check");
    for (int o; (o = getopt_long(argc, argv, "d:qvh", options, NULL)) != -1;) {
        if (o == 'h') {
            fputs(usage, stdout);
            return DCL_EXIT_OK;
        }
        if (!take_option(&run, o))
            return o == '?' ? dcl_console_hint(&run.console)
                            : dcl_console_usage(&run.console, "'%s' is not a count", optarg);
    }
    if (optind < argc)
        return dcl_console_usage(&run.console, "'%s' is one argument too many", argv[optind]);
    if (run.json && run.list)
        return dcl_console_usage(&run.console, "--json and --list exclude each other");
    return run_checks(&run);
}
