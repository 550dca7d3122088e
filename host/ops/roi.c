/* Regions of interest: their operands, and the twin's sampling of bins (torchvision roi_align). */
#include "ops/roi.h"
#include "core/simd.h"
#include "core/transpose.h"
#include "device/device.h"

#include <math.h>
#include <string.h>

#define FARTHEST 1048576.0f /* where float32 still tells eighths of a pixel apart */
#define MOST_SAMPLES 1024
#define MOST_BINS 32768

enum detcl_status dcl_rois_of(const struct dcl_call *call, int at, int64_t images,
                              struct dcl_rois *out)
{
    *out = (struct dcl_rois){.boxes = call->in[at], .images = images};
    DCL_TRY(call->error, dcl_need_dtype(call, at, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, at, 2));
    out->n = DCL_DIM(call->in[at], 0);
    if (DCL_DIM(call->in[at], 1) != 4)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the RoIs are not [R, 4]");
    if (dcl_has_in(call, at + 1)) {
        out->batch = call->in[at + 1];
        DCL_TRY(call->error, dcl_need_dtype(call, at + 1, DCL_I32 | DCL_I64));
        DCL_TRY(call->error, dcl_need_rank(call, at + 1, 1));
        if (DCL_DIM(call->in[at + 1], 0) != out->n)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld batch indices of %lld RoIs",
                                 (long long)DCL_DIM(call->in[at + 1], 0), (long long)out->n);
    }
    if (dcl_has_in(call, at + 2)) {
        out->count = call->in[at + 2];
        DCL_TRY(call->error, dcl_need_dtype(call, at + 2, DCL_I32));
        if (dcl_count(call->in[at + 2]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the count of RoIs is not one number");
    }
    return DETCL_OK;
}

struct dcl_value *dcl_rois_count(const struct dcl_call *call, int at)
{
    return dcl_has_in(call, at + 2) && call->in[at + 2]->desc.rank == 0 ? call->in[at + 2] : NULL;
}

int64_t dcl_roi_image(const struct dcl_rois *rois, int64_t r)
{
    if (rois->count && r >= ((const int32_t *)rois->count->data)[0])
        return -1;
    int64_t image = 0;
    if (rois->batch)
        image = rois->batch->desc.dtype == DETCL_I64 ? ((const int64_t *)rois->batch->data)[r]
                                                     : ((const int32_t *)rois->batch->data)[r];
    return image >= 0 && image < rois->images ? image : -1;
}

enum detcl_status dcl_roi_rule_check(const struct dcl_call *call, const struct dcl_roi_rule *rule)
{
    if (rule->height < 1 || rule->height > MOST_BINS || rule->width < 1 || rule->width > MOST_BINS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%lld x %lld bins, not 1 to %d",
                             (long long)rule->height, (long long)rule->width, MOST_BINS);
    if (rule->ratio > MOST_SAMPLES)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "a sampling_ratio of %lld, limit %d",
                             (long long)rule->ratio, MOST_SAMPLES);
    if (!(rule->scale > 0 && rule->scale < INFINITY))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a spatial_scale of %g, not above 0",
                             (double)rule->scale);
    return DETCL_OK;
}

enum detcl_status dcl_roi_gradient_of(struct dcl_call *call, const struct dcl_rois *rois,
                                      int64_t images, int64_t height, int64_t width)
{
    struct detcl_desc *dx = &call->out[0]->desc;
    if (DCL_DIM(call->in[0], 0) != rois->n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "gradients of %lld RoIs, but %lld RoIs",
                             (long long)DCL_DIM(call->in[0], 0), (long long)rois->n);
    if (images < 0 || height < 0 || width < 0 || (width > 0 && height > INT32_MAX / width))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "features with an extent out of range");
    *dx = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 4, .dims = {images, DCL_DIM(call->in[0], 1), height, width}};
    return DETCL_OK;
}

enum detcl_status dcl_roi_gradient_shape(struct detcl_context *ctx,
                                         const struct detcl_tensor *grad_features,
                                         const int64_t **shape)
{
    if (!grad_features || grad_features->desc.rank != 4)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "grad_features is not [N, C, H, W]");
    *shape = grad_features->desc.dims;
    return DETCL_OK;
}

