/* How long a fresh process takes to its first boxes, with empty caches and again. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "core/clock.h"
#include "harness/network.h"

#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Where drivers keep what they compiled. */
static const char *const caches[] = {"DETCL_CACHE_DIR",       "POCL_CACHE_DIR", "CUDA_CACHE_PATH",
                                     "MESA_SHADER_CACHE_DIR", "XDG_CACHE_HOME", NULL};

static bool is_cache(const char *entry)
{
    for (int i = 0; caches[i]; i++)
        if (strncmp(entry, caches[i], strlen(caches[i])) == 0 && entry[strlen(caches[i])] == '=')
            return true;
    return strncmp(entry, "DETCL_NO_CACHE=", 15) == 0;
}

/* The environment with every cache in `folder`; the new entries lie in `room`. */
static char **make_environment(const char *folder, char (*room)[512])
{
    size_t n = 0, at = 0;
    while (environ[n])
        n++;
    char **list = calloc(n + sizeof caches / sizeof *caches + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++)
        if (!is_cache(environ[i]))
            list[at++] = environ[i];
    for (int i = 0; list && caches[i]; i++) {
        snprintf(room[i], sizeof room[i], "%s=%s", caches[i], folder);
        list[at++] = room[i];
    }
    return list;
}

/* The most memory that a process has held so far, or 0. The usage that wait4 gives would include
 * that of its parent before the exec. */
static long peak_of(pid_t child)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)child);
    FILE *file = fopen(path, "r");
    long kilobytes = 0;
    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmHWM: %ld", &kilobytes) != 1)
        continue;
    if (file)
        fclose(file);
    return kilobytes;
}

/* Wait for the process, looking at its memory now and then. */
static int watch(pid_t child, long *peak_kilobytes)
{
    const struct timespec a_while = {.tv_nsec = 500000};
    int status = 1;
    for (pid_t ended = 0; ended == 0;) {
        const long now = peak_of(child);
        *peak_kilobytes = now > *peak_kilobytes ? now : *peak_kilobytes;
        nanosleep(&a_while, NULL);
        ended = waitpid(child, &status, WNOHANG);
    }
    return status;
}

/* Milliseconds of the process, NaN when it could not be run to a good end. */
static double run_process(char *const *argv, char *const *environment, long *peak_kilobytes)
{
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    pid_t child;
    *peak_kilobytes = 0;
    const double start = dcl_clock_ms();
    const int code = posix_spawn(&child, argv[0], &quiet, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&quiet);
    if (code != 0 || watch(child, peak_kilobytes) != 0)
        return NAN;
    return dcl_clock_ms() - start;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void measure(char *const *argv, const char *folder, double ms[2], long *peak)
{
    char room[sizeof caches / sizeof *caches][512];
    char **environment = make_environment(folder, room);
    for (int i = 0; environment && i < 2; i++)
        ms[i] = run_process(argv, environment, peak);
    free(environment);
}

void dcl_bench_starts(const struct dcl_bench_options *options,
                      const struct dcl_bench_network *network, const char *device, json_t *row)
{
    char self[4096], path[4096], folder[] = "/tmp/detcl-bench-XXXXXX";
    double ms[2] = {NAN, NAN};
    long peak = 0;
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length > 0 && mkdtemp(folder)) {
        self[length] = 0;
        const char *sidecar = dcl_bench_sidecar(network, path, sizeof path);
        const char *argv[] = {self,
                              "detect",
                              "--quiet",
                              "--device",
                              device,
                              "--model",
                              network->model,
                              options->image_file,
                              sidecar ? "--sidecar" : NULL,
                              sidecar,
                              NULL};
        measure((char *const *)(uintptr_t)argv, folder, ms, &peak);
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    json_object_set_new(row, "cold_start_ms", dcl_json_number(ms[0]));
    json_object_set_new(row, "second_start_ms", dcl_json_number(ms[1]));
    json_object_set_new(row, "peak_host_bytes",
                        peak ? json_integer((json_int_t)peak * 1024) : json_null());
}
