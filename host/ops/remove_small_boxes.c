/* remove_small_boxes: which boxes have both sides of at least min_size.
 * in: boxes [N, M, 4] x1, y1, x2, y2; optional count [N] int32: boxes of each image, without it M.
 * out: keep [N, M] int32, their numbers, ascending, then -1; kept [N] int32, how many. A box with a
 * NaN is removed. */
#include "detcl/boxes.h"
#include "ops/boxes.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <stdio.h>

struct attrs {
    float min_size;
};

static const struct dcl_attr_spec specs[] = {DCL_FLOAT(struct attrs, min_size, NULL),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_boxes(call));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    const int64_t *boxes = call->in[0]->desc.dims;
    if (dcl_has_in(call, 1)) {
        DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_I32));
        DCL_TRY(call->error, dcl_need_rank(call, 1, 1));
        if (DCL_DIM(call->in[1], 0) != boxes[0])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "count is not [N] for boxes [N, M, 4]");
    }
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "keep and kept are both needed");
    if (a->min_size != a->min_size)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "min_size is not a number");
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_I32, .rank = 2, .dims = {boxes[0], boxes[1]}};
    call->out[1]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {boxes[0]}};
    call->out[0]->count = call->out[1];
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t m = DCL_DIM(call->in[0], 1);
    for (int64_t n = 0; n < DCL_DIM(call->in[0], 0); n++) {
        int32_t *keep = (int32_t *)call->out[0]->data + n * m, kept = 0;
        const int64_t count = dcl_has_in(call, 1) ? ((const int32_t *)call->in[1]->data)[n] : m;
        for (int64_t i = 0; i < m; i++) {
            const float *b = (const float *)call->in[0]->data + 4 * (n * m + i);
            keep[i] = -1;
            if (i < count && b[2] - b[0] >= a->min_size && b[3] - b[1] >= a->min_size)
                keep[kept++] = (int32_t)i;
        }
        ((int32_t *)call->out[1]->data)[n] = kept;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t n = DCL_DIM(call->in[0], 0), m = DCL_DIM(call->in[0], 1);
    const int width = dcl_scan_width(dcl_limits(r));
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", width);
    struct dcl_launch *l = dcl_launch(r, "remove_small_boxes", options, "remove_small_boxes_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, dcl_optional(call, 1));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_int(l, m);
    dcl_arg_int(l, (m + width - 1) / width);
    dcl_arg_float(l, a->min_size);
    return dcl_grid(l, 2, (size_t[]){(size_t)width, (size_t)n}, (size_t[]){(size_t)width, 1});
}

const struct dcl_op dcl_op_remove_small_boxes = {
    .name = "remove_small_boxes",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 2,
    .source = "torchvision.ops.remove_small_boxes",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_remove_small_boxes(struct detcl_context *ctx, float min_size,
                                           struct detcl_tensor *boxes, struct detcl_tensor *count,
                                           struct detcl_tensor *keep, struct detcl_tensor *kept,
                                           const struct detcl_sync *sync)
{
    const struct attrs attrs = {.min_size = min_size};
    return DCL_CALL_OP(ctx, remove_small_boxes, &attrs, sync, DCL_TENSORS(boxes, count),
                       DCL_TENSORS(keep, kept));
}
