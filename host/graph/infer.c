/* Shape inference and folding in one sweep: a shape computed by the graph itself (Shape, Gather,
 * Concat, Reshape) is known by the time its reader is inferred. */
#include "graph/ir.h"

/* Folding must not blow up a small file into gigabytes (ConstantOfShape, Expand, Tile): bytes for
 * all folded nodes of a graph together. */
#define FOLD_LIMIT ((size_t)1 << 30)

static int all_constant(const struct dcl_call *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && !c->in[i]->constant)
            return 0;
    return 1;
}

static enum detcl_status check_outputs(const struct dcl_call *c)
{
    for (int i = 0; i < c->n_out; i++) {
        if (!c->out[i])
            continue;
        bool possible = dcl_count(c->out[i]) >= 0;
        for (int k = 0; k < c->out[i]->desc.rank; k++) /* an empty tensor may still be absurd */
            possible &= DCL_DIM(c->out[i], k) <= INT32_MAX;
        if (!possible)
            return DCL_CALL_FAIL(c, DETCL_ERROR_MODEL, "output %d has an impossible shape", i);
    }
    return DETCL_OK;
}

/* Memory for a folded node, as long as the arena stays below `limit`. */
static enum detcl_status take(struct dcl_graph *g, const struct dcl_call *c, size_t limit,
                              size_t bytes, void **out)
{
    if (g->arena.used > limit || bytes > limit - g->arena.used)
        return DCL_CALL_FAIL(c, DETCL_ERROR_UNSUPPORTED,
                             "what is computed before the run takes more than %zu MiB",
                             FOLD_LIMIT >> 20);
    *out = dcl_arena_alloc(&g->arena, bytes);
    return *out ? DETCL_OK : DCL_CALL_FAIL(c, DETCL_ERROR_MEMORY, "out of memory");
}

static enum detcl_status fold(struct dcl_graph *g, struct dcl_call *c, size_t limit)
{
    for (int i = 0; i < c->n_out; i++) {
        struct dcl_value *v = c->out[i];
        size_t bytes;
        if (!v)
            continue;
        if (__builtin_mul_overflow(dcl_count(v), detcl_dtype_size(v->desc.dtype), &bytes))
            bytes = SIZE_MAX;
        DCL_TRY(c->error, take(g, c, limit, bytes, &v->data));
    }
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i])
            c->in[i]->data = (void *)(uintptr_t)c->in[i]->constant;
    DCL_TRY(c->error, take(g, c, limit, c->cpu_workspace, &c->workspace));
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
    const size_t limit = g->arena.used + FOLD_LIMIT;
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
            DCL_TRY(g->error, fold(g, c, limit));
            dcl_graph_remove(g, i--);
        }
    }
    dcl_graph_prune(g);
    return DETCL_OK;
}
