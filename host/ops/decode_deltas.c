/* decode_deltas: anchors moved and stretched by a head's deltas (R-CNN: Girshick et al. 2014,
 * appendix C; RPN, RetinaNet), straight from the head's maps.
 * in: anchors [M, 4] (x1, y1, x2, y2), then, with L levels, logits x L, then deltas x L: maps
 * [N, A * C, H, W] and [N, A * 4, H, W], or, for L = 1, rows [N, M, C] and [N, M, 4]. Anchors come
 * level by level, cell by cell (row by row), then a = 0 .. A - 1, as grid_anchors gives them.
 *   c = anchor.c + d.xy * center * anchor.wh, wh = anchor.wh * exp(min(d.wh * size, clip))
 * score = activation(logits). out: see ops/decode.h, rows in the order of the anchors. */
#include "detcl/proposals.h"
#include "ops/deltas.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <math.h>

struct attrs {
    float center, size; /* 1 / weight of torchvision's BoxCoder */
    float clip;         /* 0: none */
    int activation;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, center, "1"), DCL_FLOAT(struct attrs, size, "1"),
    DCL_FLOAT(struct attrs, clip, "4.135166556742356"),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_score_codes), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_decode d;
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is absent", i);
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    }
    DCL_TRY(call->error, dcl_delta_levels(call, 1, &d));
    return dcl_decode_shape(call, &d);
}

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_delta_levels(call, 1, d));
    d->code = DCL_BOX_PRIOR;
    d->cls_code = (enum dcl_score_code)a->activation;
    d->corner_priors = true;
    d->max_log_size = a->clip > 0 ? a->clip : INFINITY;
    d->scale_x = d->scale_y = 1;
    d->parameter[0] = a->center;
    d->parameter[1] = a->size;
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

const struct dcl_op dcl_op_decode_deltas = {
    .name = "decode_deltas",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 1 + 2 * DCL_MAX_LEVELS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "Girshick et al. 2014 (R-CNN), appendix C; torchvision BoxCoder",
    .limits = "one weight for the centre and one for the size; 8 levels",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status
detcl_decode_deltas(struct detcl_context *ctx, const struct detcl_decode_deltas_params *params,
                    struct detcl_tensor *anchors, struct detcl_tensor *const *logits,
                    struct detcl_tensor *const *deltas, struct detcl_tensor *boxes,
                    struct detcl_tensor *scores, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.center = params->center ? params->center : 1,
                                .size = params->size ? params->size : 1,
                                .clip = dcl_delta_clip(params->clip),
                                .activation =
                                    dcl_take_activation(params->activation, DCL_SCORE_SIGMOID)};
    struct detcl_tensor *in[1 + 2 * DCL_MAX_LEVELS] = {anchors};
    int n = 1;
    DCL_TRY(&ctx->error,
            dcl_take_tensors(ctx, "logits", logits, params->n_levels, DCL_MAX_LEVELS, in, &n));
    DCL_TRY(&ctx->error,
            dcl_take_tensors(ctx, "deltas", deltas, params->n_levels, DCL_MAX_LEVELS, in, &n));
    return DCL_CALL_OP(ctx, decode_deltas, &attrs, sync, ((struct dcl_operands){in, n}),
                       DCL_TENSORS(boxes, scores));
}
