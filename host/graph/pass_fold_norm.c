/* conv2d followed by batch_normalization is one convolution:
 *   w' = w k, b' = (b - mean) k + shift with k = scale / sqrt(variance + epsilon), per output
 * channel. */
#include "graph/match.h"
#include "graph/passes.h"

#include <math.h>

static bool foldable(const struct dcl_graph *g, const struct dcl_node *conv, int reader)
{
    if (reader < 0 || !dcl_is(g->nodes[reader], "batch_normalization"))
        return false;
    const struct dcl_call *c = &conv->call, *norm = &g->nodes[reader]->call;
    bool known = strcmp(dcl_choice(conv, "activation"), "none") == 0 && c->in[1]->constant &&
                 (!dcl_has_in(c, 2) || c->in[2]->constant) && norm->n_in == 5;
    for (int i = 1; known && i < 5; i++)
        known = norm->in[i]->constant && norm->in[i]->desc.dtype == DETCL_F32 &&
                dcl_count(norm->in[i]) == DCL_DIM(c->in[1], 0);
    return known;
}

static const float *floats(const struct dcl_value *v)
{
    return v->constant;
}

static enum detcl_status fold(struct dcl_graph *g, struct dcl_node *conv, int reader)
{
    struct dcl_call *c = &conv->call;
    const struct dcl_node *norm = g->nodes[reader];
    struct dcl_value *const *p = norm->call.in; /* x, scale, shift, mean, variance */
    const int64_t channels = DCL_DIM(c->in[1], 0), count = dcl_count(c->in[1]);
    const int64_t each = channels ? count / channels : 0;
    float *weights = dcl_arena_array(&g->arena, (size_t)count, sizeof *weights);
    float *bias = dcl_arena_array(&g->arena, (size_t)channels, sizeof *bias);
    const struct detcl_desc bias_desc = {.dtype = DETCL_F32, .rank = 1, .dims = {channels}};
    struct dcl_value **in = dcl_arena_array(&g->arena, 4, sizeof(*in));
    if (!weights || !bias || !in)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    const double epsilon = (double)dcl_float(norm, "epsilon", 1e-5f);
    for (int64_t o = 0; o < channels; o++) {
        const double k = (double)floats(p[1])[o] / sqrt((double)floats(p[4])[o] + epsilon);
        const double b = dcl_has_in(c, 2) ? (double)floats(c->in[2])[o] : 0.0;
        bias[o] = (float)((b - (double)floats(p[3])[o]) * k + (double)floats(p[2])[o]);
        for (int64_t i = 0; i < each; i++)
            weights[o * each + i] = (float)((double)floats(c->in[1])[o * each + i] * k);
    }
    in[0] = c->in[0];
    in[1] = dcl_graph_constant(g, c->in[1]->name, &c->in[1]->desc, weights);
    in[2] = dcl_graph_constant(g, norm->call.name, &bias_desc, bias);
    if (!in[1] || !in[2])
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    c->in = in;
    c->n_in = 3;
    dcl_absorb(g, conv, reader);
    return DETCL_OK;
}

enum detcl_status dcl_pass_fold_norm(struct dcl_graph *g)
{
    for (int i = 0; i < g->n_nodes; i++) {
        struct dcl_node *node = g->nodes[i];
        if (!dcl_is(node, "conv2d"))
            continue;
        const int reader = dcl_only_reader(g, node->call.out[0]);
        if (foldable(g, node, reader))
            DCL_TRY(g->error, fold(g, node, reader));
    }
    return DETCL_OK;
}
