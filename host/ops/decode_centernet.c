/* decode_centernet: objects as points (Zhou et al. 2019, section 4): peaks of class heatmaps, with
 * the object's size and the centre's offset at that place.
 * in: heatmap [N, C, H, W], size [N, 2, H, W] (width, height in cells), offset [N, 2, H, W] (x, y
 * in cells; absent: 0.5). A peak is a number that none of its eight neighbours exceeds; the k
 * largest of an image count, equal ones by class, then row, then column. With activation=sigmoid
 * the heatmap holds logits. Box = (cell + offset -+ size / 2) * stride. out: boxes [N, k, 4],
 * scores [N, k] float32, classes [N, k] and count [N] int32; past the count zeros and class -1.
 * Sizes are not checked: a negative one gives a flipped box, a NaN a NaN. Same bits on every
 * device. */
#include "detcl/proposals.h"
#include "ops/exact.h"
#include "ops/lists.h"
#include "ops/peaks.h"
#include "ops/typed.h"

enum { HEAT, SIZE, OFFSET };

struct attrs {
    int64_t k;
    float stride;
    int activation;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, k, "100"), DCL_FLOAT(struct attrs, stride, "4"),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_peak_activations), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
        const int64_t *heat = call->in[HEAT]->desc.dims, *dims = call->in[i]->desc.dims;
        if (dims[0] != heat[0] || (i > 0 && dims[1] != 2) || dims[2] != heat[2] ||
            dims[3] != heat[3])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' does not go with the heatmap",
                                 call->in[i]->name);
    }
    if (a->k < 1 || a->k > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "k is %lld", (long long)a->k);
    const int64_t *heat = call->in[HEAT]->desc.dims;
    call->cpu_workspace = 3 * 4 * (size_t)(heat[1] * heat[2] * heat[3]);
    return dcl_detections_shape(call, heat[0], a->k);
}

static void emit(const struct dcl_call *call, int64_t n, int64_t p, int64_t at)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, area = heat[2] * heat[3], place = p % area;
    float *box = (float *)call->out[0]->data + 4 * at;
    for (int axis = 0; axis < 2; axis++) {
        const int64_t from = (2 * n + axis) * area + place;
        const float half = 0.5f * ((const float *)call->in[SIZE]->data)[from];
        const float shift =
            dcl_has_in(call, OFFSET) ? ((const float *)call->in[OFFSET]->data)[from] : 0.5f;
        const float centre = (float)(axis ? place / heat[3] : place % heat[3]) + shift;
        box[axis] = (centre - half) * a->stride;
        box[axis + 2] = (centre + half) * a->stride;
    }
    ((float *)call->out[1]->data)[at] = dcl_exact_score(
        ((const float *)call->in[HEAT]->data)[n * heat[1] * area + p], a->activation);
    ((int32_t *)call->out[2]->data)[at] = (int32_t)(p / area);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, length = heat[1] * heat[2] * heat[3];
    uint32_t *keys = call->workspace;
    int32_t *best = (int32_t *)call->workspace + length, *spare = best + length;
    for (int64_t n = 0; n < heat[0]; n++) {
        dcl_peak_keys_cpu((const float *)call->in[HEAT]->data + n * length, heat[1], heat[2],
                          heat[3], keys);
        const int64_t found = dcl_top_cpu(keys, length, a->k, best, spare);
        for (int64_t j = 0; j < found; j++)
            emit(call, n, best[j], n * a->k + j);
        for (int64_t j = found; j < a->k; j++)
            dcl_detections_clear(call, n * a->k + j);
        ((int32_t *)call->out[3]->data)[n] = (int32_t)found;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t *heat = call->in[HEAT]->desc.dims, length = heat[1] * heat[2] * heat[3];
    struct dcl_top top = {.keys = dcl_workspace(r, DETCL_I32, heat[0] * length),
                          .rows = heat[0],
                          .length = length,
                          .segments = 1,
                          .k = a->k};
    DCL_TRY(call->error, dcl_peak_keys_record(r, call->in[HEAT], top.keys, 0));
    DCL_TRY(call->error, dcl_top_record(r, &top));
    struct dcl_launch *l = dcl_launch(r, "keypoints", "", "centernet_emit");
    dcl_arg_value(l, call->in[HEAT]);
    dcl_arg_value(l, call->in[SIZE]);
    dcl_arg_value(l, dcl_has_in(call, OFFSET) ? call->in[OFFSET] : NULL);
    dcl_arg_value(l, top.picked);
    dcl_arg_value(l, top.order);
    dcl_arg_value(l, top.count);
    for (int i = 0; i < 4; i++)
        dcl_arg_value(l, call->out[i]);
    dcl_arg_int(l, a->k);
    dcl_arg_int(l, heat[1]);
    dcl_arg_int(l, heat[2] * heat[3]);
    dcl_arg_int(l, heat[3]);
    dcl_arg_float(l, a->stride);
    dcl_arg_int(l, a->activation);
    return dcl_grid(l, 2, (size_t[]){(size_t)a->k, (size_t)heat[0]}, NULL);
}

const struct dcl_op dcl_op_decode_centernet = {
    .name = "decode_centernet",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 3,
    .max_out = 4,
    .source = "Zhou et al. 2019 (Objects as Points), section 4",
    .limits = "one size and offset for all classes",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_centernet(struct detcl_context *ctx,
                                         const struct detcl_decode_centernet_params *params,
                                         struct detcl_tensor *heatmap, struct detcl_tensor *size,
                                         struct detcl_tensor *offset, struct detcl_tensor *boxes,
                                         struct detcl_tensor *scores, struct detcl_tensor *classes,
                                         struct detcl_tensor *count, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.k = params->k ? params->k : 100,
                                .stride = params->stride != 0 ? params->stride : 4,
                                .activation = dcl_take_activation(params->activation, 1)};
    return DCL_CALL_OP(ctx, decode_centernet, &attrs, sync, DCL_TENSORS(heatmap, size, offset),
                       DCL_TENSORS(boxes, scores, classes, count));
}