static struct dcl_roi_axis axis_of(const struct dcl_roi_rule *rule, float low, float high,
                                   int64_t bins, int64_t extent)
{
    const float offset = rule->aligned ? 0.5f : 0.0f;
    const float start = low * rule->scale - offset, end = high * rule->scale - offset;
    float length = end - start;
    if (!rule->aligned && length < 1)
        length = 1;
    struct dcl_roi_axis a = {.start = start, .bin = length / (float)bins, .extent = extent};
    a.adaptive = rule->ratio <= 0;
    a.grid = a.adaptive ? (int64_t)ceilf(a.bin) : rule->ratio;
    return a;
}

bool dcl_roi_within(const struct dcl_roi_rule *rule, const float *box)
{
    for (int k = 0; k < 4; k++)
        if (!(fabsf(box[k] * rule->scale) <= FARTHEST))
            return false;
    return true;
}

static int64_t clamped(int64_t v, int64_t limit)
{
    return v < 0 ? 0 : v < limit ? v : limit;
}

static void round_axis(float low, float high, int64_t bins, int64_t bin, int one, int64_t limit,
                       int64_t *first, int64_t *end)
{
    const int64_t start = (int64_t)roundf(low), last = (int64_t)roundf(high);
    const int64_t extent = last - start + one > 1 ? last - start + one : 1;
    const float size = (float)extent / (float)bins;
    *first = clamped(start + (int64_t)floorf((float)bin * size), limit);
    *end = clamped(start + (int64_t)ceilf((float)(bin + 1) * size), limit);
}

void dcl_roi_rounded_bin(const struct dcl_roi_rule *rule, const float *box, int64_t bin, int one,
                         int64_t height, int64_t width, struct dcl_roi_pixels *out)
{
    const float s = rule->scale;
    round_axis(box[1] * s, box[3] * s, rule->height, bin / rule->width, one, height, &out->y0,
               &out->y1);
    round_axis(box[0] * s, box[2] * s, rule->width, bin % rule->width, one, width, &out->x0,
               &out->x1);
}

bool dcl_roi_axes_of(const struct dcl_roi_rule *rule, const float *box, int64_t height,
                     int64_t width, struct dcl_roi_axes *out)
{
    if (!dcl_roi_within(rule, box))
        return false;
    out->y = axis_of(rule, box[1], box[3], rule->height, height);
    out->x = axis_of(rule, box[0], box[2], rule->width, width);
    return true;
}

static float bin_start(const struct dcl_roi_axis *a, int64_t bin)
{
    return a->start + (float)bin * a->bin;
}

/* The samples of a bin of a large RoI are many more than the map's pixels. They lie at most a pixel
 * apart, and a margin of four covers the rounding. */
void dcl_roi_range(const struct dcl_roi_axis *a, int64_t bin, int64_t *first, int64_t *end)
{
    *first = 0;
    *end = a->grid;
    if (!a->adaptive || a->grid <= 0)
        return;
    const float step = a->bin / (float)a->grid, base = bin_start(a, bin), grid = (float)a->grid;
    const float low = (-1 - base) / step - 4, high = ((float)a->extent - base) / step + 4;
    *first = (int64_t)fminf(fmaxf(low, 0), grid);
    *end = (int64_t)fminf(fmaxf(high, 0), grid);
}

bool dcl_roi_sample_at(const struct dcl_roi_axis *a, int64_t bin, int64_t i,
                       struct dcl_roi_sample *out)
{
    float at = bin_start(a, bin) + ((float)i + 0.5f) * a->bin / (float)a->grid;
    if (a->extent == 0 || !(at >= -1 && at <= (float)a->extent))
        return false;
    at = at > 0 ? at : 0;
    out->low = (int64_t)at < a->extent - 1 ? (int64_t)at : a->extent - 1;
    out->high = out->low < a->extent - 1 ? out->low + 1 : out->low;
    out->weight = out->low < a->extent - 1 ? at - (float)out->low : 0;
    return true;
}

bool dcl_roi_corners(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, int64_t iy,
                     int64_t ix, int64_t at[4], double weight[4])
{
    struct dcl_roi_sample y, x;
    if (!dcl_roi_sample_at(&axes->y, ph, iy, &y) || !dcl_roi_sample_at(&axes->x, pw, ix, &x))
        return false;
    const int64_t low = y.low * axes->x.extent, high = y.high * axes->x.extent;
    const double wy = (double)y.weight, wx = (double)x.weight;
    at[0] = low + x.low;
    at[1] = low + x.high;
    at[2] = high + x.low;
    at[3] = high + x.high;
    weight[0] = (1 - wy) * (1 - wx);
    weight[1] = (1 - wy) * wx;
    weight[2] = wy * (1 - wx);
    weight[3] = wy * wx;
    return true;
}

