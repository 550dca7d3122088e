/* Small questions that passes ask of a graph. */
#ifndef DCL_GRAPH_MATCH_H
#define DCL_GRAPH_MATCH_H

#include "graph/ir.h"

#include <string.h>

/* The choice attribute of a node, or "". */
static inline const char *dcl_choice(const struct dcl_node *node, const char *attr)
{
    const char *text = dcl_attrs_choice(node->call.op->attrs, node->attrs, attr);
    return text ? text : "";
}

static inline float dcl_float(const struct dcl_node *node, const char *attr, float other)
{
    return dcl_attrs_float(node->call.op->attrs, node->attrs, attr, other);
}

static inline bool dcl_is(const struct dcl_node *node, const char *op)
{
    return node && strcmp(node->call.op->name, op) == 0;
}

static inline bool dcl_is_kind(const struct dcl_node *node, const char *op, const char *kind)
{
    return dcl_is(node, op) && strcmp(dcl_choice(node, "kind"), kind) == 0;
}

static inline bool dcl_same_shape(const struct dcl_value *a, const struct dcl_value *b)
{
    bool same = a->desc.dtype == b->desc.dtype && a->desc.rank == b->desc.rank;
    for (int i = 0; same && i < a->desc.rank; i++)
        same = DCL_DIM(a, i) == DCL_DIM(b, i);
    return same;
}

/* The index of the one node that reads v, or -1 when there are more readers or v is a graph output.
 */
int dcl_only_reader(const struct dcl_graph *g, const struct dcl_value *v);

/* The index of a node. */
int dcl_node_index(const struct dcl_graph *g, const struct dcl_node *node);

/* Let `node` write what node `reader` wrote, and drop `reader`. */
void dcl_absorb(struct dcl_graph *g, struct dcl_node *node, int reader);

/* Set attributes of a node from text. */
enum detcl_status dcl_node_set(struct dcl_graph *g, struct dcl_node *node, const char *attrs);

#endif
