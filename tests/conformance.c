/* Runs ONNX's backend test suite on one device:
 *
 *   conformance [--verbose] [--require] [--at-least N] [--jobs N] [DEVICE [PATTERN]]
 *
 * PATTERN is a glob over case names (test_conv*). The data are Debian's libonnx-testdata, or lie
 * under DETCL_ONNX_TESTDATA. Exit 1 when a case fails, when fewer than N node cases pass, or, with
 * --require, when data or device are missing. */
#include "conformance.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_DATA "/usr/share/libonnx-testdata/data"
#define MAX_JOBS 16
#define SECONDS_PER_CASE 120

static const char *const groups[] = {"node", "simple", "pytorch-operator", "pytorch-converted"};
#define N_GROUPS (sizeof groups / sizeof *groups)

struct options {
    bool verbose, require;
    int at_least, jobs;
    const char *device, *pattern;
};

struct test {
    char *folder;
    size_t group;
    bool done;
    struct conformance_result result;
};

struct suite {
    struct options options;
    struct test *tests;
    int n;
};

/* What a worker sends: less than PIPE_BUF bytes, so a write is atomic. */
struct message {
    int index;
    struct conformance_result result;
};

static const char *name_of(const struct test *t)
{
    return strrchr(t->folder, '/') + 1;
}

/* --- the list -------------------------------------------------------------------------------- */

static bool add_group(struct suite *s, const char *data, size_t group)
{
    char pattern[1024];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/%s/test_*/model.onnx", data, groups[group]);
    if (glob(pattern, 0, NULL, &found) != 0)
        return true; /* nothing there */
    struct test *grown = realloc(s->tests, ((size_t)s->n + found.gl_pathc) * sizeof *grown);
    if (!grown) {
        globfree(&found);
        return false;
    }
    s->tests = grown;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct test *t = &s->tests[s->n];
        *strrchr(found.gl_pathv[i], '/') = 0;
        *t = (struct test){.folder = strdup(found.gl_pathv[i]), .group = group};
        if (t->folder && fnmatch(s->options.pattern, name_of(t), 0) == 0)
            s->n++;
        else
            free(t->folder);
    }
    globfree(&found);
    return true;
}

/* --- workers --------------------------------------------------------------------------------- */

/* Each worker has a context of its own; programs are shared through the cache on disk. */
static void work(const struct suite *s, int first, int out)
{
    const struct detcl_context_params params = {.device = s->options.device};
    struct detcl_context *ctx;
    if (detcl_context_create(&params, &ctx, NULL) != DETCL_OK)
        _exit(1);
    for (int i = first; i < s->n; i += s->options.jobs) {
        struct message m = {.index = i};
        alarm(SECONDS_PER_CASE);
        conformance_run(ctx, s->tests[i].folder, &m.result);
        if (write(out, &m, sizeof m) != (ssize_t)sizeof m)
            _exit(1);
    }
    detcl_context_destroy(&ctx);
    _exit(0);
}

static pid_t start_worker(const struct suite *s, int first, int pipe_fds[2])
{
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        close(pipe_fds[0]);
        work(s, first, pipe_fds[1]);
    }
    return pid;
}

static void collect(struct suite *s, int in)
{
    struct message m;
    for (;;) {
        const ssize_t n = read(in, &m, sizeof m);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof m)
            return;
        s->tests[m.index].done = true;
        s->tests[m.index].result = m.result;
    }
}

/* The first case of a worker's share that has no result, or -1. */
static int next_case(const struct suite *s, int worker)
{
    for (int i = worker; i < s->n; i += s->options.jobs)
        if (!s->tests[i].done)
            return i;
    return -1;
}

/* Run everything once; a case that kills its worker has failed, and the next round goes on after
 * it. Returns false when nothing could be started. */
