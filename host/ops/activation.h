/* Activations that other ops fuse as their last step. Numbers are shared with kernels/common.cl. */
#ifndef DCL_OPS_ACTIVATION_H
#define DCL_OPS_ACTIVATION_H

#include <stdint.h>

enum dcl_activation {
    DCL_ACT_NONE,
    DCL_ACT_RELU,
    DCL_ACT_LEAKY_RELU, /* alpha */
    DCL_ACT_CLIP,       /* alpha = lower, beta = upper bound */
    DCL_ACT_SIGMOID,
    DCL_ACT_SILU,         /* x * sigmoid(x), also called swish */
    DCL_ACT_HARD_SIGMOID, /* clamp(alpha * x + beta, 0, 1) */
    DCL_ACT_HARD_SWISH,
    DCL_ACT_TANH,
    DCL_ACT_ELU, /* alpha */
    DCL_ACT_COUNT
};

/* NULL-terminated names in the order of the enum, for attribute tables. */
extern const char *const dcl_activation_names[];

/* The twin of `activate` in kernels/common.cl, in place, for n numbers. */
void dcl_activate_row(int kind, float alpha, float beta, float *y, int64_t n);

#endif
