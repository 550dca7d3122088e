/* The last step that convolutions can take along: residual and activation. */
#ifndef DCL_OPS_FUSED_H
#define DCL_OPS_FUSED_H

#include "ops/activation.h"
#include "ops/record.h"

/* Where the residual (input 3, of the output's shape) is added. Numbers are shared with the
 * kernels. */
enum dcl_residual {
    DCL_RESIDUAL_NONE,
    DCL_RESIDUAL_BEFORE, /* y = f(sum + residual) */
    DCL_RESIDUAL_AFTER   /* y = f(sum) + residual */
};

#define DCL_RESIDUAL_INPUT 3

/* As attributes: `residual` chooses before (0) or after (1). dcl_fused_of turns it into an enum
 * dcl_residual that also says whether the input is there. */
struct dcl_fused {
    int activation;
    float alpha, beta;
    int residual;
};

extern const char *const dcl_residual_names[];

/* Lines of an attribute table for the member `field` of `type`. */
#define DCL_FUSED_SPECS(type, field)                                                               \
    {"activation", DCL_ATTR_CHOICE, offsetof(type, field.activation), "none",                      \
     dcl_activation_names},                                                                        \
        {"alpha", DCL_ATTR_FLOAT, offsetof(type, field.alpha), "0", NULL},                         \
        {"beta", DCL_ATTR_FLOAT, offsetof(type, field.beta), "0", NULL},                           \
    {                                                                                              \
        "residual", DCL_ATTR_CHOICE, offsetof(type, field.residual), "before", dcl_residual_names  \
    }

/* The residual, or NULL. */
static inline const struct dcl_value *dcl_residual(const struct dcl_call *call)
{
    return dcl_has_in(call, DCL_RESIDUAL_INPUT) ? call->in[DCL_RESIDUAL_INPUT] : NULL;
}

struct dcl_fused dcl_fused_of(const struct dcl_call *call, const struct dcl_fused *attrs);

/* Fail unless the residual, if there is one, has the shape of y. */
enum detcl_status dcl_fused_check(const struct dcl_call *call, const struct detcl_desc *y);

/* y[i] = the final value of each of n sums. `residual`, from the first on, may be NULL without one.
 */
void dcl_fused_apply(const struct dcl_fused *f, const double *sum, const float *residual, float *y,
                     int64_t n);

/* Four kernel arguments: residual mode, activation kind, alpha, beta. */
void dcl_arg_fused(struct dcl_launch *l, const struct dcl_fused *f);

#endif