float dcl_roi_average(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, const float *plane)
{
    int64_t y0, y1, x0, x1;
    dcl_roi_range(&axes->y, ph, &y0, &y1);
    dcl_roi_range(&axes->x, pw, &x0, &x1);
    double sum = 0;
    for (int64_t iy = y0; iy < y1; iy++)
        for (int64_t ix = x0; ix < x1; ix++) {
            int64_t at[4];
            double weight[4];
            if (!dcl_roi_corners(axes, ph, pw, iy, ix, at, weight))
                continue;
            for (int k = 0; k < 4; k++)
                sum += weight[k] * (double)plane[at[k]];
        }
    const double count = (double)axes->y.grid * (double)axes->x.grid;
    return (float)(sum / (count > 1 ? count : 1));
}

/* --- all channels at once ----------------------------------------------------------------------
 */

#define CHANNELS 256 /* of a tile */
#define BINS 16

size_t dcl_roi_last_bytes(const struct dcl_value *x)
{
    return (size_t)dcl_count(x) * sizeof(float);
}

void dcl_roi_channels_last(const struct dcl_value *x, float *to)
{
    const int64_t channels = DCL_DIM(x, 1), pixels = DCL_DIM(x, 2) * DCL_DIM(x, 3);
    for (int64_t n = 0; n < DCL_DIM(x, 0); n++)
        dcl_transpose((const float *)x->data + n * channels * pixels, pixels, channels, pixels,
                      to + n * channels * pixels, channels);
}

/* sum += the four corners by weight. */
DCL_VECTORISED static void add_corners(double *restrict sum, int64_t channels,
                                       const float *const corner[4], const double weight[4])
{
    for (int64_t c = 0; c < channels; c++)
        sum[c] += weight[0] * (double)corner[0][c] + weight[1] * (double)corner[1][c] +
                  weight[2] * (double)corner[2][c] + weight[3] * (double)corner[3][c];
}

/* mean [channels] of the samples of a bin, from the first pixel's first channel on. */
static void average_channels(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw,
                             const float *image, int64_t step, int64_t channels, float *mean)
{
    int64_t y0, y1, x0, x1;
    dcl_roi_range(&axes->y, ph, &y0, &y1);
    dcl_roi_range(&axes->x, pw, &x0, &x1);
    double sum[CHANNELS] = {0};
    for (int64_t iy = y0; iy < y1; iy++)
        for (int64_t ix = x0; ix < x1; ix++) {
            int64_t at[4];
            double weight[4];
            if (!dcl_roi_corners(axes, ph, pw, iy, ix, at, weight))
                continue;
            const float *const corner[] = {image + at[0] * step, image + at[1] * step,
                                           image + at[2] * step, image + at[3] * step};
            add_corners(sum, channels, corner, weight);
        }
    const double count = (double)axes->y.grid * (double)axes->x.grid;
    for (int64_t c = 0; c < channels; c++)
        mean[c] = (float)(sum[c] / (count > 1 ? count : 1));
}

void dcl_roi_align_cpu(const struct dcl_rois *rois, const struct dcl_roi_rule *rule, int64_t r,
                       const struct dcl_value *x, const float *last, float *y)
{
    const int64_t channels = DCL_DIM(x, 1), height = DCL_DIM(x, 2), width = DCL_DIM(x, 3);
    const int64_t image = dcl_roi_image(rois, r), bins = rule->height * rule->width;
    const float *box = (const float *)rois->boxes->data + 4 * r;
    struct dcl_roi_axes axes;
    if (image < 0 || !dcl_roi_axes_of(rule, box, height, width, &axes)) {
        memset(y, 0, (size_t)(channels * bins) * sizeof *y);
        return;
    }
    last += image * height * width * channels;
    for (int64_t c = 0; c < channels; c += CHANNELS)
        for (int64_t b = 0; b < bins; b += BINS) {
            const int64_t there = channels - c < CHANNELS ? channels - c : CHANNELS;
            const int64_t some = bins - b < BINS ? bins - b : BINS;
            float mean[BINS][CHANNELS];
            for (int64_t k = 0; k < some; k++)
                average_channels(&axes, (b + k) / rule->width, (b + k) % rule->width, last + c,
                                 channels, there, mean[k]);
            dcl_transpose(mean[0], CHANNELS, some, there, y + c * bins + b, bins);
        }
}
