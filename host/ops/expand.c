/* expand: x broadcast (NumPy, both ways) to a shape known before the run, any element type. */
#include "ops/walk.h"

static const struct dcl_onnx_name onnx[] = {{"Expand", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_ints none = {0};
    struct dcl_ints shape;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &none, &shape));
    struct detcl_desc to = {.dtype = call->in[0]->desc.dtype, .rank = shape.n};
    if (shape.n > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", shape.n,
                             DETCL_MAX_RANK);
    for (int i = 0; i < shape.n; i++) {
        if (shape.v[i] < 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the shape holds %lld",
                                 (long long)shape.v[i]);
        to.dims[i] = shape.v[i];
    }
    return dcl_broadcast(call, &call->in[0]->desc, &to, &call->out[0]->desc);
}

static void make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    const struct detcl_desc *y = &call->out[0]->desc;
    dcl_walk_over(w, y);
    dcl_walk_operand(w, 0, &call->in[0]->desc);
    dcl_walk_operand(w, 1, y);
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

const struct dcl_op dcl_op_expand = {
    .name = "expand",
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
