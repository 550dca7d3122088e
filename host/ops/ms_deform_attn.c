/* ms_deform_attn: multi-scale deformable attention (Zhu et al. 2021, "Deformable DETR", eq. 3; the
 * projections before and after are ordinary products).
 * in: value [N, S, M, D] (the levels of spatial_shapes one after the other, S = sum of their H *
 * W), locations [N, Q, M, L, P, 2] (x, y; 0..1 spans a level), weights [N, Q, M, L, P]. out: [N, Q,
 * M * D] = sum over l, p of weight * value of level l at (x * W - 0.5, y * H - 0.5) Between pixels
 * a level is interpolated, outside it is 0; NaN and infinities sample nothing. */
#include "detcl/sampling.h"
#include "ops/bilinear.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <stdio.h>
#include <string.h>

enum { VALUE, LOCATIONS, WEIGHTS };

struct attrs {
    struct dcl_ints spatial_shapes; /* H, W of each level */
};

static const struct dcl_attr_spec specs[] = {DCL_INTS(struct attrs, spatial_shapes, NULL),
                                             DCL_ATTRS_END};

/* All numbers of one call. */
struct shape {
    int64_t images, pixels, heads, width, queries, levels, points;
    const int64_t *extents; /* height, width of each level */
};

static enum detcl_status check_levels(const struct dcl_call *call, const struct shape *s)
{
    int64_t sum = 0;
    const struct dcl_ints *list = &((const struct attrs *)call->attrs)->spatial_shapes;
    if (list->n != 2 * s->levels)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "spatial_shapes has %d numbers for %lld levels", list->n,
                             (long long)s->levels);
    for (int i = 0; i < list->n; i++)
        if (list->v[i] < 0 || list->v[i] > INT32_MAX)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "an extent of %lld in spatial_shapes",
                                 (long long)list->v[i]);
    for (int i = 0; i < list->n && sum <= s->pixels; i += 2)
        sum += list->v[i] * list->v[i + 1];
    if (sum != s->pixels)
        return DCL_CALL_FAIL(
            call, DETCL_ERROR_MODEL,
            "the levels of spatial_shapes do not make the %lld pixels of the value",
            (long long)s->pixels);
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct shape *s)
{
    static const int ranks[] = {4, 6, 5};
    for (int i = 0; i < 3; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t *value = call->in[VALUE]->desc.dims, *at = call->in[LOCATIONS]->desc.dims;
    *s = (struct shape){.images = value[0],
                        .pixels = value[1],
                        .heads = value[2],
                        .width = value[3],
                        .queries = at[1],
                        .levels = at[3],
                        .points = at[4],
                        .extents = ((const struct attrs *)call->attrs)->spatial_shapes.v};
    if (at[0] != s->images || at[2] != s->heads || at[5] != 2 ||
        memcmp(at, call->in[WEIGHTS]->desc.dims, 5 * sizeof *at) != 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    return check_levels(call, s);
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct shape s;
    DCL_TRY(call->error, describe(call, &s));
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 3, .dims = {s.images, s.queries, s.heads * s.width}};
    call->cpu_workspace = (size_t)s.width * sizeof(double);
    return DETCL_OK;
}

/* Add what one point of head `head` sees in a level whose first pixel is `level`. */
static void add_point(const struct shape *s, const float *level, const struct dcl_around *around,
                      double weight, double *sum)
{
    for (int k = 0; k < 4; k++) {
        if (around->at[k] < 0)
            continue;
        const float *pixel = level + around->at[k] * s->heads * s->width;
        for (int64_t d = 0; d < s->width; d++)
            sum[d] += weight * around->weight[k] * (double)pixel[d];
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct shape s;
    DCL_TRY(call->error, describe(call, &s));
    const float *at = call->in[LOCATIONS]->data, *weight = call->in[WEIGHTS]->data;
    float *y = call->out[0]->data;
    double *sum = call->workspace;
    for (int64_t i = 0; i < s.images * s.queries * s.heads; i++) {
        const int64_t n = i / s.heads / s.queries, head = i % s.heads;
        const float *level =
            (const float *)call->in[VALUE]->data + (n * s.pixels * s.heads + head) * s.width;
        for (int64_t d = 0; d < s.width; d++)
            sum[d] = 0;
        for (int64_t l = 0; l < s.levels; l++) {
            const int64_t height = s.extents[2 * l], width = s.extents[2 * l + 1];
            for (int64_t p = 0; p < s.points; p++, at += 2, weight++) {
                const struct dcl_around around = dcl_bilinear(
                    at[1] * (float)height - 0.5f, at[0] * (float)width - 0.5f, height, width);
                add_point(&s, level, &around, (double)*weight, sum);
            }
            level += height * width * s.heads * s.width;
        }
        for (int64_t d = 0; d < s.width; d++)
            *y++ = (float)sum[d];
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct shape s;
    void *data;
    DCL_TRY(call->error, describe(call, &s));
    const struct dcl_value *levels = dcl_packed(r, DETCL_I32, 3 * s.levels, &data);
    int64_t first = 0;
    for (int64_t l = 0; levels && l < s.levels; l++) {
        int32_t *level = (int32_t *)data + 3 * l;
        level[0] = (int32_t)s.extents[2 * l];
        level[1] = (int32_t)s.extents[2 * l + 1];
        level[2] = (int32_t)first;
        first += s.extents[2 * l] * s.extents[2 * l + 1];
    }
    const int64_t lanes = dcl_limits(r)->block;
    char options[32];
    snprintf(options, sizeof options, "-DLANES=%d", (int)lanes);
    struct dcl_launch *l = dcl_launch(r, "ms_deform_attn", options, "ms_deform_attn_f32");
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, call->in[i]);
    dcl_arg_value(l, levels);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, s.pixels);
    dcl_arg_int(l, s.heads);
    dcl_arg_int(l, s.width);
    dcl_arg_int(l, s.queries);
    dcl_arg_int(l, s.levels);
    dcl_arg_int(l, s.points);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)(s.queries * s.heads),
                               (size_t)((s.width + lanes - 1) / lanes), (size_t)s.images},
                    NULL);
}

const struct dcl_op dcl_op_ms_deform_attn = {
    .name = "ms_deform_attn",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 3,
    .max_out = 1,
    .tolerance = 2e-5f,
    .source = "Zhu et al. 2021, Deformable DETR, equation 3",
    .limits = "at most 8 levels",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_ms_deform_attn(struct detcl_context *ctx,
                                       const struct detcl_ms_deform_attn_params *params,
                                       struct detcl_tensor *value, struct detcl_tensor *locations,
                                       struct detcl_tensor *weights, struct detcl_tensor *out,
                                       const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs attrs;
    memset(&attrs, 0, sizeof attrs); /* plans are found by all bytes */
    const int levels = params->levels > DETCL_ATTENTION_LEVELS ? 0 : params->levels;
    for (int i = 0; i < 2 * levels; i++)
        attrs.spatial_shapes.v[i] = params->spatial_shapes[i / 2][i % 2];
    attrs.spatial_shapes.n = levels < 0 ? 0 : 2 * levels; /* what infer refuses */
    return DCL_CALL_OP(ctx, ms_deform_attn, &attrs, sync, DCL_TENSORS(value, locations, weights),
                       DCL_TENSORS(out));
}
