/* What a slice takes of each dimension, for the graph's passes too. */
#ifndef DCL_OPS_SLICE_H
#define DCL_OPS_SLICE_H

#include "ops/op.h"

struct dcl_slice_range {
    int64_t start, step, length;
};

/* The ranges of the call, one a dimension; fails as its infer does. */
enum detcl_status dcl_slice_ranges(const struct dcl_call *call,
                                   struct dcl_slice_range out[DETCL_MAX_RANK]);

#endif
