/* Shape inference and folding in one sweep: a shape computed by the graph itself (Shape, Gather,
 * Concat, Reshape) is known by the time its reader is inferred. */
#include "graph/ir.h"

/* Folding must not blow up a small file into gigabytes (ConstantOfShape, Expand, Tile). */
#define FOLD_LIMIT ((int64_t)1 << 28)

static int all_constant(const struct dcl_call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && !c->in[i]->constant)
            return 0;
    return 1;
}

static enum detcl_status check_outputs(const struct dcl_call *c)
{
    for (int i = 0; i < c->n_out; i++)
        if (c->out[i] && dcl_count(c->out[i]) < 0)
            return DCL_CALL_FAIL(c, DETCL_ERROR_MODEL, "output %d has an impossible shape", i);
    return DETCL_OK;
}

static enum detcl_status fold(struct dcl_graph *g, struct dcl_call *c)
{
    for (int i = 0; i < c->n_out; i++) {
        struct dcl_value *v = c->out[i];
        if (!v)
            continue;
        const int64_t count = dcl_count(v);
        if (count > FOLD_LIMIT)
            return DCL_CALL_FAIL(c, DETCL_ERROR_UNSUPPORTED,
                                 "constant of %lld elements is too large", (long long)count);
        v->data = dcl_arena_array(&g->arena, (size_t)count, detcl_dtype_size(v->desc.dtype));
        if (!v->data)
            return DCL_CALL_FAIL(c, DETCL_ERROR_MEMORY, "out of memory");
    }
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i])
            c->in[i]->data = (void *)(uintptr_t)c->in[i]->constant;
    c->workspace = dcl_arena_alloc(&g->arena, c->cpu_workspace);
    if (!c->workspace)
        return DCL_CALL_FAIL(c, DETCL_ERROR_MEMORY, "out of memory");
    DCL_TRY(c->error, c->op->run_cpu(c));
    for (int i = 0; i < c->n_out; i++)
        if (c->out[i])
            c->out[i]->constant = c->out[i]->data;
    return DETCL_OK;
}

static int foldable(const struct dcl_call *c)
{
    for (int i = 0; i < c->n_out; i++)
        if (c->out[i] && c->out[i]->count)
            return 0;
    return c->op->run_cpu && ((c->op->flags & DCL_OP_SHAPE_ONLY) || all_constant(c));
}

enum detcl_status dcl_graph_infer(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_nodes; i++) {
        struct dcl_node *node = g->nodes[i];
        struct dcl_call *c = &node->call;
        c->error = g->error;
        if (dcl_attrs_check(c->op->attrs, node->seen, g->error) != DETCL_OK) {
            dcl_error_prefix(g->error, "%s '%s': ", c->op->name, c->name);
            return DETCL_ERROR_MODEL;
        }
        DCL_TRY(g->error, c->op->infer(c));
        DCL_TRY(g->error, check_outputs(c));
        if (foldable(c)) {
            DCL_TRY(g->error, fold(g, c));
            dcl_graph_remove(g, i--);
        }
    }
    dcl_graph_prune(g);
    return DETCL_OK;
}
