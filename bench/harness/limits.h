/* What the device can do at most, measured: every operation is held against it. */
#ifndef DCL_BENCH_LIMITS_H
#define DCL_BENCH_LIMITS_H

#include "device/device.h"

#include <signal.h>

enum dcl_bench_limit {
    DCL_LIMIT_COPY, /* GB/s, bytes read and bytes written together */
    DCL_LIMIT_FP32, /* GFLOP/s of multiply-adds */
    DCL_LIMIT_FP16,
    DCL_LIMIT_FP64,
    DCL_LIMIT_LOCAL,         /* GB/s read from local memory */
    DCL_LIMIT_LAUNCH,        /* us of an empty kernel among many */
    DCL_LIMIT_LAUNCH_FINISH, /* us of an empty kernel that is waited for */
    DCL_LIMIT_UPLOAD,        /* GB/s from host memory to the device */
    DCL_LIMIT_DOWNLOAD,
    DCL_BENCH_LIMITS
};

struct dcl_bench_limits {
    struct {
        bool known;
        double value, spread;
    } of[DCL_BENCH_LIMITS];
    size_t cache_bytes; /* the last cache before memory */
};

struct dcl_limit_info {
    const char *name, *unit;
};
extern const struct dcl_limit_info dcl_limit_infos[];

/* Bytes of the last cache before memory. */
size_t dcl_bench_cache_bytes(const struct detcl_context *ctx);

/* Measure all; what the device has not stays unknown. `stop` becomes non-zero when it should end
 * early. */
enum detcl_status dcl_bench_measure_limits(struct detcl_context *ctx,
                                           const volatile sig_atomic_t *stop,
                                           struct dcl_bench_limits *limits);

/* Milliseconds that no run of so many launches, bytes and floating-point operations can go under,
 * and what binds it: "memory", "compute" or "launch". */
double dcl_bench_bound(const struct dcl_bench_limits *limits, double bytes, double flops,
                       int launches, const char **by);

/* One measurement: fills `*value` in the limit's unit. */
typedef enum detcl_status (*dcl_limit_fn)(void *user, double *value);

/* Repeat it and keep the best, which is what a limit is, and the spread. */
enum detcl_status dcl_limit_sample(struct dcl_bench_limits *limits, enum dcl_bench_limit which,
                                   dcl_limit_fn measure, void *user);

#ifdef DETCL_OPENCL
size_t dcl_opencl_cache_bytes(const struct detcl_context *ctx);
enum detcl_status dcl_opencl_limits(struct detcl_context *ctx, const volatile sig_atomic_t *stop,
                                    struct dcl_bench_limits *limits);
#endif

#endif
