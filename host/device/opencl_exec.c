/* Plans on OpenCL: programs, kernels with their arguments set once, and a run that only enqueues.
 */
#include "device/opencl_private.h"
#include "graph/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exec_state {
    cl_event *events; /* one a launch, when profiling */
    bool warm;        /* ran once */
};

static struct dcl_opencl *opencl_of(const struct dcl_exec *x)
{
    return x->ctx->state;
}

enum detcl_status dcl_opencl_record(struct dcl_exec *x)
{
    struct dcl_recorder *r = &x->recorder;
    for (int i = 0; i < x->graph.n_nodes; i++) {
        struct dcl_call *c = &x->graph.nodes[i]->call;
        c->error = &x->ctx->error;
        r->node = i;
        if (dcl_is_free(c))
            continue;
        DCL_TRY(c->error, c->op->record_cl(c, r));
        DCL_TRY(c->error, r->status);
    }
    return DETCL_OK;
}

/* common.cl, then the text of the stem: to be freed. */
static char *join_source(const char *text)
{
    const char *common = dcl_kernel_source("common");
    const size_t common_size = strlen(common), size = strlen(text) + 1;
    char *source = malloc(common_size + size);
    if (source) {
        memcpy(source, common, common_size);
        memcpy(source + common_size, text, size);
    }
    return source;
}

/* What a request points to. */
struct program_text {
    char *source, *options;
};

static enum detcl_status make_text(struct dcl_exec *x, const struct dcl_program_use *use,
                                   struct program_text *t)
{
    static const char format[] = "-cl-std=CL1.2 -DBLOCK=%d %s";
    const char *own = dcl_kernel_source(use->stem);
    if (!own)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_INTERNAL, "no kernel source '%s'", use->stem);
    const size_t size = sizeof format + 16 + strlen(use->options);
    t->source = join_source(own);
    t->options = malloc(size);
    if (!t->source || !t->options)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    snprintf(t->options, size, format, x->ctx->limits.block, use->options);
    return DETCL_OK;
}

static enum detcl_status build_all(struct dcl_exec *x, struct dcl_program_request *requests,
                                   struct program_text *texts)
{
    struct dcl_recorder *r = &x->recorder;
    for (int i = 0; i < r->n_programs; i++) {
        DCL_TRY(&x->ctx->error, make_text(x, &r->programs[i], &texts[i]));
        requests[i] = (struct dcl_program_request){r->programs[i].stem, texts[i].source,
                                                   texts[i].options, NULL};
    }
    DCL_TRY(&x->ctx->error,
            dcl_programs_build(opencl_of(x)->programs, requests, r->n_programs, x->ctx->progress,
                               x->ctx->progress_user, &x->ctx->error));
    for (int i = 0; i < r->n_programs; i++)
        r->programs[i].handle = requests[i].program;
    return DETCL_OK;
}

/* All programs of the plan at once; they belong to the context's cache. */
static enum detcl_status build_programs(struct dcl_exec *x)
{
    const size_t n = (size_t)x->recorder.n_programs;
    struct dcl_program_request *requests = calloc(n + 1, sizeof *requests);
    struct program_text *texts = calloc(n + 1, sizeof *texts);
    enum detcl_status status;
    if (requests && texts)
        status = build_all(x, requests, texts);
    else
        status = DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; texts && i < n; i++) {
        free(texts[i].source);
        free(texts[i].options);
    }
    free(texts);
    free(requests);
    return status;
}

/* Constants that some launch reads get device memory and are uploaded once. */
static enum detcl_status upload_constants(struct dcl_exec *x)
{
    const struct dcl_recorder *r = &x->recorder;
    for (int i = 0; i < r->n_launches; i++)
        for (int k = 0; k < r->launches[i]->n_args; k++) {
            struct dcl_value *v = (struct dcl_value *)(uintptr_t)r->launches[i]->args[k].value;
            if (!v || !v->constant || v->buffer || r->launches[i]->args[k].kind != DCL_ARG_VALUE)
                continue;
            const size_t guard = x->options.separate ? x->options.guard : 0;
            v->buffer = dcl_exec_buffer(x, dcl_stored_bytes(v) + 2 * guard);
            if (!v->buffer)
                return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY,
                                "cannot allocate %zu bytes for constant '%s'", dcl_stored_bytes(v),
                                v->name);
            v->offset = guard;
            DCL_TRY(&x->ctx->error, x->ctx->device->write(x->ctx, v->buffer, v->offset, v->constant,
                                                          dcl_stored_bytes(v), v->name));
        }
    return DETCL_OK;
}

