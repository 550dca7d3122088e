/* roi_align: for each RoI a grid of bins, each the mean of bilinear samples (He et al. 2017, "Mask
 * R-CNN"; torchvision.ops.roi_align, ONNX RoiAlign).
 * in: features [N, C, H, W], RoIs [R, 4], optional batch indices [R] and count (ops/roi.h).
 * out: [R, C, output_height, output_width].
 * half_pixel is torchvision's aligned=True; output_half_pixel, the only one before opset 16, takes
 * RoIs for at least one pixel. mode=max is ONNX's: the maximum of all weighted corners, not of the
 * samples; NaN are passed over there. */
#include "detcl/regions.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <math.h>

#define FIRST_ALIGNED_OPSET 16

enum { FEATURES, ROIS };
enum mode { AVERAGE, MAX };

static const char *const modes[] = {"avg", "max", NULL};
static const char *const transformations[] = {"half_pixel", "output_half_pixel", NULL};

struct attrs {
    int64_t output_height, output_width, sampling_ratio, opset;
    float spatial_scale;
    int mode, coordinate_transformation_mode;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, mode, "avg", modes),
    DCL_CHOICE(struct attrs, coordinate_transformation_mode, "half_pixel", transformations),
    DCL_INT(struct attrs, output_height, "1"),
    DCL_INT(struct attrs, output_width, "1"),
    DCL_INT(struct attrs, sampling_ratio, "0"),
    DCL_INT(struct attrs, opset, "16"),
    DCL_FLOAT(struct attrs, spatial_scale, "1"),
    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"RoiAlign", NULL}, {NULL, NULL}};

static struct dcl_roi_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_roi_rule){.height = a->output_height,
                                 .width = a->output_width,
                                 .ratio = a->sampling_ratio,
                                 .scale = a->spatial_scale,
                                 .aligned = a->opset >= FIRST_ALIGNED_OPSET &&
                                            a->coordinate_transformation_mode == 0};
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_roi_rule rule = rule_of(call);
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_need_dtype(call, FEATURES, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, FEATURES, 4));
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(call->in[FEATURES], 0), &rois));
    DCL_TRY(call->error, dcl_roi_rule_check(call, &rule));
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32,
        .rank = 4,
        .dims = {rois.n, DCL_DIM(call->in[FEATURES], 1), rule.height, rule.width}};
    call->out[0]->count = dcl_rois_count(call, ROIS);
    if (((const struct attrs *)call->attrs)->mode == AVERAGE)
        call->cpu_workspace = dcl_roi_last_bytes(call->in[FEATURES]);
    return DETCL_OK;
}

/* ONNX's maximum; a sample outside of the map counts as 0. */
static float maximum(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, const float *plane)
{
    int64_t y0, y1, x0, x1;
    dcl_roi_range(&axes->y, ph, &y0, &y1);
    dcl_roi_range(&axes->x, pw, &x0, &x1);
    const bool clipped = y1 - y0 < axes->y.grid || x1 - x0 < axes->x.grid;
    float best = clipped || axes->y.grid <= 0 || axes->x.grid <= 0 ? 0 : -INFINITY;
    for (int64_t iy = y0; iy < y1; iy++)
        for (int64_t ix = x0; ix < x1; ix++) {
            struct dcl_roi_sample y, x;
            float top = 0;
            if (dcl_roi_sample_at(&axes->y, ph, iy, &y) &&
                dcl_roi_sample_at(&axes->x, pw, ix, &x)) {
                const float *low = plane + y.low * axes->x.extent;
                const float *high = plane + y.high * axes->x.extent;
                const float wy = 1 - y.weight, wx = 1 - x.weight;
                top = fmaxf(fmaxf(wy * wx * low[x.low], wy * x.weight * low[x.high]),
                            fmaxf(y.weight * wx * high[x.low], y.weight * x.weight * high[x.high]));
            }
            best = fmaxf(best, top);
        }
    return best;
}

