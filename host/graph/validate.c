/* Validation: the device runs every value into a buffer of its own, then each node's twin computes
 * from the device's inputs, so the first node that differs is the one at fault. */
#include "graph/graph.h"
#include "ops/compare.h"

#include <stdlib.h>
#include <string.h>

/* Read every value of the node once; `data` then holds what the device has. */
static enum detcl_status fetch(struct dcl_exec *x, struct dcl_value *v)
{
    if (!v || v->data)
        return DETCL_OK;
    v->data =
        dcl_arena_array(&x->graph.arena, (size_t)dcl_count(v), detcl_dtype_size(v->desc.dtype));
    if (!v->data)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    return dcl_exec_read_dense(x, v, v->data);
}

/* The twin's outputs get fresh memory; `found` keeps what the device has. */
static enum detcl_status take_outputs(struct dcl_exec *x, struct dcl_call *c, void **found,
                                      void **twin)
{
    for (int k = 0; k < c->n_out; k++) {
        if (!c->out[k])
            continue;
        found[k] = c->out[k]->data;
        twin[k] = dcl_arena_array(&x->graph.arena, (size_t)dcl_count(c->out[k]),
                                  detcl_dtype_size(c->out[k]->desc.dtype));
        if (!twin[k])
            return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
        c->out[k]->data = twin[k];
    }
    return DETCL_OK;
}

/* Compute the node by its twin and hold the device's outputs against that. */
static enum detcl_status run_twin(struct dcl_exec *x, struct dcl_call *c,
                                  struct detcl_node_error *result)
{
    void **found = dcl_arena_array(&x->graph.arena, (size_t)c->n_out, sizeof *found);
    void **twin = dcl_arena_array(&x->graph.arena, (size_t)c->n_out, sizeof *twin);
    if (!found || !twin)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    DCL_TRY(&x->ctx->error, take_outputs(x, c, found, twin));
    c->workspace = dcl_arena_alloc(&x->graph.arena, c->cpu_workspace);
    DCL_TRY(&x->ctx->error, c->op->run_cpu(c));
    dcl_clear_tails(c, found);
    dcl_clear_tails(c, twin);
    for (int k = 0; k < c->n_out; k++) {
        if (!c->out[k])
            continue;
        const struct dcl_difference d = dcl_compare_output(c, k, found[k], twin[k], result->limit);
        result->error = d.error > result->error ? d.error : result->error;
        result->passed &= d.same;
        c->out[k]->data = found[k];
    }
    return DETCL_OK;
}

static enum detcl_status check_node(struct dcl_exec *x, struct dcl_call *c,
                                    struct detcl_node_error *result)
{
    *result = (struct detcl_node_error){c->name, c->op->name, 0, (double)c->op->tolerance, 1};
    if (c->op->flags & DCL_OP_ALIAS)
        return DETCL_OK;
    for (int k = 0; k < c->n_in; k++)
        DCL_TRY(&x->ctx->error, fetch(x, c->in[k]));
    for (int k = 0; k < c->n_out; k++)
        DCL_TRY(&x->ctx->error, fetch(x, c->out[k]));
    return run_twin(x, c, result);
}

static enum detcl_status check_all(struct dcl_exec *x,
                                   void (*report)(void *user, const struct detcl_node_error *node),
                                   void *user)
{
    struct detcl_node_error first = {.passed = 1};
    for (int i = 0; i < x->graph.n_nodes; i++) {
        struct detcl_node_error result;
        DCL_TRY(&x->ctx->error, check_node(x, &x->graph.nodes[i]->call, &result));
        if (report)
            report(user, &result);
        if (!result.passed && first.passed)
            first = result;
    }
    if (!first.passed)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MISMATCH,
                        "%s '%s' differs from its CPU twin by %.3g (limit %.3g)", first.op,
                        first.name, first.error, first.limit);
    return DETCL_OK;
}

/* The inputs of the main plan, copied into the separate one. */
static enum detcl_status copy_inputs(struct dcl_exec *from, struct dcl_exec *to)
{
    for (int i = 0; i < from->graph.n_inputs; i++) {
        const struct dcl_value *v = from->graph.inputs[i];
        void *data = malloc(dcl_stored_bytes(v) + 1);
        if (!data)
            return DCL_FAIL(&from->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
        enum detcl_status status = dcl_exec_read(from, v, data);
        if (status == DETCL_OK)
            status = dcl_exec_write(to, to->graph.inputs[i], data);
        free(data);
        DCL_TRY(&from->ctx->error, status);
    }
    return DETCL_OK;
}

static enum detcl_status validate(struct detcl_graph *g, struct dcl_exec *x,
                                  void (*report)(void *user, const struct detcl_node_error *node),
                                  void *user)
{
    DCL_TRY(&g->ctx->error, copy_inputs(g->exec, x));
    DCL_TRY(&g->ctx->error, dcl_exec_run(x, NULL));
    DCL_TRY(&g->ctx->error, detcl_context_finish(g->ctx));
    for (int i = 0; i < x->graph.n_values; i++)
        x->graph.values[i]->data = NULL;
    return check_all(x, report, user);
}

enum detcl_status
detcl_graph_validate(struct detcl_graph *g,
                     void (*report)(void *user, const struct detcl_node_error *node), void *user)
{
    if (!g->exec)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "the graph is not prepared");
    const int n = g->source.n_inputs;
    struct detcl_desc *descs = calloc((size_t)n + 1, sizeof *descs);
    if (!descs)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < n; i++)
        descs[i] = g->exec->graph.inputs[i]->desc;
    struct dcl_graph work;
    enum detcl_status status = dcl_graph_specialise(g, descs, &work);
    free(descs);
    DCL_TRY(&g->ctx->error, status);
    struct dcl_exec *x = NULL;
    const struct dcl_exec_options options = {.separate = true};
    DCL_TRY(&g->ctx->error, dcl_exec_create(g->ctx, &work, &options, &x));
    status = validate(g, x, report, user);
    dcl_exec_destroy(&x);
    return status;
}
