#include "graph/match.h"

int dcl_only_reader(const struct dcl_graph *g, const struct dcl_value *v)
{
    int at = -1;
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == v)
            return -1;
    for (int i = 0; i < g->n_nodes; i++)
        for (int k = 0; k < g->nodes[i]->call.n_in; k++)
            if (g->nodes[i]->call.in[k] == v) {
                if (at >= 0)
                    return -1;
                at = i;
            }
    return at;
}

int dcl_node_index(const struct dcl_graph *g, const struct dcl_node *node)
{
    int i = 0;
    while (i < g->n_nodes && g->nodes[i] != node)
        i++;
    return i;
}

void dcl_absorb(struct dcl_graph *g, struct dcl_node *node, int reader)
{
    node->call.out[0] = g->nodes[reader]->call.out[0];
    dcl_graph_remove(g, reader);
}

enum detcl_status dcl_node_set(struct dcl_graph *g, struct dcl_node *node, const char *attrs)
{
    return dcl_attrs_parse(node->call.op->attrs, node->attrs, &node->seen, attrs, g->error);
}
