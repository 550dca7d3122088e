/* regression_loss: smooth L1 of prediction - target, element by element.
 * in: prediction [..., D], target of the same shape, weight [...], upstream; out: loss [..., D],
 * gradient: see ops/loss.h. |d| < beta: d^2 / (2 beta), else |d| - beta / 2; beta = 0: |d|, with
 * slope 0 at 0. NaN and the difference of equal infinities give NaN; other infinities an infinite
 * loss with slope 1. */
#include "core/desc.h"
#include "ops/loss.h"
#include "ops/typed.h"

#include <math.h>

struct attrs {
    int reduction;
    float beta;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, reduction, "none", dcl_reductions), DCL_FLOAT(struct attrs, beta, "0"),
    DCL_ATTRS_END};

static struct dcl_loss loss_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_loss l = {.reduction = a->reduction, .losses = call->in[DCL_PREDICTION]->desc};
    l.weights = l.losses;
    l.weights.rank--;
    return l;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < 2; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    if (call->in[DCL_PREDICTION]->desc.rank < 1 ||
        !dcl_desc_same(&call->in[DCL_PREDICTION]->desc, &call->in[DCL_TARGET]->desc))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "prediction and target are not of one shape [..., D]");
    if (!(a->beta >= 0 && isfinite(a->beta)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a beta of %g, not 0 or more",
                             (double)a->beta);
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_infer(call, &l);
}

double dcl_smooth_l1_loss(double difference, double beta, double *slope)
{
    const double size = fabs(difference);
    if (size < beta) {
        *slope = difference / beta;
        return 0.5 * difference * difference / beta;
    }
    *slope = isnan(difference) ? difference : (double)((difference > 0) - (difference < 0));
    return size - 0.5 * beta;
}

static double formula(const struct dcl_call *call, int64_t i, double *counts, double scale,
                      float *gradient)
{
    const struct attrs *a = call->attrs;
    const float *p = call->in[DCL_PREDICTION]->data, *t = call->in[DCL_TARGET]->data;
    double slope;
    const double loss = dcl_smooth_l1_loss((double)p[i] - (double)t[i], (double)a->beta, &slope);
    *counts = 1;
    if (gradient)
        gradient[i] = dcl_scaled(scale, slope);
    return loss;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_cpu(call, &l, formula);
}

static struct dcl_launch *open(const struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "regression_loss", "", "regression_loss");
    dcl_arg_value(l, call->in[DCL_PREDICTION]);
    dcl_arg_value(l, call->in[DCL_TARGET]);
    dcl_arg_float(l, ((const struct attrs *)call->attrs)->beta);
    return l;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_record(call, r, &l, open);
}

const struct dcl_op dcl_op_regression_loss = {
    .name = "regression_loss",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = DCL_LOSS_INPUTS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source =
        "torch.nn.functional.smooth_l1_loss and l1_loss; Girshick 2015, Fast R-CNN, section 2.3",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_regression_loss(struct detcl_context *ctx,
                                        const struct detcl_regression_loss_params *params,
                                        struct detcl_tensor *prediction,
                                        struct detcl_tensor *target, struct detcl_tensor *weight,
                                        struct detcl_tensor *upstream, struct detcl_tensor *loss,
                                        struct detcl_tensor *gradient,
                                        const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.reduction = (int)params->reduction, .beta = params->beta};
    return DCL_CALL_OP(ctx, regression_loss, &attrs, sync,
                       DCL_TENSORS(prediction, target, weight, upstream),
                       DCL_TENSORS(loss, gradient));
}
