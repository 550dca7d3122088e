/* Transpose(Concat over places(Reshape(Concat over channels))) of maps becomes a join_channels_last
 * of each level's maps, joined over places, which costs nothing for one image. */
#include "graph/match.h"
#include "graph/passes.h"
#include "ops/join_channels_last.h"

#define MOST_LEVELS 16

static bool swaps_last_axes(const struct dcl_node *node)
{
    static const int64_t perm[] = {0, 2, 1};
    const struct dcl_ints *p = dcl_attrs_ints(node->call.op->attrs, node->attrs, "perm");
    return dcl_is(node, "transpose") && p && p->n == 3 && memcmp(p->v, perm, sizeof perm) == 0 &&
           node->call.in[0]->desc.dtype == DETCL_F32;
}

/* The producer of v, if it is that op and nothing else reads v. */
static struct dcl_node *private_producer(const struct dcl_graph *g, const struct dcl_value *v,
                                         const char *op)
{
    struct dcl_node *node = dcl_graph_producer(g, v);
    return dcl_is(node, op) && dcl_only_reader(g, v) >= 0 ? node : NULL;
}

/* The map [N, C, H, W] that v [N, C, H W] is a reshape of, or NULL. */
static struct dcl_value *map_of(const struct dcl_graph *g, const struct dcl_value *v)
{
    const struct dcl_node *node = private_producer(g, v, "reshape");
    struct dcl_value *x = node ? node->call.in[0] : NULL;
    return x && v->desc.rank == 3 && x->desc.rank == 4 && DCL_DIM(x, 0) == DCL_DIM(v, 0) &&
                   DCL_DIM(x, 1) == DCL_DIM(v, 1)
               ? x
               : NULL;
}

static bool joins_axis(const struct dcl_call *c, int axis)
{
    int64_t extent = 0;
    for (int i = 0; i < c->n_in; i++)
        extent += DCL_DIM(c->in[i], axis);
    return c->n_in > 1 && extent == DCL_DIM(c->out[0], axis);
}

/* Let `rows` [N, H W, C] be what the level's maps give. */
static enum detcl_status add_level(struct dcl_graph *g, struct dcl_value *map,
                                   struct dcl_value *rows)
{
    const struct dcl_node *join = private_producer(g, map, "concat");
    const bool several = join && join->call.n_in <= DCL_JOIN_INPUTS && joins_axis(&join->call, 1);
    struct dcl_node *made;
    if (!rows)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    DCL_TRY(g->error,
            dcl_graph_node(g, "join_channels_last", map->name, NULL, several ? join->call.in : &map,
                           several ? join->call.n_in : 1, &rows, 1, &made));
    made->call.error = g->error;
    return made->call.op->infer(&made->call);
}

/* Levels of one transposed value: the maps, or none when the pattern does not fit. */
static int find_levels(const struct dcl_graph *g, const struct dcl_value *v,
                       struct dcl_value **maps)
{
    const struct dcl_node *join = private_producer(g, v, "concat");
    if (!join) {
        maps[0] = map_of(g, v);
        return maps[0] ? 1 : 0;
    }
    if (join->call.n_in > MOST_LEVELS || v->desc.rank != 3 || !joins_axis(&join->call, 2))
        return 0;
    for (int i = 0; i < join->call.n_in; i++)
        if (!(maps[i] = map_of(g, join->call.in[i])))
            return 0;
    return join->call.n_in;
}

/* Replace transposition i by nodes that make the same of the maps of its `n` levels. */
static enum detcl_status replace(struct dcl_graph *g, int i, struct dcl_value **maps, int n)
{
    struct dcl_value *y = g->nodes[i]->call.out[0], *rows[MOST_LEVELS] = {y};
    const char *name = g->nodes[i]->call.name;
    for (int k = 0; k < n; k++) {
        if (n > 1)
            rows[k] = dcl_graph_value(g, maps[k]->name);
        DCL_TRY(g->error, add_level(g, maps[k], rows[k]));
    }
    dcl_graph_remove(g, i);
    return n > 1 ? dcl_graph_node(g, "concat", name, "axis=1", rows, n, &y, 1, NULL) : DETCL_OK;
}

enum detcl_status dcl_pass_join(struct dcl_graph *g)
{
    struct dcl_value *maps[MOST_LEVELS];
    for (int i = 0; i < g->n_nodes; i++) {
        const struct dcl_node *node = g->nodes[i];
        if (!swaps_last_axes(node) || dcl_only_reader(g, node->call.in[0]) < 0)
            continue;
        const int n = find_levels(g, node->call.in[0], maps);
        if (n)
            DCL_TRY(g->error, replace(g, i--, maps, n));
    }
    DCL_TRY(g->error, dcl_graph_sort(g));
    dcl_graph_prune(g);
    return DETCL_OK;
}
