#include "ops/window.h"

/* Keeps products of two attributes, and their sums with extents, within 64 bits. */
#define LIMIT INT32_MAX

const char *const dcl_auto_pad_names[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL};

enum detcl_status dcl_spatial_rank(const struct dcl_call *call, const struct detcl_desc *x,
                                   int *spatial)
{
    *spatial = x->rank - 2;
    if (*spatial < 1 || *spatial > 3)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "the input has rank %d, expected 3 to 5", x->rank);
    for (int i = 2; i < x->rank; i++)
        if (x->dims[i] > LIMIT)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "an extent of %lld is too large",
                                 (long long)x->dims[i]);
    return DETCL_OK;
}

/* The last `n` of out[3] from `list`; unchanged when the list is empty. */
static enum detcl_status take(const struct dcl_call *call, const char *name,
                              const struct dcl_ints *list, int n, int64_t lowest, int64_t *out)
{
    if (list->n == 0)
        return DETCL_OK;
    if (list->n != n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s has %d entries, expected %d", name,
                             list->n, n);
    for (int i = 0; i < n; i++) {
        if (list->v[i] < lowest || list->v[i] > LIMIT)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%s holds %lld", name,
                                 (long long)list->v[i]);
        out[3 - n + i] = list->v[i];
    }
    return DETCL_OK;
}

enum detcl_status dcl_window_shape(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                   const struct detcl_desc *x, const int64_t *kernel,
                                   struct dcl_window *w)
{
    *w = (struct dcl_window){{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1},
                             {0, 0, 0}, {0, 0, 0}, {1, 1, 1}};
    int n;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &n));
    for (int i = 0; i < n; i++)
        w->size[3 - n + i] = x->dims[2 + i];
    DCL_TRY(call->error, take(call, "kernel_shape", &a->kernel_shape, n, 1, w->kernel));
    DCL_TRY(call->error, take(call, "strides", &a->strides, n, 1, w->stride));
    DCL_TRY(call->error, take(call, "dilations", &a->dilations, n, 1, w->dilation));
    if (!kernel && a->kernel_shape.n == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "kernel_shape is missing");
    for (int i = 0; kernel && i < n; i++) {
        const int64_t given = w->kernel[3 - n + i];
        if (kernel[i] < 1 || kernel[i] > LIMIT || (a->kernel_shape.n && given != kernel[i]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "kernel extent %lld of the weights does not fit",
                                 (long long)kernel[i]);
        w->kernel[3 - n + i] = kernel[i];
    }
    return DETCL_OK;
}

enum detcl_status dcl_window_pads(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                  int spatial, struct dcl_window *w)
{
    if (a->pads.n == 0)
        return DETCL_OK;
    if (a->pads.n != 2 * spatial)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "pads has %d entries, expected %d", a->pads.n,
                             2 * spatial);
    struct dcl_ints half = {.n = spatial};
    for (int i = 0; i < spatial; i++)
        half.v[i] = a->pads.v[i];
    DCL_TRY(call->error, take(call, "pads", &half, spatial, 0, w->begin));
    for (int i = 0; i < spatial; i++)
        half.v[i] = a->pads.v[spatial + i];
    return take(call, "pads", &half, spatial, 0, w->end);
}

/* Padding that makes ceil(size / stride) outputs. */
static void pad_same(struct dcl_window *w, int i, bool upper)
{
    const int64_t out = (w->size[i] + w->stride[i] - 1) / w->stride[i];
    int64_t total = (out - 1) * w->stride[i] + dcl_window_extent(w, i) - w->size[i];
    total = total < 0 ? 0 : total;
    w->begin[i] = upper ? total / 2 : total - total / 2;
    w->end[i] = total - w->begin[i];
}

enum detcl_status dcl_window_resolve(const struct dcl_call *call, const struct dcl_window_attrs *a,
                                     const struct detcl_desc *x, const int64_t *kernel,
                                     struct dcl_window *w)
{
    DCL_TRY(call->error, dcl_window_shape(call, a, x, kernel, w));
    if (a->auto_pad == DCL_PAD_NOTSET)
        DCL_TRY(call->error, dcl_window_pads(call, a, x->rank - 2, w));
    for (int i = 5 - x->rank; i < 3; i++) {
        if (a->auto_pad == DCL_PAD_SAME_UPPER || a->auto_pad == DCL_PAD_SAME_LOWER)
            pad_same(w, i, a->auto_pad == DCL_PAD_SAME_UPPER);
        const int64_t room = w->size[i] + w->begin[i] + w->end[i] - dcl_window_extent(w, i);
        if (room < 0)
            return DCL_CALL_FAIL(
                call, DETCL_ERROR_MODEL, "a window of %lld does not fit into %lld padded positions",
                (long long)dcl_window_extent(w, i), (long long)(room + dcl_window_extent(w, i)));
        w->out[i] = room / w->stride[i] + 1;
    }
    return DETCL_OK;
}
