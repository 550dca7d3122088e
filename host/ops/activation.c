#include "ops/activation.h"

#include "core/simd.h"
#include "ops/exponential.h"

#include <math.h>
#include <stddef.h>

const char *const dcl_activation_names[] = {"none", "relu",         "leaky_relu", "clip", "sigmoid",
                                            "silu", "hard_sigmoid", "hard_swish", "tanh", "elu",
                                            NULL};

static inline float unit(float x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static inline float activate(int kind, float alpha, float beta, float x)
{
    switch (kind) {
    case DCL_ACT_RELU:
        return x < 0 ? 0 : x;
    case DCL_ACT_LEAKY_RELU:
        return x < 0 ? alpha * x : x;
    case DCL_ACT_CLIP:
        return x < alpha ? alpha : x > beta ? beta : x;
    case DCL_ACT_SIGMOID:
        return 1.0f / (1.0f + dcl_exp(-x));
    case DCL_ACT_SILU:
        return x / (1.0f + dcl_exp(-x));
    case DCL_ACT_HARD_SIGMOID:
        return unit(alpha * x + beta);
    case DCL_ACT_HARD_SWISH:
        return x * unit(x * (1.0f / 6.0f) + 0.5f);
    case DCL_ACT_TANH:
        return tanhf(x);
    case DCL_ACT_ELU:
        return x < 0 ? alpha * expm1f(x) : x;
    default:
        return x;
    }
}

/* A loop for each kind, so that the compiler knows the kind in it. */
#define EACH(kind)                                                                                 \
    case kind:                                                                                     \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = activate(kind, alpha, beta, y[i]);                                              \
        break

DCL_VECTORISED static void activate_row(int kind, float alpha, float beta, float *y, int64_t n)
{
    switch (kind) {
        EACH(DCL_ACT_RELU);
        EACH(DCL_ACT_LEAKY_RELU);
        EACH(DCL_ACT_CLIP);
        EACH(DCL_ACT_SIGMOID);
        EACH(DCL_ACT_SILU);
        EACH(DCL_ACT_HARD_SIGMOID);
        EACH(DCL_ACT_HARD_SWISH);
        EACH(DCL_ACT_TANH);
        EACH(DCL_ACT_ELU);
    default:
        break;
    }
}

void dcl_activate_row(int kind, float alpha, float beta, float *y, int64_t n)
{
    activate_row(kind, alpha, beta, y, n);
}