static bool run_round(struct suite *s)
{
    int fds[2];
    pid_t pids[MAX_JOBS];
    if (pipe(fds) != 0)
        return false;
    for (int w = 0; w < s->options.jobs; w++) {
        const int first = next_case(s, w);
        pids[w] = first < 0 ? 0 : start_worker(s, first, fds);
    }
    close(fds[1]);
    collect(s, fds[0]);
    close(fds[0]);
    for (int w = 0; w < s->options.jobs; w++) {
        int status = 0;
        if (pids[w] > 0)
            waitpid(pids[w], &status, 0);
        const int dead = next_case(s, w);
        if (dead < 0)
            continue;
        struct test *t = &s->tests[dead];
        t->done = true;
        t->result.outcome = CONFORMANCE_FAILED;
        snprintf(t->result.why, sizeof t->result.why, "the process ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    return true;
}

static bool unfinished(const struct suite *s)
{
    for (int i = 0; i < s->n; i++)
        if (!s->tests[i].done)
            return true;
    return false;
}

/* --- the report ------------------------------------------------------------------------------ */

static int report(const struct suite *s)
{
    static const char *const words[] = {"passed", "refused", "FAILED"};
    int counts[N_GROUPS + 1][3] = {{0}};
    for (int i = 0; i < s->n; i++) {
        const struct test *t = &s->tests[i];
        counts[t->group][t->result.outcome]++;
        counts[N_GROUPS][t->result.outcome]++;
        if (t->result.outcome == CONFORMANCE_FAILED || s->options.verbose)
            printf("%s %s/%s %s\n", words[t->result.outcome], groups[t->group], name_of(t),
                   t->result.why);
    }
    for (size_t g = 0; g < N_GROUPS; g++)
        printf("%s: %d passed, %d refused, %d failed\n", groups[g], counts[g][0], counts[g][1],
               counts[g][2]);
    const bool enough = counts[0][CONFORMANCE_PASSED] >= s->options.at_least;
    if (!enough)
        printf("fewer than %d node cases passed\n", s->options.at_least);
    printf("%d passed, %d failed, %d skipped\n", counts[N_GROUPS][CONFORMANCE_PASSED],
           counts[N_GROUPS][CONFORMANCE_FAILED], counts[N_GROUPS][CONFORMANCE_REFUSED]);
    return counts[N_GROUPS][CONFORMANCE_FAILED] > 0 || !enough;
}

static int nothing(const struct options *o, const char *why)
{
    printf("%s\n0 passed, 0 failed, 1 skipped\n", why);
    return o->require;
}

/* --- the command ----------------------------------------------------------------------------- */

static bool parse(int argc, char **argv, struct options *o)
{
    int words = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0)
            o->verbose = true;
        else if (strcmp(argv[i], "--require") == 0)
            o->require = true;
        else if (strcmp(argv[i], "--at-least") == 0 && i + 1 < argc)
            o->at_least = atoi(argv[++i]);
        else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc)
            o->jobs = atoi(argv[++i]);
        else if (argv[i][0] == '-' || words == 2)
            return false;
        else if (words++ == 0)
            o->device = argv[i];
        else
            o->pattern = argv[i];
    }
    return o->jobs >= 1 && o->jobs <= MAX_JOBS;
}

/* In a process of its own: OpenCL must not be initialised before the workers are forked. */
static bool device_exists(const char *device)
{
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        const struct detcl_context_params params = {.device = device};
        struct detcl_context *ctx;
        struct detcl_error error;
        if (detcl_context_create(&params, &ctx, &error) != DETCL_OK)
            _exit(1);
        printf("%s\n", detcl_context_device(ctx)->name);
        fflush(stdout);
        detcl_context_destroy(&ctx);
        _exit(0);
    }
    int status = 1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int argc, char **argv)
{
    struct suite s = {.options = {.jobs = 2, .pattern = "*"}};
    const char *data = getenv("DETCL_ONNX_TESTDATA");
    if (!parse(argc, argv, &s.options)) {
        fprintf(stderr, "usage: conformance [--verbose] [--require] [--at-least N] [--jobs N] "
                        "[DEVICE [PATTERN]]\n");
        return 2;
    }
    for (size_t g = 0; g < N_GROUPS; g++)
        if (!add_group(&s, data ? data : DEFAULT_DATA, g))
            return 1;
    if (s.n == 0)
        return nothing(&s.options, "the ONNX test data are not there");
    if (!device_exists(s.options.device))
        return nothing(&s.options, "no such device");
    while (unfinished(&s))
        if (!run_round(&s))
            return 1;
    const int status = report(&s);
    for (int i = 0; i < s.n; i++)
        free(s.tests[i].folder);
    free(s.tests);
    return status;
}
