/* cumsum: running sums along one axis (known before the run), with or without the element itself,
 * from either end; float32, int32, int64 (ONNX CumSum). Summed in order: the same bits on every
 * device. */
#include "ops/walk.h"

struct attrs {
    int64_t exclusive, reverse;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, exclusive, "0"),
                                             DCL_INT(struct attrs, reverse, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"CumSum", NULL}, {NULL, NULL}};

/* x seen as outer x extent x inner. */
struct view {
    int64_t outer, extent, inner;
};

static enum detcl_status view_of(const struct dcl_call *call, struct view *out)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    int64_t given;
    int axis;
    DCL_TRY(call->error, dcl_const_int(call, 1, 0, &given));
    DCL_TRY(call->error, dcl_axis(call, given, x->rank, &axis));
    *out = (struct view){1, x->dims[axis], 1};
    for (int i = 0; i < x->rank; i++)
        if (i != axis)
            *(i < axis ? &out->outer : &out->inner) *= x->dims[i];
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct view v;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32 | DCL_I32 | DCL_I64));
    DCL_TRY(call->error, view_of(call, &v));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

/* S is the unsigned type for integers, so that overflow wraps. */
#define CUMSUM(S)                                                                                  \
    do {                                                                                           \
        const S *x = call->in[0]->data;                                                            \
        S *y = call->out[0]->data;                                                                 \
        for (int64_t line = 0; line < v.outer * v.inner; line++) {                                 \
            const int64_t first = line / v.inner * v.extent * v.inner + line % v.inner;            \
            S sum = 0;                                                                             \
            for (int64_t j = 0; j < v.extent; j++) {                                               \
                const int64_t at = first + (a->reverse ? v.extent - 1 - j : j) * v.inner;          \
                const S next = sum + x[at];                                                        \
                y[at] = a->exclusive ? sum : next;                                                 \
                sum = next;                                                                        \
            }                                                                                      \
        }                                                                                          \
    } while (0)

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct view v;
    DCL_TRY(call->error, view_of(call, &v));
    if (call->in[0]->desc.dtype == DETCL_F32)
        CUMSUM(float);
    else if (call->in[0]->desc.dtype == DETCL_I32)
        CUMSUM(uint32_t);
    else
        CUMSUM(uint64_t);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {"-DT=float", "-DT=uint", "-DT=ulong"};
    const struct attrs *a = call->attrs;
    struct view v;
    DCL_TRY(call->error, view_of(call, &v));
    struct dcl_launch *l = dcl_launch(r, "cumsum", types[call->in[0]->desc.dtype], "cumsum");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, v.outer * v.inner);
    dcl_arg_int(l, v.extent);
    dcl_arg_int(l, v.inner);
    dcl_arg_int(l, a->exclusive != 0);
    dcl_arg_int(l, a->reverse != 0);
    return dcl_grid_line(r, l, v.outer * v.inner);
}

const struct dcl_op dcl_op_cumsum = {
    .name = "cumsum",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
