/* roi_levels: the level of a feature pyramid for each RoI (Lin et al. 2017, equation 1):
 *   canonical_level + floor(log2(sqrt(area) / canonical_size) + 1e-6), within min_level..max_level.
 * in: RoIs [R, 4]; out: [R] int32. A level more takes four times the area, so comparing areas
 * decides without a logarithm, the same way on every device. */
#include "detcl/regions.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <math.h>

#define TOLERANCE 1e-6 /* torchvision.ops.poolers.LevelMapper */
#define MOST_LEVEL 30

struct attrs {
    int64_t min_level, max_level, canonical_level;
    float canonical_size;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, min_level, "2"), DCL_INT(struct attrs, max_level, "5"),
    DCL_INT(struct attrs, canonical_level, "4"), DCL_FLOAT(struct attrs, canonical_size, "224"),
    DCL_ATTRS_END};

struct dcl_level_rule dcl_level_rule_of(int64_t min, int64_t max, int64_t canonical_level,
                                        float canonical_size)
{
    const double side =
        (double)canonical_size * exp2((double)(min + 1 - canonical_level) - TOLERANCE);
    return (struct dcl_level_rule){min, max, (float)(side * side)};
}

int64_t dcl_roi_level(const struct dcl_level_rule *rule, const float *box)
{
    const float width = box[2] - box[0], height = box[3] - box[1];
    const float area = width > 0 && height > 0 ? width * height : 0;
    int64_t level = rule->min;
    for (float threshold = rule->first; level < rule->max && area >= threshold; threshold *= 4)
        level++;
    return level;
}

static struct dcl_level_rule rule_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    return dcl_level_rule_of(a->min_level, a->max_level, a->canonical_level, a->canonical_size);
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, 0, 1, &rois));
    if (a->min_level < 0 || a->max_level < a->min_level || a->max_level > MOST_LEVEL)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "levels %lld to %lld, not within 0 to %d",
                             (long long)a->min_level, (long long)a->max_level, MOST_LEVEL);
    if (a->canonical_level < 0 || a->canonical_level > MOST_LEVEL)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a canonical_level of %lld, not 0 to %d",
                             (long long)a->canonical_level, MOST_LEVEL);
    if (!(a->canonical_size > 0 && a->canonical_size < INFINITY))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a canonical_size of %g, not above 0",
                             (double)a->canonical_size);
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {rois.n}};
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_level_rule rule = rule_of(call);
    for (int64_t r = 0; r < DCL_DIM(call->in[0], 0); r++)
        ((int32_t *)call->out[0]->data)[r] =
            (int32_t)dcl_roi_level(&rule, (const float *)call->in[0]->data + 4 * r);
    return DETCL_OK;
}

enum detcl_status dcl_record_roi_levels(struct dcl_recorder *r, const struct dcl_level_rule *rule,
                                        const struct dcl_value *rois, const struct dcl_value *y)
{
    struct dcl_launch *l = dcl_launch(r, "roi_levels", "", "roi_levels");
    dcl_arg_value(l, rois);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(rois, 0));
    dcl_arg_int(l, rule->min);
    dcl_arg_int(l, rule->max);
    dcl_arg_float(l, rule->first);
    return dcl_grid(l, 1, (size_t[]){(size_t)DCL_DIM(rois, 0)}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_level_rule rule = rule_of(call);
    return dcl_record_roi_levels(r, &rule, call->in[0], call->out[0]);
}

const struct dcl_op dcl_op_roi_levels = {
    .name = "roi_levels",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "Lin et al. 2017, \"Feature Pyramid Networks\", eq. 1; torchvision LevelMapper",
    .limits = "levels 0 to 30; areas are compared in float32",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_roi_levels(struct detcl_context *ctx,
                                   const struct detcl_roi_levels_params *params,
                                   struct detcl_tensor *rois, struct detcl_tensor *levels,
                                   const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {
        .min_level = params->min_level,
        .max_level = params->max_level,
        .canonical_level = params->canonical_level ? params->canonical_level : 4,
        .canonical_size = params->canonical_size == 0 ? 224 : params->canonical_size};
    return DCL_CALL_OP(ctx, roi_levels, &attrs, sync, DCL_TENSORS(rois), DCL_TENSORS(levels));
}
