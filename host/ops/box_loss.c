/* box_loss: how far box p is from box t, row by row.
 * in: prediction [..., 4], target [..., 4] (x1, y1, x2, y2), weight [...], upstream; out: loss
 * [...], gradient: see ops/loss.h. With areas as products of signed extents, I the intersection (0
 * unless both extents are positive), U = p + t - I, hull the smallest box around both, e = 1e-7:
 *   iou   1 - I / (U + e)
 *   giou  iou + (hull - U) / (hull + e)                                  (Rezatofighi et al. 2019)
 *   diou  iou + d^2 / (c^2 + e), d between the centres, c across the hull       (Zheng et al. 2020)
 *   ciou  diou + alpha v, v = 4 / pi^2 (atan(w_t / h_t) - atan(w_p / h_p))^2,
 *         alpha = v / (1 - I / (U + e) + v + e), held constant in the gradient; a box of no extent
 * has the ratio 0                                                          (Zheng et al. 2020)
 * Where a minimum or maximum of p and t is tied, the slope is half, as in torch: it is 0 at p = t.
 * A coordinate that is not finite gives NaN, in the loss and in all four slopes. */
#include "core/desc.h"
#include "ops/loss.h"
#include "ops/typed.h"

#include <math.h>

#define EPSILON 1e-7

static const char *const kinds[] = {"iou", "giou", "diou", "ciou", NULL};

struct attrs {
    int kind, reduction;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, "iou", kinds),
    DCL_CHOICE(struct attrs, reduction, "none", dcl_reductions), DCL_ATTRS_END};

static struct dcl_loss loss_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_loss l = {.reduction = a->reduction, .losses = call->in[DCL_PREDICTION]->desc};
    l.losses.rank--;
    l.weights = l.losses;
    return l;
}

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < 2; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *p = &call->in[DCL_PREDICTION]->desc;
    if (p->rank < 1 || p->dims[p->rank - 1] != 4 || !dcl_desc_same(p, &call->in[DCL_TARGET]->desc))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "prediction and target are not of one shape [..., 4]");
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_infer(call, &l);
}

static double squared(double x)
{
    return x * x;
}

/* 1 where a is over b, a half where they tie, else 0. */
static double over(double a, double b)
{
    return a > b ? 1 : a == b ? 0.5 : 0;
}

/* One axis of a pair: p and t are [low, high]; slopes are by p's low and high end. */
struct axis {
    double own, other, common, hull, shift; /* extents; distance of the centres */
    double common_slope[2], hull_slope[2];
};

static struct axis axis_of(double p0, double p1, double t0, double t1)
{
    return (struct axis){.own = p1 - p0,
                         .other = t1 - t0,
                         .common = fmin(p1, t1) - fmax(p0, t0),
                         .hull = fmax(p1, t1) - fmin(p0, t0),
                         .shift = (p0 + p1) / 2 - (t0 + t1) / 2,
                         .common_slope = {-over(p0, t0), over(t1, p1)},
                         .hull_slope = {-over(t0, p0), over(p1, t1)}};
}

static double turn_of(double width, double height)
{
    return width == 0 && height == 0 ? 0 : atan(width / height);
}

/* The slope of a quotient with value q, given those of its numerator and denominator. */
static double quotient(double q, double numerator, double denominator, double value)
{
    return (numerator - q * denominator) / value;
}

