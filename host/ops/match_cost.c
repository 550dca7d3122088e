/* match_cost: what it costs to match each query with each ground truth (DETR).
 * in: logits [N, Q, C], boxes [N, Q, 4] (centre x, y, width, height) float32; classes [N, T] int32,
 * truth [N, T, 4] float32 alike; optional count [N] int32. out: cost [N, Q, T]: class_weight *
 * class cost + l1_weight * |b - t|_1 - giou_weight * GIoU(b, t) softmax  class cost =
 * -softmax(x)[class]                     (Carion et al. 2020, section 3.1) focal    class cost =
 * -alpha (1 - p)^gamma log p + (1 - alpha) p^gamma log(1 - p), p = sigmoid(x[class]) (Zhu et al.
 * 2021, Deformable DETR's matcher) 0 past the count. A class outside 0..C-1 and NaN give NaN; a
 * term of weight 0 is left out. The GIoU of boxes without area is 0 - (hull - union) / hull,
 * without hull 0; negative extents count as none. */
#include "detcl/assignment.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

enum { LOGITS, BOXES, CLASSES, TRUTH, COUNT };

static const char *const kinds[] = {"softmax", "focal", NULL};

struct attrs {
    int kind;
    float class_weight, l1_weight, giou_weight, alpha, gamma;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "softmax", kinds),
                                             DCL_FLOAT(struct attrs, class_weight, "1"),
                                             DCL_FLOAT(struct attrs, l1_weight, "5"),
                                             DCL_FLOAT(struct attrs, giou_weight, "2"),
                                             DCL_FLOAT(struct attrs, alpha, "0.25"),
                                             DCL_FLOAT(struct attrs, gamma, "2"),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    static const int ranks[] = {3, 3, 2, 3, 1};
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        const bool integers = i == CLASSES || i == COUNT;
        DCL_TRY(call->error, dcl_need_dtype(call, i, integers ? DCL_I32 : DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t n = DCL_DIM(call->in[LOGITS], 0), q = DCL_DIM(call->in[LOGITS], 1);
    const int64_t t = DCL_DIM(call->in[CLASSES], 1);
    bool fits = DCL_DIM(call->in[BOXES], 1) == q && DCL_DIM(call->in[BOXES], 2) == 4 &&
                DCL_DIM(call->in[TRUTH], 1) == t && DCL_DIM(call->in[TRUTH], 2) == 4;
    for (int i = 0; i < call->n_in; i++)
        fits = fits && (!dcl_has_in(call, i) || DCL_DIM(call->in[i], 0) == n);
    if (!fits)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    if (!(a->alpha >= 0 && a->alpha <= 1 && a->gamma >= 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "alpha %g is 0 to 1, gamma %g 0 or more",
                             (double)a->alpha, (double)a->gamma);
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 3, .dims = {n, q, t}};
    return DETCL_OK;
}

static double softmax_cost(const float *x, int64_t classes, int64_t target)
{
    double top = -INFINITY, sum = 0;
    for (int64_t k = 0; k < classes; k++)
        top = (double)x[k] > top ? (double)x[k] : top;
    for (int64_t k = 0; k < classes; k++)
        sum += exp((double)x[k] - top);
    return -exp((double)x[target] - top) / sum;
}

static double focal_cost(double x, double alpha, double gamma)
{
    const double e = exp(-fabs(x)), tail = log1p(e);
    const double p = (x < 0 ? e : 1) / (1 + e), q = (x < 0 ? 1 : e) / (1 + e); /* q = 1 - p */
    const double with = alpha * pow(q, gamma), without = (1 - alpha) * pow(p, gamma);
    if (isnan(x))
        return x;
    return (with > 0 ? with * (fmax(-x, 0) + tail) : 0) -
           (without > 0 ? without * (fmax(x, 0) + tail) : 0);
}

static double extent(double low, double high)
{
    return high > low ? high - low : 0;
}

/* Of boxes as centre and size; NaN stays. */
static double giou(const float *b, const float *t)
{
    double low[2][2], high[2][2], inter = 1, hull = 1, area[2] = {1, 1};
    for (int k = 0; k < 2; k++) {
        const float *box[] = {b, t};
        for (int i = 0; i < 2; i++) {
            low[i][k] = (double)box[i][k] - (double)box[i][k + 2] / 2;
            high[i][k] = (double)box[i][k] + (double)box[i][k + 2] / 2;
            area[i] *= extent(low[i][k], high[i][k]);
        }
        inter *= extent(fmax(low[0][k], low[1][k]), fmin(high[0][k], high[1][k]));
        hull *= fmax(high[0][k], high[1][k]) - fmin(low[0][k], low[1][k]);
    }
    const double all = area[0] + area[1] - inter;
    return (all > 0 ? inter / all : 0) - (hull > 0 ? (hull - all) / hull : 0);
}

static double cost_of(const struct attrs *a, const float *x, int64_t classes, int32_t target,
                      const float *b, const float *t)
{
    double cost = 0, l1 = 0;
    for (int k = 0; k < 4; k++)
        l1 += fabs((double)b[k] - (double)t[k]);
    if (isnan(l1))
        return NAN;
    if (a->class_weight != 0) {
        if (target < 0 || target >= classes)
            return NAN;
        cost = (double)a->class_weight *
               (a->kind ? focal_cost((double)x[target], (double)a->alpha, (double)a->gamma)
                        : softmax_cost(x, classes, target));
    }
    if (a->l1_weight != 0)
        cost += (double)a->l1_weight * l1;
    if (a->giou_weight != 0)
        cost -= (double)a->giou_weight * giou(b, t);
    return cost;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int64_t queries = DCL_DIM(call->in[LOGITS], 1), classes = DCL_DIM(call->in[LOGITS], 2);
    const int64_t n = DCL_DIM(call->in[LOGITS], 0), truths = DCL_DIM(call->in[CLASSES], 1);
    const float *x = call->in[LOGITS]->data, *b = call->in[BOXES]->data, *t = call->in[TRUTH]->data;
    const int32_t *target = call->in[CLASSES]->data;
    float *cost = call->out[0]->data;
    for (int64_t row = 0; row < n * queries; row++) {
        const int64_t i = row / queries;
        const int64_t count =
            dcl_has_in(call, COUNT) ? ((const int32_t *)call->in[COUNT]->data)[i] : truths;
        for (int64_t k = 0; k < truths; k++)
            *cost++ = k < count ? (float)cost_of(call->attrs, x + row * classes, classes,
                                                 target[i * truths + k], b + 4 * row,
                                                 t + 4 * (i * truths + k))
                                : 0;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t n = DCL_DIM(call->in[LOGITS], 0), queries = DCL_DIM(call->in[LOGITS], 1);
    const int64_t classes = DCL_DIM(call->in[LOGITS], 2), truths = DCL_DIM(call->in[CLASSES], 1);
    struct dcl_value *sums = NULL;
    if (a->kind == 0) {
        sums = dcl_workspace(r, DETCL_F32, 2 * n * queries);
        struct dcl_launch *l = dcl_launch(r, "match_cost", "", "match_sums");
        dcl_arg_value(l, call->in[LOGITS]);
        dcl_arg_value(l, sums);
        dcl_arg_int(l, n * queries);
        dcl_arg_int(l, classes);
        dcl_grid(l, 1, (size_t[]){(size_t)(n * queries)}, NULL);
    }
    struct dcl_launch *l = dcl_launch(r, "match_cost", "", "match_cost");
    for (int i = 0; i <= COUNT; i++)
        dcl_arg_value(l, dcl_has_in(call, i) ? call->in[i] : NULL);
    dcl_arg_value(l, sums);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, queries);
    dcl_arg_int(l, classes);
    dcl_arg_int(l, truths);
    dcl_arg_float(l, a->class_weight);
    dcl_arg_float(l, a->l1_weight);
    dcl_arg_float(l, a->giou_weight);
    dcl_arg_float(l, a->alpha);
    dcl_arg_float(l, a->gamma);
    return dcl_grid(l, 3, (size_t[]){(size_t)truths, (size_t)queries, (size_t)n}, NULL);
}

const struct dcl_op dcl_op_match_cost = {
    .name = "match_cost",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 4,
    .max_in = 5,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "Carion et al. 2020, DETR, section 3.1; Zhu et al. 2021, Deformable DETR",
    .limits = "coordinates up to 1e18, whose squares float32 holds",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_match_cost(struct detcl_context *ctx,
                                   const struct detcl_match_cost_params *params,
                                   struct detcl_tensor *logits, struct detcl_tensor *boxes,
                                   struct detcl_tensor *classes, struct detcl_tensor *truth,
                                   struct detcl_tensor *count, struct detcl_tensor *cost,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.kind = (int)params->kind,
                                .class_weight = params->class_weight,
                                .l1_weight = params->l1_weight,
                                .giou_weight = params->giou_weight,
                                .alpha = params->alpha != 0 ? params->alpha : 0.25f,
                                .gamma = params->gamma != 0 ? params->gamma : 2};
    return DCL_CALL_OP(ctx, match_cost, &attrs, sync,
                       DCL_TENSORS(logits, boxes, classes, truth, count), DCL_TENSORS(cost));
}
