/* Graph transformations, each over a graph whose shapes are inferred. */
#ifndef DCL_GRAPH_PASSES_H
#define DCL_GRAPH_PASSES_H

#include "graph/ir.h"
#include "ops/record.h"

/* Infer, fold, fuse, choose layouts. `fuse` false leaves out everything but inference, folding and
 * the layouts. The result is in topological order. */
enum detcl_status dcl_graph_optimise(struct dcl_graph *g, const struct dcl_limits *limits);

/* Fold BatchNormalization into the convolution before it (Jacob et al. 2018, section 3.2). */
enum detcl_status dcl_pass_fold_norm(struct dcl_graph *g);

/* Every s-th row and column joined along the channels, then a convolution: one convolution. */
enum detcl_status dcl_pass_space_to_depth(struct dcl_graph *g);

/* Maxima over larger windows of a map are made from those over smaller ones. */
enum detcl_status dcl_pass_pool(struct dcl_graph *g);

/* Maps of several levels as rows of numbers a place: one copy a level. */
enum detcl_status dcl_pass_join(struct dcl_graph *g);

/* x * sigmoid(x) and its relatives become one activation; then activations and residual adds become
 * the last steps of the convolutions and products before them. */
enum detcl_status dcl_pass_fuse(struct dcl_graph *g);

/* Slices, elementwise functions and joins along a short last dimension that feed only one another
 * become one fused_elementwise: the decoders at the ends of detectors. */
enum detcl_status dcl_pass_elementwise(struct dcl_graph *g, const struct dcl_limits *limits);

/* A depthwise convolution and the 1 x 1 convolution that alone reads it become one node on
 * processors with vectors, which halves their launches and keeps what lies between in a cache. */
enum detcl_status dcl_pass_separable(struct dcl_graph *g, const struct dcl_limits *limits);

/* Give operands the channel-blocked form where their ops want it, with as few reorders as a forward
 * sweep finds. */
enum detcl_status dcl_pass_layout(struct dcl_graph *g, int block);

#endif
