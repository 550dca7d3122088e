/* Where the elements of a resized axis come from: ONNX Resize-19, "coordinate_transformation_mode"
 * and the interpolation modes. The cubic filter is that of Keys, "Cubic convolution interpolation
 * for digital image processing" (1981), with parameter a; with antialias a shrinking axis stretches
 * the filter. */
#include "ops/resize.h"

#include <math.h>

/* The filter's scale: below 1 it is stretched over more input elements. */
static double filter_scale(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis)
{
    return rule->antialias && axis->scale < 1 ? axis->scale : 1;
}

/* The first tap, relative to the element left of the sampled position. */
static int64_t first_tap(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis)
{
    const double reach = rule->mode == DCL_RESIZE_CUBIC ? 2 : 1;
    return (int64_t)floor(-reach / filter_scale(rule, axis)) + 1;
}

int64_t dcl_resize_taps(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis)
{
    return axis->same || rule->mode == DCL_RESIZE_NEAREST ? 1 : 2 - 2 * first_tap(rule, axis);
}

static double linear(double x)
{
    return fabs(x) < 1 ? 1 - fabs(x) : 0;
}

static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* The input position of output element i. */
static double position(enum dcl_resize_coordinates mode, const struct dcl_resize_axis *axis,
                       double i)
{
    const double centre = (i + 0.5) / axis->scale, last = (double)axis->in - 1;
    switch (mode) {
    case DCL_RESIZE_HALF_PIXEL:
        return centre - 0.5;
    case DCL_RESIZE_HALF_PIXEL_SYMMETRIC:
        return (double)axis->in / 2 * (1 - (double)axis->out / axis->extent) + centre - 0.5;
    case DCL_RESIZE_PYTORCH_HALF_PIXEL:
        return axis->out > 1 ? centre - 0.5 : 0;
    case DCL_RESIZE_ALIGN_CORNERS:
        return axis->out > 1 ? i * last / (axis->extent - 1) : 0;
    case DCL_RESIZE_ASYMMETRIC:
        return i / axis->scale;
    case DCL_RESIZE_TF_HALF_PIXEL_FOR_NN:
        return centre;
    case DCL_RESIZE_TF_CROP_AND_RESIZE:
        if (axis->out > 1)
            return axis->roi_begin * last +
                   i * (axis->roi_end - axis->roi_begin) * last / (axis->extent - 1);
        return 0.5 * (axis->roi_begin + axis->roi_end) * last;
    }
    return 0;
}

/* Models give scales as float32, so a position such as 3 / 0.6 comes out next to the 5 that is
 * meant. One that is that close to a whole or half number is taken as it, before it is rounded. */
static double nearest(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis,
                      double x)
{
    const double half = floor(2 * x + 0.5) / 2;
    if (fabs(x - half) <= 1e-7 * (1 + fabs(x)))
        x = half;
    switch (rule->rounding) {
    case DCL_RESIZE_ROUND_PREFER_FLOOR:
        return ceil(x - 0.5);
    case DCL_RESIZE_ROUND_PREFER_CEIL:
        return floor(x + 0.5);
    case DCL_RESIZE_CEIL:
        return ceil(x);
    case DCL_RESIZE_SIMPLE:
        return axis->scale < 1 ? ceil(x) : floor(x);
    default:
        return floor(x);
    }
}

static int32_t within(double at, int64_t extent)
{
    const double last = (double)extent - 1;
    return (int32_t)(at < 0 ? 0 : at > last ? last : at);
}

/* The taps of one output element at position x, and their weights. */
static void filter(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis, double x,
                   int32_t *index, float *weight)
{
    const int64_t first = first_tap(rule, axis);
    const double left = ceil(x) - 1, scale = filter_scale(rule, axis);
    double sum = 0;
    for (int pass = 0; pass < 2; pass++) /* the sum, then the weights */
        for (int64_t k = 0; k < axis->taps; k++) {
            const double at = left + (double)(first + k), d = scale * (at - x);
            const bool outside = at < 0 || at > (double)axis->in - 1;
            const double w = rule->exclude_outside && outside ? 0
                             : rule->mode == DCL_RESIZE_CUBIC ? cubic(d, (double)rule->cubic_a)
                                                              : linear(d);
            if (pass == 0)
                sum += w;
            index[k] = within(at, axis->in);
            weight[k] = (float)(sum == 0 ? 0 : w / sum);
        }
}

void dcl_resize_table(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis,
                      int32_t *index, float *weight)
{
    const int64_t taps = axis->taps;
    for (int64_t i = 0; i < axis->out; i++) {
        const double x = axis->same ? (double)i : position(rule->coordinates, axis, (double)i);
        if (rule->coordinates == DCL_RESIZE_TF_CROP_AND_RESIZE && !axis->same &&
            !(x >= 0 && x <= (double)axis->in - 1)) {
            for (int64_t k = 0; k < taps; k++) {
                index[i * taps + k] = -1;
                weight[i * taps + k] = 0;
            }
        } else if (axis->same || rule->mode == DCL_RESIZE_NEAREST) {
            index[i] = within(axis->same ? x : nearest(rule, axis, x), axis->in);
            weight[i] = 1;
        } else {
            filter(rule, axis, x, index + i * taps, weight + i * taps);
        }
    }
}
