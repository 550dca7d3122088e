/* The CPU device: the twins themselves, in order, on host memory. */
#include "core/clock.h"
#include "graph/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64

void dcl_cpu_info(struct detcl_device_info *info)
{
    *info = (struct detcl_device_info){.channel_block = 1, .compute_units = 1};
    snprintf(info->id, sizeof info->id, "cpu");
    snprintf(info->name, sizeof info->name, "CPU reference (C, no OpenCL)");
    snprintf(info->platform, sizeof info->platform, "detcl");
    snprintf(info->type, sizeof info->type, "cpu");
    snprintf(info->profile, sizeof info->profile, "simd");
}

static enum detcl_status cpu_alloc(struct detcl_context *ctx, struct dcl_buffer *b)
{
    if (b->bytes > SIZE_MAX - ALIGNMENT)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "cannot allocate %zu bytes", b->bytes);
    b->host = aligned_alloc(ALIGNMENT, (b->bytes / ALIGNMENT + 1) * ALIGNMENT);
    if (!b->host)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "cannot allocate %zu bytes", b->bytes);
    return DETCL_OK;
}

static void cpu_release(struct detcl_context *ctx, struct dcl_buffer *b)
{
    (void)ctx;
    if (!b->borrowed)
        free(b->host);
    b->host = NULL;
}

static enum detcl_status cpu_write(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                                   const void *from, size_t bytes, const char *what)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "upload %zu bytes '%s'", bytes, what);
    if (bytes)
        memcpy((char *)b->host + offset, from, bytes);
    return DETCL_OK;
}

static enum detcl_status cpu_read(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                                  void *to, size_t bytes, const char *what)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "read %zu bytes '%s'", bytes, what);
    if (bytes)
        memcpy(to, (const char *)b->host + offset, bytes);
    return DETCL_OK;
}

static enum detcl_status cpu_map(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                                 size_t bytes, const char *what, void **to)
{
    dcl_log(&ctx->error, DETCL_LOG_TRACE, "upload %zu bytes '%s'", bytes, what);
    *to = (char *)b->host + offset;
    return DETCL_OK;
}

static enum detcl_status cpu_unmap(struct detcl_context *ctx, struct dcl_buffer *b, void *from)
{
    (void)ctx;
    (void)b;
    (void)from;
    return DETCL_OK;
}

static enum detcl_status cpu_finish(struct detcl_context *ctx)
{
    (void)ctx;
    return DETCL_OK;
}

/* The twins' workspaces are planned like any other value; one a node at most. */
struct cpu_state {
    struct dcl_value **workspace;
    double *ns;
};

static enum detcl_status cpu_record(struct dcl_exec *x)
{
    struct dcl_graph *g = &x->graph;
    struct cpu_state *s = dcl_arena_alloc(&g->arena, sizeof *s);
    if (s) {
        s->workspace = dcl_arena_array(&g->arena, (size_t)g->n_nodes + 1, sizeof *s->workspace);
        s->ns = dcl_arena_array(&g->arena, (size_t)g->n_nodes + 1, sizeof *s->ns);
    }
    if (!s || !s->workspace || !s->ns)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    x->state = s;
    for (int i = 0; i < g->n_nodes; i++) {
        const size_t bytes = g->nodes[i]->call.cpu_workspace;
        if (!bytes)
            continue;
        x->recorder.node = i;
        s->workspace[i] = dcl_workspace(&x->recorder, DETCL_U8, (int64_t)bytes);
        if (!s->workspace[i])
            return dcl_recorded(&x->recorder);
    }
    return DETCL_OK;
}

static enum detcl_status cpu_prepare(struct dcl_exec *x)
{
    (void)x;
    return DETCL_OK;
}

static void *place(const struct dcl_exec *x, const struct dcl_value *v)
{
    if (v->constant)
        return (void *)(uintptr_t)v->constant;
    const struct dcl_binding at = dcl_exec_place(x, v);
    return (char *)at.buffer->host + at.offset;
}

static enum detcl_status cpu_run(struct dcl_exec *x, const struct detcl_sync *sync)
{
    (void)sync;
    struct cpu_state *s = x->state;
    for (int i = 0; i < x->graph.n_nodes; i++) {
        struct dcl_call *c = &x->graph.nodes[i]->call;
        if (dcl_is_free(c))
            continue;
        for (int k = 0; k < c->n_in; k++)
            if (c->in[k])
                c->in[k]->data = place(x, c->in[k]);
        for (int k = 0; k < c->n_out; k++)
            if (c->out[k])
                c->out[k]->data = place(x, c->out[k]);
        c->workspace = s->workspace[i] ? place(x, s->workspace[i]) : NULL;
        const double start = x->options.profile ? dcl_clock_ms() : 0;
        DCL_TRY(&x->ctx->error, c->op->run_cpu(c));
        if (x->options.profile)
            s->ns[i] = 1e6 * (dcl_clock_ms() - start);
    }
    return DETCL_OK;
}

static enum detcl_status cpu_node_time(struct dcl_exec *x, int node, double *ns)
{
    *ns = ((struct cpu_state *)x->state)->ns[node];
    return DETCL_OK;
}

static void cpu_unprepare(struct dcl_exec *x)
{
    (void)x;
}

static void cpu_close(struct detcl_context *ctx)
{
    (void)ctx;
}

const struct dcl_device dcl_cpu_device = {
    .alloc = cpu_alloc,
    .release = cpu_release,
    .write = cpu_write,
    .read = cpu_read,
    .map = cpu_map,
    .unmap = cpu_unmap,
    .finish = cpu_finish,
    .record = cpu_record,
    .prepare = cpu_prepare,
    .run = cpu_run,
    .node_time = cpu_node_time,
    .unprepare = cpu_unprepare,
    .close = cpu_close,
};
