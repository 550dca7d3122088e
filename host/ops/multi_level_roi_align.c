/* multi_level_roi_align: RoI align on the level of a feature pyramid that suits each RoI
 * (torchvision.ops.MultiScaleRoIAlign).
 * in: RoIs [R, 4], optional batch indices [R] and count (ops/roi.h), then up to six maps
 * [N, C, H, W] with the same N and C, one a spatial_scale, the finest first. The first map is level
 * -log2(spatial_scale), the others follow it. out: [R, C, output_height, output_width]. */
#include "detcl/regions.h"
#include "device/device.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <math.h>

enum { ROIS, MAPS = 3 };

struct attrs {
    int64_t output_height, output_width, sampling_ratio, aligned, canonical_level;
    float canonical_size;
    struct dcl_floats spatial_scales;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, output_height, NULL),     DCL_INT(struct attrs, output_width, NULL),
    DCL_INT(struct attrs, sampling_ratio, "0"),     DCL_INT(struct attrs, aligned, "0"),
    DCL_INT(struct attrs, canonical_level, "4"),    DCL_FLOAT(struct attrs, canonical_size, "224"),
    DCL_FLOATS(struct attrs, spatial_scales, NULL), DCL_ATTRS_END};

static struct dcl_roi_rule rule_of(const struct attrs *a, int map)
{
    return (struct dcl_roi_rule){.height = a->output_height,
                                 .width = a->output_width,
                                 .ratio = a->sampling_ratio,
                                 .scale = a->spatial_scales.v[map],
                                 .aligned = a->aligned != 0};
}

/* Levels are counted from the first map. */
static struct dcl_level_rule levels_of(const struct attrs *a)
{
    const int64_t first = (int64_t)lrint(-log2((double)a->spatial_scales.v[0]));
    return dcl_level_rule_of(0, a->spatial_scales.n - 1, a->canonical_level - first,
                             a->canonical_size);
}

