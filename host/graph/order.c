/* Topological order and pruning. */
#include "graph/ir.h"

#include <stdlib.h>
#include <string.h>

static void mark_producers(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_values; i++)
        g->values[i]->producer = -1;
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_out; k++)
            if (g->nodes[i]->call.out[k])
                g->nodes[i]->call.out[k]->producer = i;
}

/* While sources are checked, inputs have a producer that is no node. */
#define IS_INPUT (-2)

static void mark_inputs(struct dcl_graph *g, int producer)
{
    for (int i = 0; i < g->n_inputs; i++)
        if (g->inputs[i]->producer < 0)
            g->inputs[i]->producer = producer;
}

static enum detcl_status check_sources(const struct dcl_graph *g)
{
    for (int i = 0; i < g->n_nodes; i++) {
        const struct dcl_call *c = &g->nodes[i]->call;
        for (int k = 0; k < c->n_in; k++) {
            const struct dcl_value *v = c->in[k];
            if (v && v->producer == -1 && !v->constant)
                return DCL_FAIL(g->error, DETCL_ERROR_MODEL,
                                "node '%s' reads '%s', which nothing produces", c->name, v->name);
        }
    }
    return DETCL_OK;
}

/* A depth-first walk from each node to its producers, with a stack of its own: a file decides how
 * deep it goes. */
struct walk {
    struct dcl_node **sorted;
    unsigned char *state; /* of each node */
    struct frame {
        int node, next_input;
    } * stack;
    int n_sorted, depth;
};

enum { UNSEEN, OPEN, PLACED };

static void enter(struct walk *w, int node)
{
    w->state[node] = OPEN;
    w->stack[w->depth++] = (struct frame){node, 0};
}

/* Place `root` after all it needs; returns a node on a cycle, or -1. */
static int place(const struct dcl_graph *g, struct walk *w, int root)
{
    enter(w, root);
    while (w->depth) {
        struct frame *top = &w->stack[w->depth - 1];
        struct dcl_node *node = g->nodes[top->node];
        if (top->next_input == node->call.n_in) {
            w->state[top->node] = PLACED;
            w->sorted[w->n_sorted++] = node;
            w->depth--;
            continue;
        }
        const struct dcl_value *v = node->call.in[top->next_input++];
        if (!v || v->producer < 0 || w->state[v->producer] == PLACED)
            continue;
        if (w->state[v->producer] == OPEN)
            return v->producer;
        enter(w, v->producer);
    }
    return -1;
}

/* Keeps the given order where that is one already. */
static enum detcl_status sort(struct dcl_graph *g, struct walk *w)
{
    for (int i = 0; i < g->n_nodes; i++) {
        const int cycle = w->state[i] == PLACED ? -1 : place(g, w, i);
        if (cycle >= 0)
            return DCL_FAIL(g->error, DETCL_ERROR_MODEL, "the graph has a cycle through node '%s'",
                            g->nodes[cycle]->call.name);
    }
    for (int i = 0; i < g->n_nodes; i++)
        g->nodes[i] = w->sorted[i];
    return DETCL_OK;
}

enum detcl_status dcl_graph_sort(struct dcl_graph *g)
{
    mark_producers(g);
    mark_inputs(g, IS_INPUT);
    const enum detcl_status sources = check_sources(g);
    mark_inputs(g, -1);
    DCL_TRY(g->error, sources);
    const size_t n = (size_t)g->n_nodes + 1;
    struct walk w = {.sorted = calloc(n, sizeof *w.sorted),
                     .state = calloc(n, 1),
                     .stack = calloc(n, sizeof *w.stack)};
    enum detcl_status status;
    if (w.sorted && w.state && w.stack)
        status = sort(g, &w);
    else
        status = DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory while sorting the graph");
    free(w.sorted);
    free(w.state);
    free(w.stack);
    mark_producers(g);
    return status;
}

/* One sweep from the end: what a kept node reads, or the graph gives out, is needed. A needed value
 * is marked through `last`, which the planner sets later. */
void dcl_graph_prune(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_values; i++)
        g->values[i]->last = 0;
    for (int i = 0; i < g->n_outputs; i++) {
        g->outputs[i]->last = 1;
        if (g->outputs[i]->count)
            g->outputs[i]->count->last = 1;
    }
    int kept = g->n_nodes;
    for (int i = g->n_nodes - 1; i >= 0; i--) {
        const struct dcl_call *c = &g->nodes[i]->call;
        int needed = 0;
        for (int k = 0; k < c->n_out; k++)
            needed |= c->out[k] && c->out[k]->last;
        if (!needed)
            continue;
        for (int k = 0; k < c->n_in; k++)
            if (c->in[k])
                c->in[k]->last = 1;
        g->nodes[--kept] = g->nodes[i];
    }
    if (kept) /* an empty graph has no array */
        memmove(g->nodes, g->nodes + kept, (size_t)(g->n_nodes - kept) * sizeof *g->nodes);
    g->n_nodes -= kept;
    mark_producers(g);
}
