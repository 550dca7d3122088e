/* scatter_elements: a copy of the data in which data[p with its position along `axis` replaced by
 * indices[p]] is combined with updates[p], in row-major order of p (ONNX ScatterElements and
 * Scatter). */
#include "ops/indices.h"
#include "ops/scatter.h"
#include "ops/walk.h"

#include <string.h>

struct attrs {
    int64_t axis;
    int reduction;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, axis, "0"),
    DCL_CHOICE(struct attrs, reduction, "none", dcl_reduction_names), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"ScatterElements", NULL}, {"Scatter", NULL}, {NULL, NULL}};

static int axis_of(const struct dcl_call *call)
{
    const int64_t axis = ((const struct attrs *)call->attrs)->axis;
    return (int)(axis < 0 ? axis + call->in[0]->desc.rank : axis);
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    int axis;
    DCL_TRY(call->error, dcl_scatter_types(call, (enum dcl_reduction)a->reduction));
    DCL_TRY(call->error, dcl_axis(call, a->axis, x->rank, &axis));
    DCL_TRY(call->error, dcl_need_rank(call, 1, x->rank));
    DCL_TRY(call->error, dcl_need_rank(call, 2, x->rank));
    for (int i = 0; i < x->rank; i++)
        if (index->dims[i] != DCL_DIM(call->in[2], i) || (i != axis && index->dims[i] > x->dims[i]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "dimension %d is %lld in the data, %lld in the indices and %lld "
                                 "in the updates",
                                 i, (long long)x->dims[i], (long long)index->dims[i],
                                 (long long)DCL_DIM(call->in[2], i));
    DCL_TRY(call->error, dcl_need_indices(call, 1, 0, 1, x->dims[axis]));
    call->out[0]->desc = *x;
    return DETCL_OK;
}

/* One line of indices along the axis. */
struct line {
    int64_t count, step; /* entries, and the step between them in indices and updates */
    int64_t extent, y_step;
};

/* Over the lines; operand 0 is where one starts in the output, operand 1 in the indices. */
static struct line make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    const int axis = axis_of(call);
    const struct detcl_desc *x = &call->in[0]->desc, *index = &call->in[1]->desc;
    struct dcl_walk data;
    dcl_walk_over(&data, x);
    dcl_walk_operand(&data, 0, x);
    dcl_walk_over(w, index);
    dcl_walk_operand(w, 1, index);
    memcpy(w->stride[0], data.stride[0], sizeof data.stride[0]);
    const struct line line = {index->dims[axis], w->stride[1][axis], x->dims[axis],
                              data.stride[0][axis]};
    w->extent[axis] = 1;
    dcl_walk_simplify(w);
    dcl_walk_points(w);
    return line;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *index = call->in[1], *y = call->out[0];
    struct dcl_walk w;
    const struct line line = make_walk(call, &w);
    const int64_t rows = dcl_walk_rows(&w);
    dcl_same_cpu(call->in[0], y);
    for (int64_t row = 0; row < rows; row++) {
        int64_t at[DCL_WALK_OPERANDS];
        dcl_walk_row(&w, row, at);
        for (int64_t j = 0; j < line.count; j++) {
            const int64_t from = at[1] + j * line.step;
            const int64_t to = dcl_index_at(index->desc.dtype, index->data, from, line.extent);
            dcl_scatter_one((enum dcl_reduction)a->reduction, y->desc.dtype, y->data,
                            at[0] + to * line.y_step, call->in[2]->data, from);
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_walk w;
    const struct line line = make_walk(call, &w);
    char options[96];
    DCL_TRY(call->error, dcl_record_same(r, call->in[0], call->out[0]));
    if (line.count == 0)
        return DETCL_OK;
    dcl_scatter_options(call, options);
    struct dcl_launch *l = dcl_launch(r, "scatter", options, "scatter_lines");
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->in[2]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_walk(r, l, &w);
    dcl_arg_int(l, line.count);
    dcl_arg_int(l, line.step);
    dcl_arg_int(l, line.extent);
    dcl_arg_int(l, line.y_step);
    dcl_arg_int(l, a->reduction);
    return dcl_grid_line(r, l, dcl_walk_rows(&w));
}

const struct dcl_op dcl_op_scatter_elements = {
    .name = "scatter_elements",
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
