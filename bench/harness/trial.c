#include "harness/trial.h"

#include "core/clock.h"
#include "ops/blocked.h"
#include "ops/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SETS_BYTES ((size_t)1 << 30)

static enum detcl_status no_memory(struct dcl_trial *t)
{
    return DCL_FAIL(&t->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

static size_t dense_bytes(const struct detcl_desc *d)
{
    return (size_t)detcl_desc_count(d) * detcl_dtype_size(d->dtype);
}

/* --- the twin -------------------------------------------------------------------------------- */

static enum detcl_status make_graph(struct dcl_trial *t)
{
    const struct dcl_bench_case *c = t->what;
    struct dcl_graph *g = &t->graph;
    struct detcl_operand in[DCL_BENCH_INPUTS];
    const struct dcl_op *row = c->row ? c->row : dcl_op_find(c->op);
    if (!row)
        return DCL_FAIL(g->error, DETCL_ERROR_ARGUMENT, "no operation '%s'", c->op);
    for (int i = 0; i < c->n_in; i++) {
        in[i] = (struct detcl_operand){.desc = c->in[i].desc, .absent = c->in[i].absent};
        if (c->in[i].absent)
            continue;
        t->given[i] = dcl_arena_alloc(&g->arena, dense_bytes(&c->in[i].desc));
        if (!t->given[i])
            return no_memory(t);
        dcl_bench_fill(c, i, t->given[i]);
        in[i].constant = c->in[i].constant ? t->given[i] : NULL;
    }
    DCL_TRY(g->error,
            dcl_graph_of_op(t->ctx, g, row, c->attributes, in, c->n_in, c->n_out, &t->node));
    DCL_TRY(g->error, dcl_attrs_check(t->node->call.op->attrs, t->node->seen, g->error));
    return t->node->call.op->infer(&t->node->call);
}

static enum detcl_status run_twin(struct dcl_trial *t)
{
    struct dcl_call *c = &t->node->call;
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i])
            c->in[i]->data = t->given[i];
    for (int i = 0; i < c->n_out; i++) {
        t->expected[i] = dcl_arena_alloc(&t->graph.arena, dense_bytes(&c->out[i]->desc));
        if (!t->expected[i])
            return no_memory(t);
        c->out[i]->data = t->expected[i];
    }
    c->workspace = malloc(c->cpu_workspace + 1);
    if (!c->workspace)
        return no_memory(t);
    const enum detcl_status status = c->op->run_cpu(c);
    free(c->workspace);
    dcl_clear_tails(c, t->expected);
    return status;
}

/* --- the device ------------------------------------------------------------------------------ */

static bool can_block(const struct dcl_value *v, int block)
{
    return v && v->desc.rank == 4 && v->desc.dtype == DETCL_F32 && DCL_DIM(v, 1) >= block;
}

/* Operands stored as inside a network: blocked where the op works on that. */
static void choose_layout(const struct dcl_bench_case *what, struct dcl_call *c, int block)
{
    if (!c->op->layout || block == 1)
        return;
    for (int i = 0; i < c->n_in; i++)
        if ((can_block(c->in[i], block) || what->in[i].blocked) && !c->in[i]->constant)
            c->in[i]->block = block;
    const struct dcl_layout wish = c->op->layout(c, block);
    const bool plain = wish.wish == DCL_LAYOUT_PLAIN;
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i])
            c->in[i]->block = !plain && (wish.in >> i & 1) ? block : 1;
    for (int i = 0; i < c->n_out; i++)
        c->out[i]->block = !plain && (wish.out >> i & 1) ? block : 1;
}

/* The case as a graph of its own, in the layouts of a network. */
static enum detcl_status copy_graph(const struct dcl_trial *t, struct dcl_graph *copy)
{
    DCL_TRY(&t->ctx->error, dcl_graph_clone(&t->graph, copy));
    choose_layout(t->what, &copy->nodes[0]->call, t->ctx->limits.block);
    return DETCL_OK;
}

static enum detcl_status make_exec(struct dcl_trial *t)
{
    struct dcl_graph copy;
    DCL_TRY(&t->ctx->error, copy_graph(t, &copy));
    const struct dcl_exec_options options = {.profile = true, .unbound = true};
    return dcl_exec_create(t->ctx, &copy, &options, &t->exec);
}

