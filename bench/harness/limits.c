#include "harness/limits.h"

#include "core/clock.h"
#include "core/simd.h"
#include "harness/statistics.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPEATS 21
#define LEAST_REPEATS 3 /* enough on a device that takes seconds for one */
#define MOST_SECONDS 2.0
#define TRANSFER_BYTES ((size_t)64 << 20)
#define HOST_COPY_BYTES ((size_t)256 << 20)
#define HOST_ROUNDS 100000

const struct dcl_limit_info dcl_limit_infos[] = {
    {"copy", "GB/s"},        {"fp32", "GFLOP/s"}, {"fp16", "GFLOP/s"},
    {"fp64", "GFLOP/s"},     {"local", "GB/s"},   {"launch", "us"},
    {"launch_finish", "us"}, {"upload", "GB/s"},  {"download", "GB/s"}};

enum detcl_status dcl_limit_sample(struct dcl_bench_limits *limits, enum dcl_bench_limit which,
                                   dcl_limit_fn measure, void *user)
{
    double samples[REPEATS], room[REPEATS], warm;
    enum detcl_status status = measure(user, &warm);
    const double until = dcl_clock_ms() + 1e3 * MOST_SECONDS;
    int n = 0;
    while (n < REPEATS && status == DETCL_OK && (n < LEAST_REPEATS || dcl_clock_ms() < until))
        status = measure(user, &samples[n++]);
    if (status != DETCL_OK)
        return status;
    const struct dcl_statistics s = dcl_statistics_of(samples, n, room);
    limits->of[which].known = true;
    const bool shorter_is_better = which == DCL_LIMIT_LAUNCH || which == DCL_LIMIT_LAUNCH_FINISH;
    limits->of[which].value = shorter_is_better ? s.least : s.most;
    limits->of[which].spread = s.spread;
    return DETCL_OK;
}

/* --- between host and device ----------------------------------------------------------------- */

struct transfer {
    struct detcl_context *ctx;
    struct dcl_buffer buffer;
    void *host;
};

static enum detcl_status upload(void *user, double *value)
{
    struct transfer *t = user;
    const double start = dcl_clock_ms();
    DCL_TRY(&t->ctx->error,
            t->ctx->device->write(t->ctx, &t->buffer, 0, t->host, TRANSFER_BYTES, "limits"));
    *value = 1e-6 * (double)TRANSFER_BYTES / (dcl_clock_ms() - start);
    return DETCL_OK;
}

static enum detcl_status download(void *user, double *value)
{
    struct transfer *t = user;
    const double start = dcl_clock_ms();
    DCL_TRY(&t->ctx->error,
            t->ctx->device->read(t->ctx, &t->buffer, 0, t->host, TRANSFER_BYTES, "limits"));
    *value = 1e-6 * (double)TRANSFER_BYTES / (dcl_clock_ms() - start);
    return DETCL_OK;
}

static enum detcl_status measure_transfers(struct detcl_context *ctx,
                                           struct dcl_bench_limits *limits)
{
    struct transfer t = {
        .ctx = ctx, .buffer.bytes = TRANSFER_BYTES, .host = malloc(TRANSFER_BYTES)};
    if (!t.host)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    memset(t.host, 1, TRANSFER_BYTES);
    enum detcl_status status = ctx->device->alloc(ctx, &t.buffer);
    if (status == DETCL_OK) {
        status = dcl_limit_sample(limits, DCL_LIMIT_UPLOAD, upload, &t);
        if (status == DETCL_OK)
            status = dcl_limit_sample(limits, DCL_LIMIT_DOWNLOAD, download, &t);
        ctx->device->release(ctx, &t.buffer);
    }
    free(t.host);
    return status;
}

/* --- the CPU device --------------------------------------------------------------------------- */

