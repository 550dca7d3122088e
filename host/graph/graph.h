/* The public graph object: the loaded network and, once prepared, its executable plan. */
#ifndef DCL_GRAPH_GRAPH_H
#define DCL_GRAPH_GRAPH_H

#include "detcl/graph.h"
#include "graph/exec.h"

struct detcl_graph {
    struct detcl_context *ctx;
    struct dcl_graph source; /* as loaded; input extents may be open */
    struct dcl_exec *exec;   /* NULL until prepared */
    struct detcl_graph_options options;
};

/* Wrap a graph built in memory; takes it over, also on failure. */
enum detcl_status dcl_graph_wrap(struct detcl_context *ctx, struct dcl_graph *source,
                                 struct detcl_graph **out);

/* Clone the source, bind the input descs, optimise. */
enum detcl_status dcl_graph_specialise(struct detcl_graph *g, const struct detcl_desc *inputs,
                                       struct dcl_graph *out);

#endif
