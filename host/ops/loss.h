/* Losses: what the *_loss ops share. Each op has a formula that gives loss i and its slopes; this
 * file weights, reduces and scales, on the twin and as launches (kernels/loss.h and loss.cl are the
 * other side). Operands of every loss op, all float32 but the target:
 * - in: prediction, target, optional weight (one a row, multiplies the loss; what has weight 0 is
 *   left out, whatever its values), optional upstream (gradient of what comes after, of the shape
 *   of the loss); inputs of the op's own follow
 * - out: loss (a number each, or one for all), optional gradient of the loss (each times its
 *   upstream gradient, summed) with respect to the prediction
 *
 * The mean divides by the sum of the weights of the losses that count; nothing has a mean of 0. */
#ifndef DCL_OPS_LOSS_H
#define DCL_OPS_LOSS_H

#include "detcl/losses.h"
#include "ops/record.h"

enum dcl_loss_input { DCL_PREDICTION, DCL_TARGET, DCL_WEIGHT, DCL_UPSTREAM, DCL_LOSS_INPUTS };

extern const char *const dcl_reductions[]; /* names of enum detcl_reduction */

struct dcl_loss {
    int reduction;             /* enum detcl_reduction */
    struct detcl_desc losses;  /* a number each */
    struct detcl_desc weights; /* its extents begin `losses` */
    bool counted;              /* the formula says which losses count for the mean; else all do */
    bool at_least_one;         /* the mean never divides by less than 1 */
};

/* Check weight and upstream and set the outputs' desc. */
enum detcl_status dcl_loss_infer(struct dcl_call *call, const struct dcl_loss *l);

/* Loss i before weighting; `*counts` (1 on entry) becomes what it adds to the divisor of the mean.
 * When `gradient` is not NULL, writes the slopes times `scale` where they belong in that tensor. */
typedef double (*dcl_loss_formula)(const struct dcl_call *call, int64_t i, double *counts,
                                   double scale, float *gradient);

/* The twin. */
enum detcl_status dcl_loss_cpu(struct dcl_call *call, const struct dcl_loss *l,
                               dcl_loss_formula formula);

/* The launches. `open` begins one of the op's kernel with the op's own arguments; LOSS_ARGS follow.
 */
enum detcl_status
dcl_loss_record(struct dcl_call *call, struct dcl_recorder *r, const struct dcl_loss *l,
                struct dcl_launch *(*open)(const struct dcl_call *call, struct dcl_recorder *r));

/* A slope on its way into the gradient: what is scaled by 0 is left out, whatever it is. */
static inline float dcl_scaled(double scale, double slope)
{
    return scale == 0 ? 0 : (float)(scale * slope);
}

/* --- formulas, in double, for the twins and for the check of slopes against differences --------
 */

/* Cross entropy of softmax(x) and class `target`, times (1 - p)^gamma; slopes[classes] times scale.
 * NaN when `target` is not a class. `slopes` may be NULL. */
double dcl_softmax_loss(const float *x, int64_t classes, int64_t target, double gamma, double scale,
                        float *slopes);

/* Binary cross entropy of sigmoid(x) and y, times (1 - p_t)^gamma and, where alpha is not 0,
 * alpha_t. */
double dcl_sigmoid_loss(double x, double y, double gamma, double alpha, double *slope);

/* The penalty-reduced focal loss of sigmoid(x) and y. */
double dcl_gaussian_loss(double x, double y, double gamma, double beta, double *slope);

/* Of a difference; beta 0: its size. */
double dcl_smooth_l1_loss(double difference, double beta, double *slope);

/* Of boxes x1, y1, x2, y2; kind as enum detcl_box_loss. slopes[4] with respect to p. */
double dcl_box_loss(int kind, const double *p, const double *t, double *slopes);

#endif
