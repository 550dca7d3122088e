#include "graph/passes.h"

enum detcl_status dcl_graph_optimise(struct dcl_graph *g, const struct dcl_limits *limits)
{
    DCL_TRY(g->error, dcl_graph_infer(g));
    DCL_TRY(g->error, dcl_pass_fold_norm(g));
    DCL_TRY(g->error, dcl_pass_space_to_depth(g));
    DCL_TRY(g->error, dcl_pass_pool(g));
    DCL_TRY(g->error, dcl_pass_join(g));
    DCL_TRY(g->error, dcl_pass_fuse(g));
    DCL_TRY(g->error, dcl_pass_separable(g, limits));
    DCL_TRY(g->error, dcl_pass_elementwise(g, limits));
    DCL_TRY(g->error, dcl_pass_layout(g, limits->block));
    dcl_graph_prune(g);
    return dcl_graph_sort(g);
}
