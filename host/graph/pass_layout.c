/* Which values are stored in channel blocks. A forward sweep: ops that prefer blocks get them, ops
 * that follow take what their producers give, everything else is dense; a reorder stands wherever a
 * reader wants the other form, one a value at most. */
#include "graph/passes.h"

#include <stdio.h>

static bool can_block(const struct dcl_value *v)
{
    return v && v->desc.rank == 4 && v->desc.dtype == DETCL_F32;
}

static bool is_blocked(const struct dcl_value *v)
{
    return v->block > 1 || (v->twin && v->twin->block > 1);
}

/* The layout that node `c` gets: no bits set = dense. */
static struct dcl_layout settle(const struct dcl_call *c, int block)
{
    const struct dcl_layout dense = {DCL_LAYOUT_PLAIN, 0, 0};
    if (!c->op->layout)
        return dense;
    const struct dcl_layout wish = c->op->layout(c, block);
    bool any = wish.wish == DCL_LAYOUT_PREFER;
    for (int i = 0; i < c->n_in; i++)
        if (wish.in >> i & 1 && c->in[i]) {
            if (!can_block(c->in[i]))
                return dense;
            any |= is_blocked(c->in[i]);
        }
    for (int i = 0; i < c->n_out; i++)
        if (wish.out >> i & 1 && c->out[i] && !can_block(c->out[i]))
            return dense;
    return any && wish.wish != DCL_LAYOUT_PLAIN ? wish : dense;
}

/* The form of v with that block, made by a reorder placed before node *at (which then moves up). */
static enum detcl_status form_of(struct dcl_graph *g, struct dcl_value *v, int block, int *at,
                                 struct dcl_value **out)
{
    if (v->block == block || (v->twin && v->twin->block == block)) {
        *out = v->block == block ? v : v->twin;
        return DETCL_OK;
    }
    char name[256];
    snprintf(name, sizeof name, "%.200s/%s", v->name, block > 1 ? "blocked" : "dense");
    struct dcl_value *other = dcl_graph_value(g, name);
    if (!other)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    other->desc = v->desc;
    other->block = block;
    other->twin = v;
    v->twin = other;
    DCL_TRY(g->error, dcl_graph_node(g, "reorder", name, block > 1 ? "to=blocked" : "to=dense", &v,
                                     1, &other, 1, NULL));
    dcl_graph_move_last(g, (*at)++);
    *out = other;
    return DETCL_OK;
}

enum detcl_status dcl_pass_layout(struct dcl_graph *g, int block)
{
    if (block == 1)
        return DETCL_OK;
    for (int i = 0; i < g->n_nodes; i++) {
        struct dcl_call *c = &g->nodes[i]->call;
        const struct dcl_layout layout = settle(c, block);
        for (int k = 0; k < c->n_in; k++)
            if (c->in[k])
                DCL_TRY(g->error, form_of(g, c->in[k], k < 32 && layout.in >> k & 1 ? block : 1, &i,
                                          &c->in[k]));
        for (int k = 0; k < c->n_out; k++)
            if (c->out[k] && k < 32 && layout.out >> k & 1)
                c->out[k]->block = block;
    }
    int end = g->n_nodes;
    for (int i = 0; i < g->n_outputs; i++)
        DCL_TRY(g->error, form_of(g, g->outputs[i], 1, &end, &g->outputs[i]));
    return DETCL_OK;
}
