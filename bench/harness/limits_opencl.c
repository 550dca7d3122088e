#ifdef DETCL_OPENCL
#include "core/clock.h"
#include "device/opencl_private.h"
#include "harness/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_COPY_BYTES ((size_t)128 << 20)
#define MOST_COPY_BYTES ((size_t)1 << 30)
#define LAUNCHES 200
#define PEAK_MS 20.0 /* a launch that measures a rate should take about as long */

struct probe {
    struct detcl_context *ctx;
    struct dcl_opencl *cl;
    bool simd;
    cl_program program;
    cl_kernel kernel;
    struct dcl_buffer x, y;
    size_t global, local;
    int rounds;
    double work; /* bytes or operations of a launch */
};

/* Milliseconds of a launch by its event; by the clock where the driver's events do not tell. */
static enum detcl_status launch(struct probe *p, double *ms)
{
    cl_event event;
    const double before = dcl_clock_ms();
    DCL_TRY(&p->ctx->error,
            DCL_CL(p->ctx, clEnqueueNDRangeKernel(p->cl->queue, p->kernel, 1, NULL, &p->global,
                                                  &p->local, 0, NULL, &event)));
    enum detcl_status status = DCL_CL(p->ctx, clWaitForEvents(1, &event));
    const double wall = dcl_clock_ms() - before;
    cl_ulong start = 0, end = 0;
    if (status == DETCL_OK)
        status = DCL_CL(p->ctx, clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START,
                                                        sizeof start, &start, NULL));
    if (status == DETCL_OK)
        status = DCL_CL(p->ctx, clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end,
                                                        &end, NULL));
    clReleaseEvent(event);
    *ms = end > start ? 1e-6 * (double)(end - start) : wall;
    return status;
}

static enum detcl_status rate(void *user, double *value)
{
    struct probe *p = user;
    double ms;
    DCL_TRY(&p->ctx->error, launch(p, &ms));
    *value = ms > 0 ? 1e-6 * p->work / ms : 0;
    return DETCL_OK;
}

static enum detcl_status many_launches(void *user, double *value)
{
    struct probe *p = user;
    const double start = dcl_clock_ms();
    for (int i = 0; i < LAUNCHES; i++)
        DCL_TRY(&p->ctx->error,
                DCL_CL(p->ctx, clEnqueueNDRangeKernel(p->cl->queue, p->kernel, 1, NULL, &p->global,
                                                      &p->local, 0, NULL, NULL)));
    DCL_TRY(&p->ctx->error, DCL_CL(p->ctx, clFinish(p->cl->queue)));
    *value = 1e3 * (dcl_clock_ms() - start) / LAUNCHES;
    return DETCL_OK;
}

static enum detcl_status single_launches(void *user, double *value)
{
    struct probe *p = user;
    const double start = dcl_clock_ms();
    for (int i = 0; i < LAUNCHES; i++) {
        DCL_TRY(&p->ctx->error,
                DCL_CL(p->ctx, clEnqueueNDRangeKernel(p->cl->queue, p->kernel, 1, NULL, &p->global,
                                                      &p->local, 0, NULL, NULL)));
        DCL_TRY(&p->ctx->error, DCL_CL(p->ctx, clFinish(p->cl->queue)));
    }
    *value = 1e3 * (dcl_clock_ms() - start) / LAUNCHES;
    return DETCL_OK;
}

/* --- the program, for one element type -------------------------------------------------------- */

struct form {
    const char *type, *define;
    size_t element;
    int width; /* of the vector */
    int each, shared;
};

static struct form form_of(const struct probe *p, const char *type, const char *define,
                           size_t element)
{
    const int width = p->simd ? (int)(64 / element) : element == 4 ? 4 : (int)(16 / element);
    return (struct form){type, define, element, width, p->simd ? 256 : 4, 512};
}

