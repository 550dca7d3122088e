/* gather_nd: the slices of x that tuples of indices name, after batch_dims shared leading
 * dimensions (ONNX GatherND), any element type. */
#include "ops/indices.h"
#include "ops/walk.h"

#include <string.h>

struct attrs {
    int64_t batch_dims;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, batch_dims, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"GatherND", NULL}, {NULL, NULL}};

static enum detcl_status tuples_of(const struct dcl_call *call, struct dcl_tuples *t)
{
    const int64_t batch = ((const struct attrs *)call->attrs)->batch_dims;
    return dcl_tuples_of(call, batch < 0 || batch > DETCL_MAX_RANK ? -1 : (int)batch, t);
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    struct dcl_tuples t;
    DCL_TRY(call->error, tuples_of(call, &t));
    struct detcl_desc y = *index;
    const int first = t.batch + t.depth;
    y.dtype = x->dtype;
    y.rank = index->rank - 1 + x->rank - first;
    if (y.rank > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", y.rank,
                             DETCL_MAX_RANK);
    for (int i = index->rank - 1; i < y.rank; i++)
        y.dims[i] = x->dims[first + i - (index->rank - 1)];
    call->out[0]->desc = y;
    dcl_follow_count(call, call->in[1]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const size_t size = detcl_dtype_size(call->in[0]->desc.dtype);
    struct dcl_tuples t;
    DCL_TRY(call->error, tuples_of(call, &t));
    const size_t run = (size_t)t.inner * size;
    for (int64_t i = 0; i < t.count && run > 0; i++)
        memcpy((char *)call->out[0]->data + (size_t)i * run,
               (const char *)call->in[0]->data + (size_t)dcl_tuple_at(&t, call->in[1], i) * size,
               run);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_tuples t;
    char options[96];
    DCL_TRY(call->error, tuples_of(call, &t));
    dcl_index_options(r, call->in[0], call->in[1], options);
    struct dcl_launch *l = dcl_launch(r, "gather_nd", options, "gather_nd");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_tuples(r, l, &t);
    const int64_t width = dcl_walk_width(r);
    return dcl_grid_line(r, l, (t.inner + width - 1) / width * t.count);
}

const struct dcl_op dcl_op_gather_nd = {
    .name = "gather_nd",
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
