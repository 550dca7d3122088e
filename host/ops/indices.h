/* What the gather and scatter family share: index tensors of int32 or int64, negative ones counting
 * from the end. Constant indices outside their extent are refused; computed ones are clamped, on
 * every device alike, because a kernel cannot report them. */
#ifndef DCL_OPS_INDICES_H
#define DCL_OPS_INDICES_H

#include "ops/record.h"

/* Index i of `data` within 0..extent-1. extent > 0. */
static inline int64_t dcl_index_at(enum detcl_dtype type, const void *data, int64_t i,
                                   int64_t extent)
{
    int64_t v = type == DETCL_I64 ? ((const int64_t *)data)[i] : ((const int32_t *)data)[i];
    v += v < 0 ? extent : 0;
    return v < 0 ? 0 : v >= extent ? extent - 1 : v;
}

/* Fail unless input i holds int32 or int64 and, where it is constant, every `period`-th entry from
 * `first` on lies in -extent..extent-1; fail when there are indices into an empty extent. */
enum detcl_status dcl_need_indices(const struct dcl_call *call, int i, int64_t first,
                                   int64_t period, int64_t extent);

/* "-DT=... -DINDEX=... -DWIDTH=..." for moved bits of `data` and the index type of `indices`. */
void dcl_index_options(const struct dcl_recorder *r, const struct dcl_value *data,
                       const struct dcl_value *indices, char options[96]);

/* y[o, j, i] = x[o, indices[j], i] with x seen as outer x extent x inner. */
enum detcl_status dcl_record_gather(struct dcl_recorder *r, const struct dcl_value *x,
                                    const struct dcl_value *indices, const struct dcl_value *y,
                                    int64_t outer, int64_t extent, int64_t inner);

/* gather_nd and scatter_nd: tuples of `depth` indices, each naming a slice of `inner` elements of
 * `data` after its first `batch` dimensions. */
struct dcl_tuples {
    int batch, depth;
    int64_t count, per_batch, batch_stride, inner;
    int64_t extent[DETCL_MAX_RANK], stride[DETCL_MAX_RANK];
};

/* Check input 1 as tuples into input 0. */
enum detcl_status dcl_tuples_of(const struct dcl_call *call, int batch, struct dcl_tuples *out);

/* First element of the slice that tuple i names. */
int64_t dcl_tuple_at(const struct dcl_tuples *t, const struct dcl_value *indices, int64_t i);

/* Append the arguments table, depth, count, per_batch, batch_stride, inner. */
void dcl_arg_tuples(struct dcl_recorder *r, struct dcl_launch *l, const struct dcl_tuples *t);

#endif