double dcl_box_loss(int kind, const double *p, const double *t, double *slopes)
{
    for (int k = 0; k < 4; k++)
        slopes[k] = NAN;
    for (int k = 0; k < 4; k++)
        if (!isfinite(p[k]) || !isfinite(t[k]))
            return NAN;
    const struct axis axes[] = {axis_of(p[0], p[2], t[0], t[2]), axis_of(p[1], p[3], t[1], t[3])};
    const struct axis *x = &axes[0], *y = &axes[1];
    const bool meet = x->common > 0 && y->common > 0;
    const double inter = meet ? x->common * y->common : 0;
    const double all = x->own * y->own + x->other * y->other - inter, iou = inter / (all + EPSILON);
    const double hull = x->hull * y->hull, gap = (hull - all) / (hull + EPSILON);
    const double across = squared(x->hull) + squared(y->hull) + EPSILON;
    const double apart = (squared(x->shift) + squared(y->shift)) / across;
    const double turn = turn_of(x->other, y->other) - turn_of(x->own, y->own);
    const double v = 4 / squared(acos(-1)) * squared(turn), alpha = v / (1 - iou + v + EPSILON);
    const double size = squared(x->own) + squared(y->own);
    for (int k = 0; k < 4; k++) {
        const struct axis *a = &axes[k % 2], *b = &axes[1 - k % 2];
        const double sign = k < 2 ? -1 : 1; /* of p's extent */
        const double d_inter = meet ? a->common_slope[k / 2] * b->common : 0;
        const double d_all = sign * b->own - d_inter;
        const double d_hull = a->hull_slope[k / 2] * b->hull;
        slopes[k] = -quotient(iou, d_inter, d_all, all + EPSILON);
        if (kind == DETCL_BOX_LOSS_GIOU)
            slopes[k] += quotient(gap, d_hull - d_all, d_hull, hull + EPSILON);
        if (kind >= DETCL_BOX_LOSS_DIOU)
            slopes[k] += quotient(apart, a->shift, 2 * a->hull * a->hull_slope[k / 2], across);
        if (kind == DETCL_BOX_LOSS_CIOU && size > 0)
            slopes[k] -=
                alpha * 8 / squared(acos(-1)) * turn * sign * (k % 2 ? -1 : 1) * b->own / size;
    }
    return 1 - iou + (kind == DETCL_BOX_LOSS_GIOU ? gap : 0) +
           (kind >= DETCL_BOX_LOSS_DIOU ? apart : 0) +
           (kind == DETCL_BOX_LOSS_CIOU ? alpha * v : 0);
}

static double formula(const struct dcl_call *call, int64_t i, double *counts, double scale,
                      float *gradient)
{
    const struct attrs *a = call->attrs;
    const float *p = (const float *)call->in[DCL_PREDICTION]->data + 4 * i;
    const float *t = (const float *)call->in[DCL_TARGET]->data + 4 * i;
    const double wide_p[] = {(double)p[0], (double)p[1], (double)p[2], (double)p[3]};
    const double wide_t[] = {(double)t[0], (double)t[1], (double)t[2], (double)t[3]};
    double slopes[4];
    const double loss = dcl_box_loss(a->kind, wide_p, wide_t, slopes);
    *counts = 1;
    for (int k = 0; gradient && k < 4; k++)
        gradient[4 * i + k] = dcl_scaled(scale, slopes[k]);
    return loss;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_cpu(call, &l, formula);
}

static struct dcl_launch *open(const struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "box_loss", "", "box_loss");
    dcl_arg_value(l, call->in[DCL_PREDICTION]);
    dcl_arg_value(l, call->in[DCL_TARGET]);
    dcl_arg_int(l, ((const struct attrs *)call->attrs)->kind);
    return l;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_loss l = loss_of(call);
    return dcl_loss_record(call, r, &l, open);
}

const struct dcl_op dcl_op_box_loss = {
    .name = "box_loss",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = DCL_LOSS_INPUTS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source =
        "torchvision.ops.generalized_, distance_, complete_box_iou_loss (fvcore's definitions)",
    .limits = "coordinates up to 1e18, whose squares float32 holds",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_loss(struct detcl_context *ctx,
                                 const struct detcl_box_loss_params *params,
                                 struct detcl_tensor *prediction, struct detcl_tensor *target,
                                 struct detcl_tensor *weight, struct detcl_tensor *upstream,
                                 struct detcl_tensor *loss, struct detcl_tensor *gradient,
                                 const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.kind = (int)params->kind, .reduction = (int)params->reduction};
    return DCL_CALL_OP(ctx, box_loss, &attrs, sync,
                       DCL_TENSORS(prediction, target, weight, upstream),
                       DCL_TENSORS(loss, gradient));
}
