/* Maxima over windows of several sizes of one map (spatial pyramid pooling; He et al. 2015): a
 * window of k taps is one of k - l + 1 taps over the maxima of l taps, so each is made from the
 * next smaller one. */
#include "graph/match.h"
#include "graph/passes.h"

#include <stdio.h>

/* The taps of a maximum over odd square windows around each pixel, stride 1; 0 for other nodes. */
static int64_t taps_of(const struct dcl_node *node)
{
    if (!dcl_is_kind(node, "pool", "max") || node->call.n_out != 1 ||
        node->call.in[0]->desc.rank != 4 || strcmp(dcl_choice(node, "auto_pad"), "NOTSET") != 0)
        return 0;
    const struct dcl_attr_spec *specs = node->call.op->attrs;
    const struct dcl_ints *kernel = dcl_attrs_ints(specs, node->attrs, "kernel_shape");
    const struct dcl_ints *strides = dcl_attrs_ints(specs, node->attrs, "strides");
    const struct dcl_ints *dilations = dcl_attrs_ints(specs, node->attrs, "dilations");
    const struct dcl_ints *pads = dcl_attrs_ints(specs, node->attrs, "pads");
    bool same = kernel->n == 2 && pads->n == 4 && kernel->v[0] == kernel->v[1];
    for (int i = 0; same && i < 4; i++)
        same = kernel->v[0] % 2 == 1 && pads->v[i] == kernel->v[0] / 2;
    for (int i = 0; i < strides->n; i++)
        same &= strides->v[i] == 1;
    for (int i = 0; i < dilations->n; i++)
        same &= dilations->v[i] == 1;
    return same ? kernel->v[0] : 0;
}

/* The pooling of the same map with the most taps below `taps`, or NULL. */
static struct dcl_node *next_smaller(const struct dcl_graph *g, const struct dcl_value *map,
                                     int64_t taps)
{
    struct dcl_node *found = NULL;
    int64_t most = 1;
    for (int i = 0; i < g->n_nodes; i++) {
        const int64_t other = taps_of(g->nodes[i]);
        if (other <= most || other >= taps || g->nodes[i]->call.in[0] != map)
            continue;
        found = g->nodes[i];
        most = other;
    }
    return found;
}

static enum detcl_status reduce(struct dcl_graph *g, struct dcl_node *node,
                                const struct dcl_node *smaller, int64_t less)
{
    char text[160];
    const long long taps = taps_of(node) - less, pad = taps / 2;
    snprintf(text, sizeof text, "kernel_shape=%lld,%lld pads=%lld,%lld,%lld,%lld", taps, taps, pad,
             pad, pad, pad);
    node->call.in[0] = smaller->call.out[0];
    return dcl_node_set(g, node, text);
}

/* All pairs are found before anything changes. */
enum detcl_status dcl_pass_pool(struct dcl_graph *g)
{
    struct dcl_node **smaller = dcl_arena_array(&g->arena, (size_t)g->n_nodes + 1, sizeof *smaller);
    int64_t *less = dcl_arena_array(&g->arena, (size_t)g->n_nodes + 1, sizeof *less);
    if (!smaller || !less)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < g->n_nodes; i++) {
        const int64_t taps = taps_of(g->nodes[i]);
        smaller[i] = taps ? next_smaller(g, g->nodes[i]->call.in[0], taps) : NULL;
        less[i] = smaller[i] ? taps_of(smaller[i]) - 1 : 0;
    }
    for (int i = 0; i < g->n_nodes; i++)
        if (smaller[i])
            DCL_TRY(g->error, reduce(g, g->nodes[i], smaller[i], less[i]));
    return dcl_graph_sort(g);
}
