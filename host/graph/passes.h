/* Graph transformations, each over a graph whose shapes are inferred. */
#ifndef DCL_GRAPH_PASSES_H
#define DCL_GRAPH_PASSES_H

#include "graph/ir.h"
#include "ops/record.h"

/* Infer, fold, fuse, choose layouts. `fuse` false leaves out everything but inference, folding and
 * the layouts. The result is in topological order. */
enum detcl_status dcl_graph_optimise(struct dcl_graph *g, const struct dcl_limits *limits);

/* Give operands the channel-blocked form where their ops want it, with as few reorders as a forward
 * sweep finds. */
enum detcl_status dcl_pass_layout(struct dcl_graph *g, int block);

#endif
