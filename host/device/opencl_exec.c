/* Plans on OpenCL: programs, kernels with their arguments set once, and a run that only enqueues.
 */
#include "device/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSTANT_ALIGNMENT ((size_t)256)

/* What a run enqueues: a launch, or a chain of them. */
struct command {
    struct dcl_launch *launch;
    struct dcl_chain *chain;
};

struct exec_state {
    struct command *commands;
    int n_commands;
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

/* What a request points to. */
struct program_text {
    char *source, *options;
};

static enum detcl_status make_text(struct dcl_exec *x, const struct dcl_program_use *use,
                                   struct program_text *t)
{
    static const char format[] = "-cl-std=CL1.2 -DBLOCK=%d %s";
    const char *common = dcl_kernel_source("common"), *own = dcl_kernel_source(use->stem);
    if (!own)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_INTERNAL, "no kernel source '%s'", use->stem);
    const size_t size = sizeof format + 16 + strlen(use->options);
    const size_t source_size = strlen(common) + strlen(own) + 1;
    t->source = malloc(source_size);
    t->options = malloc(size);
    if (!t->source || !t->options)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    snprintf(t->source, source_size, "%s%s", common, own);
    snprintf(t->options, size, format, x->ctx->limits.block, use->options);
    return DETCL_OK;
}

/* Programs of single launches, in the recorder's order, then those of chains. */
static enum detcl_status make_requests(struct dcl_exec *x, struct dcl_program_request *requests,
                                       struct program_text *texts, int *n)
{
    struct dcl_recorder *r = &x->recorder;
    struct exec_state *s = x->state;
    for (int i = 0; i < r->n_programs; i++) {
        if (!r->programs[i].wanted)
            continue;
        DCL_TRY(&x->ctx->error, make_text(x, &r->programs[i], &texts[*n]));
        requests[*n] = (struct dcl_program_request){r->programs[i].stem, texts[*n].source,
                                                    texts[*n].options, NULL};
        ++*n;
    }
    for (int i = 0; i < s->n_commands; i++) {
        if (!s->commands[i].chain)
            continue;
        DCL_TRY(&x->ctx->error, dcl_chain_source(x, s->commands[i].chain, &texts[*n].source));
        requests[*n] = (struct dcl_program_request){"chain", texts[*n].source, "", NULL};
        ++*n;
    }
    return DETCL_OK;
}

static enum detcl_status build_all(struct dcl_exec *x, struct dcl_program_request *requests,
                                   struct program_text *texts)
{
    struct dcl_recorder *r = &x->recorder;
    struct exec_state *s = x->state;
    int n = 0, at = 0;
    DCL_TRY(&x->ctx->error, make_requests(x, requests, texts, &n));
    DCL_TRY(&x->ctx->error,
            dcl_programs_build(opencl_of(x)->programs, requests, n, x->ctx->progress,
                               x->ctx->progress_user, &x->ctx->error));
    for (int i = 0; i < r->n_programs; i++)
        if (r->programs[i].wanted)
            r->programs[i].handle = requests[at++].program;
    for (int i = 0; i < s->n_commands; i++)
        if (s->commands[i].chain)
            DCL_TRY(&x->ctx->error,
                    dcl_chain_prepare(x, s->commands[i].chain, requests[at++].program));
    return DETCL_OK;
}

