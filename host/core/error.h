/* How errors and log lines travel inside the library. */
#ifndef DCL_CORE_ERROR_H
#define DCL_CORE_ERROR_H

#include "detcl/status.h"

#include <stdarg.h>

/* The error text and log sink that hang off a context. One thread at a time. */
struct dcl_error {
    char text[DETCL_ERROR_TEXT];
    detcl_log_fn log;
    void *log_user;
    enum detcl_log_level log_level; /* lines above this level are not formatted */
};

/* Store the formatted text and log it with file:line. */
void dcl_fail_at(struct dcl_error *e, const char *file, int line, enum detcl_status status,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Put formatted text before the stored text, to say where something failed that did not know. What
 * no longer fits is cut off at the end. */
void dcl_error_prefix(struct dcl_error *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Log that an error passed through file:line. */
void dcl_forward_at(struct dcl_error *e, const char *file, int line);

void dcl_log(struct dcl_error *e, enum detcl_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An expression with the value `status`, visible to the compiler's flow analysis. */
#define DCL_FAIL(e, status, ...)                                                                   \
    (dcl_fail_at((e), __FILE__, __LINE__, (status), __VA_ARGS__), (status))

/* Return from the caller when `x` fails, leaving a trace of the hop in the log. */
#define DCL_TRY(e, x)                                                                              \
    do {                                                                                           \
        const enum detcl_status dcl_status_ = (x);                                                 \
        if (dcl_status_ != DETCL_OK) {                                                             \
            dcl_forward_at((e), __FILE__, __LINE__);                                               \
            return dcl_status_;                                                                    \
        }                                                                                          \
    } while (0)

#endif
