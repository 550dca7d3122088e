#include "ops/axes.h"

static void add(int *n, int64_t *extents, int64_t *strides, int64_t extent, int64_t stride)
{
    extents[*n] = extent;
    strides[(*n)++] = stride;
}

enum detcl_status dcl_axes_split(const struct dcl_call *call, const struct detcl_desc *x,
                                 const struct dcl_ints *axes, bool keepdims, struct dcl_axes *split,
                                 struct detcl_desc *out)
{
    bool reduced[DETCL_MAX_RANK] = {false};
    int64_t stride[DETCL_MAX_RANK], step = 1;
    for (int i = 0; i < axes->n; i++) {
        int axis;
        DCL_TRY(call->error, dcl_axis(call, axes->v[i], x->rank, &axis));
        if (reduced[axis])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d is listed twice", axis);
        reduced[axis] = true;
    }
    for (int i = x->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= x->dims[i];
    }
    *split = (struct dcl_axes){.rows = 1, .count = 1};
    int rank = 0;
    for (int i = 0; i < x->rank; i++) {
        const bool gone = reduced[i] || axes->n == 0;
        if (gone)
            add(&split->n_reduced, split->reduced, split->reduced_stride, x->dims[i], stride[i]);
        else
            add(&split->n_kept, split->kept, split->kept_stride, x->dims[i], stride[i]);
        *(gone ? &split->count : &split->rows) *= x->dims[i];
        if (out && (!gone || keepdims))
            out->dims[rank++] = gone ? 1 : x->dims[i];
    }
    if (out)
        out->rank = rank;
    return DETCL_OK;
}

int64_t dcl_axes_offset(int n, const int64_t *extent, const int64_t *stride, int64_t i)
{
    int64_t at = 0;
    for (int k = n - 1; k >= 0; k--) {
        at += i % extent[k] * stride[k];
        i /= extent[k];
    }
    return at;
}

static int32_t *put(int32_t *to, int n, const int64_t *extent, const int64_t *stride)
{
    *to++ = n;
    for (int i = 0; i < n; i++)
        to[i] = (int32_t)extent[i];
    for (int i = 0; i < n; i++)
        to[n + i] = (int32_t)stride[i];
    return to + 2 * n;
}

struct dcl_value *dcl_axes_table(struct dcl_recorder *r, const struct dcl_axes *split)
{
    void *data;
    struct dcl_value *v =
        dcl_packed(r, DETCL_I32, 2 + 2 * (split->n_kept + split->n_reduced), &data);
    if (v)
        put(put(data, split->n_kept, split->kept, split->kept_stride), split->n_reduced,
            split->reduced, split->reduced_stride);
    return v;
}