static enum detcl_status set_value(struct dcl_exec *x, cl_kernel kernel, cl_uint at,
                                   const struct dcl_value *v)
{
    cl_mem mem = NULL;
    cl_ulong offset = 0;
    if (v) {
        const struct dcl_binding b = dcl_exec_place(x, v);
        mem = b.buffer ? b.buffer->mem : NULL; /* NULL: bound before each run */
        offset = b.offset / detcl_dtype_size(v->desc.dtype);
    }
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(kernel, at, sizeof(cl_mem), &mem)));
    return DCL_CL(x->ctx, clSetKernelArg(kernel, at + 1, sizeof offset, &offset));
}

static enum detcl_status set_args(struct dcl_exec *x, const struct dcl_launch *l,
                                  bool external_only)
{
    cl_uint at = 0;
    for (int i = 0; i < l->n_args; i++) {
        const struct dcl_arg *a = &l->args[i];
        if (a->kind == DCL_ARG_VALUE) {
            if (!external_only || (a->value && a->value->external))
                DCL_TRY(&x->ctx->error, set_value(x, l->handle, at, a->value));
            at += 2;
            continue;
        }
        if (!external_only) {
            const void *p = a->kind == DCL_ARG_INT ? (const void *)&a->i : (const void *)&a->f;
            DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(l->handle, at, 4, p)));
        }
        at++;
    }
    return DETCL_OK;
}

static enum detcl_status make_kernel(struct dcl_exec *x, struct dcl_launch *l)
{
    if (l->gemm.active) /* CLBlast compiles in its first call, which must not be in a run */
        return dcl_opencl_gemm(x, l, NULL);
    cl_int code;
    l->handle = clCreateKernel(x->recorder.programs[l->program].handle, l->kernel, &code);
    if (code != CL_SUCCESS)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_OPENCL, "kernel '%s' of '%s': %s", l->kernel,
                        x->recorder.programs[l->program].stem, dcl_cl_name(code));
    for (int i = 0; i < l->n_args; i++)
        l->external |=
            l->args[i].kind == DCL_ARG_VALUE && l->args[i].value && l->args[i].value->external;
    if (set_args(x, l, false) != DETCL_OK) {
        char why[512];
        snprintf(why, sizeof why, "%.511s", x->ctx->error.text);
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_OPENCL, "arguments of kernel '%s': %s",
                        l->kernel, why);
    }
    return DETCL_OK;
}

enum detcl_status dcl_opencl_prepare(struct dcl_exec *x)
{
    struct dcl_recorder *r = &x->recorder;
    if (x->options.profile && !opencl_of(x)->profiling)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_ARGUMENT,
                        "profiling needs a queue made with CL_QUEUE_PROFILING_ENABLE");
    struct exec_state *s = dcl_arena_alloc(&x->graph.arena, sizeof *s);
    if (s)
        s->events = dcl_arena_array(&x->graph.arena, (size_t)r->n_launches + 1, sizeof(cl_event));
    if (!s || !s->events)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    x->state = s;
    DCL_TRY(&x->ctx->error, upload_constants(x));
    DCL_TRY(&x->ctx->error, build_programs(x));
    for (int i = 0; i < r->n_launches; i++)
        DCL_TRY(&x->ctx->error, make_kernel(x, r->launches[i]));
    return DETCL_OK;
}

