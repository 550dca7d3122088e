/* psroi_pool: position-sensitive RoI pooling (Dai et al. 2016, "R-FCN"; torchvision.ops.ps_roi_pool
 * and ps_roi_align). Bin b of channel c reads channel c * bins + b of the features.
 * in: features [N, C * bins, H, W], RoIs [R, 4], optional batch indices [R] and count (ops/roi.h).
 * out: [R, C, output_height, output_width].
 *   pool   the mean of a bin's pixels, bounds rounded; torchvision's clip leaves the map's last row
 *          and column out
 *   align  the mean of bilinear samples, as roi_align with half_pixel; 0 where there are none */
#include "detcl/regions.h"
#include "ops/roi.h"
#include "ops/typed.h"

enum { FEATURES, ROIS };
enum kind { POOL, ALIGN };

static const char *const kinds[] = {"pool", "align", NULL};

struct attrs {
    int64_t output_height, output_width, sampling_ratio;
    float spatial_scale;
    int kind;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, "pool", kinds), DCL_INT(struct attrs, output_height, NULL),
    DCL_INT(struct attrs, output_width, NULL),     DCL_INT(struct attrs, sampling_ratio, "0"),
    DCL_FLOAT(struct attrs, spatial_scale, "1"),   DCL_ATTRS_END};

static struct dcl_roi_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_roi_rule){.height = a->output_height,
                                 .width = a->output_width,
                                 .ratio = a->sampling_ratio,
                                 .scale = a->spatial_scale,
                                 .aligned = true};
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_need_dtype(call, FEATURES, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, FEATURES, 4));
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    DCL_TRY(call->error, dcl_roi_rule_check(call, &rule));
    const int64_t channels = DCL_DIM(x, 1) / rule.height / rule.width;
    if (DCL_DIM(x, 1) != channels * rule.height * rule.width)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld channels for %lld x %lld bins",
                             (long long)DCL_DIM(x, 1), (long long)rule.height,
                             (long long)rule.width);
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 4, .dims = {rois.n, channels, rule.height, rule.width}};
    call->out[0]->count = dcl_rois_count(call, ROIS);
    return DETCL_OK;
}

static float mean(const struct dcl_roi_pixels *p, const float *plane, int64_t width)
{
    double sum = 0;
    for (int64_t y = p->y0; y < p->y1; y++)
        for (int64_t x = p->x0; x < p->x1; x++)
            sum += (double)plane[y * width + x];
    return p->y0 < p->y1 && p->x0 < p->x1
               ? (float)(sum / ((double)(p->y1 - p->y0) * (double)(p->x1 - p->x0)))
               : 0;
}

/* The last row and column are not there for the pool: torchvision clips that way. */
static int64_t clipped(int64_t extent)
{
    return extent > 0 ? extent - 1 : 0;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    const int64_t channels = DCL_DIM(x, 1), height = DCL_DIM(x, 2), width = DCL_DIM(x, 3);
    const int64_t bins = rule.height * rule.width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    for (int64_t i = 0; i < rois.n * channels; i++) {
        const int64_t image = dcl_roi_image(&rois, i / channels), bin = i % bins;
        const float *box = (const float *)rois.boxes->data + 4 * (i / channels);
        const float *plane =
            (const float *)x->data + (image * channels + i % channels) * height * width;
        struct dcl_roi_axes axes;
        struct dcl_roi_pixels pixels;
        float *y = (float *)call->out[0]->data + i;
        *y = 0;
        if (image < 0 || !dcl_roi_axes_of(&rule, box, height, width, &axes))
            continue;
        dcl_roi_rounded_bin(&rule, box, bin, 0, clipped(height), clipped(width), &pixels);
        *y = a->kind == ALIGN ? dcl_roi_average(&axes, bin / rule.width, bin % rule.width, plane)
                              : mean(&pixels, plane, width);
    }
    return DETCL_OK;
}

static enum detcl_status record_pool(struct dcl_call *call, struct dcl_recorder *r,
                                     const struct dcl_rois *rois, const struct dcl_roi_rule *rule)
{
    const struct dcl_value *x = call->in[FEATURES];
    const struct dcl_value *ranges =
        dcl_record_roi_bins(r, rois, rule, 0, clipped(DCL_DIM(x, 2)), clipped(DCL_DIM(x, 3)), 1);
    struct dcl_launch *l = dcl_launch(r, "roi_pool", "-DLANES=1", "psroi_pool");
    dcl_arg_value(l, x);
    dcl_arg_value(l, ranges);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, DCL_DIM(x, 2));
    dcl_arg_int(l, DCL_DIM(x, 3));
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_int(l, DCL_DIM(x, 1));
    return dcl_grid(l, 2, (size_t[]){(size_t)DCL_DIM(x, 1), (size_t)rois->n}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    struct dcl_rois rois;
    struct dcl_roi_taps taps;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    if (a->kind == ALIGN) {
        DCL_TRY(call->error,
                dcl_roi_taps_make(r, &rois, &rule, DCL_DIM(x, 2), DCL_DIM(x, 3), &taps));
        DCL_TRY(call->error,
                dcl_record_roi_taps(r, &rois, &rule, DCL_DIM(x, 2), DCL_DIM(x, 3), NULL, 0, &taps));
        return dcl_record_roi_align(r, &rois, &rule, &taps, x, true, call->out[0]);
    }
    return record_pool(call, r, &rois, &rule);
}

const struct dcl_op dcl_op_psroi_pool = {
    .name = "psroi_pool",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision.ops.ps_roi_pool and ps_roi_align",
    .limits = "scaled coordinates up to 2^20; a sampling_ratio up to 1024",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_psroi_pool(struct detcl_context *ctx,
                                   const struct detcl_psroi_pool_params *params,
                                   struct detcl_tensor *features, struct detcl_tensor *rois,
                                   struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                                   struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.output_height = params->output_height,
                                .output_width = params->output_width,
                                .sampling_ratio = params->sampling_ratio,
                                .spatial_scale = dcl_roi_scale(params->spatial_scale),
                                .kind = (int)params->kind};
    return DCL_CALL_OP(ctx, psroi_pool, &attrs, sync,
                       DCL_TENSORS(features, rois, batch_indices, count), DCL_TENSORS(out));
}
