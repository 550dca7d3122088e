#include "core/error.h"

#include <stdio.h>
#include <string.h>

const char *detcl_status_text(enum detcl_status status)
{
    switch (status) {
    case DETCL_OK:
        return "ok";
    case DETCL_ERROR_ARGUMENT:
        return "invalid argument";
    case DETCL_ERROR_MEMORY:
        return "out of memory";
    case DETCL_ERROR_DEVICE:
        return "no such device";
    case DETCL_ERROR_OPENCL:
        return "OpenCL call failed";
    case DETCL_ERROR_UNSUPPORTED:
        return "not supported";
    case DETCL_ERROR_MODEL:
        return "malformed model";
    case DETCL_ERROR_INPUT:
        return "malformed input";
    case DETCL_ERROR_IO:
        return "input/output failed";
    case DETCL_ERROR_MISMATCH:
        return "validation failed";
    case DETCL_ERROR_INTERNAL:
        return "internal error";
    }
    return "unknown status";
}

/* Source paths are absolute in some builds; the part from host/ on is what a reader needs. */
static const char *short_path(const char *file)
{
    const char *at = strstr(file, "host/");
    return at ? at : file;
}

void dcl_fail_at(struct dcl_error *e, const char *file, int line, enum detcl_status status,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    dcl_log(e, DETCL_LOG_DEBUG, "%s:%d: %s: %s", short_path(file), line, detcl_status_text(status),
            e->text);
}

void dcl_error_prefix(struct dcl_error *e, const char *format, ...)
{
    char old[sizeof e->text];
    memcpy(old, e->text, sizeof old);
    va_list args;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    const size_t used = strlen(e->text), room = sizeof e->text - 1 - used;
    const size_t n = strlen(old) < room ? strlen(old) : room;
    memcpy(e->text + used, old, n);
    e->text[used + n] = 0;
}

void dcl_forward_at(struct dcl_error *e, const char *file, int line)
{
    dcl_log(e, DETCL_LOG_DEBUG, "  from %s:%d", short_path(file), line);
}

void dcl_log(struct dcl_error *e, enum detcl_log_level level, const char *format, ...)
{
    if (!e->log || level > e->log_level)
        return;
    char line[DETCL_ERROR_TEXT + 512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    e->log(e->log_user, level, line);
}
