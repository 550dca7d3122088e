/* The public graph object: the loaded network and, once prepared, its executable plan. */
#ifndef DCL_GRAPH_GRAPH_H
#define DCL_GRAPH_GRAPH_H

#include "detcl/ops.h"
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

/* Fill an empty graph with one node of `op`, which need not be in the registry, and a value for
 * each operand and output. Constants are copied. `*node` may be NULL. */
enum detcl_status dcl_graph_of_op(struct detcl_context *ctx, struct dcl_graph *g,
                                  const struct dcl_op *op, const char *attributes,
                                  const struct detcl_operand *inputs, int n_inputs, int n_outputs,
                                  struct dcl_node **node);

#endif
