/* roi_align_backward: the gradient of roi_align (mode avg) with respect to the features.
 * in: the gradient of the output [R, C, height, width of bins], then RoIs [R, 4], optional batch
 * indices [R] and count (ops/roi.h). out: [images, C, height, width]. Each element is a sum in the
 * order of the RoIs, their bins, row by row, so that runs agree on a device. */
#include "detcl/regions.h"
#include "device/device.h"
#include "ops/roi.h"
#include "ops/typed.h"

enum { GRADIENT, ROIS };

struct attrs {
    int64_t images, height, width, sampling_ratio, aligned;
    float spatial_scale;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, images, NULL),
                                             DCL_INT(struct attrs, height, NULL),
                                             DCL_INT(struct attrs, width, NULL),
                                             DCL_INT(struct attrs, sampling_ratio, "0"),
                                             DCL_INT(struct attrs, aligned, "0"),
                                             DCL_FLOAT(struct attrs, spatial_scale, "1"),
                                             DCL_ATTRS_END};

static struct dcl_roi_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_roi_rule){.height = DCL_DIM(call->in[GRADIENT], 2),
                                 .width = DCL_DIM(call->in[GRADIENT], 3),
                                 .ratio = a->sampling_ratio,
                                 .scale = a->spatial_scale,
                                 .aligned = a->aligned != 0};
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_need_dtype(call, GRADIENT, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, GRADIENT, 4));
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    const struct dcl_roi_rule rule = rule_of(call);
    DCL_TRY(call->error, dcl_roi_rule_check(call, &rule));
    DCL_TRY(call->error, dcl_roi_gradient_of(call, &rois, a->images, a->height, a->width));
    call->cpu_workspace = (size_t)(a->height * a->width) * sizeof(double);
    return DETCL_OK;
}

/* Add the gradient of one bin. */
static void spread(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, double gradient,
                   double *plane)
{
    const double samples = (double)axes->y.grid * (double)axes->x.grid;
    const double g = gradient / (samples > 1 ? samples : 1);
    int64_t y0, y1, x0, x1;
    dcl_roi_range(&axes->y, ph, &y0, &y1);
    dcl_roi_range(&axes->x, pw, &x0, &x1);
    for (int64_t iy = y0; iy < y1; iy++)
        for (int64_t ix = x0; ix < x1; ix++) {
            int64_t at[4];
            double weight[4];
            if (!dcl_roi_corners(axes, ph, pw, iy, ix, at, weight))
                continue;
            for (int k = 0; k < 4; k++)
                plane[at[k]] += weight[k] * g;
        }
}

static void add_rois(const struct dcl_call *call, const struct dcl_rois *rois, int64_t image,
                     int64_t c, double *plane)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const int64_t bins = rule.height * rule.width, channels = DCL_DIM(call->in[GRADIENT], 1);
    for (int64_t r = 0; r < rois->n; r++) {
        const float *box = (const float *)rois->boxes->data + 4 * r;
        const float *dy = (const float *)call->in[GRADIENT]->data + (r * channels + c) * bins;
        struct dcl_roi_axes axes;
        if (dcl_roi_image(rois, r) != image ||
            !dcl_roi_axes_of(&rule, box, a->height, a->width, &axes))
            continue;
        for (int64_t bin = 0; bin < bins; bin++)
            spread(&axes, bin / rule.width, bin % rule.width, (double)dy[bin], plane);
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t channels = DCL_DIM(call->in[GRADIENT], 1), elements = a->height * a->width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    double *plane = call->workspace;
    float *dx = call->out[0]->data;
    for (int64_t i = 0; i < a->images * channels; i++) {
        for (int64_t p = 0; p < elements; p++)
            plane[p] = 0;
        add_rois(call, &rois, i / channels, i % channels, plane);
        for (int64_t p = 0; p < elements; p++)
            *dx++ = (float)plane[p];
    }
    return DETCL_OK;
}

/* Rows of a work-item: all, unless too few work-items come of it. */
static int64_t band_of(const struct dcl_recorder *r, int64_t planes, int64_t height)
{
    if (dcl_limits(r)->profile == DCL_PROFILE_GPU)
        return 1;
    const int64_t wanted = 8 * (int64_t)dcl_limits(r)->compute_units;
    const int64_t bands = planes > 0 ? (wanted + planes - 1) / planes : 1;
    return bands < height ? (height + bands - 1) / bands : 1;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *dy = call->in[GRADIENT];
    const int block = dcl_limits(r)->block;
    const int64_t blocks = (DCL_DIM(dy, 1) + block - 1) / block;
    struct dcl_rois rois;
    struct dcl_roi_taps taps;
    if (dcl_count(call->out[0]) == 0)
        return DETCL_OK;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    DCL_TRY(call->error, dcl_roi_taps_make(r, &rois, &rule, a->height, a->width, &taps));
    DCL_TRY(call->error, dcl_record_roi_taps(r, &rois, &rule, a->height, a->width, NULL, 0, &taps));
    const struct dcl_value *from = dcl_record_blocked(r, dy);
    struct dcl_value *dx =
        dcl_workspace(r, DETCL_F32, a->images * blocks * a->height * a->width * block);
    const int64_t band = band_of(r, a->images * blocks, a->height);
    char options[32];
    dcl_lanes_options(block, options);
    struct dcl_launch *l = dcl_launch(r, "roi_align_backward", options, "roi_align_backward");
    dcl_arg_value(l, from);
    dcl_arg_taps(l, &taps);
    dcl_arg_value(l, dx);
    dcl_arg_int(l, rois.n);
    dcl_arg_int(l, blocks);
    dcl_arg_int(l, a->height);
    dcl_arg_int(l, a->width);
    dcl_arg_int(l, rule.height);
    dcl_arg_int(l, rule.width);
    dcl_arg_int(l, taps.rows);
    dcl_arg_int(l, taps.columns);
    dcl_arg_int(l, band);
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    dcl_grid(l, 3,
             (size_t[]){(size_t)blocks, (size_t)((a->height + band - 1) / band), (size_t)a->images},
             simd ? (size_t[]){1, 1, 1} : NULL);
    return dcl_record_dense(r, dx, call->out[0]);
}

const struct dcl_op dcl_op_roi_align_backward = {
    .name = "roi_align_backward",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-5f,
    .source = "the gradient of torchvision.ops.roi_align",
    .limits = "mode avg; scaled coordinates up to 2^20; a sampling_ratio up to 1024",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status
detcl_roi_align_backward(struct detcl_context *ctx, const struct detcl_roi_align_params *params,
                         struct detcl_tensor *grad_out, struct detcl_tensor *rois,
                         struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                         struct detcl_tensor *grad_features, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const int64_t *shape;
    DCL_TRY(&ctx->error, dcl_roi_gradient_shape(ctx, grad_features, &shape));
    if (params->mode != DETCL_ROI_AVERAGE)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_UNSUPPORTED,
                        "roi_align_backward: only the average has a gradient");
    const struct attrs attrs = {.images = shape[0],
                                .height = shape[2],
                                .width = shape[3],
                                .sampling_ratio = params->sampling_ratio,
                                .aligned = params->aligned != 0,
                                .spatial_scale = dcl_roi_scale(params->spatial_scale)};
    return DCL_CALL_OP(ctx, roi_align_backward, &attrs, sync,
                       DCL_TENSORS(grad_out, rois, batch_indices, count),
                       DCL_TENSORS(grad_features));
}
