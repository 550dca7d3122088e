#include "ops/op.h"

#include <string.h>

#define DCL_OP(name) extern const struct dcl_op dcl_op_##name;
#include "ops/ops.def"
#undef DCL_OP

const struct dcl_op *const dcl_ops[] = {
#define DCL_OP(name) &dcl_op_##name,
#include "ops/ops.def"
#undef DCL_OP
    NULL};

const struct dcl_op *dcl_op_find(const char *name)
{
    for (int i = 0; dcl_ops[i]; i++)
        if (strcmp(dcl_ops[i]->name, name) == 0)
            return dcl_ops[i];
    return NULL;
}

const struct dcl_op *dcl_op_find_onnx(const char *type, const char **preset)
{
    for (int i = 0; dcl_ops[i]; i++)
        for (const struct dcl_onnx_name *n = dcl_ops[i]->onnx; n && n->type; n++)
            if (strcmp(n->type, type) == 0) {
                *preset = n->preset;
                return dcl_ops[i];
            }
    return NULL;
}

bool dcl_in_place(const struct dcl_call *call, int i)
{
    const int64_t part = call->op->part(call, i);
    size_t at = 0;
    for (const struct dcl_value *v = call->in[i]; v; v = v->alias) {
        if (v == call->out[0])
            return part >= 0 && at == (size_t)part * detcl_dtype_size(v->desc.dtype);
        at += v->alias_at;
    }
    return false;
}

int64_t dcl_stored_count(const struct dcl_value *v)
{
    struct detcl_desc d = v->desc;
    if (v->block > 1)
        d.dims[1] = (d.dims[1] + v->block - 1) / v->block * v->block;
    return detcl_desc_count(&d);
}

static enum detcl_status constant_input(const struct dcl_call *call, int i)
{
    if (!call->in[i]->constant)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input '%s' must be known before the run", call->in[i]->name);
    return DETCL_OK;
}

enum detcl_status dcl_const_ints(const struct dcl_call *call, int i,
                                 const struct dcl_ints *fallback, struct dcl_ints *out)
{
    if (!dcl_has_in(call, i)) {
        *out = *fallback;
        return DETCL_OK;
    }
    DCL_TRY(call->error, constant_input(call, i));
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_I32 | DCL_I64));
    const struct dcl_value *v = call->in[i];
    const int64_t n = dcl_count(v);
    if (n > DCL_MAX_INTS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "input '%s' has %lld entries, limit %d",
                             v->name, (long long)n, DCL_MAX_INTS);
    out->n = (int)n;
    for (int k = 0; k < out->n; k++)
        out->v[k] = v->desc.dtype == DETCL_I64 ? ((const int64_t *)v->constant)[k]
                                               : ((const int32_t *)v->constant)[k];
    return DETCL_OK;
}

enum detcl_status dcl_const_int(const struct dcl_call *call, int i, int64_t fallback, int64_t *out)
{
    struct dcl_ints list = {1, {fallback}};
    DCL_TRY(call->error, dcl_const_ints(call, i, &list, &list));
    if (list.n != 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d must hold one integer", i);
    *out = list.v[0];
    return DETCL_OK;
}

enum detcl_status dcl_const_float(const struct dcl_call *call, int i, float fallback, float *out)
{
    *out = fallback;
    if (!dcl_has_in(call, i))
        return DETCL_OK;
    DCL_TRY(call->error, constant_input(call, i));
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    if (dcl_count(call->in[i]) != 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d must hold one number", i);
    *out = *(const float *)call->in[i]->constant;
    return DETCL_OK;
}

enum detcl_status dcl_axis(const struct dcl_call *call, int64_t axis, int rank, int *out)
{
    if (axis < -rank || axis >= rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %lld is outside rank %d",
                             (long long)axis, rank);
    *out = (int)(axis < 0 ? axis + rank : axis);
    return DETCL_OK;
}

enum detcl_status dcl_need_dtype(const struct dcl_call *call, int i, unsigned mask)
{
    const struct dcl_value *v = call->in[i];
    if (!(mask >> v->desc.dtype & 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "input '%s' has element type %s",
                             v->name, detcl_dtype_name(v->desc.dtype));
    return DETCL_OK;
}

enum detcl_status dcl_need_rank(const struct dcl_call *call, int i, int rank)
{
    const struct dcl_value *v = call->in[i];
    if (v->desc.rank != rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "input '%s' has rank %d, expected %d",
                             v->name, v->desc.rank, rank);
    return DETCL_OK;
}

enum detcl_status dcl_broadcast(const struct dcl_call *call, const struct detcl_desc *a,
                                const struct detcl_desc *b, struct detcl_desc *out)
{
    struct detcl_desc d = {.dtype = a->dtype, .rank = a->rank > b->rank ? a->rank : b->rank};
    for (int i = 0; i < d.rank; i++) {
        const int ia = i - (d.rank - a->rank), ib = i - (d.rank - b->rank);
        const int64_t da = ia < 0 ? 1 : a->dims[ia], db = ib < 0 ? 1 : b->dims[ib];
        if (da != db && da != 1 && db != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "extents %lld and %lld do not broadcast",
                                 (long long)da, (long long)db);
        d.dims[i] = da == 1 ? db : da;
    }
    *out = d;
    return DETCL_OK;
}

void dcl_broadcast_strides(const struct detcl_desc *desc, const struct detcl_desc *to,
                           int64_t *strides)
{
    int64_t step = 1;
    for (int i = to->rank - 1; i >= 0; i--) {
        const int at = i - (to->rank - desc->rank);
        const int64_t extent = at < 0 ? 1 : desc->dims[at];
        strides[i] = extent == 1 ? 0 : step;
        step *= extent;
    }
}
