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
