/* Plans on OpenCL: programs, kernels with their arguments set once, and a run that only enqueues.
 */
#include "device/opencl_private.h"
#include "graph/exec.h"

#include <stdio.h>
#include <string.h>

struct exec_state {
    cl_event *events; /* one a launch, when profiling */
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
        if (c->op->flags & DCL_OP_ALIAS)
            continue;
        DCL_TRY(c->error, c->op->record_cl(c, r));
        DCL_TRY(c->error, r->status);
    }
    return DETCL_OK;
}

static enum detcl_status build_one(struct dcl_exec *x, struct dcl_program_use *use)
{
    const struct dcl_opencl *s = opencl_of(x);
    const char *text[2] = {dcl_kernel_source("common"), dcl_kernel_source(use->stem)};
    if (!text[1])
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_INTERNAL, "no kernel source '%s'", use->stem);
    char options[512];
    snprintf(options, sizeof options, "-cl-std=CL1.2 -DBLOCK=%d %s", x->ctx->limits.block,
             use->options);
    cl_int code;
    cl_program p = clCreateProgramWithSource(s->context, 2, text, NULL, &code);
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, code));
    use->handle = p;
    code = clBuildProgram(p, 1, &s->device, options, NULL, NULL);
    if (code == CL_SUCCESS)
        return DETCL_OK;
    char log[4096] = "";
    clGetProgramBuildInfo(p, s->device, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
    dcl_log(&x->ctx->error, DETCL_LOG_ERROR, "%s", log);
    return DCL_FAIL(&x->ctx->error, DETCL_ERROR_OPENCL, "program '%s' (%s) does not build: %.700s",
                    use->stem, options, log);
}

static enum detcl_status build_programs(struct dcl_exec *x)
{
    struct dcl_recorder *r = &x->recorder;
    for (int i = 0; i < r->n_programs; i++) {
        DCL_TRY(&x->ctx->error, build_one(x, &r->programs[i]));
        if (x->ctx->progress)
            x->ctx->progress(x->ctx->progress_user, "compiling kernels", i + 1, r->n_programs);
    }
    return DETCL_OK;
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
        mem = b.buffer->mem;
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
    if (l->external)
        DCL_TRY(&x->ctx->error, set_args(x, l, true));
    const cl_int code =
        clEnqueueNDRangeKernel(opencl_of(x)->queue, l->handle, (cl_uint)l->dims, NULL, l->global,
                               l->local[0] ? l->local : NULL, 0, NULL, event);
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

enum detcl_status dcl_opencl_run(struct dcl_exec *x, const struct detcl_sync *sync)
{
    struct exec_state *s = x->state;
    cl_command_queue queue = opencl_of(x)->queue;
    if (sync && sync->wait_count)
        DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clEnqueueBarrierWithWaitList(queue, sync->wait_count,
                                                                            sync->wait, NULL)));
    if (x->options.profile)
        release_events(x, s);
    for (int i = 0; i < x->recorder.n_launches; i++)
        DCL_TRY(&x->ctx->error,
                enqueue(x, x->recorder.launches[i], x->options.profile ? &s->events[i] : NULL));
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
    for (int i = 0; i < r->n_programs; i++)
        if (r->programs[i].handle)
            clReleaseProgram(r->programs[i].handle);
}
