/* Lists that typed functions take as pointer and count, into attributes. */
#ifndef DCL_OPS_LISTS_H
#define DCL_OPS_LISTS_H

#include "detcl/proposals.h"
#include "device/device.h"

/* Fails when the list is too long or has no memory. */
static inline enum detcl_status dcl_take_ints(struct detcl_context *ctx, const char *what,
                                              const int64_t *v, int n, struct dcl_ints *out)
{
    if (n < 0 || n > DCL_MAX_INTS || (n > 0 && !v))
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "%d %s, not 0 to %d", n, what,
                        DCL_MAX_INTS);
    out->n = n;
    for (int i = 0; i < n; i++)
        out->v[i] = v[i];
    return DETCL_OK;
}

static inline enum detcl_status dcl_take_floats(struct detcl_context *ctx, const char *what,
                                                const float *v, int n, struct dcl_floats *out)
{
    if (n < 0 || n > DCL_MAX_FLOATS || (n > 0 && !v))
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "%d %s, not 0 to %d", n, what,
                        DCL_MAX_FLOATS);
    out->n = n;
    for (int i = 0; i < n; i++)
        out->v[i] = v[i];
    return DETCL_OK;
}

/* Strides; NULL: 8, 16, 32. */
static inline enum detcl_status dcl_take_strides(struct detcl_context *ctx, const int64_t *v, int n,
                                                 struct dcl_ints *out)
{
    static const struct dcl_ints usual = {.n = 3, .v = {8, 16, 32}};
    if (v)
        return dcl_take_ints(ctx, "strides", v, n, out);
    *out = usual;
    return DETCL_OK;
}

/* Append `n` tensors to an op's inputs, of which `*count` are there. */
static inline enum detcl_status dcl_take_tensors(struct detcl_context *ctx, const char *what,
                                                 struct detcl_tensor *const *list, int n, int most,
                                                 struct detcl_tensor **in, int *count)
{
    if (n < 1 || n > most || !list)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "%d tensors of %s, not 1 to %d",
                        list ? n : 0, what, most);
    for (int i = 0; i < n; i++)
        in[(*count)++] = list[i];
    return DETCL_OK;
}

/* The attribute behind an enum detcl_score_activation whose default is `usual`. */
static inline int dcl_take_activation(enum detcl_score_activation given, int usual)
{
    return given == DETCL_SCORES_DEFAULT ? usual : (int)given - 1;
}

#endif
