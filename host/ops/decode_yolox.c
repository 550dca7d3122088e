/* decode_yolox: YOLOX heads as exported without their decoding.
 * in: [N, M, 5 + C] rows (x, y, w, h, objectness, classes) of all levels, cell by cell;
 * c = (cell + xy) * s, wh = exp(wh) * s, score = objectness * class (YOLOX: Exceeding YOLO Series
 * in 2021, and its demo_postprocess). activation=sigmoid when the scores are logits. out: see
 * ops/decode.h. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <string.h>

static const char *const activations[] = {"none", "sigmoid", NULL};

struct attrs {
    int64_t height, width;
    struct dcl_ints strides;
    int activation;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL), DCL_INT(struct attrs, width, NULL),
    DCL_INTS(struct attrs, strides, "8,16,32"),
    DCL_CHOICE(struct attrs, activation, "none", activations), DCL_ATTRS_END};

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    *d = (struct dcl_decode){.code = DCL_BOX_EXP,
                             .images = DCL_DIM(x, 0),
                             .classes = DCL_DIM(x, 2) - 5,
                             .cls_code = (enum dcl_score_code)a->activation,
                             .object_code = (enum dcl_score_code)a->activation};
    DCL_TRY(call->error, dcl_decode_grid(call, &a->strides, a->height, a->width, 1, d));
    int64_t row = 0;
    for (int i = 0; i < d->n_levels; i++) {
        struct dcl_level *l = &d->level[i];
        l->box = dcl_rows_field(x, row, 0);
        l->object = dcl_rows_field(x, row, 4);
        l->cls = dcl_rows_field(x, row, 5);
        row += l->cells;
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    DCL_TRY(call->error, dcl_decode_shape(call, &d));
    if (d.classes < 0 || dcl_decode_rows(&d) != DCL_DIM(call->in[0], 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld rows of %lld numbers, the strides give %lld rows of 5 or more",
                             (long long)DCL_DIM(call->in[0], 1), (long long)DCL_DIM(call->in[0], 2),
                             (long long)dcl_decode_rows(&d));
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_yolox = {
    .name = "decode_yolox",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "Ge et al. 2021 (YOLOX); its demo_postprocess",
    .limits = "8 levels; strides divide the input",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_yolox(struct detcl_context *ctx,
                                     const struct detcl_decode_yolox_params *params,
                                     struct detcl_tensor *x, struct detcl_tensor *boxes,
                                     struct detcl_tensor *scores, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = params->height;
    a.width = params->width;
    a.activation = dcl_take_activation(params->activation, DCL_SCORE_PLAIN);
    DCL_TRY(&ctx->error, dcl_take_strides(ctx, params->strides, params->n_levels, &a.strides));
    return DCL_CALL_OP(ctx, decode_yolox, &a, sync, DCL_TENSORS(x), DCL_TENSORS(boxes, scores));
}
