/* The OpenCL device: contexts, queues, buffers and copies. */
#include "device/opencl_private.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 64

static const struct dcl_device opencl_device;

static struct dcl_opencl *state_of(const struct detcl_context *ctx)
{
    return ctx->state;
}

static enum detcl_status make_queue(struct detcl_context *ctx, struct dcl_opencl *s)
{
    cl_int code;
    s->queue = clCreateCommandQueue(s->context, s->device, CL_QUEUE_PROFILING_ENABLE, &code);
    s->profiling = true;
    return dcl_cl_at(ctx, code, "clEnqueueMapBuffer", __FILE__, __LINE__);
}

/* The last step of opening: on failure the queue is released again. */
static enum detcl_status open_programs(struct detcl_context *ctx, struct dcl_opencl *s)
{
    const enum detcl_status status =
        dcl_program_cache_open(s->context, s->device, NULL, &ctx->error, &s->programs);
    if (status != DETCL_OK)
        clReleaseCommandQueue(s->queue);
    return status;
}

/* Where groups run on threads that the driver wakes for each kernel, and a kernel may loop as long
 * as it likes. DETCL_CHAIN=0 turns it off. */
static bool chains_pay(const struct detcl_device_info *d)
{
    const char *wanted = getenv("DETCL_CHAIN");
    return strcmp(d->profile, "simd") == 0 &&
           strcmp(d->platform, "Portable Computing Language") == 0 &&
           !(wanted && strcmp(wanted, "0") == 0);
}

static void set_limits(struct detcl_context *ctx)
{
    const char *winograd = getenv("DETCL_WINOGRAD");
    const struct detcl_device_info *d = &ctx->info;
    ctx->limits = (struct dcl_limits){
        .profile = strcmp(d->profile, "simd") == 0 ? DCL_PROFILE_SIMD : DCL_PROFILE_GPU,
        .block = d->channel_block,
        .compute_units = d->compute_units,
        .max_work_group = (size_t)d->max_work_group,
        .local_bytes = (size_t)d->local_bytes,
        .winograd = !(winograd && strcmp(winograd, "0") == 0),
        .chain = chains_pay(d),
        .gemm = dcl_opencl_wants_gemm(d),
    };
    ctx->device = &opencl_device;
    dcl_tuning_load(&ctx->tuning, d, &ctx->error);
}

enum detcl_status dcl_opencl_open(struct detcl_context *ctx, int index)
{
    cl_platform_id platforms[MAX_DEVICES];
    cl_device_id devices[MAX_DEVICES];
    const int n = dcl_opencl_enumerate(platforms, devices, MAX_DEVICES);
    if (index >= n)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_DEVICE, "OpenCL device %d went away", index);
    struct dcl_opencl *s = calloc(1, sizeof *s);
    if (!s)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    s->device = devices[index];
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                                (cl_context_properties)platforms[index], 0};
    cl_int code;
    s->context = clCreateContext(properties, 1, &s->device, NULL, NULL, &code);
    enum detcl_status status = DCL_CL(ctx, code);
    if (status == DETCL_OK) {
        status = make_queue(ctx, s);
        if (status == DETCL_OK)
            status = open_programs(ctx, s);
        if (status != DETCL_OK)
            clReleaseContext(s->context);
    }
    if (status != DETCL_OK) {
        free(s);
        return status;
    }
    ctx->state = s;
    set_limits(ctx);
    return DETCL_OK;
}

static enum detcl_status adopt_queue(struct detcl_context *ctx, struct dcl_opencl *s,
                                     cl_command_queue queue)
{
    if (!queue)
        return make_queue(ctx, s);
    cl_command_queue_properties properties = 0;
    DCL_TRY(&ctx->error, DCL_CL(ctx, clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES,
                                                           sizeof properties, &properties, NULL)));
    if (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        DCL_TRY(&ctx->error, make_queue(ctx, s));
    else {
        s->queue = queue;
        s->profiling = properties & CL_QUEUE_PROFILING_ENABLE;
        clRetainCommandQueue(queue);
    }
    return DETCL_OK;
}

static enum detcl_status adopt(struct detcl_context *ctx, cl_context context, cl_device_id device,
                               cl_command_queue queue)
{
    cl_platform_id platform;
    DCL_TRY(&ctx->error, DCL_CL(ctx, clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof platform,
                                                     &platform, NULL)));
    struct dcl_opencl *s = calloc(1, sizeof *s);
    if (!s)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    s->context = context;
    s->device = device;
    enum detcl_status status = adopt_queue(ctx, s, queue);
    if (status == DETCL_OK)
        status = open_programs(ctx, s);
    if (status != DETCL_OK) {
        free(s);
        return status;
    }
    clRetainContext(context);
    ctx->state = s;
    dcl_opencl_describe(platform, device, 0, &ctx->info);
    set_limits(ctx);
    return DETCL_OK;
}

enum detcl_status detcl_context_create_from_opencl(cl_context context, cl_device_id device,
                                                   cl_command_queue queue,
                                                   const struct detcl_context_params *params,
                                                   struct detcl_context **out,
                                                   struct detcl_error *error)
{
    if (!context || !device || !out)
        return DETCL_ERROR_ARGUMENT;
    struct detcl_context *ctx = dcl_context_new(params);
    const enum detcl_status status = ctx ? adopt(ctx, context, device, queue) : DETCL_ERROR_MEMORY;
    return dcl_context_finish_creation(ctx, status, out, error);
}

