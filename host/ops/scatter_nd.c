/* scatter_nd: a copy of the data in which the slice that each tuple of indices names is combined
 * with the tuple's slice of updates, in the order of the tuples (ONNX ScatterND). */
#include "ops/indices.h"
#include "ops/scatter.h"
#include "ops/walk.h"

struct attrs {
    int reduction;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, reduction, "none", dcl_reduction_names), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"ScatterND", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    struct dcl_tuples t;
    DCL_TRY(call->error, dcl_scatter_types(call, (enum dcl_reduction)a->reduction));
    DCL_TRY(call->error, dcl_tuples_of(call, 0, &t));
    DCL_TRY(call->error, dcl_need_rank(call, 2, index->rank - 1 + x->rank - t.depth));
    for (int i = 0; i < call->in[2]->desc.rank; i++) {
        const int64_t expected =
            i < index->rank - 1 ? index->dims[i] : x->dims[t.depth + i - (index->rank - 1)];
        if (DCL_DIM(call->in[2], i) != expected)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "dimension %d of the updates is %lld, expected %lld", i,
                                 (long long)DCL_DIM(call->in[2], i), (long long)expected);
    }
    call->out[0]->desc = *x;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *y = call->out[0];
    struct dcl_tuples t;
    DCL_TRY(call->error, dcl_tuples_of(call, 0, &t));
    dcl_same_cpu(call->in[0], y);
    for (int64_t m = 0; m < t.count; m++) {
        const int64_t to = dcl_tuple_at(&t, call->in[1], m);
        for (int64_t i = 0; i < t.inner; i++)
            dcl_scatter_one((enum dcl_reduction)a->reduction, y->desc.dtype, y->data, to + i,
                            call->in[2]->data, m * t.inner + i);
    }
    return DETCL_OK;
}

/* Without a reduction all updates run at once: the last tuple that names a slice owns it. */
static enum detcl_status record_last(struct dcl_call *call, struct dcl_recorder *r,
                                     const struct dcl_tuples *t, const char *options)
{
    const int64_t slices = dcl_count(call->in[0]) / t->inner;
    struct dcl_value *owner = dcl_workspace(r, DETCL_I32, slices);
    void *data;
    struct dcl_value *nobody = dcl_packed(r, DETCL_I32, 1, &data);
    if (!owner || !nobody)
        return dcl_recorded(r);
    *(int32_t *)data = -1;
    const struct dcl_walk fill = {.rank = 1, .extent = {slices}, .stride = {{0}, {1}, {0}}};
    DCL_TRY(call->error, dcl_record_copy(r, &fill, nobody, owner));
    struct dcl_launch *l = dcl_launch(r, "scatter", options, "scatter_claim");
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, owner);
    dcl_arg_tuples(r, l, t);
    DCL_TRY(call->error, dcl_grid_line(r, l, t->count));
    l = dcl_launch(r, "scatter", options, "scatter_claimed");
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, owner);
    dcl_arg_value(l, call->in[2]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_tuples(r, l, t);
    return dcl_grid_line(r, l, t->count * t->inner);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_tuples t;
    char options[96];
    DCL_TRY(call->error, dcl_tuples_of(call, 0, &t));
    DCL_TRY(call->error, dcl_record_same(r, call->in[0], call->out[0]));
    if (t.count * t.inner == 0)
        return DETCL_OK;
    dcl_scatter_options(call, options);
    if (a->reduction == DCL_REDUCE_NONE)
        return record_last(call, r, &t, options);
    struct dcl_launch *l = dcl_launch(r, "scatter", options, "scatter_slices");
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->in[2]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_tuples(r, l, &t);
    dcl_arg_int(l, a->reduction);
    return dcl_grid_line(r, l, t.inner);
}

const struct dcl_op dcl_op_scatter_nd = {
    .name = "scatter_nd",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 3,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