/* All programs of the plan at once; they belong to the context's cache. */
static enum detcl_status build_programs(struct dcl_exec *x)
{
    const struct exec_state *s = x->state;
    const size_t n = (size_t)(x->recorder.n_programs + s->n_commands);
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

/* Constants that launches read. While they are listed their buffer is `no_buffer`. */
struct constants {
    struct dcl_value **list;
    int n, capacity;
    size_t bytes; /* of one buffer for all */
};

static struct dcl_buffer no_buffer;

static bool list_constant(struct constants *c, const struct dcl_arg *a)
{
    struct dcl_value *v = (struct dcl_value *)(uintptr_t)a->value;
    if (a->kind != DCL_ARG_VALUE || !v || !v->constant || v->buffer)
        return true;
    if (!dcl_grow((void **)&c->list, &c->capacity, c->n, sizeof *c->list))
        return false;
    c->list[c->n++] = v;
    v->buffer = &no_buffer;
    v->offset = c->bytes;
    c->bytes += (dcl_stored_bytes(v) / CONSTANT_ALIGNMENT + 1) * CONSTANT_ALIGNMENT;
    return true;
}

static bool list_constants(const struct dcl_recorder *r, struct constants *c)
{
    for (int i = 0; i < r->n_launches; i++)
        for (int k = 0; k < r->launches[i]->n_args; k++)
            if (!list_constant(c, &r->launches[i]->args[k]))
                return false;
    return true;
}

/* They share one buffer, but where each has guards of its own or that would be too large. */
static enum detcl_status upload(struct dcl_exec *x, struct constants *c)
{
    const size_t guard = x->options.separate ? x->options.guard : 0;
    const bool apart = x->options.separate || c->bytes > x->ctx->info.max_alloc_bytes;
    struct dcl_buffer *shared = apart || !c->n ? NULL : dcl_exec_buffer(x, c->bytes);
    for (int i = 0; i < c->n; i++) {
        struct dcl_value *v = c->list[i];
        const size_t bytes = dcl_stored_bytes(v);
        v->buffer = apart ? dcl_exec_buffer(x, bytes + 2 * guard) : shared;
        v->offset = apart ? guard : v->offset;
        if (!v->buffer)
            return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY,
                            "cannot allocate %zu bytes for constant '%s'", apart ? bytes : c->bytes,
                            v->name);
        DCL_TRY(&x->ctx->error,
                x->ctx->device->write(x->ctx, v->buffer, v->offset, v->constant, bytes, v->name));
    }
    return DETCL_OK;
}

static enum detcl_status upload_constants(struct dcl_exec *x)
{
    struct constants c = {0};
    enum detcl_status status;
    if (list_constants(&x->recorder, &c))
        status = upload(x, &c);
    else
        status = DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    free(c.list);
    return status;
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

/* Put launches together where the device gains by it. */
static enum detcl_status make_commands(struct dcl_exec *x, struct exec_state *s)
{
    struct dcl_recorder *r = &x->recorder;
    for (int i = 0; i < r->n_launches;) {
        struct command *c = &s->commands[s->n_commands++];
        int length;
        DCL_TRY(&x->ctx->error, dcl_chain_create(x, i, &c->chain, &length));
        i += length;
        if (length)
            continue;
        c->launch = r->launches[i++];
        if (c->launch->program >= 0)
            r->programs[c->launch->program].wanted = true;
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
    if (s) {
        s->events = dcl_arena_array(&x->graph.arena, (size_t)r->n_launches + 1, sizeof(cl_event));
        s->commands =
            dcl_arena_array(&x->graph.arena, (size_t)r->n_launches + 1, sizeof *s->commands);
    }
    if (!s || !s->events || !s->commands)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    x->state = s;
    DCL_TRY(&x->ctx->error, upload_constants(x));
    DCL_TRY(&x->ctx->error, make_commands(x, s));
    DCL_TRY(&x->ctx->error, build_programs(x));
    for (int i = 0; i < s->n_commands; i++)
        if (s->commands[i].launch)
            DCL_TRY(&x->ctx->error, make_kernel(x, s->commands[i].launch));
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
    x->ctx->progress(x->ctx->progress_user, "first run of the kernels", done, s->n_commands);
    return DETCL_OK;
}

static enum detcl_status enqueue_all(struct dcl_exec *x)
{
    struct exec_state *s = x->state;
    for (int i = 0; i < s->n_commands; i++) {
        const struct command *c = &s->commands[i];
        if (c->chain)
            DCL_TRY(&x->ctx->error, dcl_chain_enqueue(x, c->chain));
        else /* with events, every launch is a command */
            DCL_TRY(&x->ctx->error,
                    enqueue(x, c->launch, x->options.profile ? &s->events[i] : NULL));
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
    for (int i = 0; s && i < s->n_commands; i++)
        dcl_chain_release(x, s->commands[i].chain);
}
