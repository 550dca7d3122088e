/* Depthwise and pointwise convolutions in one launch. */
#include "graph/match.h"
#include "graph/passes.h"
#include "ops/separable_conv2d.h"

/* Every row of work reads all weights of the 1 x 1 convolution: they must stay in a core's cache.
 */
#define MOST_WEIGHTS (64 * 1024)

static bool packs(const struct dcl_call *c)
{
    return c->in[1]->constant && (!dcl_has_in(c, 2) || c->in[2]->constant) &&
           c->in[0]->desc.rank == 4;
}

static bool joins(const struct dcl_node *depth, const struct dcl_node *point)
{
    struct dcl_conv2d d, p;
    const struct dcl_call *c = &depth->call;
    return packs(c) && !dcl_residual(c) && dcl_conv2d_describe(c, &d) == DETCL_OK &&
           dcl_conv2d_is_depthwise(&d) && packs(&point->call) && point->call.in[0] == c->out[0] &&
           point->call.in[1] != c->out[0] && dcl_conv2d_describe(&point->call, &p) == DETCL_OK &&
           dcl_conv2d_is_pointwise(&p) && p.groups == 1 &&
           p.channels * p.out_channels <= MOST_WEIGHTS;
}

static bool to_channels_last(const struct dcl_node *node)
{
    static const int64_t perm[] = {0, 2, 3, 1};
    const struct dcl_ints *p = dcl_attrs_ints(node->call.op->attrs, node->attrs, "perm");
    return dcl_is(node, "transpose") && p && p->n == 4 && memcmp(p->v, perm, sizeof perm) == 0;
}

/* A head's transposition of what it gives. */
static void take_transpose(struct dcl_graph *g, struct dcl_node *node)
{
    const int reader = dcl_only_reader(g, node->call.out[0]);
    if (reader < 0 || dcl_residual(&node->call) || !to_channels_last(g->nodes[reader]))
        return;
    ((struct dcl_separable_attrs *)node->attrs)->channels_last = 1;
    dcl_absorb(g, node, reader);
}

/* Replace both nodes; the new one is the last of the graph until it is sorted. */
static enum detcl_status join(struct dcl_graph *g, struct dcl_node *depth, struct dcl_node *point)
{
    const struct dcl_call *d = &depth->call, *p = &point->call;
    struct dcl_value *in[DCL_SEPARABLE_INPUTS] = {d->in[0],
                                                  d->in[1],
                                                  p->in[1],
                                                  dcl_has_in(p, 3) ? p->in[3] : NULL,
                                                  dcl_has_in(d, 2) ? d->in[2] : NULL,
                                                  dcl_has_in(p, 2) ? p->in[2] : NULL};
    struct dcl_node *made;
    DCL_TRY(g->error, dcl_graph_node(g, "separable_conv2d", p->name, NULL, in, DCL_SEPARABLE_INPUTS,
                                     p->out, 1, &made));
    const struct dcl_conv2d_attrs *depth_attrs = depth->attrs, *point_attrs = point->attrs;
    *(struct dcl_separable_attrs *)made->attrs = (struct dcl_separable_attrs){
        depth_attrs->window, depth_attrs->fused, point_attrs->fused, 0};
    dcl_graph_remove(g, dcl_node_index(g, point));
    dcl_graph_remove(g, dcl_node_index(g, depth));
    take_transpose(g, made);
    made->call.error = g->error;
    return made->call.op->infer(&made->call);
}

enum detcl_status dcl_pass_separable(struct dcl_graph *g, const struct dcl_limits *limits)
{
    if (limits->profile != DCL_PROFILE_SIMD || limits->block == 1)
        return DETCL_OK;
    for (int i = 0; i < g->n_nodes; i++) {
        struct dcl_node *node = g->nodes[i];
        const int reader = dcl_is(node, "conv2d") ? dcl_only_reader(g, node->call.out[0]) : -1;
        if (reader < 0 || !dcl_is(g->nodes[reader], "conv2d") || !joins(node, g->nodes[reader]))
            continue;
        DCL_TRY(g->error, join(g, node, g->nodes[reader]));
        i--;
    }
    return dcl_graph_sort(g);
}
