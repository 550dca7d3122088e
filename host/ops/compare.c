#include "ops/compare.h"

#include <math.h>
#include <string.h>

static double element(enum detcl_dtype dtype, const void *data, int64_t i)
{
    switch (dtype) {
    case DETCL_F32:
        return (double)((const float *)data)[i];
    case DETCL_I32:
        return ((const int32_t *)data)[i];
    case DETCL_I64:
        return (double)((const int64_t *)data)[i];
    case DETCL_U8:
    case DETCL_BOOL:
        return ((const uint8_t *)data)[i];
    }
    return NAN;
}

static bool identical(enum detcl_dtype dtype, const void *a, const void *b, int64_t i)
{
    if (dtype == DETCL_I64) /* a double does not hold all of them */
        return ((const int64_t *)a)[i] == ((const int64_t *)b)[i];
    const double x = element(dtype, a, i), y = element(dtype, b, i);
    return x == y || (isnan(x) && isnan(y));
}

double dcl_magnitude(enum detcl_dtype dtype, int64_t count, const void *data)
{
    double largest = 0;
    for (int64_t i = 0; dtype == DETCL_F32 && i < count; i++) {
        const double v = fabs(element(dtype, data, i));
        if (isfinite(v) && v > largest)
            largest = v;
    }
    return largest;
}

struct dcl_difference dcl_compare(enum detcl_dtype dtype, int64_t count, const void *found,
                                  const void *expected, double tolerance)
{
    return dcl_compare_scaled(dtype, count, found, expected, tolerance, 0);
}

struct dcl_difference dcl_compare_scaled(enum detcl_dtype dtype, int64_t count, const void *found,
                                         const void *expected, double tolerance, double scale)
{
    struct dcl_difference worst = {.same = true, .at = -1};
    for (int64_t i = 0; i < count; i++) {
        if (identical(dtype, found, expected, i))
            continue;
        const double x = element(dtype, found, i), y = element(dtype, expected, i);
        double error = fabs(x - y) / (1 + fmax(fabs(y), scale));
        if (dtype != DETCL_F32 || !isfinite(x) || !isfinite(y))
            error = INFINITY;
        if (worst.at >= 0 && error <= worst.error)
            continue;
        worst.at = i;
        worst.found = x;
        worst.expected = y;
        worst.error = error;
        worst.same = error <= tolerance;
    }
    return worst;
}

void dcl_clear_tail(const struct dcl_value *v, const int32_t *count, void *data)
{
    const int axis = v->count->desc.rank;
    const int64_t groups = dcl_count(v->count), extent = DCL_DIM(v, axis);
    size_t entry = detcl_dtype_size(v->desc.dtype);
    for (int i = axis + 1; i < v->desc.rank; i++)
        entry *= (size_t)DCL_DIM(v, i);
    for (int64_t g = 0; g < groups; g++) {
        const int64_t valid = count[g] > 0 ? count[g] : 0;
        if (valid < extent)
            memset((char *)data + (size_t)(g * extent + valid) * entry, 0,
                   (size_t)(extent - valid) * entry);
    }
}

struct dcl_difference dcl_compare_output(const struct dcl_call *call, int k, const void *found,
                                         const void *expected, double tolerance)
{
    const struct detcl_desc *d = &call->out[k]->desc;
    const int64_t n = detcl_desc_count(d);
    const double scale =
        call->op->flags & DCL_OP_CONTRACTS ? dcl_magnitude(d->dtype, n, expected) : 0;
    return dcl_compare_scaled(d->dtype, n, found, expected, tolerance, scale);
}

void dcl_clear_tails(const struct dcl_call *call, void *const *data)
{
    for (int k = 0; k < call->n_out; k++) {
        const struct dcl_value *v = call->out[k];
        for (int i = 0; v && v->count && data[k] && i < call->n_in; i++)
            if (call->in[i] == v->count)
                dcl_clear_tail(v, v->count->data, data[k]);
        for (int i = 0; v && v->count && data[k] && i < call->n_out; i++)
            if (call->out[i] == v->count)
                dcl_clear_tail(v, data[i], data[k]);
    }
}
