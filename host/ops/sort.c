/* sort: each row sorted by value, stably, with the indices that sort it.
 * in: x [..., K] float32; optional count (int32, one a row): only the first count entries of a row
 * are there. out: values [..., K] float32, indices [..., K] int32. descending=1: largest first.
 * Equal values (zeros of both signs too) keep the order of their index; NaN comes last either way.
 */
#include "detcl/suppression.h"
#include "ops/order.h"
#include "ops/typed.h"

struct attrs {
    int64_t descending;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, descending, "1"), DCL_ATTRS_END};

static int64_t length_of(const struct dcl_call *call)
{
    return DCL_DIM(call->in[0], call->in[0]->desc.rank - 1);
}

static int64_t segments_of(const struct dcl_call *call)
{
    int64_t n = 1;
    for (int i = 0; i + 1 < call->in[0]->desc.rank; i++)
        n *= DCL_DIM(call->in[0], i);
    return n;
}

static const struct dcl_value *count_of(const struct dcl_call *call)
{
    return dcl_has_in(call, 1) ? call->in[1] : NULL;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    if (call->in[0]->desc.rank < 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "a scalar cannot be sorted");
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "values and indices are both needed");
    call->out[0]->desc = call->out[1]->desc = call->in[0]->desc;
    call->out[1]->desc.dtype = DETCL_I32;
    call->cpu_workspace = (size_t)(2 * length_of(call)) * sizeof(int32_t);
    if (!count_of(call))
        return DETCL_OK;
    DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_I32));
    const int counts = call->in[1]->desc.rank;
    if (counts + 1 != call->in[0]->desc.rank || counts > 1 ||
        dcl_count(call->in[1]) != segments_of(call))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "a count needs rows of rank 1 or 2 and one number for each");
    call->out[0]->count = call->out[1]->count = call->in[1];
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t length = length_of(call);
    if (length == 0)
        return DETCL_OK;
    uint32_t *keys = call->workspace;
    int32_t *spare = (int32_t *)call->workspace + length;
    for (int64_t s = 0; s < segments_of(call); s++) {
        const float *x = (const float *)call->in[0]->data + s * length;
        float *values = (float *)call->out[0]->data + s * length;
        int32_t *indices = (int32_t *)call->out[1]->data + s * length;
        const struct dcl_value *counts = count_of(call);
        const int64_t given = counts ? ((const int32_t *)counts->data)[s] : length;
        const int64_t count = given < length ? given : length;
        for (int64_t i = 0; i < count; i++) {
            keys[i] = dcl_order_key(x[i], a->descending);
            indices[i] = (int32_t)i;
        }
        dcl_order_cpu(keys, count, indices, spare);
        for (int64_t i = 0; i < count; i++)
            values[i] = x[indices[i]];
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t segments = segments_of(call), length = length_of(call);
    const struct dcl_order order = {.keys = dcl_workspace(r, DETCL_I32, segments * length),
                                    .count = count_of(call),
                                    .out = call->out[1],
                                    .spare = {dcl_workspace(r, DETCL_I64, segments * length),
                                              dcl_workspace(r, DETCL_I64, segments * length)},
                                    .segments = segments,
                                    .length = length};
    struct dcl_launch *l = dcl_launch(r, "sort", "", "sort_keys");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, order.keys);
    dcl_arg_int(l, segments * length);
    dcl_arg_int(l, a->descending != 0);
    DCL_TRY(call->error, dcl_grid(l, 1, (size_t[]){(size_t)(segments * length)}, NULL));
    DCL_TRY(call->error, dcl_order_record(r, &order));
    l = dcl_launch(r, "sort", "", "sort_values");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_value(l, count_of(call));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, length);
    return dcl_grid(l, 2, (size_t[]){(size_t)length, (size_t)segments}, NULL);
}

const struct dcl_op dcl_op_sort = {
    .name = "sort",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 2,
    .source = "stable order of rows; NaN last",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_sort(struct detcl_context *ctx, int descending, struct detcl_tensor *x,
                             struct detcl_tensor *count, struct detcl_tensor *values,
                             struct detcl_tensor *indices, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.descending = descending != 0};
    return DCL_CALL_OP(ctx, sort, &attrs, sync, DCL_TENSORS(x, count),
                       DCL_TENSORS(values, indices));
}
