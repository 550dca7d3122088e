/* A tensor split into kept and reduced dimensions. */
#ifndef DCL_OPS_AXES_H
#define DCL_OPS_AXES_H

#include "ops/record.h"

struct dcl_axes {
    int n_kept, n_reduced;
    int64_t kept[DETCL_MAX_RANK], kept_stride[DETCL_MAX_RANK]; /* extents and strides in elements */
    int64_t reduced[DETCL_MAX_RANK], reduced_stride[DETCL_MAX_RANK];
    int64_t rows, count; /* products of the extents */
};

/* Split `x` by `axes` (may be negative, must be distinct; none = all axes). `keepdims` says which
 * shape `out` (may be NULL; its dtype is left alone) gets. */
enum detcl_status dcl_axes_split(const struct dcl_call *call, const struct detcl_desc *x,
                                 const struct dcl_ints *axes, bool keepdims, struct dcl_axes *split,
                                 struct detcl_desc *out);

/* Where element i of a list of `n` extents with strides lies. */
int64_t dcl_axes_offset(int n, const int64_t *extent, const int64_t *stride, int64_t i);

/* Kept then reduced: rank, extents, strides, as an int32 constant for kernels. */
struct dcl_value *dcl_axes_table(struct dcl_recorder *r, const struct dcl_axes *split);

#endif
