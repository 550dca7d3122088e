/* Cross entropy and focal losses of logits x [rows, classes] and their slopes; host/ops/classification_loss.c
 * has the formulas. softmax_loss: one work-item a row, target indices [rows]. sigmoid_loss: one work-item an
 * element; y [rows, classes], or where that is null indices [rows]; beta > 0: the gaussian kind. class_weight
 * [classes] or null. loss.h says the rest. */
#include "loss.h"

/* a * b, and 0 where a is 0, whatever b is. */
static float product(const float a, const float b)
{
    return a == 0 ? 0 : a * b;
}

static float power(const float base, const float exponent)
{
    return exponent == 0 ? 1 : exponent == 2 ? base * base : pow(base, exponent);
}

static float largest(global const float *x, const int n)
{
    float16 wide = (float16)(-INFINITY);
    int k = 0;
    for (; k + 16 <= n; k += 16) {
        const float16 v = vload16(0, x + k);
        wide = v > wide ? v : wide;
    }
    float lanes[16], top = -INFINITY;
    vstore16(wide, 0, lanes);
    for (int lane = 0; lane < 16; lane++)
        top = lanes[lane] > top ? lanes[lane] : top;
    for (; k < n; k++)
        top = x[k] > top ? x[k] : top;
    return top;
}

/* The sum of exp(x - top). */
static float exponentials(global const float *x, const int n, const float top)
{
    float16 wide = 0;
    int k = 0;
    for (; k + 16 <= n; k += 16)
        wide += exp(vload16(0, x + k) - top);
    float lanes[16], sum = 0;
    vstore16(wide, 0, lanes);
    for (int lane = 0; lane < 16; lane++)
        sum += lanes[lane];
    for (; k < n; k++)
        sum += exp(x[k] - top);
    return sum;
}

kernel void softmax_loss(TENSOR(const float, x), TENSOR(const int, targets),
                         TENSOR(const float, class_weight), const int classes,
                         const int ignore_index, const float gamma, LOSS_ARGS)
{
    OPEN(x);
    OPEN(targets);
    OPEN(class_weight);
    LOSS_OPEN;
    x += (long)i * classes;
    const int target = targets[i];
    const bool known = target >= 0 && target < classes;
    float share = target != ignore_index;
    if (class_weight && known && target != ignore_index)
        share = class_weight[target];
    const float top = largest(x, classes), sum = exponentials(x, classes, top);
    const float log_p = known ? x[target] - top - log(sum) : NAN;
    const float miss = -expm1(log_p), focus = power(miss, gamma);
    LOSS_STORE(product(share, -focus * log_p), share);
    if (!gradient)
        return;
    /* d(loss) / d(log p), without a pole at p = 1 */
    const float slope = -focus * (1 - product(gamma * exp(log_p), miss > 0 ? log_p / miss : -1));
    const float all = scale * share;
    gradient += (long)i * classes;
    int k = 0;
    for (; k + 16 <= classes; k += 16)
        vstore16(all == 0 ? (float16)0 : all * (slope * (-exp(vload16(0, x + k) - top) / sum)), 0,
                 gradient + k);
    for (; k < classes; k++)
        gradient[k] = scaled(all, slope * (-exp(x[k] - top) / sum));
    if (known)
        gradient[target] = scaled(all, slope * miss);
}

kernel void sigmoid_loss(TENSOR(const float, x), TENSOR(const float, y),
                         TENSOR(const int, targets), TENSOR(const float, class_weight),
                         const int classes, const int ignore_index, const float gamma,
                         const float alpha, const float beta, LOSS_ARGS)
{
    OPEN(x);
    OPEN(y);
    OPEN(targets);
    OPEN(class_weight);
    LOSS_OPEN;
    const int row = i / classes, c = i - row * classes;
    float share = 1, to;
    if (targets) {
        share = targets[row] != ignore_index;
        to = targets[row] == c;
    } else {
        to = y[i];
    }
    if (class_weight)
        share *= class_weight[c];
    float over_all = share; /* what the loss is multiplied with */
    if (beta > 0) {
        over_all = to == 1 ? 1 : power(1 - to, beta);
        to = to == 1;
        share = to;
    }
    const float v = x[i], e = exp(-fabs(v)), tail = log1p(e);
    const float p = (v < 0 ? e : 1) / (1 + e), q = (v < 0 ? 1 : e) / (1 + e); /* q = 1 - p */
    const float entropy = product(to, fmax(-v, 0.0f) + tail) + product(1 - to, fmax(v, 0.0f) + tail);
    const float miss = p * (1 - to) + q * to, focus = power(miss, gamma);
    const float bend = miss > 0 ? gamma * p * q * (1 - 2 * to) / miss : 0;
    const float balance = alpha > 0 ? alpha * to + (1 - alpha) * (1 - to) : 1;
    LOSS_STORE(product(over_all, balance * focus * entropy), share);
    if (gradient)
        gradient[i] = scaled(scale, product(over_all, balance * focus *
                                                          (p * (1 - to) - q * to + product(bend, entropy))));
}
