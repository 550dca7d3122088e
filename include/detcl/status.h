/* Status codes, log and progress callbacks, element types: what every other header needs. */
#ifndef DETCL_STATUS_H
#define DETCL_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(DETCL_BUILD)
#define DETCL_API __attribute__((visibility("default")))
#else
#define DETCL_API
#endif

/* The result of a call. DETCL_OK is zero; every other value means that nothing was written to the
 * call's outputs unless its comment says otherwise. */
enum detcl_status {
    DETCL_OK = 0,
    DETCL_ERROR_ARGUMENT,    /* the caller passed something out of its documented range */
    DETCL_ERROR_MEMORY,      /* host or device memory ran out */
    DETCL_ERROR_DEVICE,      /* no such device, or the device cannot do what is asked */
    DETCL_ERROR_OPENCL,      /* an OpenCL call failed; the text names the call and its code */
    DETCL_ERROR_UNSUPPORTED, /* an operator, attribute, element type or shape is not supported */
    DETCL_ERROR_MODEL,       /* the model file is malformed or inconsistent */
    DETCL_ERROR_INPUT,       /* an image or another input file is malformed */
    DETCL_ERROR_IO,          /* a file could not be read or written */
    DETCL_ERROR_MISMATCH,    /* validation found a node that differs from its CPU twin */
    DETCL_ERROR_INTERNAL     /* a bug of the library */
};

/* A short English name of the status ("ok", "out of memory", ...). Never NULL. */
DETCL_API const char *detcl_status_text(enum detcl_status status);

/* Room for an error text: one error may list everything in a model that is not supported. */
#define DETCL_ERROR_TEXT 4096

/* Filled by creation functions that fail before there is a context to ask. */
struct detcl_error {
    char text[DETCL_ERROR_TEXT];
};

enum detcl_log_level {
    DETCL_LOG_ERROR,
    DETCL_LOG_WARNING,
    DETCL_LOG_INFO,
    DETCL_LOG_DEBUG,
    DETCL_LOG_TRACE /* each transfer between host and device */
};

/* Receives one line of text without a line end. Called on the thread that made the call. */
typedef void (*detcl_log_fn)(void *user, enum detcl_log_level level, const char *text);

/* Reports that `done` of `total` steps of `what` are finished, while something long runs. */
typedef void (*detcl_progress_fn)(void *user, const char *what, int done, int total);

/* Element types. BOOL is one byte, 0 or 1. */
enum detcl_dtype { DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL };

#define DETCL_MAX_RANK 8

/* Element type and extents of a dense row-major tensor (NCHW for images). A rank of zero is a
 * scalar; an extent of zero is an empty tensor; -1 stands for "not known before the first call". */
struct detcl_desc {
    enum detcl_dtype dtype;
    int rank;
    int64_t dims[DETCL_MAX_RANK];
};

/* Bytes of one element. */
DETCL_API size_t detcl_dtype_size(enum detcl_dtype dtype);

/* "float32", "int32", "int64", "uint8" or "bool". */
DETCL_API const char *detcl_dtype_name(enum detcl_dtype dtype);

/* Number of elements, or -1 when an extent is negative or the product overflows. */
DETCL_API int64_t detcl_desc_count(const struct detcl_desc *desc);

#ifdef __cplusplus
}
#endif
#endif
