#include "ops/fused.h"

#include "core/simd.h"

const char *const dcl_residual_names[] = {"before", "after", NULL};

struct dcl_fused dcl_fused_of(const struct dcl_call *call, const struct dcl_fused *attrs)
{
    struct dcl_fused f = *attrs;
    f.residual = dcl_residual(call) ? attrs->residual + DCL_RESIDUAL_BEFORE : DCL_RESIDUAL_NONE;
    return f;
}

enum detcl_status dcl_fused_check(const struct dcl_call *call, const struct detcl_desc *y)
{
    const struct dcl_value *residual = dcl_residual(call);
    bool same = !residual || residual->desc.rank == y->rank;
    for (int i = 0; residual && same && i < y->rank; i++)
        same = DCL_DIM(residual, i) == y->dims[i];
    if (!same)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the residual does not have the shape of the output");
    return DETCL_OK;
}

/* y[i] = sum[i] + added[i]; `added` may be NULL. */
DCL_VECTORISED static void add_row(const double *sum, const float *added, float *y, int64_t n)
{
    if (added)
        for (int64_t i = 0; i < n; i++)
            y[i] = (float)(sum[i] + (double)added[i]);
    else
        for (int64_t i = 0; i < n; i++)
            y[i] = (float)sum[i];
}

void dcl_fused_apply(const struct dcl_fused *f, const double *sum, const float *residual, float *y,
                     int64_t n)
{
    add_row(sum, f->residual == DCL_RESIDUAL_BEFORE ? residual : NULL, y, n);
    dcl_activate_row(f->activation, f->alpha, f->beta, y, n);
    for (int64_t i = 0; f->residual == DCL_RESIDUAL_AFTER && i < n; i++)
        y[i] += residual[i];
}

void dcl_arg_fused(struct dcl_launch *l, const struct dcl_fused *f)
{
    dcl_arg_int(l, f->residual);
    dcl_arg_int(l, f->activation);
    dcl_arg_float(l, f->alpha);
    dcl_arg_float(l, f->beta);
}