static struct dcl_value *operand(struct dcl_trial *t, int i)
{
    struct dcl_graph *g = &t->exec->graph;
    return i < g->n_inputs ? g->inputs[i] : g->outputs[i - g->n_inputs];
}

static int operands(const struct dcl_trial *t)
{
    return t->exec->graph.n_inputs + t->exec->graph.n_outputs;
}

static int choose_sets(const struct dcl_trial *t, size_t cache_bytes)
{
    size_t most = MAX_SETS_BYTES;
    const size_t memory = (size_t)t->ctx->info.global_bytes / 8;
    if (memory && memory < most)
        most = memory;
    size_t n = t->set_bytes ? 2 * cache_bytes / t->set_bytes + 2 : 2;
    if (t->set_bytes && n > most / t->set_bytes)
        n = most / t->set_bytes;
    return n < 2 ? 2 : n > DCL_BENCH_SETS ? DCL_BENCH_SETS : (int)n;
}

/* The stored form of input i of the plan; zeros for an output, whose memory is touched once before
 * anything is timed. */
static enum detcl_status store(struct dcl_trial *t, int i, const void *dense, void **stored)
{
    const struct dcl_value *v = operand(t, i);
    *stored = calloc(dcl_stored_bytes(v) + 1, 1);
    if (!*stored)
        return no_memory(t);
    if (!dense)
        return DETCL_OK;
    if (v->block > 1)
        dcl_to_blocked(&v->desc, v->block, dense, *stored, 0);
    else
        memcpy(*stored, dense, dcl_stored_bytes(v));
    return DETCL_OK;
}

static void release_sets(struct dcl_trial *t)
{
    for (int s = 0; s < t->n_sets; s++)
        for (int i = 0; i < DCL_BENCH_OPERANDS; i++)
            if (t->sets[s][i].mem || t->sets[s][i].host)
                t->ctx->device->release(t->ctx, &t->sets[s][i]);
    t->n_sets = 0;
    t->set_bytes = 0;
}

/* All sets of operand i get memory and contents. */
static enum detcl_status make_operand(struct dcl_trial *t, int i, const void *dense)
{
    const struct dcl_device *device = t->ctx->device;
    void *stored = NULL;
    enum detcl_status status = store(t, i, dense, &stored);
    for (int s = 0; s < t->n_sets && status == DETCL_OK; s++) {
        struct dcl_buffer *b = &t->sets[s][i];
        b->bytes = dcl_stored_bytes(operand(t, i));
        status = device->alloc(t->ctx, b);
        if (status == DETCL_OK)
            status = device->write(t->ctx, b, 0, stored, b->bytes, "operand");
    }
    free(stored);
    return status;
}

static enum detcl_status make_sets(struct dcl_trial *t, size_t cache_bytes)
{
    for (int i = 0; i < operands(t); i++)
        t->set_bytes += dcl_stored_bytes(operand(t, i));
    t->n_sets = choose_sets(t, cache_bytes);
    int at = 0;
    for (int i = 0; i < t->what->n_in; i++)
        if (!t->what->in[i].absent && !t->what->in[i].constant)
            DCL_TRY(&t->ctx->error, make_operand(t, at++, t->given[i]));
    while (at < operands(t))
        DCL_TRY(&t->ctx->error, make_operand(t, at++, NULL));
    return DETCL_OK;
}

enum detcl_status dcl_trial_run(struct dcl_trial *t, int set, double *wall, double *device)
{
    struct dcl_exec *x = t->exec;
    for (int i = 0; i < operands(t); i++)
        if (i < x->graph.n_inputs)
            dcl_exec_bind_input(x, i, &t->sets[set][i], 0);
        else
            dcl_exec_bind_output(x, i - x->graph.n_inputs, &t->sets[set][i], 0);
    const double start = dcl_clock_ms();
    DCL_TRY(&t->ctx->error, dcl_exec_run(x, NULL));
    DCL_TRY(&t->ctx->error, t->ctx->device->finish(t->ctx));
    *wall = dcl_clock_ms() - start;
    *device = 0;
    for (int i = 0; i < x->graph.n_nodes; i++) {
        double ns;
        DCL_TRY(&t->ctx->error, t->ctx->device->node_time(x, i, &ns));
        *device += 1e-6 * ns;
    }
    return DETCL_OK;
}

