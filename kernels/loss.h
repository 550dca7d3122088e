/* What the kernels of the losses share; host/ops/loss.h says what a loss is. A launch computes losses,
 * gradients or both. LOSS_ARGS come last in a kernel's arguments:
 *   weight, upstream: may be null, then 1; divisor: one number, or null, then `count`
 *   loss [n], or [2, n] with `counts`: the second half takes what each loss adds to the divisor; or null
 *   gradient: of the prediction's shape, or null
 * Mapping: one work-item a loss, bound n. */
#define LOSS_ARGS                                                                                  \
    TENSOR(const float, weight), TENSOR(const float, upstream), TENSOR(const float, divisor),      \
        TENSOR(float, loss), TENSOR(float, gradient), const int n, const int per_weight,           \
        const int per_upstream, const int counts, const float count
#define LOSS_OPEN                                                                                  \
    OPEN(weight);                                                                                  \
    OPEN(upstream);                                                                                \
    OPEN(divisor);                                                                                 \
    OPEN(loss);                                                                                    \
    OPEN(gradient);                                                                                \
    const int i = (int)get_global_id(0);                                                           \
    if (i >= n)                                                                                    \
        return;                                                                                    \
    const float w = weight ? weight[i / per_weight] : 1;                                           \
    const float over = divisor ? divisor[0] : count;                                               \
    const float scale = over == 0 ? 0 : w * (upstream ? upstream[i / per_upstream] : 1) / over
/* v: the loss before weighting; share: what it counts for the mean. */
#define LOSS_STORE(v, share)                                                                       \
    do {                                                                                           \
        if (loss)                                                                                  \
            loss[i] = w == 0 ? 0 : w * (v);                                                        \
        if (loss && counts)                                                                        \
            loss[n + i] = w * (share);                                                             \
    } while (0)

/* A slope on its way into the gradient: what is scaled by 0 is left out, whatever it is. */
static float scaled(const float scale, const float slope)
{
    return scale == 0 ? 0 : scale * slope;
}
