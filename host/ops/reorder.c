/* reorder: the same float32 NCHW tensor in the other physical form (dense or channel-blocked).
 * Inserted by the layout pass; a copy on devices that do not block. */
#include "ops/record.h"

#include <string.h>

static const char *const forms[] = {"dense", "blocked", NULL};

struct attrs {
    int to;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, to, NULL, forms),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 4));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

/* Twins see dense operands only. */
static enum detcl_status run_cpu(struct dcl_call *call)
{
    const size_t bytes = (size_t)dcl_count(call->in[0]) * sizeof(float);
    if (bytes)
        memcpy(call->out[0]->data, call->in[0]->data, bytes);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    if (x->block == y->block) {
        const int64_t n = dcl_stored_count(x);
        struct dcl_launch *l = dcl_launch(r, "copy", "-DT=uint", "copy");
        dcl_arg_value(l, x);
        dcl_arg_value(l, y);
        dcl_arg_int(l, n);
        return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
    }
    const int block = x->block > 1 ? x->block : y->block;
    const int64_t plane = DCL_DIM(x, 2) * DCL_DIM(x, 3);
    struct dcl_launch *l =
        dcl_launch(r, "reorder", "", y->block > 1 ? "reorder_to_blocked" : "reorder_to_dense");
    dcl_arg_value(l, x);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(x, 1));
    dcl_arg_int(l, plane);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)plane, (size_t)((DCL_DIM(x, 1) + block - 1) / block),
                               (size_t)DCL_DIM(x, 0)},
                    NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const uint32_t to = (uint32_t)((const struct attrs *)call->attrs)->to;
    return (struct dcl_layout){DCL_LAYOUT_PREFER, !to, to};
}

const struct dcl_op dcl_op_reorder = {
    .name = "reorder",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "dense and channel-blocked forms of one tensor",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
