/* Smooth L1: with d = prediction - target, |d| < beta: d^2 / (2 beta), else |d| - beta / 2; all [n].
 * loss.h says the rest. */
#include "loss.h"

kernel void regression_loss(TENSOR(const float, prediction), TENSOR(const float, target),
                            const float beta, LOSS_ARGS)
{
    OPEN(prediction);
    OPEN(target);
    LOSS_OPEN;
    const float d = prediction[i] - target[i], size = fabs(d);
    const bool near = size < beta;
    LOSS_STORE(near ? 0.5f * d * d / beta : size - 0.5f * beta, 1);
    if (gradient)
        gradient[i] = scaled(scale, isnan(d) ? NAN : near ? d / beta : (float)(d > 0) - (float)(d < 0));
}
