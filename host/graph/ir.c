#include "graph/ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dcl_graph_init(struct dcl_graph *g, struct dcl_error *e)
{
    *g = (struct dcl_graph){.error = e};
}

void dcl_graph_free(struct dcl_graph *g)
{
    free(g->nodes);
    free(g->values);
    free(g->inputs);
    free(g->outputs);
    dcl_arena_free(&g->arena);
    *g = (struct dcl_graph){0};
}

static enum detcl_status no_memory(struct dcl_graph *g)
{
    return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory while building the graph");
}

static int push(struct dcl_value ***list, int *n, int *capacity, struct dcl_value *v)
{
    if (!dcl_grow((void **)list, capacity, *n, sizeof **list))
        return 0;
    (*list)[(*n)++] = v;
    return 1;
}

struct dcl_value *dcl_graph_value(struct dcl_graph *g, const char *name)
{
    struct dcl_value *v = dcl_arena_alloc(&g->arena, sizeof *v);
    if (!v || !(v->name = dcl_arena_text(&g->arena, name)))
        return NULL;
    v->block = 1;
    v->producer = -1;
    return push(&g->values, &g->n_values, &g->cap_values, v) ? v : NULL;
}

struct dcl_value *dcl_graph_constant(struct dcl_graph *g, const char *name,
                                     const struct detcl_desc *desc, const void *data)
{
    struct dcl_value *v = dcl_graph_value(g, name);
    if (v) {
        v->desc = *desc;
        v->constant = data;
    }
    return v;
}

enum detcl_status dcl_graph_add_input(struct dcl_graph *g, struct dcl_value *v)
{
    return push(&g->inputs, &g->n_inputs, &g->cap_inputs, v) ? DETCL_OK : no_memory(g);
}

enum detcl_status dcl_graph_add_output(struct dcl_graph *g, struct dcl_value *v)
{
    return push(&g->outputs, &g->n_outputs, &g->cap_outputs, v) ? DETCL_OK : no_memory(g);
}

static struct dcl_value **copy_list(struct dcl_graph *g, struct dcl_value *const *list, int n)
{
    struct dcl_value **copy = dcl_arena_array(&g->arena, (size_t)n + 1, sizeof *copy);
    for (int i = 0; copy && i < n; i++)
        copy[i] = list[i];
    return copy;
}

static struct dcl_node *new_node(struct dcl_graph *g, const struct dcl_op *op, const char *name,
                                 struct dcl_value *const *in, int n_in,
                                 struct dcl_value *const *out, int n_out)
{
    struct dcl_node *node = dcl_arena_alloc(&g->arena, sizeof *node);
    if (!node || !dcl_grow((void **)&g->nodes, &g->cap_nodes, g->n_nodes, sizeof *g->nodes))
        return NULL;
    node->attrs = dcl_arena_alloc(&g->arena, op->attrs_size);
    node->call = (struct dcl_call){.op = op,
                                   .name = dcl_arena_text(&g->arena, name),
                                   .attrs = node->attrs,
                                   .n_in = n_in,
                                   .n_out = n_out,
                                   .in = copy_list(g, in, n_in),
                                   .out = copy_list(g, out, n_out),
                                   .error = g->error};
    if (!node->attrs || !node->call.name || !node->call.in || !node->call.out)
        return NULL;
    g->nodes[g->n_nodes++] = node;
    return node;
}

static enum detcl_status check_arity(const struct dcl_graph *g, const struct dcl_op *op,
                                     const char *name, struct dcl_value *const *in, int n_in,
                                     int n_out)
{
    int given = 0;
    for (int i = 0; i < n_in; i++)
        if (in[i])
            given = i + 1;
    if (given < op->min_in || n_in > op->max_in || n_out < 1 || n_out > op->max_out)
        return DCL_FAIL(g->error, DETCL_ERROR_MODEL, "%s '%s' has %d inputs and %d outputs",
                        op->name, name, given, n_out);
    for (int i = 0; i < op->min_in; i++)
        if (!in[i])
            return DCL_FAIL(g->error, DETCL_ERROR_MODEL, "%s '%s' lacks its input %d", op->name,
                            name, i);
    return DETCL_OK;
}

