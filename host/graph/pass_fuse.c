/* Fusion: fewer passes over memory. Ops that can end with an activation have an attribute
 * `activation` (with alpha and beta); ops that can add a residual have `residual` and take it as
 * input 3. */
#include "core/locale.h"
#include "graph/match.h"
#include "graph/passes.h"

#include <stdio.h>

#define RESIDUAL_INPUT 3

static const char *activation_of(const struct dcl_node *node)
{
    return dcl_choice(node, "activation");
}

static bool has_residual(const struct dcl_node *node)
{
    return dcl_choice(node, "residual")[0] && dcl_has_in(&node->call, RESIDUAL_INPUT);
}

static bool no_activation(const struct dcl_node *node)
{
    return strcmp(activation_of(node), "none") == 0;
}

/* Replace node i, which computes f(x) out of several nodes, by unary f over x. The others are
 * pruned when nothing else reads them. */
static enum detcl_status become_unary(struct dcl_graph *g, int i, struct dcl_value *x,
                                      const char *kind)
{
    struct dcl_node *old = g->nodes[i];
    DCL_TRY(g->error,
            dcl_graph_node(g, "unary", old->call.name, kind, &x, 1, old->call.out, 1, NULL));
    dcl_graph_remove(g, i);
    dcl_graph_move_last(g, i);
    g->nodes[i]->call.out[0]->desc = x->desc;
    return DETCL_OK;
}

/* mul(x, f(x)) with f = sigmoid, hard_sigmoid(1/6, 1/2), tanh(softplus): swish, hard swish, mish.
 */
static enum detcl_status self_gating(struct dcl_graph *g, int i)
{
    const struct dcl_node *mul = g->nodes[i];
    if (!dcl_is_kind(mul, "binary", "mul") || mul->call.n_in != 2)
        return DETCL_OK;
    for (int k = 0; k < 2; k++) {
        struct dcl_value *x = mul->call.in[k];
        const struct dcl_node *gate = dcl_graph_producer(g, mul->call.in[1 - k]);
        if (!dcl_is(gate, "unary"))
            continue;
        const bool direct = gate->call.in[0] == x;
        if (direct && dcl_is_kind(gate, "unary", "sigmoid"))
            return become_unary(g, i, x, "kind=silu");
        if (direct && dcl_is_kind(gate, "unary", "hard_sigmoid") &&
            dcl_float(gate, "alpha", 0) == 1.0f / 6.0f && dcl_float(gate, "beta", 0) == 0.5f)
            return become_unary(g, i, x, "kind=hard_swish");
        const struct dcl_node *inner = dcl_graph_producer(g, gate->call.in[0]);
        if (dcl_is_kind(gate, "unary", "tanh") && dcl_is_kind(inner, "unary", "softplus") &&
            inner->call.in[0] == x)
            return become_unary(g, i, x, "kind=mish");
    }
    return DETCL_OK;
}

/* Attribute text of an activation. */
static void put_activation(char *text, size_t size, const char *kind, float alpha, float beta)
{
    const struct dcl_c_locale locale = dcl_c_locale_enter();
    snprintf(text, size, "activation=%s alpha=%.9g beta=%.9g", kind, (double)alpha, (double)beta);
    dcl_c_locale_leave(locale);
}

/* The activation that node `f` is, as attribute text; false when it is none that can be fused. */
static bool as_activation(const struct dcl_node *f, char *text, size_t size)
{
    static const char *const fusable[] = {"relu",         "leaky_relu", "clip", "sigmoid", "silu",
                                          "hard_sigmoid", "hard_swish", "tanh", "elu"};
    if (dcl_is(f, "clip")) {
        float lo, hi;
        if (f->call.in[0]->desc.dtype != DETCL_F32 ||
            dcl_const_float(&f->call, 1, dcl_float(f, "min", -3.402823466e38f), &lo) != DETCL_OK ||
            dcl_const_float(&f->call, 2, dcl_float(f, "max", 3.402823466e38f), &hi) != DETCL_OK)
            return false;
        put_activation(text, size, "clip", lo, hi);
        return true;
    }
    if (!dcl_is(f, "unary"))
        return false;
    for (size_t i = 0; i < sizeof fusable / sizeof *fusable; i++)
        if (strcmp(dcl_choice(f, "kind"), fusable[i]) == 0) {
            put_activation(text, size, fusable[i], dcl_float(f, "alpha", 0),
                           dcl_float(f, "beta", 0));
            return true;
        }
    return false;
}

/* Let the node end with the activation that is its only reader. */
static enum detcl_status take_activation(struct dcl_graph *g, struct dcl_node *node, bool *changed)
{
    char text[128];
    const int reader = dcl_only_reader(g, node->call.out[0]);
    const bool closed = has_residual(node) && strcmp(dcl_choice(node, "residual"), "after") == 0;
    if (!no_activation(node) || closed || reader < 0 ||
        !as_activation(g->nodes[reader], text, sizeof text))
        return DETCL_OK;
    DCL_TRY(g->error, dcl_node_set(g, node, text));
    dcl_absorb(g, node, reader);
    *changed = true;
    return DETCL_OK;
}

/* True when v is computed from node's output: making it an input of the node would close a cycle.
 * Values of nodes that come before cannot be. */
static bool comes_after(const struct dcl_graph *g, const struct dcl_value *v,
                        const struct dcl_node *node)
{
    const struct dcl_node *maker = dcl_graph_producer(g, v);
    return maker && dcl_node_index(g, maker) > dcl_node_index(g, node);
}

/* Let the node add the other operand of the addition that is its only reader. */
static enum detcl_status take_residual(struct dcl_graph *g, struct dcl_node *node, bool *changed)
{
    struct dcl_call *c = &node->call;
    const int reader = dcl_only_reader(g, c->out[0]);
    if (!dcl_choice(node, "residual")[0] || has_residual(node) || reader < 0 ||
        !dcl_is_kind(g->nodes[reader], "binary", "add") || g->nodes[reader]->call.n_in != 2)
        return DETCL_OK;
    struct dcl_value *const *operands = g->nodes[reader]->call.in;
    struct dcl_value *other = operands[operands[0] == c->out[0]];
    if (other->constant || !dcl_same_shape(other, c->out[0]) || comes_after(g, other, node))
        return DETCL_OK;
    struct dcl_value **in = dcl_arena_array(&g->arena, RESIDUAL_INPUT + 1, sizeof(*in));
    if (!in)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < c->n_in && i < RESIDUAL_INPUT; i++)
        in[i] = c->in[i];
    in[RESIDUAL_INPUT] = other;
    c->in = in;
    c->n_in = RESIDUAL_INPUT + 1;
    DCL_TRY(g->error,
            dcl_node_set(g, node, no_activation(node) ? "residual=before" : "residual=after"));
    dcl_absorb(g, node, reader);
    *changed = true;
    return DETCL_OK;
}

enum detcl_status dcl_pass_fuse(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_nodes; i++)
        DCL_TRY(g->error, self_gating(g, i));
    dcl_graph_prune(g);
    for (int i = 0; i < g->n_nodes; i++) {
        bool changed = true;
        while (changed) {
            changed = false;
            DCL_TRY(g->error, take_activation(g, g->nodes[i], &changed));
            if (!changed)
                DCL_TRY(g->error, take_residual(g, g->nodes[i], &changed));
        }
    }
    return dcl_graph_sort(g);
}
