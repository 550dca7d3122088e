/* Typed calls: one plan an op, attributes and shapes, kept by the context. */
#include "core/desc.h"
#include "graph/exec.h"
#include "graph/passes.h"
#include "ops/typed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLANS 64
#define MAX_OPERANDS 26 /* inputs or outputs; together at most the bits of `given` */

/* What a plan is found by. `given` has a bit an operand, outputs after inputs. */
struct key {
    const struct dcl_op *op;
    const void *attrs;
    int n_in, n_out;
    uint32_t given;
    struct detcl_desc in[MAX_OPERANDS];
};

struct plan {
    struct key key;
    struct dcl_exec *exec;
    uint64_t used; /* the call that used it last */
};

struct dcl_calls {
    struct plan plans[MAX_PLANS];
    int n;
    uint64_t calls;
};

static void drop(struct plan *p)
{
    dcl_exec_destroy(&p->exec);
    free((void *)(uintptr_t)p->key.attrs);
}

void dcl_calls_free(struct detcl_context *ctx)
{
    for (int i = 0; ctx->calls && i < ctx->calls->n; i++)
        drop(&ctx->calls->plans[i]);
    free(ctx->calls);
    ctx->calls = NULL;
}

static bool same_key(const struct key *a, const struct key *b)
{
    if (a->op != b->op || a->n_in != b->n_in || a->n_out != b->n_out || a->given != b->given ||
        !dcl_attrs_same(a->op->attrs, a->attrs, b->attrs))
        return false;
    for (int i = 0; i < a->n_in; i++)
        if ((a->given >> i & 1) && !dcl_desc_same(&a->in[i], &b->in[i]))
            return false;
    return true;
}

static enum detcl_status check_choices(struct detcl_context *ctx, const struct dcl_op *op,
                                       const void *attrs)
{
    for (const struct dcl_attr_spec *s = op->attrs; s && s->name; s++) {
        if (s->type != DCL_ATTR_CHOICE)
            continue;
        const int at = *(const int *)((const char *)attrs + s->offset);
        int n = 0;
        while (s->choices[n])
            n++;
        if (at < 0 || at >= n)
            return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "%s: %s is %d, not 0 to %d",
                            op->name, s->name, at, n - 1);
    }
    return DETCL_OK;
}

static enum detcl_status make_key(struct detcl_context *ctx, struct key *key,
                                  struct dcl_operands in, struct dcl_operands out)
{
    if (in.n > MAX_OPERANDS || out.n > MAX_OPERANDS || in.n + out.n > 32)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_INTERNAL, "%s: too many operands", key->op->name);
    for (int i = 0; i < in.n + out.n; i++) {
        const struct detcl_tensor *t = i < in.n ? in.list[i] : out.list[i - in.n];
        if (!t)
            continue;
        if (t->ctx != ctx)
            return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                            "%s: %s %d is a tensor of another context", key->op->name,
                            i < in.n ? "input" : "output", i < in.n ? i : i - in.n);
        key->given |= 1u << i;
        if (i < in.n)
            key->in[i] = t->desc;
    }
    if (!(key->given >> in.n))
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "%s: no output", key->op->name);
    return check_choices(ctx, key->op, key->attrs);
}

static enum detcl_status fill(struct dcl_graph *g, const struct key *key)
{
    struct dcl_value *in[MAX_OPERANDS] = {0}, *out[MAX_OPERANDS] = {0};
    char name[32];
    for (int i = 0; i < key->n_in; i++) {
        if (!(key->given >> i & 1))
            continue;
        snprintf(name, sizeof name, "input %d", i);
        in[i] = dcl_graph_constant(g, name, &key->in[i], NULL);
        if (!in[i])
            return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
        DCL_TRY(g->error, dcl_graph_add_input(g, in[i]));
    }
    for (int i = 0; i < key->n_out; i++) {
        if (!(key->given >> (key->n_in + i) & 1))
            continue;
        snprintf(name, sizeof name, "output %d", i);
        out[i] = dcl_graph_value(g, name);
        if (!out[i])
            return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
        DCL_TRY(g->error, dcl_graph_add_output(g, out[i]));
    }
    struct dcl_node *node;
    DCL_TRY(g->error, dcl_graph_node_of(g, key->op, key->op->name, NULL, in, key->n_in, out,
                                        key->n_out, &node));
    if (key->op->attrs_size)
        memcpy(node->attrs, key->attrs, key->op->attrs_size);
    node->seen = UINT64_MAX;
    return DETCL_OK;
}