static enum detcl_status build(struct probe *p, const struct form *f)
{
    char options[256];
    snprintf(options, sizeof options,
             "-cl-std=CL1.2 -D%s -DT=%s -DV=%s%d -DWIDTH=%d -DEACH=%d -DCONTIGUOUS=%d -DSHARED=%d",
             f->define, f->type, f->type, f->width, f->width, f->each, p->simd, f->shared);
    struct dcl_program_request request = {"limits", dcl_kernel_source("limits"), options, NULL};
    DCL_TRY(&p->ctx->error,
            dcl_programs_build(p->cl->programs, &request, 1, NULL, NULL, &p->ctx->error));
    p->program = request.program;
    return DETCL_OK;
}

static enum detcl_status use(struct probe *p, const char *name)
{
    if (p->kernel)
        clReleaseKernel(p->kernel);
    cl_int code;
    p->kernel = clCreateKernel(p->program, name, &code);
    return DCL_CL(p->ctx, code);
}

static enum detcl_status set_arg(struct probe *p, cl_uint i, size_t size, const void *value)
{
    return DCL_CL(p->ctx, clSetKernelArg(p->kernel, i, size, value));
}

/* Let a launch take long enough to be measured: as many rounds as that needs. */
static enum detcl_status choose_rounds(struct probe *p, cl_uint arg)
{
    double ms = 0;
    for (p->rounds = 64; ms < PEAK_MS / 4 && p->rounds < 1 << 26; p->rounds *= 4) {
        DCL_TRY(&p->ctx->error, set_arg(p, arg, sizeof p->rounds, &p->rounds));
        DCL_TRY(&p->ctx->error, launch(p, &ms));
    }
    p->rounds /= 4;
    return DETCL_OK;
}

static enum detcl_status peak(struct probe *p, struct dcl_bench_limits *limits,
                              enum dcl_bench_limit which, const char *type, const char *define,
                              size_t element)
{
    const struct form f = form_of(p, type, define, element);
    DCL_TRY(&p->ctx->error, build(p, &f));
    DCL_TRY(&p->ctx->error, use(p, "limits_multiply_add"));
    p->local = p->simd ? 1 : 64;
    p->global = (size_t)p->ctx->limits.compute_units * (p->simd ? 8 : 64 * p->local);
    DCL_TRY(&p->ctx->error, set_arg(p, 0, sizeof(cl_mem), &p->y.mem));
    DCL_TRY(&p->ctx->error, choose_rounds(p, 1));
    p->work = 2.0 * 12 * f.width * (double)p->rounds * (double)p->global;
    return dcl_limit_sample(limits, which, rate, p);
}

static enum detcl_status local_rate(struct probe *p, const struct form *f,
                                    struct dcl_bench_limits *limits)
{
    DCL_TRY(&p->ctx->error, use(p, "limits_local"));
    p->local = p->simd ? 1 : 64;
    p->global = (size_t)p->ctx->limits.compute_units * (p->simd ? 8 : 32 * p->local);
    DCL_TRY(&p->ctx->error, set_arg(p, 0, sizeof(cl_mem), &p->y.mem));
    DCL_TRY(&p->ctx->error, set_arg(p, 2, (size_t)f->shared * (size_t)f->width * f->element, NULL));
    DCL_TRY(&p->ctx->error, choose_rounds(p, 1));
    p->work = 4.0 * (double)f->width * (double)f->element * (double)p->rounds * (double)p->global;
    return dcl_limit_sample(limits, DCL_LIMIT_LOCAL, rate, p);
}

static enum detcl_status copy_rate(struct probe *p, const struct form *f,
                                   struct dcl_bench_limits *limits)
{
    DCL_TRY(&p->ctx->error, use(p, "limits_copy"));
    DCL_TRY(&p->ctx->error, set_arg(p, 0, sizeof(cl_mem), &p->x.mem));
    DCL_TRY(&p->ctx->error, set_arg(p, 1, sizeof(cl_mem), &p->y.mem));
    p->local = p->simd ? 1 : 64;
    p->global = p->x.bytes / ((size_t)f->width * f->element * (size_t)f->each);
    p->global = p->global / p->local * p->local;
    p->work = 2.0 * (double)p->global * (double)f->each * (double)f->width * (double)f->element;
    return dcl_limit_sample(limits, DCL_LIMIT_COPY, rate, p);
}

