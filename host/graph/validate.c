/* Validation: the device runs every value into a buffer of its own, then each node's twin computes
 * from the device's inputs, so the first node that differs is the one at fault. */
#include "graph/graph.h"
#include "ops/blocked.h"
#include "ops/compare.h"

#include <stdlib.h>
#include <string.h>

static void *host_copy(struct dcl_exec *x, struct dcl_value *v)
{
    const size_t size = detcl_dtype_size(v->desc.dtype);
    void *dense = dcl_arena_array(&x->graph.arena, (size_t)dcl_count(v), size);
    void *stored = v->block > 1 ? malloc((size_t)dcl_stored_count(v) * size + 1) : dense;
    if (!dense || !stored)
        return NULL;
    const enum detcl_status status = dcl_exec_read(x, v, stored);
    if (status == DETCL_OK && v->block > 1)
        dcl_from_blocked(&v->desc, v->block, stored, dense);
    if (stored != dense)
        free(stored);
    return status == DETCL_OK ? dense : NULL;
}

/* Read every value of the node once; `data` then holds what the device has. */
static enum detcl_status fetch(struct dcl_exec *x, struct dcl_value *v)
{
    if (!v || v->data)
        return DETCL_OK;
    v->data = host_copy(x, v);
    return v->data ? DETCL_OK
                   : DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "cannot read '%s' back", v->name);
}

/* Only valid entries of output k are compared: `found` is what the device has, out[]->data the
 * twin's. */
static void clear_tails(const struct dcl_call *c, int k, void *const *found)
{
    const struct dcl_value *v = c->out[k];
    for (int i = 0; v && v->count && i < c->n_in; i++)
        if (c->in[i] == v->count) {
            dcl_clear_tail(v, v->count->data, found[k]);
            dcl_clear_tail(v, v->count->data, v->data);
        }
    for (int i = 0; v && v->count && i < c->n_out && i < 8; i++)
        if (c->out[i] == v->count) {
            dcl_clear_tail(v, found[i], found[k]);
            dcl_clear_tail(v, c->out[i]->data, v->data);
        }
}

/* Compute output k of the node by its twin into fresh memory and hold the device's against it. */
static enum detcl_status run_twin(struct dcl_exec *x, struct dcl_call *c,
                                  struct detcl_node_error *result)
{
    void *found[8] = {0};
    for (int k = 0; k < c->n_out && k < 8; k++) {
        if (!c->out[k])
            continue;
        found[k] = c->out[k]->data;
        c->out[k]->data = dcl_arena_array(&x->graph.arena, (size_t)dcl_count(c->out[k]),
                                          detcl_dtype_size(c->out[k]->desc.dtype));
        if (!c->out[k]->data)
            return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    }
    c->workspace = dcl_arena_alloc(&x->graph.arena, c->cpu_workspace);
    DCL_TRY(&x->ctx->error, c->op->run_cpu(c));
    for (int k = 0; k < c->n_out && k < 8; k++)
        clear_tails(c, k, found);
    for (int k = 0; k < c->n_out && k < 8; k++) {
        if (!c->out[k])
            continue;
        const enum detcl_dtype dtype = c->out[k]->desc.dtype;
        const int64_t count = dcl_count(c->out[k]);
        const double scale =
            c->op->flags & DCL_OP_CONTRACTS ? dcl_magnitude(dtype, count, c->out[k]->data) : 0;
        const struct dcl_difference d =
            dcl_compare_scaled(dtype, count, found[k], c->out[k]->data, result->limit, scale);
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
