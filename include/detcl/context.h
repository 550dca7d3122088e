/* Devices and contexts. */
#ifndef DETCL_CONTEXT_H
#define DETCL_CONTEXT_H

#include "detcl/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a device is and can do. Sizes in bytes, clock in MHz; 0 or "" where it does not apply. */
struct detcl_device_info {
    char id[32]; /* what detcl_context_params.device takes: "cpu", "opencl:0" ... */
    char name[128];
    char platform[128];
    char driver[64];
    char version[64];  /* "OpenCL 1.2 ..." */
    char type[16];     /* "cpu", "gpu", "accelerator" */
    char profile[8];   /* how kernels are shaped: "simd" or "gpu" */
    int channel_block; /* channels stored together in blocked activations */
    int compute_units;
    int clock_mhz;
    uint64_t global_bytes, max_alloc_bytes, local_bytes;
    uint64_t max_work_group;
};

/* Fill up to `capacity` entries of `list`; the CPU device is always the last. `*count` gets the
 * number of devices there are, which may be more than `capacity`. `list` may be NULL if `capacity`
 * is 0. Thread-safe. */
DETCL_API enum detcl_status detcl_devices(struct detcl_device_info *list, int capacity, int *count);

struct detcl_context_params {
    const char
        *device; /* "cpu", "opencl", "opencl:1", "opencl:pocl" (platform or device name), or a part
                    of a device's name, without regard to case. NULL: the environment's
                    DETCL_DEVICE, else the best OpenCL device (GPU before accelerator before CPU),
                    else the CPU device with a warning in the log. */
    detcl_log_fn log; /* NULL: no log */
    void *log_user;
    enum detcl_log_level log_level;
    detcl_progress_fn progress; /* called while programs are compiled and during a
                                  plan's first run, which then waits for each kernel; NULL: none */
    void *progress_user;
};

/* A device, its queue, program cache and error text. One thread at a time may use a context and
 * what was made from it; different contexts may be used in parallel. */
struct detcl_context;

/* Create a context. `params` NULL means all defaults. On failure `*out` is untouched and `error`
 * (may be NULL) says why. DETCL_ERROR_DEVICE: no device matches. */
DETCL_API enum detcl_status detcl_context_create(const struct detcl_context_params *params,
                                                 struct detcl_context **out,
                                                 struct detcl_error *error);

/* Destroy after everything made from it. Accepts NULL and a pointer to NULL; clears `*ctx`. */
DETCL_API void detcl_context_destroy(struct detcl_context **ctx);

/* The text of the last failed call on this context or on anything made from it. Never NULL; valid
 * until the next call. */
DETCL_API const char *detcl_context_error(const struct detcl_context *ctx);

/* The device of the context. */
DETCL_API const struct detcl_device_info *detcl_context_device(const struct detcl_context *ctx);

/* Wait until everything enqueued through the context is finished. */
DETCL_API enum detcl_status detcl_context_finish(struct detcl_context *ctx);

/* Compiled programs are kept on disk for the next process (DETCL_CACHE_DIR, else
 * XDG_CACHE_HOME/detcl, else HOME/.cache/detcl; DETCL_NO_CACHE=1 keeps none). Most drivers hand
 * them out for nothing and they are written at once; PoCL takes as long as for compiling, so there
 * they are written here: one program at least, further ones until `seconds` are over, INFINITY for
 * all. Call it when the results are out and each graph has run once. Returns at once when nothing
 * is left to write, so a command may end every run with it; never fails, trouble is logged. */
DETCL_API void detcl_context_save_programs(struct detcl_context *ctx, double seconds);

#ifdef __cplusplus
}
#endif
#endif