/* --- verification ---------------------------------------------------------------------------- */

static enum detcl_status fetch(struct dcl_trial *t, int i)
{
    const struct dcl_value *v = t->exec->graph.outputs[i];
    if (!t->found[i])
        t->found[i] = dcl_arena_alloc(&t->graph.arena, dense_bytes(&v->desc));
    return t->found[i] ? dcl_exec_read_dense(t->exec, v, t->found[i]) : no_memory(t);
}

static enum detcl_status verify(struct dcl_trial *t)
{
    const struct dcl_call *c = &t->node->call;
    double wall, device;
    DCL_TRY(&t->ctx->error, dcl_trial_run(t, 0, &wall, &device));
    for (int i = 0; i < c->n_out; i++)
        DCL_TRY(&t->ctx->error, fetch(t, i));
    dcl_clear_tails(c, t->found);
    t->error = 0;
    t->limit = (double)c->op->tolerance;
    for (int i = 0; i < c->n_out; i++) {
        const struct dcl_difference diff =
            dcl_compare_output(c, i, t->found[i], t->expected[i], t->limit);
        t->error = fmax(t->error, diff.error);
        if (!diff.same)
            return DCL_FAIL(&t->ctx->error, DETCL_ERROR_MISMATCH,
                            "output %d element %lld is %.9g, the CPU twin has %.9g", i,
                            (long long)diff.at, diff.found, diff.expected);
    }
    return DETCL_OK;
}

enum detcl_status dcl_trial_start(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                  struct dcl_trial *t)
{
    memset(t, 0, sizeof *t);
    t->ctx = ctx;
    t->what = what;
    dcl_graph_init(&t->graph, &ctx->error);
    return make_graph(t);
}

enum detcl_status dcl_trial_choices(struct dcl_trial *t, struct dcl_choices *out)
{
    struct dcl_graph copy;
    out->n = 0;
    DCL_TRY(&t->ctx->error, copy_graph(t, &copy));
    const struct dcl_call *call = &copy.nodes[0]->call;
    if (call->op->choices)
        call->op->choices(call, &t->ctx->limits, out);
    dcl_graph_free(&copy);
    return DETCL_OK;
}

enum detcl_status dcl_trial_plan(struct dcl_trial *t, size_t cache_bytes)
{
    t->exec = NULL;
    if (!t->expected[0])
        DCL_TRY(&t->ctx->error, run_twin(t));
    enum detcl_status status = make_exec(t);
    if (status == DETCL_OK && t->n_sets == 0) {
        status = make_sets(t, cache_bytes);
        if (status != DETCL_OK)
            release_sets(t);
    }
    if (status == DETCL_OK)
        status = verify(t);
    if (status != DETCL_OK)
        dcl_exec_destroy(&t->exec);
    return status;
}

enum detcl_status dcl_trial_open(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                 size_t cache_bytes, struct dcl_trial *t)
{
    DCL_TRY(&ctx->error, dcl_trial_start(ctx, what, t));
    return dcl_trial_plan(t, cache_bytes);
}

void dcl_trial_close(struct dcl_trial *t)
{
    dcl_exec_destroy(&t->exec);
    release_sets(t);
    dcl_graph_free(&t->graph);
}

/* --- description ----------------------------------------------------------------------------- */

void dcl_trial_shapes(const struct dcl_bench_case *what, char *text, size_t size)
{
    size_t at = 0;
    text[0] = 0;
    for (int i = 0; i < what->n_in; i++) {
        const struct detcl_desc *d = &what->in[i].desc;
        for (int k = 0; !what->in[i].absent && k < d->rank && at + 32 < size; k++)
            at += (size_t)snprintf(text + at, size - at, "%s%lld",
                                   k        ? "x"
                                   : at > 0 ? " "
                                            : "",
                                   (long long)d->dims[k]);
    }
}

double dcl_trial_bytes(const struct dcl_trial *t)
{
    double total = 0;
    for (int i = 0; i < t->what->n_in; i++)
        if (!t->what->in[i].absent)
            total += (double)dense_bytes(&t->what->in[i].desc);
    for (int i = 0; i < t->what->n_out; i++)
        total += (double)dense_bytes(&t->node->call.out[i]->desc);
    return total;
}
