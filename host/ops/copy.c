/* copy: y = x, any element type, any shape. A graph output that is an input, a constant or another
 * output under a second name needs storage of its own; the executor inserts this op for it. */
#include "ops/record.h"

#include <string.h>

static enum detcl_status infer(struct dcl_call *call)
{
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const size_t bytes = (size_t)dcl_count(call->in[0]) * detcl_dtype_size(call->in[0]->desc.dtype);
    if (bytes)
        memcpy(call->out[0]->data, call->in[0]->data, bytes);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const options[] = {[1] = "-DT=uchar", [4] = "-DT=uint", [8] = "-DT=ulong"};
    const int64_t n = dcl_count(call->in[0]);
    struct dcl_launch *l =
        dcl_launch(r, "copy", options[detcl_dtype_size(call->in[0]->desc.dtype)], "copy");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
}

const struct dcl_op dcl_op_copy = {
    .name = "copy",
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "the same elements",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
