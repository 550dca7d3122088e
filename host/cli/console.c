#include "cli.h"
#include "core/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_INTERVAL_MS 2000.0
#define BAR_INTERVAL_MS 10000.0

static bool is_terminal(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && !(term && strcmp(term, "dumb") == 0);
}

bool dcl_stream_colour(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    return is_terminal(stream) && !(refused && *refused);
}

void dcl_console_init(struct dcl_console *console, const char *command)
{
    *console = (struct dcl_console){.command = command,
                                    .terminal = is_terminal(stderr),
                                    .colour = dcl_stream_colour(stderr),
                                    .last_line = dcl_clock_ms()};
}

void dcl_console_clear(struct dcl_console *console)
{
    if (console->drawn)
        fputs("\r\033[K", stderr);
    console->drawn = false;
}

static void put_line(struct dcl_console *console, const char *kind, const char *colour,
                     const char *format, va_list args)
{
    dcl_console_clear(console);
    fprintf(stderr, "detcl %s: %s%s%s", console->command, console->colour ? colour : "", kind,
            console->colour && *colour ? "\033[0m" : "");
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void dcl_console_error(struct dcl_console *console, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(console, "error: ", "\033[1;31m", format, args);
    va_end(args);
}

void dcl_console_note(struct dcl_console *console, const char *format, ...)
{
    va_list args;
    if (console->quiet)
        return;
    va_start(args, format);
    put_line(console, "", "", format, args);
    va_end(args);
}

enum dcl_exit dcl_console_hint(const struct dcl_console *console)
{
    fprintf(stderr, "`detcl %s --help` lists what there is.\n", console->command);
    return DCL_EXIT_USAGE;
}

enum dcl_exit dcl_console_usage(struct dcl_console *console, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(console, "error: ", "\033[1;31m", format, args);
    va_end(args);
    return dcl_console_hint(console);
}

void dcl_console_progress(struct dcl_console *console, const char *what, int done, int total)
{
    if (console->quiet)
        return;
    if (console->terminal) {
        fprintf(stderr, "\r\033[K%s (%d of %d)", what, done, total);
        console->drawn = true;
        return;
    }
    const double now = dcl_clock_ms();
    if (now - console->last_line < LINE_INTERVAL_MS)
        return;
    console->last_line = now;
    fprintf(stderr, "detcl %s: %s (%d of %d)\n", console->command, what, done, total);
}

/* "2 min 10 s left" */
static void put_left(char *text, size_t size, double left)
{
    const int s = left < 0 ? 0 : (int)(left + 0.5);
    if (left < 0)
        snprintf(text, size, "time left unknown");
    else if (s >= 60)
        snprintf(text, size, "%d min %02d s left", s / 60, s % 60);
    else
        snprintf(text, size, "%d s left", s);
}

void dcl_console_bar(struct dcl_console *console, const char *what, double done, double left)
{
    static const char full[] = "####################";
    const int width = (int)sizeof full - 1;
    if (console->quiet)
        return;
    const double now = dcl_clock_ms();
    if (!console->terminal && now - console->last_line < BAR_INTERVAL_MS)
        return;
    console->last_line = now;
    char text[32];
    put_left(text, sizeof text, left);
    const int filled = (int)(done * width);
    fprintf(stderr, "%s[%.*s%*s] %3.0f %%, %s: %s%s", console->terminal ? "\r\033[K" : "", filled,
            full, width - filled, "", 100 * done, text, what, console->terminal ? "" : "\n");
    console->drawn = console->terminal;
}

static bool wanted(const struct dcl_console *console, enum detcl_log_level level)
{
    switch (level) {
    case DETCL_LOG_ERROR:
        return true;
    case DETCL_LOG_WARNING:
        return !console->quiet;
    case DETCL_LOG_INFO:
    case DETCL_LOG_DEBUG:
        return console->verbose;
    case DETCL_LOG_TRACE:
        return console->trace;
    }
    return false;
}

static void receive_log(void *user, enum detcl_log_level level, const char *text)
{
    struct dcl_console *console = user;
    if (!wanted(console, level))
        return;
    dcl_console_clear(console);
    fprintf(stderr, "detcl %s: %s%s\n", console->command,
            level == DETCL_LOG_ERROR     ? "error: "
            : level == DETCL_LOG_WARNING ? "warning: "
                                         : "",
            text);
}

static void receive_progress(void *user, const char *what, int done, int total)
{
    struct dcl_console *console = user;
    char text[128];
    snprintf(text, sizeof text, "compiling: %s", what);
    dcl_console_progress(console, text, done, total);
}

enum dcl_exit dcl_cli_open(struct dcl_console *console, const char *device, bool progress,
                           struct detcl_context **out)
{
    const struct detcl_context_params params = {
        .device = device,
        .log = receive_log,
        .log_user = console,
        .log_level = console->trace     ? DETCL_LOG_TRACE
                     : console->verbose ? DETCL_LOG_DEBUG
                                        : DETCL_LOG_WARNING,
        .progress = progress ? receive_progress : NULL,
        .progress_user = console,
    };
    struct detcl_error error = {{0}};
    const enum detcl_status status = detcl_context_create(&params, out, &error);
    if (status == DETCL_OK)
        return DCL_EXIT_OK;
    dcl_console_error(console, "%s", error.text);
    return status == DETCL_ERROR_MEMORY ? DCL_EXIT_RUNTIME : DCL_EXIT_DEVICE;
}

enum dcl_exit dcl_exit_of(enum detcl_status status)
{
    switch (status) {
    case DETCL_OK:
        return DCL_EXIT_OK;
    case DETCL_ERROR_INPUT:
    case DETCL_ERROR_IO:
        return DCL_EXIT_INPUT;
    case DETCL_ERROR_MODEL:
    case DETCL_ERROR_UNSUPPORTED:
        return DCL_EXIT_MODEL;
    case DETCL_ERROR_DEVICE:
        return DCL_EXIT_DEVICE;
    case DETCL_ERROR_ARGUMENT:
    case DETCL_ERROR_MEMORY:
    case DETCL_ERROR_OPENCL:
    case DETCL_ERROR_MISMATCH:
    case DETCL_ERROR_INTERNAL:
        return DCL_EXIT_RUNTIME;
    }
    return DCL_EXIT_RUNTIME;
}