enum detcl_status dcl_graph_node_of(struct dcl_graph *g, const struct dcl_op *op, const char *name,
                                    const char *attrs, struct dcl_value *const *in, int n_in,
                                    struct dcl_value *const *out, int n_out, struct dcl_node **made)
{
    DCL_TRY(g->error, check_arity(g, op, name, in, n_in, n_out));
    struct dcl_node *node = new_node(g, op, name, in, n_in, out, n_out);
    if (!node)
        return no_memory(g);
    DCL_TRY(g->error, dcl_attrs_init(op->attrs, node->attrs, &node->seen, g->error));
    DCL_TRY(g->error, dcl_attrs_parse(op->attrs, node->attrs, &node->seen, attrs, g->error));
    if (made)
        *made = node;
    return DETCL_OK;
}

enum detcl_status dcl_graph_node(struct dcl_graph *g, const char *op, const char *name,
                                 const char *attrs, struct dcl_value *const *in, int n_in,
                                 struct dcl_value *const *out, int n_out, struct dcl_node **made)
{
    const struct dcl_op *row = dcl_op_find(op);
    if (!row)
        return DCL_FAIL(g->error, DETCL_ERROR_INTERNAL, "no op '%s'", op);
    return dcl_graph_node_of(g, row, name, attrs, in, n_in, out, n_out, made);
}

/* Values carry no index, so the copy is found through `twin`, which is unset in a source graph. */
static struct dcl_value *copy_of(struct dcl_value *v)
{
    return v ? v->twin : NULL;
}

static enum detcl_status clone_nodes(const struct dcl_graph *from, struct dcl_graph *to)
{
    for (int i = 0; i < from->n_nodes; i++) {
        const struct dcl_node *src = from->nodes[i];
        const struct dcl_call *c = &src->call;
        struct dcl_node *node = new_node(to, c->op, c->name, c->in, c->n_in, c->out, c->n_out);
        if (!node)
            return no_memory(to);
        memcpy(node->attrs, src->attrs, c->op->attrs_size);
        node->seen = src->seen;
        node->call.cpu_workspace = c->cpu_workspace;
        for (int k = 0; k < c->n_in; k++)
            node->call.in[k] = copy_of(c->in[k]);
        for (int k = 0; k < c->n_out; k++)
            node->call.out[k] = copy_of(c->out[k]);
    }
    return DETCL_OK;
}

enum detcl_status dcl_graph_clone(const struct dcl_graph *from, struct dcl_graph *to)
{
    dcl_graph_init(to, from->error);
    for (int i = 0; i < from->n_values; i++) {
        struct dcl_value *src = from->values[i];
        struct dcl_value *v = dcl_graph_constant(to, src->name, &src->desc, src->constant);
        if (!v)
            return no_memory(to);
        src->twin = v;
    }
    for (int i = 0; i < from->n_values; i++)
        from->values[i]->twin->count = copy_of(from->values[i]->count);
    DCL_TRY(to->error, clone_nodes(from, to));
    for (int i = 0; i < from->n_inputs; i++)
        DCL_TRY(to->error, dcl_graph_add_input(to, copy_of(from->inputs[i])));
    for (int i = 0; i < from->n_outputs; i++)
        DCL_TRY(to->error, dcl_graph_add_output(to, copy_of(from->outputs[i])));
    for (int i = 0; i < from->n_values; i++)
        from->values[i]->twin = NULL;
    return DETCL_OK;
}

int dcl_graph_uses(const struct dcl_graph *g, const struct dcl_value *v)
{
    int n = 0;
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_in; k++)
            n += g->nodes[i]->call.in[k] == v;
    for (int i = 0; i < g->n_outputs; i++)
        n += g->outputs[i] == v || g->outputs[i]->count == v;
    return n;
}

void dcl_graph_replace(struct dcl_graph *g, struct dcl_value *from, struct dcl_value *to)
{
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_in; k++)
            if (g->nodes[i]->call.in[k] == from)
                g->nodes[i]->call.in[k] = to;
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == from)
            g->outputs[i] = to;
}

struct dcl_node *dcl_graph_producer(const struct dcl_graph *g, const struct dcl_value *v)
{
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_out; k++)
            if (g->nodes[i]->call.out[k] == v)
                return g->nodes[i];
    return NULL;
}

void dcl_graph_remove(struct dcl_graph *g, int i)
{
    memmove(g->nodes + i, g->nodes + i + 1, (size_t)(g->n_nodes - i - 1) * sizeof *g->nodes);
    g->n_nodes--;
}

void dcl_graph_move_last(struct dcl_graph *g, int i)
{
    struct dcl_node *node = g->nodes[g->n_nodes - 1];
    memmove(g->nodes + i + 1, g->nodes + i, (size_t)(g->n_nodes - i - 1) * sizeof *g->nodes);
    g->nodes[i] = node;
}
