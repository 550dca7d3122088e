/* Lifetimes, aliases and buffers of an executable plan. */
#include "graph/exec.h"
#include "graph/plan.h"

#include <stdlib.h>

#define ALIGNMENT ((size_t)256)

size_t dcl_stored_bytes(const struct dcl_value *v)
{
    return (size_t)dcl_stored_count(v) * detcl_dtype_size(v->desc.dtype);
}

static struct dcl_value *root_of(struct dcl_value *v)
{
    while (v->alias)
        v = v->alias;
    return v;
}

static bool is_output(const struct dcl_graph *g, const struct dcl_value *v)
{
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == v)
            return true;
    return false;
}

/* Let the producer of input i write straight into the node's output, where the op allows it and the
 * input's storage is wholly its own. */
static void join(const struct dcl_graph *g, const struct dcl_call *c, int i)
{
    struct dcl_value *v = c->in[i], *y = c->out[0], *root = root_of(v);
    const int64_t at = c->op->part(c, i);
    if (at < 0 || root == root_of(y) || v->constant || v->block != y->block ||
        !dcl_graph_producer(g, root) || is_output(g, root) ||
        dcl_stored_bytes(root) != dcl_stored_bytes(v))
        return;
    root->alias = y;
    root->alias_at = (size_t)at * detcl_dtype_size(y->desc.dtype);
}

void dcl_exec_alias(struct dcl_exec *x)
{
    const struct dcl_graph *g = &x->graph;
    for (int i = 0; i < g->n_values; i++) {
        g->values[i]->alias = NULL;
        g->values[i]->alias_at = 0;
    }
    for (int i = 0; i < g->n_nodes; i++) {
        const struct dcl_call *c = &g->nodes[i]->call;
        if (c->op->flags & DCL_OP_ALIAS)
            c->out[0]->alias = c->in[0];
    }
    for (int i = 0; i < g->n_nodes && !x->options.separate; i++) {
        const struct dcl_call *c = &g->nodes[i]->call;
        for (int k = 0; c->op->part && !is_output(g, c->out[0]) && k < c->n_in; k++)
            join(g, c, k);
    }
}

static void touch(struct dcl_value *v, int node)
{
    struct dcl_value *root = root_of(v);
    if (root->first < 0 || node < root->first)
        root->first = node;
    if (node > root->last)
        root->last = node;
}

static void mark_lifetimes(struct dcl_exec *x)
{
    struct dcl_graph *g = &x->graph;
    for (int i = 0; i < g->n_values; i++)
        g->values[i]->first = g->values[i]->last = -1;
    for (int i = 0; i < g->n_nodes; i++) {
        const struct dcl_call *c = &g->nodes[i]->call;
        for (int k = 0; k < c->n_in; k++)
            if (c->in[k])
                touch(c->in[k], i);
        for (int k = 0; k < c->n_out; k++)
            if (c->out[k])
                touch(c->out[k], i);
    }
    for (int i = 0; i < g->n_outputs; i++) /* read after the run */
        if (g->outputs[i]->count)
            touch(g->outputs[i]->count, g->n_nodes);
}

static enum detcl_status too_large(struct dcl_exec *x, size_t bytes)
{
    return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY,
                    "cannot allocate %zu bytes on '%s' (largest buffer %llu bytes)", bytes,
                    x->ctx->info.name, (unsigned long long)x->ctx->info.max_alloc_bytes);
}

static enum detcl_status place_alone(struct dcl_exec *x, struct dcl_value *v)
{
    const size_t guard = x->options.separate ? x->options.guard : 0;
    const size_t bytes = dcl_stored_bytes(v) + 2 * guard;
    v->buffer = dcl_exec_buffer(x, bytes);
    v->offset = guard;
    return v->buffer ? DETCL_OK : too_large(x, bytes);
}

static bool planned(const struct dcl_value *v)
{
    return !v->alias && !v->constant && !v->external && !v->buffer && v->first >= 0;
}

/* Put `n` values with lifetimes into one arena. */
static enum detcl_status place_together(struct dcl_exec *x, struct dcl_value **list, int n)
{
    struct dcl_usage *u = calloc((size_t)n + 1, sizeof *u);
    int ok = u != NULL;
    for (int i = 0; ok && i < n; i++)
        u[i] = (struct dcl_usage){list[i]->first, list[i]->last, dcl_stored_bytes(list[i]), 0};
    const size_t total = ok ? dcl_plan(u, n, ALIGNMENT, &ok) : 0;
    struct dcl_buffer *arena = ok && n ? dcl_exec_buffer(x, total) : NULL;
    for (int i = 0; arena && i < n; i++) {
        list[i]->buffer = arena;
        list[i]->offset = u[i].offset;
    }
    free(u);
    return arena || n == 0 ? DETCL_OK : too_large(x, total);
}

static enum detcl_status place_all(struct dcl_exec *x)
{
    const struct dcl_graph *g = &x->graph;
    struct dcl_value **list = calloc((size_t)(g->n_values + x->n_temporaries) + 1, sizeof *list);
    if (!list)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    int n = 0;
    for (int i = 0; i < g->n_values; i++)
        if (planned(g->values[i]))
            list[n++] = g->values[i];
    for (int i = 0; i < x->n_temporaries; i++)
        list[n++] = x->temporaries[i];
    enum detcl_status status = DETCL_OK;
    if (!x->options.separate)
        status = place_together(x, list, n);
    for (int i = 0; x->options.separate && i < n && status == DETCL_OK; i++)
        status = place_alone(x, list[i]);
    free(list);
    return status;
}

/* Inputs and outputs have memory of their own until a caller binds other memory. */
static enum detcl_status place_external(struct dcl_exec *x)
{
    struct dcl_graph *g = &x->graph;
    x->bindings =
        dcl_arena_array(&g->arena, (size_t)(g->n_inputs + g->n_outputs) + 1, sizeof *x->bindings);
    if (!x->bindings)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < g->n_inputs + g->n_outputs; i++) {
        struct dcl_value *v = i < g->n_inputs ? g->inputs[i] : g->outputs[i - g->n_inputs];
        v->external = i + 1;
        if (x->options.unbound)
            continue;
        DCL_TRY(&x->ctx->error, place_alone(x, v));
        x->bindings[i] = (struct dcl_binding){v->buffer, v->offset};
    }
    return DETCL_OK;
}

static void follow_aliases(struct dcl_exec *x)
{
    struct dcl_graph *g = &x->graph;
    for (int i = 0; i < g->n_values; i++) {
        struct dcl_value *v = g->values[i], *root = root_of(v);
        if (v == root)
            continue;
        v->buffer = root->buffer;
        v->offset = root->offset;
        for (const struct dcl_value *at = v; at != root; at = at->alias)
            v->offset += at->alias_at;
        v->external = root->external;
        v->constant = root->constant;
    }
}

enum detcl_status dcl_exec_plan_memory(struct dcl_exec *x)
{
    mark_lifetimes(x);
    DCL_TRY(&x->ctx->error, place_external(x));
    DCL_TRY(&x->ctx->error, place_all(x));
    follow_aliases(x);
    return DETCL_OK;
}

struct dcl_binding dcl_exec_place(const struct dcl_exec *x, const struct dcl_value *v)
{
    if (v->external)
        return x->bindings[v->external - 1];
    return (struct dcl_binding){v->buffer, v->offset};
}
