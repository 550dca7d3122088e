#include "ops/indices.h"
#include "ops/walk.h"

#include <stdio.h>

enum detcl_status dcl_need_indices(const struct dcl_call *call, int i, int64_t first,
                                   int64_t period, int64_t extent)
{
    const struct dcl_value *v = call->in[i];
    const int64_t n = dcl_count(v);
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_I32 | DCL_I64));
    if (n > 0 && extent == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "there are indices into an empty extent");
    for (int64_t k = first; v->constant && k < n; k += period) {
        const int64_t index = v->desc.dtype == DETCL_I64 ? ((const int64_t *)v->constant)[k]
                                                         : ((const int32_t *)v->constant)[k];
        if (index < -extent || index >= extent)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "index %lld is outside an extent of %lld",
                                 (long long)index, (long long)extent);
    }
    return DETCL_OK;
}

void dcl_index_options(const struct dcl_recorder *r, const struct dcl_value *data,
                       const struct dcl_value *indices, char options[96])
{
    snprintf(options, 96, "-D%s -DINDEX=%s -DWIDTH=%d", dcl_bits_type(data->desc.dtype),
             indices->desc.dtype == DETCL_I64 ? "long" : "int", dcl_walk_width(r));
}

enum detcl_status dcl_record_gather(struct dcl_recorder *r, const struct dcl_value *x,
                                    const struct dcl_value *indices, const struct dcl_value *y,
                                    int64_t outer, int64_t extent, int64_t inner)
{
    const int64_t count = dcl_count(indices), width = dcl_walk_width(r);
    char options[96];
    dcl_index_options(r, x, indices, options);
    struct dcl_launch *l = dcl_launch(r, "gather", options, "gather");
    dcl_arg_value(l, x);
    dcl_arg_value(l, indices);
    dcl_arg_value(l, y);
    dcl_arg_int(l, outer);
    dcl_arg_int(l, extent);
    dcl_arg_int(l, count);
    dcl_arg_int(l, inner);
    return dcl_grid_line(r, l, (inner + width - 1) / width * outer * count);
}

enum detcl_status dcl_tuples_of(const struct dcl_call *call, int batch, struct dcl_tuples *out)
{
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    struct dcl_tuples t = {.batch = batch, .count = 1, .per_batch = 1, .inner = 1};
    const int64_t depth = index->rank ? index->dims[index->rank - 1] : 0;
    if (batch < 0 || batch >= index->rank || depth < 1 || batch + depth > x->rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "tuples of %lld indices after %d batch dimensions into rank %d",
                             (long long)depth, batch, x->rank);
    t.depth = (int)depth;
    for (int i = 0; i < batch; i++)
        if (x->dims[i] != index->dims[i])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "batch dimension %d is %lld and %lld", i,
                                 (long long)x->dims[i], (long long)index->dims[i]);
    for (int i = 0; i < index->rank - 1; i++)
        *(i < batch ? &t.count : &t.per_batch) *= index->dims[i];
    t.count *= t.per_batch;
    for (int i = x->rank - 1; i >= batch + t.depth; i--)
        t.inner *= x->dims[i];
    t.batch_stride = t.inner;
    for (int k = t.depth - 1; k >= 0; k--) {
        t.extent[k] = x->dims[batch + k];
        t.stride[k] = t.batch_stride;
        t.batch_stride *= t.extent[k];
        DCL_TRY(call->error, dcl_need_indices(call, 1, k, t.depth, t.extent[k]));
    }
    *out = t;
    return DETCL_OK;
}

int64_t dcl_tuple_at(const struct dcl_tuples *t, const struct dcl_value *indices, int64_t i)
{
    int64_t at = i / t->per_batch * t->batch_stride;
    for (int k = 0; k < t->depth; k++)
        at += t->stride[k] *
              dcl_index_at(indices->desc.dtype, indices->data, i * t->depth + k, t->extent[k]);
    return at;
}

void dcl_arg_tuples(struct dcl_recorder *r, struct dcl_launch *l, const struct dcl_tuples *t)
{
    void *data;
    struct dcl_value *table = dcl_packed(r, DETCL_I32, 2 * t->depth, &data);
    for (int k = 0; table && k < t->depth; k++) {
        ((int32_t *)data)[2 * k] = (int32_t)t->extent[k];
        ((int32_t *)data)[2 * k + 1] = (int32_t)t->stride[k];
    }
    dcl_arg_value(l, table);
    dcl_arg_int(l, t->depth);
    dcl_arg_int(l, t->count);
    dcl_arg_int(l, t->per_batch);
    dcl_arg_int(l, t->batch_stride);
    dcl_arg_int(l, t->inner);
}
