/* Topological order and pruning. */
#include "graph/ir.h"

#include <stdlib.h>

static void mark_producers(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_values; i++)
        g->values[i]->producer = -1;
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_out; k++)
            if (g->nodes[i]->call.out[k])
                g->nodes[i]->call.out[k]->producer = i;
}

static int is_input(const struct dcl_graph *g, const struct dcl_value *v)
{
    for (int i = 0; i < g->n_inputs; i++)
        if (g->inputs[i] == v)
            return 1;
    return 0;
}

static enum detcl_status check_sources(const struct dcl_graph *g)
{
    for (int i = 0; i < g->n_nodes; i++) {
        const struct dcl_call *c = &g->nodes[i]->call;
        for (int k = 0; k < c->n_in; k++) {
            const struct dcl_value *v = c->in[k];
            if (v && v->producer < 0 && !v->constant && !is_input(g, v))
                return DCL_FAIL(g->error, DETCL_ERROR_MODEL,
                                "node '%s' reads '%s', which nothing produces", c->name, v->name);
        }
    }
    return DETCL_OK;
}

/* Kahn's algorithm, repeated sweeps over `waiting` counts; keeps the file's order where it can. */
static int place_ready(struct dcl_graph *g, struct dcl_node **sorted, unsigned char *placed)
{
    int n = 0, before;
    do {
        before = n;
        for (int i = 0; i < g->n_nodes; i++) {
            if (placed[i])
                continue;
            const struct dcl_call *c = &g->nodes[i]->call;
            int ready = 1;
            for (int k = 0; k < c->n_in && ready; k++)
                ready = !c->in[k] || c->in[k]->producer < 0 || placed[c->in[k]->producer];
            if (ready) {
                placed[i] = 1;
                sorted[n++] = g->nodes[i];
            }
        }
    } while (n > before);
    return n;
}

enum detcl_status dcl_graph_sort(struct dcl_graph *g)
{
    mark_producers(g);
    DCL_TRY(g->error, check_sources(g));
    struct dcl_node **sorted = calloc((size_t)g->n_nodes + 1, sizeof *sorted);
    unsigned char *placed = calloc((size_t)g->n_nodes + 1, 1);
    if (!sorted || !placed) {
        free(sorted);
        free(placed);
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory while sorting the graph");
    }
    const int n = place_ready(g, sorted, placed);
    const char *stuck = "";
    for (int i = g->n_nodes - 1; i >= 0; i--)
        if (!placed[i])
            stuck = g->nodes[i]->call.name;
    const int all = n == g->n_nodes;
    for (int i = 0; all && i < n; i++)
        g->nodes[i] = sorted[i];
    free(sorted);
    free(placed);
    if (!all)
        return DCL_FAIL(g->error, DETCL_ERROR_MODEL, "the graph has a cycle through node '%s'",
                        stuck);
    mark_producers(g);
    return DETCL_OK;
}

static int is_read(const struct dcl_graph *g, const struct dcl_value *v)
{
    return v && dcl_graph_uses(g, v) > 0;
}

void dcl_graph_prune(struct dcl_graph *g)
{
    for (int i = g->n_nodes - 1; i >= 0; i--) {
        const struct dcl_call *c = &g->nodes[i]->call;
        int used = 0;
        for (int k = 0; k < c->n_out; k++)
            used |= is_read(g, c->out[k]);
        if (!used)
            dcl_graph_remove(g, i);
    }
    mark_producers(g);
}
