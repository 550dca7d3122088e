/* trilu: the upper or lower triangle of each matrix (the last two axes), zero elsewhere; input 1 is
 * the diagonal where it starts (k > 0: above the main one). ONNX Trilu, any element type. */
#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

struct attrs {
    int64_t upper;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, upper, "1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Trilu", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank < 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the input has rank %d, not 2 or more",
                             x->rank);
    if (dcl_has_in(call, 1)) {
        DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_I64));
        if (dcl_count(call->in[1]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input 1 must hold one number");
    }
    call->out[0]->desc = *x;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    const size_t size = detcl_dtype_size(x->dtype);
    const int64_t rows = x->dims[x->rank - 2], columns = x->dims[x->rank - 1];
    const int64_t k = dcl_has_in(call, 1) ? *(const int64_t *)call->in[1]->data : 0;
    const int64_t n = detcl_desc_count(x);
    dcl_same_cpu(call->in[0], call->out[0]);
    for (int64_t i = 0; i < n; i++) {
        const int64_t diagonal = i % columns - i / columns % rows;
        if (a->upper ? diagonal < k : diagonal > k)
            memset((char *)call->out[0]->data + (size_t)i * size, 0, size);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    char options[32];
    snprintf(options, sizeof options, "-D%s", dcl_bits_type(x->dtype));
    struct dcl_launch *l = dcl_launch(r, "trilu", options, "trilu");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, dcl_has_in(call, 1) ? call->in[1] : NULL);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, detcl_desc_count(x));
    dcl_arg_int(l, x->dims[x->rank - 2]);
    dcl_arg_int(l, x->dims[x->rank - 1]);
    dcl_arg_int(l, a->upper != 0);
    dcl_arg_int(l, dcl_has_in(call, 1));
    return dcl_grid_line(r, l, detcl_desc_count(x));
}

const struct dcl_op dcl_op_trilu = {
    .name = "trilu",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