static enum detcl_status make_exec(struct detcl_context *ctx, const struct key *key,
                                   struct dcl_exec **out)
{
    struct dcl_graph g;
    dcl_graph_init(&g, &ctx->error);
    enum detcl_status status = fill(&g, key);
    if (status == DETCL_OK)
        status = dcl_graph_optimise(&g, &ctx->limits);
    if (status != DETCL_OK) {
        dcl_graph_free(&g);
        return status;
    }
    const struct dcl_exec_options options = {.unbound = true};
    return dcl_exec_create(ctx, &g, &options, out);
}

static enum detcl_status make_plan(struct detcl_context *ctx, const struct key *key,
                                   struct plan **out)
{
    struct dcl_calls *c = ctx->calls;
    const size_t size = key->op->attrs_size;
    void *attrs = malloc(size + 1);
    if (!attrs)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    if (size)
        memcpy(attrs, key->attrs, size);
    struct dcl_exec *exec = NULL;
    const enum detcl_status status = make_exec(ctx, key, &exec);
    if (status != DETCL_OK) {
        free(attrs);
        return status;
    }
    struct plan *p = &c->plans[0];
    for (int i = 1; i < c->n; i++)
        if (c->plans[i].used < p->used)
            p = &c->plans[i];
    if (c->n < MAX_PLANS)
        p = &c->plans[c->n++];
    else
        drop(p);
    *p = (struct plan){.key = *key, .exec = exec};
    p->key.attrs = attrs;
    *out = p;
    return DETCL_OK;
}

static enum detcl_status find_plan(struct detcl_context *ctx, const struct key *key,
                                   struct plan **out)
{
    if (!ctx->calls)
        ctx->calls = calloc(1, sizeof *ctx->calls);
    if (!ctx->calls)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    ctx->calls->calls++;
    for (int i = 0; i < ctx->calls->n; i++)
        if (same_key(&ctx->calls->plans[i].key, key)) {
            *out = &ctx->calls->plans[i];
            return DETCL_OK;
        }
    return make_plan(ctx, key, out);
}

static enum detcl_status bind(struct detcl_context *ctx, const struct plan *plan,
                              struct dcl_operands in, struct dcl_operands out)
{
    struct dcl_exec *x = plan->exec;
    int at = 0;
    for (int i = 0; i < in.n; i++)
        if (in.list[i])
            dcl_exec_bind_input(x, at++, &in.list[i]->buffer, in.list[i]->offset);
    at = 0;
    for (int i = 0; i < out.n; i++) {
        struct detcl_tensor *t = out.list[i];
        if (!t)
            continue;
        const struct detcl_desc *wanted = &x->graph.outputs[at]->desc;
        if (!dcl_desc_same(&t->desc, wanted)) {
            char expected[128], found[128];
            dcl_desc_text(wanted, expected, sizeof expected);
            dcl_desc_text(&t->desc, found, sizeof found);
            return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                            "%s: output %d is %s, but these operands give %s", plan->key.op->name,
                            i, found, expected);
        }
        dcl_exec_bind_output(x, at++, &t->buffer, t->offset);
    }
    return DETCL_OK;
}

enum detcl_status dcl_call_op(struct detcl_context *ctx, const struct dcl_op *op, const void *attrs,
                              const struct detcl_sync *sync, struct dcl_operands in,
                              struct dcl_operands out)
{
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    struct key key = {.op = op, .attrs = attrs, .n_in = in.n, .n_out = out.n};
    struct plan *plan;
    DCL_TRY(&ctx->error, make_key(ctx, &key, in, out));
    DCL_TRY(&ctx->error, find_plan(ctx, &key, &plan));
    plan->used = ctx->calls->calls;
    DCL_TRY(&ctx->error, bind(ctx, plan, in, out));
    return dcl_exec_run(plan->exec, sync);
}

enum detcl_status dcl_need_params(struct detcl_context *ctx, const void *params)
{
    if (ctx && params)
        return DETCL_OK;
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "params is NULL");
}