/* y [C, bins] = the maxima of RoI r. */
static void max_cpu(const struct dcl_rois *rois, const struct dcl_roi_rule *rule, int64_t r,
                    const struct dcl_value *x, float *y)
{
    const int64_t channels = DCL_DIM(x, 1), height = DCL_DIM(x, 2), width = DCL_DIM(x, 3);
    const int64_t image = dcl_roi_image(rois, r);
    const float *box = (const float *)rois->boxes->data + 4 * r;
    struct dcl_roi_axes axes;
    const bool sampled = image >= 0 && dcl_roi_axes_of(rule, box, height, width, &axes);
    for (int64_t c = 0; c < channels; c++) {
        const float *plane = (const float *)x->data + (image * channels + c) * height * width;
        for (int64_t bin = 0; bin < rule->height * rule->width; bin++)
            *y++ = sampled ? maximum(&axes, bin / rule->width, bin % rule->width, plane) : 0;
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    const int64_t each = DCL_DIM(x, 1) * rule.height * rule.width;
    if (a->mode == AVERAGE)
        dcl_roi_channels_last(x, call->workspace);
    for (int64_t r = 0; r < rois.n; r++) {
        float *y = (float *)call->out[0]->data + r * each;
        if (a->mode == MAX)
            max_cpu(&rois, &rule, r, x, y);
        else
            dcl_roi_align_cpu(&rois, &rule, r, x, call->workspace, y);
    }
    return DETCL_OK;
}

static enum detcl_status record_max(struct dcl_call *call, struct dcl_recorder *r,
                                    const struct dcl_rois *rois, const struct dcl_roi_rule *rule)
{
    const struct dcl_value *x = call->in[FEATURES];
    const int64_t each = DCL_DIM(x, 1) * rule->height * rule->width;
    struct dcl_launch *l = dcl_launch(r, "roi_align", "-DLANES=1", "roi_align_max");
    dcl_arg_value(l, x);
    dcl_arg_rois(l, rois);
    dcl_arg_value(l, call->out[0]);
    for (int i = 1; i < 4; i++)
        dcl_arg_int(l, DCL_DIM(x, i));
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_int(l, rule->ratio);
    dcl_arg_float(l, rule->scale);
    dcl_arg_int(l, rule->aligned);
    dcl_arg_int(l, each);
    return dcl_grid(l, 2, (size_t[]){(size_t)each, (size_t)rois->n}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    struct dcl_rois rois;
    struct dcl_roi_taps taps;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    if (a->mode == MAX)
        return record_max(call, r, &rois, &rule);
    DCL_TRY(call->error, dcl_roi_taps_make(r, &rois, &rule, DCL_DIM(x, 2), DCL_DIM(x, 3), &taps));
    DCL_TRY(call->error,
            dcl_record_roi_taps(r, &rois, &rule, DCL_DIM(x, 2), DCL_DIM(x, 3), NULL, 0, &taps));
    return dcl_record_roi_align(r, &rois, &rule, &taps, x, false, call->out[0]);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct attrs *a = call->attrs;
    return (struct dcl_layout){a->mode == MAX ? DCL_LAYOUT_PLAIN : DCL_LAYOUT_FOLLOW, 1, 0};
}

const struct dcl_op dcl_op_roi_align = {
    .name = "roi_align",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision.ops.roi_align; ONNX RoiAlign with its mode=max",
    .limits = "scaled coordinates up to 2^20; a sampling_ratio up to 1024",
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};

enum detcl_status detcl_roi_align(struct detcl_context *ctx,
                                  const struct detcl_roi_align_params *params,
                                  struct detcl_tensor *features, struct detcl_tensor *rois,
                                  struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                                  struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.output_height = params->output_height,
                                .output_width = params->output_width,
                                .sampling_ratio = params->sampling_ratio,
                                .opset = FIRST_ALIGNED_OPSET,
                                .spatial_scale = dcl_roi_scale(params->spatial_scale),
                                .mode = (int)params->mode,
                                .coordinate_transformation_mode = params->aligned ? 0 : 1};
    return DCL_CALL_OP(ctx, roi_align, &attrs, sync,
                       DCL_TENSORS(features, rois, batch_indices, count), DCL_TENSORS(out));
}