static enum detcl_status check_maps(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    int maps = 0;
    while (dcl_has_in(call, MAPS + maps))
        maps++;
    if (maps == 0 || maps > DETCL_ROI_LEVELS || a->spatial_scales.n != maps)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%d maps and %d spatial_scales", maps,
                             a->spatial_scales.n);
    for (int i = 0; i < maps; i++) {
        const struct dcl_roi_rule rule = rule_of(a, i);
        DCL_TRY(call->error, dcl_need_dtype(call, MAPS + i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, MAPS + i, 4));
        DCL_TRY(call->error, dcl_roi_rule_check(call, &rule));
        for (int k = 0; k < 2; k++)
            if (DCL_DIM(call->in[MAPS + i], k) != DCL_DIM(call->in[MAPS], k))
                return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                     "map %d has other images or channels than map 0", i);
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_rois rois;
    DCL_TRY(call->error, check_maps(call));
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(call->in[MAPS], 0), &rois));
    if (a->canonical_level < 0 || a->canonical_level > 30)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a canonical_level of %lld, not 0 to 30",
                             (long long)a->canonical_level);
    if (!(a->canonical_size > 0 && a->canonical_size < INFINITY))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a canonical_size of %g, not above 0",
                             (double)a->canonical_size);
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32,
        .rank = 4,
        .dims = {rois.n, DCL_DIM(call->in[MAPS], 1), a->output_height, a->output_width}};
    call->out[0]->count = dcl_rois_count(call, ROIS);
    for (int i = 0; i < a->spatial_scales.n; i++)
        call->cpu_workspace += dcl_roi_last_bytes(call->in[MAPS + i]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_level_rule levels = levels_of(a);
    const int64_t channels = DCL_DIM(call->in[MAPS], 1);
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(call->in[MAPS], 0), &rois));
    float *last[DCL_MAX_FLOATS], *at = call->workspace;
    for (int i = 0; i < a->spatial_scales.n; i++) {
        last[i] = at;
        dcl_roi_channels_last(call->in[MAPS + i], at);
        at += dcl_count(call->in[MAPS + i]);
    }
    for (int64_t r = 0; r < rois.n; r++) {
        const float *box = (const float *)rois.boxes->data + 4 * r;
        const int level = (int)dcl_roi_level(&levels, box);
        const struct dcl_roi_rule rule = rule_of(a, level);
        const int64_t each = channels * rule.height * rule.width;
        dcl_roi_align_cpu(&rois, &rule, r, call->in[MAPS + level], last[level],
                          (float *)call->out[0]->data + r * each);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_level_rule levels = levels_of(a);
    const struct dcl_roi_rule any = rule_of(a, 0);
    int64_t height = 0, width = 0;
    for (int i = 0; i < a->spatial_scales.n; i++) {
        const struct dcl_value *x = call->in[MAPS + i];
        height = height > DCL_DIM(x, 2) ? height : DCL_DIM(x, 2);
        width = width > DCL_DIM(x, 3) ? width : DCL_DIM(x, 3);
    }
    struct dcl_rois rois;
    struct dcl_roi_taps taps;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, DCL_DIM(call->in[MAPS], 0), &rois));
    DCL_TRY(call->error, dcl_roi_taps_make(r, &rois, &any, height, width, &taps));
    struct dcl_value *level = dcl_workspace(r, DETCL_I32, rois.n);
    if (!level)
        return dcl_recorded(r);
    DCL_TRY(call->error, dcl_record_roi_levels(r, &levels, rois.boxes, level));
    for (int i = 0; i < a->spatial_scales.n; i++) {
        const struct dcl_roi_rule rule = rule_of(a, i);
        const struct dcl_value *x = call->in[MAPS + i];
        DCL_TRY(call->error, dcl_record_roi_taps(r, &rois, &rule, DCL_DIM(x, 2), DCL_DIM(x, 3),
                                                 level, i, &taps));
        DCL_TRY(call->error, dcl_record_roi_align(r, &rois, &rule, &taps, x, false, call->out[0]));
    }
    return DETCL_OK;
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct attrs *a = call->attrs;
    const uint32_t maps = (1u << a->spatial_scales.n) - 1;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, maps << MAPS, 0};
}

const struct dcl_op dcl_op_multi_level_roi_align = {
    .name = "multi_level_roi_align",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = MAPS + DETCL_ROI_LEVELS,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision.ops.MultiScaleRoIAlign",
    .limits = "six maps; scaled coordinates up to 2^20; a sampling_ratio up to 1024",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};

enum detcl_status detcl_multi_level_roi_align(
    struct detcl_context *ctx, const struct detcl_multi_level_roi_align_params *params,
    struct detcl_tensor *const *features, int n_features, struct detcl_tensor *rois,
    struct detcl_tensor *batch_indices, struct detcl_tensor *count, struct detcl_tensor *out,
    const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    if (!features || n_features < 1 || n_features > DETCL_ROI_LEVELS)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "multi_level_roi_align: %d maps, not 1 to %d", n_features,
                        DETCL_ROI_LEVELS);
    struct attrs attrs = {.output_height = params->output_height,
                          .output_width = params->output_width,
                          .sampling_ratio = params->sampling_ratio,
                          .aligned = params->aligned != 0,
                          .canonical_level = params->canonical_level ? params->canonical_level : 4,
                          .canonical_size =
                              params->canonical_size == 0 ? 224 : params->canonical_size,
                          .spatial_scales = {.n = n_features}};
    struct detcl_tensor *in[MAPS + DETCL_ROI_LEVELS] = {rois, batch_indices, count};
    for (int i = 0; i < n_features; i++) {
        in[MAPS + i] = features[i];
        attrs.spatial_scales.v[i] = params->spatial_scales[i];
    }
    return DCL_CALL_OP(ctx, multi_level_roi_align, &attrs, sync,
                       ((struct dcl_operands){in, MAPS + n_features}), DCL_TENSORS(out));
}
