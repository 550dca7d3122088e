/* Regions of slices, elementwise functions and joins along the last dimension become one node,
 * whose program computes each column of the region's output from the columns that the region reads.
 * A value that is read twice is computed twice: these are cheap, passes over memory are not. */
#include "graph/match.h"
#include "graph/passes.h"
#include "ops/fused_elementwise.h"
#include "ops/slice.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_INSTRUCTIONS 128
#define MOST_NESTED 64

/* One region and the program that is written for it. */
struct region {
    struct dcl_graph *g;
    const struct dcl_value *y;
    bool *inside; /* of each node */
    int size;
    struct dcl_elementwise program[MOST_INSTRUCTIONS];
    int n, depth;
    struct dcl_value *operands[1 + DCL_ELEMENTWISE_OPERANDS]; /* the program first */
    int n_operands;
};

static int64_t columns_of(const struct dcl_value *v)
{
    return v->desc.rank ? DCL_DIM(v, v->desc.rank - 1) : 1;
}

static int64_t rows_of(const struct dcl_value *v)
{
    return columns_of(v) ? dcl_count(v) / columns_of(v) : 0;
}

/* Rank 4 is left out: feature maps have better kernels, and channel blocks. */
static bool is_table(const struct dcl_value *v)
{
    return v->desc.dtype == DETCL_F32 && v->desc.rank > 0 && v->desc.rank < 4 && !v->count &&
           dcl_count(v) > 0 && columns_of(v) <= INT32_MAX;
}

/* The enum dcl_binary of a node, or -1. */
static int binary_of(const struct dcl_node *node)
{
    static const struct {
        const char *kind;
        enum dcl_binary function;
    } list[] = {{"add", DCL_ADD}, {"sub", DCL_SUB}, {"mul", DCL_MUL},
                {"div", DCL_DIV}, {"max", DCL_MAX}, {"min", DCL_MIN}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (dcl_is_kind(node, "binary", list[i].kind) && node->call.n_in == 2)
            return (int)list[i].function;
    return -1;
}

/* The enum dcl_activation, or DCL_ELEMENTWISE_EXP, of a node, or -1. */
static int unary_of(const struct dcl_node *node)
{
    if (dcl_is_kind(node, "unary", "exp"))
        return DCL_ELEMENTWISE_EXP;
    for (int i = 0; i < DCL_ACT_COUNT; i++)
        if (dcl_is_kind(node, "unary", dcl_activation_names[i]))
            return i;
    return -1;
}

/* How v is read along with tables of `rows` rows: the step from row to row, or -1. */
static int64_t step_of(const struct dcl_value *v, int64_t rows)
{
    return rows_of(v) == rows ? columns_of(v) : rows_of(v) == 1 ? 0 : -1;
}

static bool slices_columns(const struct dcl_node *node, int64_t *first)
{
    struct dcl_slice_range ranges[DETCL_MAX_RANK];
    const struct detcl_desc *x = &node->call.in[0]->desc;
    if (!dcl_is(node, "slice") || dcl_slice_ranges(&node->call, ranges) != DETCL_OK)
        return false;
    for (int i = 0; i < x->rank - 1; i++)
        if (ranges[i].length != x->dims[i] || ranges[i].step != 1)
            return false;
    *first = ranges[x->rank - 1].start;
    return ranges[x->rank - 1].step == 1;
}

static bool joins_columns(const struct dcl_node *node)
{
    if (!dcl_is(node, "concat"))
        return false;
    int64_t columns = 0;
    for (int i = 0; i < node->call.n_in; i++)
        columns += columns_of(node->call.in[i]);
    return columns == columns_of(node->call.out[0]);
}

/* True when the node can be part of a region of that many rows. */
static bool fits(const struct dcl_node *node, int64_t rows)
{
    const struct dcl_call *c = &node->call;
    int64_t first;
    if (c->n_out != 1 || !is_table(c->out[0]) || rows_of(c->out[0]) != rows)
        return false;
    for (int i = 0; i < c->n_in; i++)
        if (c->in[i] && c->in[i]->desc.dtype == DETCL_F32 && step_of(c->in[i], rows) < 0)
            return false;
    return binary_of(node) >= 0 || unary_of(node) >= 0 || slices_columns(node, &first) ||
           joins_columns(node);
}

/* True when only nodes of the region read v. */
static bool is_inner(const struct region *r, const struct dcl_value *v)
{
    const struct dcl_graph *g = r->g;
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == v)
            return false;
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_in && !r->inside[i]; k++)
            if (g->nodes[i]->call.in[k] == v)
                return false;
    return true;
}

/* The node `root` and all before it that only feed the region. */
static void grow(struct region *r, int root)
{
    const int64_t rows = rows_of(r->y);
    memset(r->inside, 0, (size_t)r->g->n_nodes * sizeof *r->inside);
    r->inside[root] = true;
    r->size = 1;
    for (int i = root - 1; i >= 0; i--) {
        const struct dcl_node *node = r->g->nodes[i];
        if (!fits(node, rows) || !is_inner(r, node->call.out[0]))
            continue;
        r->inside[i] = true;
        r->size++;
    }
}

static bool emit(struct region *r, struct dcl_elementwise s, int change)
{
    if (r->n == MOST_INSTRUCTIONS)
        return false;
    r->program[r->n++] = s;
    r->depth += change;
    return r->depth <= DCL_ELEMENTWISE_DEPTH;
}

