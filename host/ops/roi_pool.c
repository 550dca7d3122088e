/* roi_pool: for each RoI a grid of bins, each the maximum of its pixels (Girshick 2015, "Fast
 * R-CNN"; torchvision.ops.roi_pool).
 * in: features [N, C, H, W], RoIs [R, 4], optional batch indices [R] and count (ops/roi.h).
 * out: [R, C, output_height, output_width], and optionally the positions y * W + x of the maxima,
 * int32. Bounds are rounded, the last pixel counts; bins overlap where they do not divide the RoI.
 * A bin without pixels gives 0 and -1, one with nothing above -FLT_MAX that and -1. */
#include "detcl/regions.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <float.h>

enum { FEATURES, ROIS };

struct attrs {
    int64_t output_height, output_width;
    float spatial_scale;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, output_height, NULL), DCL_INT(struct attrs, output_width, NULL),
    DCL_FLOAT(struct attrs, spatial_scale, "1"), DCL_ATTRS_END};

static struct dcl_roi_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return (struct dcl_roi_rule){
        .height = a->output_height, .width = a->output_width, .scale = a->spatial_scale};
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
    if (DCL_DIM(x, 3) > 0 && DCL_DIM(x, 2) > INT32_MAX / DCL_DIM(x, 3))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than 2^31 - 1 pixels");
    for (int i = 0; i < call->n_out; i++) {
        if (!dcl_has_out(call, i))
            continue;
        call->out[i]->desc =
            (struct detcl_desc){.dtype = i ? DETCL_I32 : DETCL_F32,
                                .rank = 4,
                                .dims = {rois.n, DCL_DIM(x, 1), rule.height, rule.width}};
        call->out[i]->count = dcl_rois_count(call, ROIS);
    }
    return DETCL_OK;
}

struct maximum {
    float value;
    int32_t at;
};

static struct maximum pool_one(const struct dcl_roi_pixels *p, const float *plane, int64_t width)
{
    struct maximum m = {p->y0 < p->y1 && p->x0 < p->x1 ? -FLT_MAX : 0, -1};
    for (int64_t y = p->y0; y < p->y1; y++)
        for (int64_t x = p->x0; x < p->x1; x++)
            if (plane[y * width + x] > m.value)
                m = (struct maximum){plane[y * width + x], (int32_t)(y * width + x)};
    return m;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_roi_rule rule = rule_of(call);
    const struct dcl_value *x = call->in[FEATURES];
    const int64_t channels = DCL_DIM(x, 1), height = DCL_DIM(x, 2), width = DCL_DIM(x, 3);
    const int64_t bins = rule.height * rule.width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    for (int64_t i = 0; i < rois.n * channels * bins; i++) {
        const int64_t r = i / (channels * bins), c = i / bins % channels;
        const int64_t image = dcl_roi_image(&rois, r);
        const float *box = (const float *)rois.boxes->data + 4 * r;
        struct maximum m = {0, -1};
        if (image >= 0 && dcl_roi_within(&rule, box)) {
            struct dcl_roi_pixels p;
            dcl_roi_rounded_bin(&rule, box, i % bins, 1, height, width, &p);
            m = pool_one(&p, (const float *)x->data + (image * channels + c) * height * width,
                         width);
        }
        ((float *)call->out[0]->data)[i] = m.value;
        if (dcl_has_out(call, 1))
            ((int32_t *)call->out[1]->data)[i] = m.at;
    }
    return DETCL_OK;
}

/* Processors take a vector of channels at a time, others one output a work-item. */
static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_roi_rule rule = rule_of(call);
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const struct dcl_value *x = call->in[FEATURES], *stored = simd ? dcl_record_blocked(r, x) : x;
    const int lanes = simd ? dcl_limits(r)->block : 1;
    const int64_t blocks = (DCL_DIM(x, 1) + lanes - 1) / lanes, bins = rule.height * rule.width;
    const int64_t share = simd ? bins : 1;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(x, 0), &rois));
    const struct dcl_value *ranges =
        dcl_record_roi_bins(r, &rois, &rule, 1, DCL_DIM(x, 2), DCL_DIM(x, 3), lanes);
    char options[32];
    dcl_lanes_options(lanes, options);
    struct dcl_launch *l = dcl_launch(r, "roi_pool", options, "roi_pool");
    dcl_arg_value(l, stored);
    dcl_arg_value(l, ranges);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_value(l, dcl_has_out(call, 1) ? call->out[1] : NULL);
    for (int i = 1; i < 4; i++)
        dcl_arg_int(l, DCL_DIM(x, i));
    dcl_arg_int(l, rule.height);
    dcl_arg_int(l, rule.width);
    dcl_arg_int(l, dcl_has_out(call, 1));
    dcl_arg_int(l, blocks * bins);
    dcl_arg_int(l, share);
    return dcl_grid(l, 2, (size_t[]){(size_t)(blocks * bins / share), (size_t)rois.n},
                    simd ? (size_t[]){1, 1} : NULL);
}

const struct dcl_op dcl_op_roi_pool = {
    .name = "roi_pool",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 2,
    .source = "torchvision.ops.roi_pool",
    .limits = "scaled coordinates up to 2^20",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_roi_pool(struct detcl_context *ctx,
                                 const struct detcl_roi_pool_params *params,
                                 struct detcl_tensor *features, struct detcl_tensor *rois,
                                 struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                                 struct detcl_tensor *out, struct detcl_tensor *argmax,
                                 const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.output_height = params->output_height,
                                .output_width = params->output_width,
                                .spatial_scale = dcl_roi_scale(params->spatial_scale)};
    return DCL_CALL_OP(ctx, roi_pool, &attrs, sync,
                       DCL_TENSORS(features, rois, batch_indices, count), DCL_TENSORS(out, argmax));
}
