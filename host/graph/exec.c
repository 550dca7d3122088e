#include "graph/exec.h"

#include "ops/blocked.h"

#include <stdlib.h>
#include <string.h>

/* With guards, a buffer starts as the guard pattern, so that what nobody should write can be told.
 */
static bool fill(struct dcl_exec *x, struct dcl_buffer *b)
{
    void *pattern = malloc(b->bytes + 1);
    if (!pattern)
        return false;
    memset(pattern, DCL_GUARD_BYTE(x->n_buffers - 1), b->bytes);
    const enum detcl_status status =
        x->ctx->device->write(x->ctx, b, 0, pattern, b->bytes, "guard");
    free(pattern);
    return status == DETCL_OK;
}

struct dcl_buffer *dcl_exec_buffer(struct dcl_exec *x, size_t bytes)
{
    if (!dcl_grow((void **)&x->buffers, &x->cap_buffers, x->n_buffers, sizeof *x->buffers))
        return NULL;
    struct dcl_buffer *b = dcl_arena_alloc(&x->graph.arena, sizeof *b);
    if (!b)
        return NULL;
    b->bytes = bytes;
    if (x->ctx->device->alloc(x->ctx, b) != DETCL_OK)
        return NULL;
    x->buffers[x->n_buffers++] = b;
    return x->options.guard && !fill(x, b) ? NULL : b;
}

/* A graph output needs storage of its own: one that is an input, a constant, an alias or listed
 * twice is copied into a fresh value. */
static enum detcl_status own_outputs(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_outputs; i++) {
        struct dcl_value *v = g->outputs[i];
        const struct dcl_node *made_by = dcl_graph_producer(g, v);
        bool shared = !made_by || (made_by->call.op->flags & DCL_OP_ALIAS);
        for (int k = 0; k < i; k++)
            shared |= g->outputs[k] == v;
        for (int n = 0; n < g->n_nodes; n++)
            shared |= (g->nodes[n]->call.op->flags & DCL_OP_ALIAS) && g->nodes[n]->call.in[0] == v;
        if (!shared)
            continue;
        struct dcl_value *copy = dcl_graph_value(g, v->name);
        if (!copy)
            return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
        copy->desc = v->desc;
        copy->count = v->count;
        DCL_TRY(g->error, dcl_graph_node(g, "copy", v->name, NULL, &v, 1, &copy, 1, NULL));
        g->outputs[i] = copy;
    }
    return DETCL_OK;
}

static enum detcl_status build(struct dcl_exec *x)
{
    struct dcl_error *e = &x->ctx->error;
    x->recorder.exec = x;
    DCL_TRY(e, own_outputs(&x->graph));
    DCL_TRY(e, dcl_graph_sort(&x->graph));
    dcl_exec_alias(x);
    DCL_TRY(e, x->ctx->device->record(x));
    DCL_TRY(e, dcl_exec_plan_memory(x));
    return x->ctx->device->prepare(x);
}

enum detcl_status dcl_exec_create(struct detcl_context *ctx, struct dcl_graph *graph,
                                  const struct dcl_exec_options *options, struct dcl_exec **out)
{
    struct dcl_exec *x = calloc(1, sizeof *x);
    if (!x) {
        dcl_graph_free(graph);
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    }
    x->ctx = ctx;
    if (options)
        x->options = *options;
    x->graph = *graph;
    *graph = (struct dcl_graph){0};
    const enum detcl_status status = build(x);
    if (status != DETCL_OK) {
        dcl_exec_destroy(&x);
        return status;
    }
    *out = x;
    return DETCL_OK;
}

void dcl_exec_destroy(struct dcl_exec **x)
{
    if (!x || !*x)
        return;
    struct dcl_exec *it = *x;
    it->ctx->device->unprepare(it);
    for (int i = 0; i < it->n_buffers; i++)
        it->ctx->device->release(it->ctx, it->buffers[i]);
    free(it->buffers);
    free(it->temporaries);
    free(it->recorder.launches);
    free(it->recorder.programs);
    dcl_graph_free(&it->graph);
    free(it);
    *x = NULL;
}

static void bind(struct dcl_exec *x, struct dcl_value *v, struct dcl_buffer *buffer, size_t offset)
{
    x->bindings[v->external - 1] =
        buffer ? (struct dcl_binding){buffer, offset} : (struct dcl_binding){v->buffer, v->offset};
}

void dcl_exec_bind_input(struct dcl_exec *x, int i, struct dcl_buffer *buffer, size_t offset)
{
    bind(x, x->graph.inputs[i], buffer, offset);
}

void dcl_exec_bind_output(struct dcl_exec *x, int i, struct dcl_buffer *buffer, size_t offset)
{
    bind(x, x->graph.outputs[i], buffer, offset);
}

enum detcl_status dcl_exec_run(struct dcl_exec *x, const struct detcl_sync *sync)
{
    return x->ctx->device->run(x, sync);
}

enum detcl_status dcl_exec_write(struct dcl_exec *x, const struct dcl_value *v, const void *from)
{
    const struct dcl_binding at = dcl_exec_place(x, v);
    return x->ctx->device->write(x->ctx, at.buffer, at.offset, from, dcl_stored_bytes(v), v->name);
}

enum detcl_status dcl_exec_read(struct dcl_exec *x, const struct dcl_value *v, void *to)
{
    if (v->constant) {
        memcpy(to, v->constant, dcl_stored_bytes(v));
        return DETCL_OK;
    }
    const struct dcl_binding at = dcl_exec_place(x, v);
    return x->ctx->device->read(x->ctx, at.buffer, at.offset, to, dcl_stored_bytes(v), v->name);
}

enum detcl_status dcl_exec_read_dense(struct dcl_exec *x, const struct dcl_value *v, void *to)
{
    if (v->block == 1)
        return dcl_exec_read(x, v, to);
    void *stored = malloc(dcl_stored_bytes(v) + 1);
    if (!stored)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    const enum detcl_status status = dcl_exec_read(x, v, stored);
    if (status == DETCL_OK)
        dcl_from_blocked(&v->desc, v->block, stored, to);
    free(stored);
    return status;
}

size_t dcl_exec_bytes(const struct dcl_exec *x)
{
    size_t total = 0;
    for (int i = 0; i < x->n_buffers; i++)
        total += x->buffers[i]->bytes;
    return total;
}