static enum detcl_status host_copy(void *user, double *value)
{
    char *memory = user;
    const double start = dcl_clock_ms();
    memcpy(memory + HOST_COPY_BYTES / 2, memory, HOST_COPY_BYTES / 2);
    *value = 1e-6 * (double)HOST_COPY_BYTES / (dcl_clock_ms() - start);
    return DETCL_OK;
}

#define LANES 192 /* sums that hide the latency of an addition, in vectors of any width */

DCL_VECTORISED static void multiply_add(float *restrict s, float a, int rounds)
{
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < LANES; i++)
            s[i] = s[i] * a + 1.0f;
}

/* Products and sums as the twins have them: never fused. */
static enum detcl_status host_fp32(void *user, double *value)
{
    volatile float *sink = user;
    float s[LANES];
    for (int i = 0; i < LANES; i++)
        s[i] = (float)i;
    const double start = dcl_clock_ms();
    multiply_add(s, 0.5f + *sink * 1e-30f, HOST_ROUNDS);
    const double ms = dcl_clock_ms() - start;
    for (int i = 0; i < LANES; i++)
        *sink = *sink + s[i];
    *value = 1e-6 * 2.0 * LANES * HOST_ROUNDS / ms;
    return DETCL_OK;
}

static enum detcl_status cpu_limits(struct detcl_context *ctx, struct dcl_bench_limits *limits)
{
    char *memory = malloc(HOST_COPY_BYTES);
    if (!memory)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    memset(memory, 1, HOST_COPY_BYTES);
    dcl_limit_sample(limits, DCL_LIMIT_COPY, host_copy, memory);
    free(memory);
    volatile float sink = 0;
    return dcl_limit_sample(limits, DCL_LIMIT_FP32, host_fp32, (void *)(uintptr_t)&sink);
}

static size_t host_cache_bytes(void)
{
    const long l3 = sysconf(_SC_LEVEL3_CACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return l3 > 0 ? (size_t)l3 : l2 > 0 ? (size_t)l2 : (size_t)32 << 20;
}

size_t dcl_bench_cache_bytes(const struct detcl_context *ctx)
{
    const size_t host = host_cache_bytes();
    if (ctx->device == &dcl_cpu_device)
        return host;
#ifdef DETCL_OPENCL
    const size_t cache = dcl_opencl_cache_bytes(ctx);
    return cache > host || ctx->limits.profile != DCL_PROFILE_SIMD ? cache : host;
#else
    return host;
#endif
}

enum detcl_status dcl_bench_measure_limits(struct detcl_context *ctx,
                                           const volatile sig_atomic_t *stop,
                                           struct dcl_bench_limits *limits)
{
    memset(limits, 0, sizeof *limits);
    limits->cache_bytes = dcl_bench_cache_bytes(ctx);
    if (ctx->device == &dcl_cpu_device)
        return cpu_limits(ctx, limits);
#ifdef DETCL_OPENCL
    DCL_TRY(&ctx->error, dcl_opencl_limits(ctx, stop, limits));
#endif
    return *stop ? DETCL_OK : measure_transfers(ctx, limits);
}

static double limit_ms(const struct dcl_bench_limits *l, enum dcl_bench_limit which, double amount)
{
    return l->of[which].known && l->of[which].value > 0 ? 1e-6 * amount / l->of[which].value : 0;
}

double dcl_bench_bound(const struct dcl_bench_limits *limits, double bytes, double flops,
                       int launches, const char **by)
{
    const double memory = limit_ms(limits, DCL_LIMIT_COPY, bytes);
    const double compute = limit_ms(limits, DCL_LIMIT_FP32, flops);
    const double launch = limits->of[DCL_LIMIT_LAUNCH].known
                              ? 1e-3 * limits->of[DCL_LIMIT_LAUNCH].value * launches
                              : 0;
    *by = "memory";
    double bound = memory;
    if (compute > bound) {
        bound = compute;
        *by = "compute";
    }
    if (launch > bound) {
        bound = launch;
        *by = "launch";
    }
    return bound;
}
