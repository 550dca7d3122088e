/* classification_loss: cross entropy and focal losses of logits, and their gradients.
 * in: prediction [..., C], target, weight, upstream; class_weight [C] (not gaussian: multiplies the
 * losses of a class as `weight` those of a row). out: loss, gradient: see ops/loss.h. softmax
 * target [...] int32; loss [...]: -(1 - p)^gamma log p, p = softmax(x)[target] sigmoid   target
 * [..., C] float32 y in 0..1, or [...] int32: y = 1 for that class, else 0 (no class where it is
 * none of 0..C-1); loss [..., C]: alpha_t (1 - p_t)^gamma CE(sigmoid(x), y), p_t = p y + (1 - p) (1
 * - y), alpha_t alike, or 1 where alpha is 0 gaussian  target [..., C] float32 y in 0..1, weight
 * [..., C]; loss [..., C]: -(1 - p)^gamma log p where y = 1, else -(1 - y)^beta p^gamma log(1 - p);
 * the mean divides by the sum of the weights where y = 1, but not by less than 1 Rows whose target
 * is ignore_index are left out. gamma = 0 is plain cross entropy. Logarithms are taken of logits,
 * so that no loss overflows below |x| of 1e38. Infinite logits: sigmoid and gaussian take limits;
 * in a softmax one at minus infinity has p = 0 (loss infinite where it is the target), a row with
 * another infinity is NaN. NaN gives NaN. A softmax target that is no class is NaN in loss and
 * gradient. */
#include "core/desc.h"
#include "ops/loss.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

enum kind { SOFTMAX, SIGMOID, GAUSSIAN };
enum { CLASS_WEIGHT = DCL_LOSS_INPUTS };

static const char *const kinds[] = {"softmax", "sigmoid", "gaussian", NULL};

struct attrs {
    int64_t ignore_index;
    int kind, reduction;
    float gamma, alpha, beta;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, ignore_index, "-100"),
    DCL_CHOICE(struct attrs, kind, NULL, kinds),
    DCL_CHOICE(struct attrs, reduction, "none", dcl_reductions),
    DCL_FLOAT(struct attrs, gamma, "0"),
    DCL_FLOAT(struct attrs, alpha, "0"),
    DCL_FLOAT(struct attrs, beta, "4"),
    DCL_ATTRS_END};

static int64_t classes_of(const struct dcl_call *call)
{
    const struct detcl_desc *x = &call->in[DCL_PREDICTION]->desc;
    return x->dims[x->rank - 1];
}

static bool indexed(const struct dcl_call *call)
{
    return call->in[DCL_TARGET]->desc.dtype == DETCL_I32;
}

static struct dcl_loss loss_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct detcl_desc rows = call->in[DCL_PREDICTION]->desc;
    rows.rank--;
    return (struct dcl_loss){.reduction = a->reduction,
                             .losses = a->kind == SOFTMAX ? rows : call->in[DCL_PREDICTION]->desc,
                             .weights = a->kind == GAUSSIAN ? call->in[DCL_PREDICTION]->desc : rows,
                             .counted = a->kind == GAUSSIAN || indexed(call) ||
                                        dcl_has_in(call, CLASS_WEIGHT),
                             .at_least_one = a->kind == GAUSSIAN};
}

