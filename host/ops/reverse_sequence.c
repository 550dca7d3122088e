/* reverse_sequence: the first lengths[b] steps of each sequence b in reverse order, the rest as
 * they are (ONNX ReverseSequence), any element type. A length outside 0..steps is clamped. */
#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

struct attrs {
    int64_t batch_axis, time_axis; /* 0 and 1 in either order */
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, batch_axis, "1"),
                                             DCL_INT(struct attrs, time_axis, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"ReverseSequence", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (a->batch_axis < 0 || a->batch_axis > 1 || a->time_axis != 1 - a->batch_axis || x->rank < 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "batch_axis %lld and time_axis %lld of rank "
                             "%d",
                             (long long)a->batch_axis, (long long)a->time_axis, x->rank);
    DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_I64));
    DCL_TRY(call->error, dcl_need_rank(call, 1, 1));
    if (dcl_count(call->in[1]) != x->dims[a->batch_axis])
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld lengths for %lld sequences",
                             (long long)dcl_count(call->in[1]), (long long)x->dims[a->batch_axis]);
    call->out[0]->desc = *x;
    return DETCL_OK;
}

static int64_t inner_of(const struct detcl_desc *x)
{
    int64_t inner = 1;
    for (int i = 2; i < x->rank; i++)
        inner *= x->dims[i];
    return inner;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    const size_t run = (size_t)inner_of(x) * detcl_dtype_size(x->dtype);
    const int64_t steps = x->dims[a->time_axis], batch = x->dims[a->batch_axis];
    const int64_t t_step = a->time_axis == 0 ? batch : 1, b_step = a->time_axis == 0 ? 1 : steps;
    const int64_t *lengths = call->in[1]->data;
    for (int64_t b = 0; b < batch; b++)
        for (int64_t t = 0; t < steps && run > 0; t++) {
            const int64_t length = lengths[b] < 0 ? 0 : lengths[b] > steps ? steps : lengths[b];
            const int64_t from = t < length ? length - 1 - t : t;
            memcpy((char *)call->out[0]->data + (size_t)(t * t_step + b * b_step) * run,
                   (const char *)call->in[0]->data + (size_t)(from * t_step + b * b_step) * run,
                   run);
        }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    char options[32];
    snprintf(options, sizeof options, "-D%s", dcl_bits_type(x->dtype));
    struct dcl_launch *l = dcl_launch(r, "reverse_sequence", options, "reverse_sequence");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, detcl_desc_count(x));
    dcl_arg_int(l, x->dims[0]);
    dcl_arg_int(l, x->dims[1]);
    dcl_arg_int(l, inner_of(x));
    dcl_arg_int(l, a->time_axis == 0);
    return dcl_grid_line(r, l, detcl_desc_count(x));
}

const struct dcl_op dcl_op_reverse_sequence = {
    .name = "reverse_sequence",
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
