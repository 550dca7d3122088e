/* What scatter_elements and scatter_nd share: how an update is combined with what is there. */
#ifndef DCL_OPS_SCATTER_H
#define DCL_OPS_SCATTER_H

#include "ops/record.h"

enum dcl_reduction {
    DCL_REDUCE_NONE, /* the last update in row-major order wins */
    DCL_REDUCE_ADD,
    DCL_REDUCE_MUL,
    DCL_REDUCE_MAX, /* max and min let NaN through */
    DCL_REDUCE_MIN
};

extern const char *const dcl_reduction_names[];

/* Element `to` of y becomes its combination with element `from` of updates (dense host data). */
void dcl_scatter_one(enum dcl_reduction reduction, enum detcl_dtype type, void *y, int64_t to,
                     const void *updates, int64_t from);

/* Fail unless inputs are data, indices and updates of the data's type, which suits the reduction.
 */
enum detcl_status dcl_scatter_types(const struct dcl_call *call, enum dcl_reduction reduction);

/* Options of kernels/scatter.cl. */
void dcl_scatter_options(const struct dcl_call *call, char options[96]);

#endif