static enum detcl_status launch_times(struct probe *p, struct dcl_bench_limits *limits)
{
    DCL_TRY(&p->ctx->error, use(p, "limits_empty"));
    DCL_TRY(&p->ctx->error, set_arg(p, 0, sizeof(cl_mem), &p->y.mem));
    p->global = p->local = 1;
    DCL_TRY(&p->ctx->error, dcl_limit_sample(limits, DCL_LIMIT_LAUNCH, many_launches, p));
    return dcl_limit_sample(limits, DCL_LIMIT_LAUNCH_FINISH, single_launches, p);
}

static bool has_extension(const struct dcl_opencl *cl, const char *name)
{
    char text[8192] = "";
    clGetDeviceInfo(cl->device, CL_DEVICE_EXTENSIONS, sizeof text - 1, text, NULL);
    return strstr(text, name) != NULL;
}

static enum detcl_status measure(struct probe *p, const volatile sig_atomic_t *stop,
                                 struct dcl_bench_limits *limits)
{
    const struct form f = form_of(p, "float", "FP32", 4);
    DCL_TRY(&p->ctx->error, build(p, &f));
    DCL_TRY(&p->ctx->error, launch_times(p, limits));
    DCL_TRY(&p->ctx->error, copy_rate(p, &f, limits));
    DCL_TRY(&p->ctx->error, local_rate(p, &f, limits));
    DCL_TRY(&p->ctx->error, peak(p, limits, DCL_LIMIT_FP32, "float", "FP32", 4));
    if (!*stop && has_extension(p->cl, "cl_khr_fp64"))
        DCL_TRY(&p->ctx->error, peak(p, limits, DCL_LIMIT_FP64, "double", "FP64", 8));
    if (!*stop && has_extension(p->cl, "cl_khr_fp16"))
        DCL_TRY(&p->ctx->error, peak(p, limits, DCL_LIMIT_FP16, "half", "FP16", 2));
    return DETCL_OK;
}

/* Buffers beyond every cache, as far as the device has room. */
static size_t copy_bytes(const struct probe *p, size_t cache)
{
    size_t bytes = 4 * cache > LEAST_COPY_BYTES ? 4 * cache : LEAST_COPY_BYTES;
    const size_t most = (size_t)p->ctx->info.max_alloc_bytes / 2;
    if (bytes > MOST_COPY_BYTES)
        bytes = MOST_COPY_BYTES;
    return bytes < most ? bytes : most;
}

size_t dcl_opencl_cache_bytes(const struct detcl_context *ctx)
{
    const struct dcl_opencl *cl = ctx->state;
    cl_ulong cache = 0;
    clGetDeviceInfo(cl->device, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, sizeof cache, &cache, NULL);
    return (size_t)cache;
}

enum detcl_status dcl_opencl_limits(struct detcl_context *ctx, const volatile sig_atomic_t *stop,
                                    struct dcl_bench_limits *limits)
{
    struct probe p = {.ctx = ctx, .cl = ctx->state};
    p.simd = ctx->limits.profile == DCL_PROFILE_SIMD;
    p.x.bytes = p.y.bytes = copy_bytes(&p, limits->cache_bytes);
    enum detcl_status status = ctx->device->alloc(ctx, &p.x);
    if (status == DETCL_OK)
        status = ctx->device->alloc(ctx, &p.y);
    if (status == DETCL_OK)
        status = measure(&p, stop, limits);
    if (p.kernel)
        clReleaseKernel(p.kernel);
    if (p.y.mem)
        ctx->device->release(ctx, &p.y);
    if (p.x.mem)
        ctx->device->release(ctx, &p.x);
    return status;
}
#else
typedef int dcl_no_opencl_limits;
#endif
