/* tile: x repeated along each axis as often as input 1 says (known before the run), any element
 * type. */
#include "ops/walk.h"

static const struct dcl_onnx_name onnx[] = {{"Tile", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_ints none = {0};
    struct detcl_desc y = call->in[0]->desc;
    struct dcl_ints repeats;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &none, &repeats));
    if (repeats.n != y.rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%d repeats for rank %d", repeats.n, y.rank);
    for (int i = 0; i < y.rank; i++)
        if (repeats.v[i] < 0 || __builtin_mul_overflow(y.dims[i], repeats.v[i], &y.dims[i]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld repeats of axis %d",
                                 (long long)repeats.v[i], i);
    call->out[0]->desc = y;
    return DETCL_OK;
}

/* Each axis is walked as repeat x extent. */
static void make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    const struct detcl_desc *x = &call->in[0]->desc, *y = &call->out[0]->desc;
    int64_t from = 1, to = 1;
    *w = (struct dcl_walk){.rank = 2 * x->rank};
    for (int i = x->rank - 1; i >= 0; i--) {
        w->extent[2 * i] = x->dims[i] ? y->dims[i] / x->dims[i] : 0;
        w->extent[2 * i + 1] = x->dims[i];
        w->stride[0][2 * i + 1] = from;
        w->stride[1][2 * i] = to * x->dims[i];
        w->stride[1][2 * i + 1] = to;
        from *= x->dims[i];
        to *= y->dims[i];
    }
    dcl_walk_simplify(w);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_walk w;
    make_walk(call, &w);
    dcl_copy_cpu(&w, detcl_dtype_size(call->in[0]->desc.dtype), call->in[0]->data,
                 call->out[0]->data);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_walk w;
    make_walk(call, &w);
    return dcl_record_copy(r, &w, call->in[0], call->out[0]);
}

const struct dcl_op dcl_op_tile = {
    .name = "tile",
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
