/* shape: the extents start..end of the input as an int64 vector, or (kind=size) the number of its
 * elements as a scalar. Depends on shapes only, so it is folded. */
#include "ops/walk.h"

static const char *const kinds[] = {"shape", "size", NULL};

struct attrs {
    int kind;
    int64_t start, end; /* negative: from the end; clamped */
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "shape", kinds),
                                             DCL_INT(struct attrs, start, "0"),
                                             DCL_INT(struct attrs, end, "8"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"Shape", "kind=shape"}, {"Size", "kind=size"}, {NULL, NULL}};

static int bound(int64_t v, int rank)
{
    v += v < 0 ? rank : 0;
    return v < 0 ? 0 : v > rank ? rank : (int)v;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int rank = call->in[0]->desc.rank;
    const int n = bound(a->end, rank) - bound(a->start, rank);
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_I64};
    if (a->kind == 0) {
        call->out[0]->desc.rank = 1;
        DCL_DIM(call->out[0], 0) = n > 0 ? n : 0;
    }
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    int64_t *y = call->out[0]->data;
    if (a->kind == 1)
        y[0] = dcl_count(x);
    else
        for (int i = bound(a->start, x->desc.rank); i < bound(a->end, x->desc.rank); i++)
            *y++ = DCL_DIM(x, i);
    return DETCL_OK;
}

const struct dcl_op dcl_op_shape = {
    .name = "shape",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .flags = DCL_OP_SHAPE_ONLY,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_record_constant,
};
