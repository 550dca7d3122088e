/* range: start, start + delta, ... up to but without limit; float32, int32 or int64 scalars that
 * are known before the run. Always folded. */
#include "ops/walk.h"

#include <math.h>

static const struct dcl_onnx_name onnx[] = {{"Range", NULL}, {NULL, NULL}};

/* What input i holds, in the widest type of its kind. */
struct number {
    double real;
    int64_t whole;
};

static struct number number_at(const struct dcl_call *call, int i)
{
    const struct dcl_value *v = call->in[i];
    struct number n = {0, 0};
    if (v->desc.dtype == DETCL_F32)
        n.real = (double)*(const float *)v->constant;
    else
        n.whole = v->desc.dtype == DETCL_I64 ? *(const int64_t *)v->constant
                                             : *(const int32_t *)v->constant;
    return n;
}

static uint64_t whole_steps(int64_t start, int64_t limit, int64_t delta)
{
    if (delta > 0 ? limit <= start : limit >= start)
        return 0;
    const uint64_t span =
        delta > 0 ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
    const uint64_t step = delta > 0 ? (uint64_t)delta : 0 - (uint64_t)delta;
    return (span - 1) / step + 1;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const enum detcl_dtype type = call->in[0]->desc.dtype;
    for (int i = 0; i < 3; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, (DCL_F32 | DCL_I32 | DCL_I64) & (1u << type)));
        if (!call->in[i]->constant)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                                 "input '%s' must be known before the run", call->in[i]->name);
        if (dcl_count(call->in[i]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d must hold one number", i);
    }
    const struct number start = number_at(call, 0), limit = number_at(call, 1);
    const struct number delta = number_at(call, 2);
    if (type == DETCL_F32 ? delta.real == 0 : delta.whole == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "delta is 0");
    const double n = type == DETCL_F32 ? fmax(ceil((limit.real - start.real) / delta.real), 0)
                                       : (double)whole_steps(start.whole, limit.whole, delta.whole);
    if (!(n <= INT32_MAX))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "the range has %g elements", n);
    call->out[0]->desc = (struct detcl_desc){.dtype = type, .rank = 1, .dims = {(int64_t)n}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *y = call->out[0];
    const struct number start = number_at(call, 0), delta = number_at(call, 2);
    const int64_t n = dcl_count(y);
    for (int64_t i = 0; i < n; i++)
        if (y->desc.dtype == DETCL_F32)
            ((float *)y->data)[i] = (float)(start.real + (double)i * delta.real);
        else if (y->desc.dtype == DETCL_I32)
            ((int32_t *)y->data)[i] = (int32_t)(start.whole + i * delta.whole);
        else
            ((int64_t *)y->data)[i] = start.whole + i * delta.whole;
    return DETCL_OK;
}

const struct dcl_op dcl_op_range = {
    .name = "range",
    .min_in = 3,
    .max_in = 3,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_record_constant,
};
