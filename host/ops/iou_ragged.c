/* iou_ragged: iou of many images at once whose boxes lie packed, one image after the other.
 * in: a [A, 4], b [B, 4]; a_offsets and b_offsets [N + 1] int32: image n has the boxes offsets[n]
 * to offsets[n + 1] - 1; optional crowd [B] as in iou. out: y [capacity], row-major image by image:
 * pair (i, j) of image n at out_offsets[n] + i * (boxes of b in n) + j, zeros past the last pair;
 * out_offsets [N + 1] int32. Offsets outside the boxes are brought to their ends, descending ones
 * give an empty image. When the capacity is too small the pairs past it are left out, and
 * out_offsets[N] still says how many there are (2^31 - 1 at most). */
#include "ops/iou.h"
#include "ops/record.h"
#include "ops/typed.h"

enum { A, B, A_OFFSETS, B_OFFSETS, CROWD, INPUTS };

struct attrs {
    int kind;
    int64_t capacity;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "iou", dcl_iou_kinds),
                                             DCL_INT(struct attrs, capacity, NULL), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    for (int i = 0; i < call->n_in; i++) {
        static const unsigned dtypes[] = {DCL_F32, DCL_F32, DCL_I32, DCL_I32, DCL_U8 | DCL_BOOL};
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, dtypes[i]));
        DCL_TRY(call->error, dcl_need_rank(call, i, i <= B ? 2 : 1));
    }
    const int64_t offsets = DCL_DIM(call->in[A_OFFSETS], 0);
    if (DCL_DIM(call->in[A], 1) != 4 || DCL_DIM(call->in[B], 1) != 4 || offsets < 1 ||
        DCL_DIM(call->in[B_OFFSETS], 0) != offsets ||
        (dcl_has_in(call, CROWD) && DCL_DIM(call->in[CROWD], 0) != DCL_DIM(call->in[B], 0)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "operands are not [A, 4], [B, 4], [N + 1], [N + 1] and [B]");
    if (dcl_has_in(call, CROWD) && attrs->kind != DETCL_IOU)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "crowd goes with kind=iou only");
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "overlaps and offsets are both needed");
    if (attrs->capacity < 0 || attrs->capacity > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a capacity of %lld, not 0 to 2^31 - 1",
                             (long long)attrs->capacity);
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 1, .dims = {attrs->capacity}};
    call->out[1]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {offsets}};
    return DETCL_OK;
}

/* The end of an image's boxes: not before `start`, not past `most`. */
static int64_t end_of(int64_t offset, int64_t start, int64_t most)
{
    const int64_t end = offset > start ? offset : start;
    return end < most ? end : most;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    const float *boxes_a = call->in[A]->data, *boxes_b = call->in[B]->data;
    const int32_t *ends_a = call->in[A_OFFSETS]->data, *ends_b = call->in[B_OFFSETS]->data;
    const uint8_t *crowd = dcl_has_in(call, CROWD) ? call->in[CROWD]->data : NULL;
    const int64_t n_a = DCL_DIM(call->in[A], 0), n_b = DCL_DIM(call->in[B], 0);
    float *y = call->out[0]->data;
    int32_t *out_offsets = call->out[1]->data;
    int64_t total = 0, a = end_of(ends_a[0], 0, n_a), b = end_of(ends_b[0], 0, n_b);
    out_offsets[0] = 0;
    for (int64_t n = 1; n < DCL_DIM(call->in[A_OFFSETS], 0); n++) {
        const int64_t end_a = end_of(ends_a[n], a, n_a), end_b = end_of(ends_b[n], b, n_b);
        for (int64_t i = a, at = total; i < end_a && at < attrs->capacity; i++) {
            const int64_t room = attrs->capacity - at, row = end_b - b < room ? end_b - b : room;
            dcl_iou_row((enum detcl_iou_kind)attrs->kind, boxes_a + 4 * i, boxes_b + 4 * b,
                        crowd ? crowd + b : NULL, row, y + at);
            at += row;
        }
        total += (end_a - a) * (end_b - b);
        total = total < INT32_MAX ? total : INT32_MAX;
        out_offsets[n] = (int32_t)total;
        a = end_a;
        b = end_b;
    }
    for (int64_t at = total; at < attrs->capacity; at++)
        y[at] = 0;
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *attrs = call->attrs;
    const bool wide = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const char *options = wide ? "-DWIDE" : "";
    const int64_t offsets = DCL_DIM(call->in[A_OFFSETS], 0), per_item = wide ? 4096 : 1;
    const struct dcl_value *a_offsets = dcl_workspace(r, DETCL_I32, offsets);
    const struct dcl_value *b_offsets = dcl_workspace(r, DETCL_I32, offsets);
    struct dcl_launch *l = dcl_launch(r, "iou_ragged", options, "ragged_offsets");
    dcl_arg_value(l, call->in[A_OFFSETS]);
    dcl_arg_value(l, call->in[B_OFFSETS]);
    dcl_arg_value(l, a_offsets);
    dcl_arg_value(l, b_offsets);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_int(l, offsets - 1);
    dcl_arg_int(l, DCL_DIM(call->in[A], 0));
    dcl_arg_int(l, DCL_DIM(call->in[B], 0));
    DCL_TRY(call->error, dcl_grid(l, 1, (size_t[]){1}, (size_t[]){1}));
    l = dcl_launch(r, "iou_ragged", options, "iou_ragged_f32");
    dcl_arg_value(l, call->in[A]);
    dcl_arg_value(l, call->in[B]);
    dcl_arg_value(l, dcl_has_in(call, CROWD) ? call->in[CROWD] : NULL);
    dcl_arg_value(l, a_offsets);
    dcl_arg_value(l, b_offsets);
    dcl_arg_value(l, call->out[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, offsets - 1);
    dcl_arg_int(l, DCL_DIM(call->in[B], 0));
    dcl_arg_int(l, attrs->capacity);
    dcl_arg_int(l, per_item);
    dcl_arg_int(l, attrs->kind);
    const size_t items = (size_t)((attrs->capacity + per_item - 1) / per_item);
    return dcl_grid(l, 1, &items, wide ? (size_t[]){1} : NULL);
}

const struct dcl_op dcl_op_iou_ragged = {
    .name = "iou_ragged",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = CROWD,
    .max_in = INPUTS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "as iou",
    .limits = "at most 2^31 - 1 pairs",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_iou_ragged(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                       struct detcl_tensor *a, struct detcl_tensor *a_offsets,
                                       struct detcl_tensor *b, struct detcl_tensor *b_offsets,
                                       struct detcl_tensor *crowd, struct detcl_tensor *out,
                                       struct detcl_tensor *out_offsets,
                                       const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind,
                                .capacity = out ? detcl_tensor_desc(out)->dims[0] : 0};
    return DCL_CALL_OP(ctx, iou_ragged, &attrs, sync,
                       DCL_TENSORS(a, b, a_offsets, b_offsets, crowd),
                       DCL_TENSORS(out, out_offsets));
}