static enum detcl_status enqueue(struct dcl_exec *x, const struct dcl_launch *l, cl_event *event)
{
    if (l->gemm.active)
        return dcl_opencl_gemm(x, l, event);
    if (l->external)
        DCL_TRY(&x->ctx->error, set_args(x, l, true));
    const cl_int code = clEnqueueNDRangeKernel(opencl_of(x)->queue, l->handle, (cl_uint)l->dims,
                                               NULL, l->global, l->local, 0, NULL, event);
    if (code == CL_SUCCESS)
        return DETCL_OK;
    return DCL_FAIL(&x->ctx->error, DETCL_ERROR_OPENCL,
                    "node '%s', kernel '%s': enqueue failed: %s",
                    x->graph.nodes[l->node]->call.name, l->kernel, dcl_cl_name(code));
}

static void release_events(struct dcl_exec *x, struct exec_state *s)
{
    for (int i = 0; i < x->recorder.n_launches; i++) {
        if (s->events[i])
            clReleaseEvent(s->events[i]);
        s->events[i] = NULL;
    }
}

/* Some drivers compile a kernel when it first runs, which takes seconds for a network. Where
 * someone watches, the first run waits for each launch and reports. */
static enum detcl_status report_first_run(struct dcl_exec *x, int done)
{
    const struct exec_state *s = x->state;
    if (s->warm || !x->ctx->progress)
        return DETCL_OK;
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clFinish(opencl_of(x)->queue)));
    x->ctx->progress(x->ctx->progress_user, "first run of the kernels", done,
                     x->recorder.n_launches);
    return DETCL_OK;
}

static enum detcl_status enqueue_all(struct dcl_exec *x)
{
    struct exec_state *s = x->state;
    for (int i = 0; i < x->recorder.n_launches; i++) {
        DCL_TRY(&x->ctx->error,
                enqueue(x, x->recorder.launches[i], x->options.profile ? &s->events[i] : NULL));
        DCL_TRY(&x->ctx->error, report_first_run(x, i + 1));
    }
    s->warm = true;
    return DETCL_OK;
}

enum detcl_status dcl_opencl_run(struct dcl_exec *x, const struct detcl_sync *sync)
{
    struct exec_state *s = x->state;
    cl_command_queue queue = opencl_of(x)->queue;
    if (sync && sync->wait_count)
        DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clEnqueueBarrierWithWaitList(queue, sync->wait_count,
                                                                            sync->wait, NULL)));
    if (x->options.profile)
        release_events(x, s);
    DCL_TRY(&x->ctx->error, enqueue_all(x));
    if (sync && sync->event)
        DCL_TRY(&x->ctx->error,
                DCL_CL(x->ctx, clEnqueueMarkerWithWaitList(queue, 0, NULL, sync->event)));
    return DCL_CL(x->ctx, clFlush(queue));
}

/* Events are read when the first time is asked for; they stay until the next run. */
enum detcl_status dcl_opencl_node_time(struct dcl_exec *x, int node, double *ns)
{
    const struct exec_state *s = x->state;
    *ns = 0;
    for (int i = 0; i < x->recorder.n_launches; i++) {
        if (x->recorder.launches[i]->node != node || !s->events[i])
            continue;
        cl_ulong start = 0, end = 0;
        DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clWaitForEvents(1, &s->events[i])));
        DCL_TRY(&x->ctx->error,
                DCL_CL(x->ctx, clGetEventProfilingInfo(s->events[i], CL_PROFILING_COMMAND_START,
                                                       sizeof start, &start, NULL)));
        DCL_TRY(&x->ctx->error,
                DCL_CL(x->ctx, clGetEventProfilingInfo(s->events[i], CL_PROFILING_COMMAND_END,
                                                       sizeof end, &end, NULL)));
        *ns += (double)(end - start);
    }
    return DETCL_OK;
}

void dcl_opencl_unprepare(struct dcl_exec *x)
{
    struct dcl_recorder *r = &x->recorder;
    struct exec_state *s = x->state;
    clFinish(opencl_of(x)->queue);
    if (s && s->events)
        release_events(x, s);
    for (int i = 0; i < r->n_launches; i++)
        if (r->launches[i]->handle)
            clReleaseKernel(r->launches[i]->handle);
}