cl_context detcl_context_opencl(const struct detcl_context *ctx)
{
    return ctx->device == &opencl_device ? state_of(ctx)->context : NULL;
}

cl_command_queue detcl_context_queue(const struct detcl_context *ctx)
{
    return ctx->device == &opencl_device ? state_of(ctx)->queue : NULL;
}

static enum detcl_status check_wrap(struct detcl_context *ctx, const struct detcl_desc *desc,
                                    cl_mem buffer, size_t offset)
{
    if (ctx->device != &opencl_device)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "the context is not an OpenCL one");
    size_t bytes, capacity = 0;
    DCL_TRY(&ctx->error, dcl_desc_bytes(ctx, desc, &bytes));
    cl_context owner = NULL;
    DCL_TRY(&ctx->error,
            DCL_CL(ctx, clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof capacity, &capacity, NULL)));
    DCL_TRY(&ctx->error, DCL_CL(ctx, clGetMemObjectInfo(buffer, CL_MEM_CONTEXT, sizeof(cl_context),
                                                        &owner, NULL)));
    if (owner != state_of(ctx)->context)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "the buffer is of another OpenCL context");
    if (offset > capacity || bytes > capacity - offset)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "the tensor needs %zu bytes from offset %zu, the buffer has %zu", bytes,
                        offset, capacity);
    if (offset % detcl_dtype_size(desc->dtype))
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "offset %zu is not a multiple of the element size", offset);
    return DETCL_OK;
}

enum detcl_status detcl_tensor_wrap_opencl(struct detcl_context *ctx, const struct detcl_desc *desc,
                                           cl_mem buffer, size_t offset, struct detcl_tensor **out)
{
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    if (!desc || !buffer || !out)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "desc, buffer and output are needed");
    DCL_TRY(&ctx->error, check_wrap(ctx, desc, buffer, offset));
    struct detcl_tensor *t = calloc(1, sizeof *t);
    if (!t)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    *t = (struct detcl_tensor){.ctx = ctx, .desc = *desc, .offset = offset};
    dcl_desc_bytes(ctx, desc, &t->buffer.bytes);
    t->buffer.mem = buffer;
    clRetainMemObject(buffer); /* so release drops one reference, as for memory of our own */
    *out = t;
    return DETCL_OK;
}

static enum detcl_status opencl_alloc(struct detcl_context *ctx, struct dcl_buffer *b)
{
    cl_int code;
    cl_mem mem = clCreateBuffer(state_of(ctx)->context, CL_MEM_READ_WRITE, b->bytes ? b->bytes : 1,
                                NULL, &code);
    DCL_TRY(&ctx->error, DCL_CL(ctx, code));
    b->mem = mem;
    return DETCL_OK;
}

static void opencl_release(struct detcl_context *ctx, struct dcl_buffer *b)
{
    (void)ctx;
    if (b->mem)
        clReleaseMemObject(b->mem);
    b->mem = NULL;
}

static enum detcl_status opencl_write(struct detcl_context *ctx, struct dcl_buffer *b,
                                      size_t offset, const void *from, size_t bytes,
                                      const char *what)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "upload %zu bytes '%s'", bytes, what);
    if (!bytes)
        return DETCL_OK;
    return DCL_CL(ctx, clEnqueueWriteBuffer(state_of(ctx)->queue, b->mem, CL_TRUE, offset, bytes,
                                            from, 0, NULL, NULL));
}

static enum detcl_status opencl_read(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                                     void *to, size_t bytes, const char *what)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "read %zu bytes '%s'", bytes, what);
    if (!bytes)
        return DETCL_OK;
    return DCL_CL(ctx, clEnqueueReadBuffer(state_of(ctx)->queue, b->mem, CL_TRUE, offset, bytes, to,
                                           0, NULL, NULL));
}

static enum detcl_status opencl_map(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                                    size_t bytes, const char *what, void **to)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "upload %zu bytes '%s'", bytes, what);
    cl_int code;
    *to = clEnqueueMapBuffer(state_of(ctx)->queue, b->mem, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION,
                             offset, bytes, 0, NULL, NULL, &code);
    return DCL_CL(ctx, code);
}

static enum detcl_status opencl_unmap(struct detcl_context *ctx, struct dcl_buffer *b, void *from)
{
    return DCL_CL(ctx, clEnqueueUnmapMemObject(state_of(ctx)->queue, b->mem, from, 0, NULL, NULL));
}

static enum detcl_status opencl_finish(struct detcl_context *ctx)
{
    return DCL_CL(ctx, clFinish(state_of(ctx)->queue));
}

static void opencl_save_programs(struct detcl_context *ctx, double seconds)
{
    dcl_program_cache_save(state_of(ctx)->programs, seconds, &ctx->error);
}

static void opencl_close(struct detcl_context *ctx)
{
    struct dcl_opencl *s = state_of(ctx);
    clFinish(s->queue);
    dcl_program_cache_close(&s->programs);
    clReleaseCommandQueue(s->queue);
    clReleaseContext(s->context);
    free(s);
}

static const struct dcl_device opencl_device = {
    .alloc = opencl_alloc,
    .release = opencl_release,
    .write = opencl_write,
    .read = opencl_read,
    .map = opencl_map,
    .unmap = opencl_unmap,
    .finish = opencl_finish,
    .record = dcl_opencl_record,
    .prepare = dcl_opencl_prepare,
    .run = dcl_opencl_run,
    .node_time = dcl_opencl_node_time,
    .unprepare = dcl_opencl_unprepare,
    .save_programs = opencl_save_programs,
    .close = opencl_close,
};