/* An element of a value that the region reads. */
static bool emit_load(struct region *r, struct dcl_value *v, int64_t column)
{
    int k = 1;
    if (v->constant && dcl_count(v) == 1)
        return emit(r,
                    (struct dcl_elementwise){.code = DCL_ELEMENTWISE_NUMBER,
                                             .alpha = *(const float *)v->constant},
                    1);
    while (k < r->n_operands && r->operands[k] != v)
        k++;
    if (k > DCL_ELEMENTWISE_OPERANDS)
        return false;
    r->operands[k] = v;
    r->n_operands = k < r->n_operands ? r->n_operands : k + 1;
    return emit(r,
                (struct dcl_elementwise){.code = DCL_ELEMENTWISE_LOAD,
                                         .which = k,
                                         .first = (int32_t)column,
                                         .step = (int32_t)step_of(v, rows_of(r->y))},
                1);
}

/* Code that pushes one column of v; false when the region is too much for a program. */
static bool emit_column(struct region *r, struct dcl_value *v, int64_t column, int nested)
{
    const struct dcl_node *node = dcl_graph_producer(r->g, v);
    int64_t first;
    if (columns_of(v) == 1)
        column = 0;
    if (!node || !r->inside[dcl_node_index(r->g, node)])
        return emit_load(r, v, column);
    struct dcl_value *const *in = node->call.in;
    if (nested == MOST_NESTED)
        return false;
    nested++;
    if (slices_columns(node, &first))
        return emit_column(r, in[0], first + column, nested);
    if (unary_of(node) >= 0)
        return emit_column(r, in[0], column, nested) &&
               emit(r,
                    (struct dcl_elementwise){.code = DCL_ELEMENTWISE_UNARY,
                                             .which = unary_of(node),
                                             .alpha = dcl_float(node, "alpha", 0),
                                             .beta = dcl_float(node, "beta", 0)},
                    0);
    if (binary_of(node) >= 0)
        return emit_column(r, in[0], column, nested) && emit_column(r, in[1], column, nested) &&
               emit(r,
                    (struct dcl_elementwise){.code = DCL_ELEMENTWISE_BINARY,
                                             .which = binary_of(node)},
                    -1);
    while (column >= columns_of(*in))
        column -= columns_of(*in++);
    return emit_column(r, *in, column, nested);
}

static bool write_program(struct region *r)
{
    r->n = r->depth = 0;
    r->n_operands = 1;
    for (int32_t i = 0; i < columns_of(r->y); i++)
        if (!emit_column(r, (struct dcl_value *)(uintptr_t)r->y, i, 0) ||
            !emit(r, (struct dcl_elementwise){.code = DCL_ELEMENTWISE_STORE, .which = i}, -1))
            return false;
    return r->n_operands > 1;
}

/* Put one node in place of the region; it is the graph's last until that is sorted. */
static enum detcl_status replace(struct region *r, int root)
{
    struct dcl_graph *g = r->g;
    const struct detcl_desc desc = {DETCL_I32, 2, {r->n, DCL_ELEMENTWISE_WORDS}};
    struct dcl_value *y = g->nodes[root]->call.out[0];
    const char *name = g->nodes[root]->call.name;
    const size_t bytes = (size_t)r->n * sizeof *r->program;
    void *program = dcl_arena_alloc(&g->arena, bytes);
    if (!program)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    memcpy(program, r->program, bytes);
    r->operands[0] = dcl_graph_constant(g, name, &desc, program);
    if (!r->operands[0])
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = g->n_nodes - 1; i >= 0; i--)
        if (r->inside[i])
            dcl_graph_remove(g, i);
    char shape[128] = "shape=";
    for (int i = 0, n = 6; i < y->desc.rank; i++)
        n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%lld", i ? "," : "",
                      (long long)DCL_DIM(y, i));
    struct dcl_node *made;
    DCL_TRY(g->error, dcl_graph_node(g, "fused_elementwise", name, shape, r->operands,
                                     r->n_operands, &y, 1, &made));
    made->call.error = g->error;
    return made->call.op->infer(&made->call);
}

static enum detcl_status fuse(struct region *r)
{
    for (int i = r->g->n_nodes - 1; i >= 0; i--) {
        const struct dcl_node *node = r->g->nodes[i];
        r->y = node->call.n_out ? node->call.out[0] : NULL;
        if (!r->y || !is_table(r->y) || columns_of(r->y) > DCL_ELEMENTWISE_COLUMNS ||
            !fits(node, rows_of(r->y)))
            continue;
        grow(r, i);
        if (r->size < 2 || !write_program(r))
            continue;
        DCL_TRY(r->g->error, replace(r, i));
        i = i < r->g->n_nodes ? i : r->g->n_nodes;
    }
    return dcl_graph_sort(r->g);
}

enum detcl_status dcl_pass_elementwise(struct dcl_graph *g, const struct dcl_limits *limits)
{
    if (limits->profile == DCL_PROFILE_SIMD && limits->block == 1) /* no launches to save */
        return DETCL_OK;
    struct region r = {.g = g};
    r.inside = malloc(((size_t)g->n_nodes + 1) * sizeof *r.inside);
    if (!r.inside)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    const enum detcl_status status = fuse(&r);
    free(r.inside);
    return status;
}