static enum detcl_status check_attrs(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    if (!(a->gamma >= 0 && isfinite(a->gamma)) || !(a->beta > 0 && isfinite(a->beta)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a gamma of %g, a beta of %g",
                             (double)a->gamma, (double)a->beta);
    if (!(a->alpha >= 0 && a->alpha <= 1) || (a->alpha != 0 && a->kind != SIGMOID))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "an alpha of %g: 0 (none) to 1, and only with a sigmoid",
                             (double)a->alpha);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    static const unsigned types[] = {DCL_I32, DCL_I32 | DCL_F32, DCL_F32};
    DCL_TRY(call->error, dcl_need_dtype(call, DCL_PREDICTION, DCL_F32));
    DCL_TRY(call->error, dcl_need_dtype(call, DCL_TARGET, types[a->kind]));
    if (call->in[DCL_PREDICTION]->desc.rank < 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the prediction is not [..., C]");
    struct detcl_desc target = call->in[DCL_PREDICTION]->desc;
    if (indexed(call)) {
        target.dtype = DETCL_I32;
        target.rank--;
    }
    if (!dcl_desc_same(&target, &call->in[DCL_TARGET]->desc))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the target does not fit the prediction");
    const struct detcl_desc each = {.rank = 1, .dims = {classes_of(call)}};
    if (dcl_has_in(call, CLASS_WEIGHT) &&
        (a->kind == GAUSSIAN || !dcl_desc_same(&each, &call->in[CLASS_WEIGHT]->desc)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "class weights are float32 [C], with a softmax or a sigmoid");
    DCL_TRY(call->error, check_attrs(call));
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_infer(call, &l);
}

/* --- formulas --------------------------------------------------------------------------------- */

/* a * b, and 0 where a is 0, whatever b is. */
static double product(double a, double b)
{
    return a == 0 ? 0 : a * b;
}

double dcl_softmax_loss(const float *x, int64_t classes, int64_t target, double gamma, double scale,
                        float *slopes)
{
    const bool known = target >= 0 && target < classes;
    double top = -INFINITY, sum = 0;
    for (int64_t k = 0; k < classes; k++)
        top = (double)x[k] > top ? (double)x[k] : top;
    for (int64_t k = 0; k < classes; k++)
        sum += exp((double)x[k] - top);
    const double log_p = known ? (double)x[target] - top - log(sum) : NAN;
    const double miss = -expm1(log_p), focus = pow(miss, gamma);
    /* d(loss) / d(log_p), without a pole at p = 1 */
    const double slope = -focus * (1 - product(gamma * exp(log_p), miss > 0 ? log_p / miss : -1));
    for (int64_t k = 0; slopes && k < classes; k++)
        slopes[k] =
            dcl_scaled(scale, slope * (k == target ? miss : -exp((double)x[k] - top) / sum));
    return -focus * log_p;
}

double dcl_sigmoid_loss(double x, double y, double gamma, double alpha, double *slope)
{
    const double e = exp(-fabs(x)), tail = log1p(e);
    const double p = (x < 0 ? e : 1) / (1 + e), q = (x < 0 ? 1 : e) / (1 + e); /* q = 1 - p */
    const double entropy = product(y, fmax(-x, 0) + tail) + product(1 - y, fmax(x, 0) + tail);
    const double miss = p * (1 - y) + q * y, focus = pow(miss, gamma);
    const double bend = miss > 0 ? gamma * p * q * (1 - 2 * y) / miss : 0;
    const double balance = alpha > 0 ? alpha * y + (1 - alpha) * (1 - y) : 1;
    *slope = balance * focus * (p * (1 - y) - q * y + product(bend, entropy));
    return balance * focus * entropy;
}

double dcl_gaussian_loss(double x, double y, double gamma, double beta, double *slope)
{
    const double factor = y == 1 ? 1 : pow(1 - y, beta);
    const double loss = dcl_sigmoid_loss(x, y == 1, gamma, 0, slope);
    *slope = product(factor, *slope);
    return product(factor, loss);
}

static double softmax_row(const struct dcl_call *call, int64_t row, double *counts, double scale,
                          float *gradient)
{
    const struct attrs *a = call->attrs;
    const int64_t classes = classes_of(call);
    const int32_t target = ((const int32_t *)call->in[DCL_TARGET]->data)[row];
    if (target == a->ignore_index)
        *counts = 0;
    else if (dcl_has_in(call, CLASS_WEIGHT) && target >= 0 && target < classes)
        *counts = (double)((const float *)call->in[CLASS_WEIGHT]->data)[target];
    const double loss = dcl_softmax_loss(
        (const float *)call->in[DCL_PREDICTION]->data + row * classes, classes, target,
        (double)a->gamma, scale * *counts, gradient ? gradient + row * classes : NULL);
    return product(*counts, loss);
}

static double element(const struct dcl_call *call, int64_t i, double *counts, double scale,
                      float *gradient)
{
    const struct attrs *a = call->attrs;
    const double x = (double)((const float *)call->in[DCL_PREDICTION]->data)[i];
    const int64_t classes = classes_of(call), c = i % classes;
    double y, slope;
    if (indexed(call)) {
        const int32_t target = ((const int32_t *)call->in[DCL_TARGET]->data)[i / classes];
        *counts = target != a->ignore_index;
        y = target == c;
    } else {
        y = (double)((const float *)call->in[DCL_TARGET]->data)[i];
    }
    if (a->kind == GAUSSIAN) {
        const double loss = dcl_gaussian_loss(x, y, (double)a->gamma, (double)a->beta, &slope);
        *counts = y == 1;
        if (gradient)
            gradient[i] = dcl_scaled(scale, slope);
        return loss;
    }
    if (dcl_has_in(call, CLASS_WEIGHT))
        *counts *= (double)((const float *)call->in[CLASS_WEIGHT]->data)[c];
    const double loss = dcl_sigmoid_loss(x, y, (double)a->gamma, (double)a->alpha, &slope);
    if (gradient)
        gradient[i] = dcl_scaled(scale * *counts, slope);
    return product(*counts, loss);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_cpu(call, &l, a->kind == SOFTMAX ? softmax_row : element);
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static struct dcl_launch *open(const struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "classification_loss", "",
                                      a->kind == SOFTMAX ? "softmax_loss" : "sigmoid_loss");
    dcl_arg_value(l, call->in[DCL_PREDICTION]);
    if (a->kind != SOFTMAX)
        dcl_arg_value(l, indexed(call) ? NULL : call->in[DCL_TARGET]);
    dcl_arg_value(l, indexed(call) ? call->in[DCL_TARGET] : NULL);
    dcl_arg_value(l, dcl_has_in(call, CLASS_WEIGHT) ? call->in[CLASS_WEIGHT] : NULL);
    dcl_arg_int(l, classes_of(call));
    dcl_arg_int(l, a->ignore_index);
    dcl_arg_float(l, a->gamma);
    if (a->kind != SOFTMAX) {
        dcl_arg_float(l, a->alpha);
        dcl_arg_float(l, a->kind == GAUSSIAN ? a->beta : 0);
    }
    return l;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_record(call, r, &l, open);
}

const struct dcl_op dcl_op_classification_loss = {
    .name = "classification_loss",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = DCL_LOSS_INPUTS + 1,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source =
        "torch.nn.functional.cross_entropy and binary_cross_entropy_with_logits; torchvision.ops."
        "sigmoid_focal_loss (Lin et al. 2017); gaussian: Law and Deng 2018, CornerNet, equation 1",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_classification_loss(
    struct detcl_context *ctx, const struct detcl_classification_loss_params *params,
    struct detcl_tensor *prediction, struct detcl_tensor *target, struct detcl_tensor *weight,
    struct detcl_tensor *class_weight, struct detcl_tensor *upstream, struct detcl_tensor *loss,
    struct detcl_tensor *gradient, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs attrs;
    memset(&attrs, 0, sizeof attrs); /* plans are found by all bytes, padding too */
    attrs.ignore_index = params->ignore_index ? params->ignore_index : -100;
    attrs.kind = (int)params->kind;
    attrs.reduction = (int)params->reduction;
    attrs.gamma = params->gamma;
    attrs.alpha = params->alpha;
    attrs.beta = 4;
    return DCL_CALL_OP(ctx, classification_loss, &attrs, sync,
                       DCL_TENSORS(prediction, target, weight, upstream, class_weight),
                       DCL_TENSORS(loss, gradient));
}

enum detcl_status detcl_heatmap_loss(struct detcl_context *ctx,
                                     const struct detcl_heatmap_loss_params *params,
                                     struct detcl_tensor *prediction, struct detcl_tensor *target,
                                     struct detcl_tensor *weight, struct detcl_tensor *upstream,
                                     struct detcl_tensor *loss, struct detcl_tensor *gradient,
                                     const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs attrs;
    memset(&attrs, 0, sizeof attrs);
    attrs.ignore_index = -100;
    attrs.kind = GAUSSIAN;
    attrs.reduction = (int)params->reduction;
    attrs.gamma = params->alpha != 0 ? params->alpha : 2;
    attrs.beta = params->beta != 0 ? params->beta : 4;
    return DCL_CALL_OP(ctx, classification_loss, &attrs, sync,
                       DCL_TENSORS(prediction, target, weight, upstream),
                       DCL_TENSORS(loss, gradient));
}
