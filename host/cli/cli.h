/* What the subcommands share: exit codes, the terminal, devices, numbers in arguments. */
#ifndef DCL_CLI_CLI_H
#define DCL_CLI_CLI_H

#include "detcl/context.h"

#include <stdbool.h>
#include <stdio.h>

/* Exit codes, as `detcl --help` lists them. */
enum dcl_exit {
    DCL_EXIT_OK,
    DCL_EXIT_RUNTIME,
    DCL_EXIT_USAGE,
    DCL_EXIT_INPUT,
    DCL_EXIT_MODEL,
    DCL_EXIT_DEVICE,
    DCL_EXIT_INTERRUPTED = 130 /* Ctrl-C; what was done so far is kept */
};

/* stderr: log, progress and errors of one command. */
struct dcl_console {
    const char *command; /* "detect" */
    bool verbose;        /* how each thing was decided, and what passed through on an error */
    bool quiet;          /* errors only */
    bool trace;          /* each transfer between host and device */
    bool terminal;       /* progress is drawn in place; without a terminal, a line now and then */
    bool colour;
    bool drawn;       /* a progress line stands on the terminal */
    double last_line; /* when progress last wrote a line, in ms */
};

void dcl_console_init(struct dcl_console *console, const char *command);

void dcl_console_error(struct dcl_console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Nothing when quiet. */
void dcl_console_note(struct dcl_console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* `what` is step `done` of `total`. */
void dcl_console_progress(struct dcl_console *console, const char *what, int done, int total);
/* The same as a bar: the share 0..1 that is done, and the seconds that are left as far as is known
 * (below 0: not). */
void dcl_console_bar(struct dcl_console *console, const char *what, double done, double left);
/* Take the progress line off the terminal: before results are printed. */
void dcl_console_clear(struct dcl_console *console);

/* After a message of getopt: where help is. Returns DCL_EXIT_USAGE. */
enum dcl_exit dcl_console_hint(const struct dcl_console *console);

/* A usage error: the text, then where help is. Returns DCL_EXIT_USAGE. */
enum dcl_exit dcl_console_usage(struct dcl_console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether this stream may be coloured: a terminal that can, and no NO_COLOR in the environment. */
bool dcl_stream_colour(FILE *stream);

/* Open a context that logs to the console. With `progress` the console shows its compilation. */
enum dcl_exit dcl_cli_open(struct dcl_console *console, const char *device, bool progress,
                           struct detcl_context **out);

/* The exit code of a failed call, where the status alone decides. */
enum dcl_exit dcl_exit_of(enum detcl_status status);

/* Parse the whole text; false when it is not a finite number in low..high. */
bool dcl_parse_int(const char *text, int low, int high, int *out);
bool dcl_parse_float(const char *text, double low, double high, float *out);
/* "a,b,c" */
bool dcl_parse_floats(const char *text, int count, double low, double high, float *out);

/* Whether two paths name one file that exists. */
bool dcl_same_file(const char *a, const char *b);

/* The path of a file that comes with the command: in DETCL_MODELS, else where it was installed,
 * else in the source tree. False: it is nowhere. */
bool dcl_bundled_file(const char *name, char *path, size_t size);

/* The subcommands: `argv[0]` is the subcommand's name. */
enum dcl_exit dcl_cli_bench(int argc, char **argv);
enum dcl_exit dcl_cli_bench_run(int argc, char **argv);
enum dcl_exit dcl_cli_bench_compare(int argc, char **argv);
enum dcl_exit dcl_cli_bench_index(int argc, char **argv);
enum dcl_exit dcl_cli_check(int argc, char **argv);
enum dcl_exit dcl_cli_detect(int argc, char **argv);
enum dcl_exit dcl_cli_devices(int argc, char **argv);
enum dcl_exit dcl_cli_ops(int argc, char **argv);
enum dcl_exit dcl_cli_propose(int argc, char **argv);
enum dcl_exit dcl_cli_tune(int argc, char **argv);

#endif
