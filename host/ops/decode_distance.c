/* decode_distance: anchor-free heads that give the distances from a point to the four sides.
 * in, with L strides, one of
 *   class maps x L [N, C, H, W], distance maps x L [N, 4 * R, H, W] and, or not, centredness x L
 *     [N, 1, H, W]                                        (FCOS, GFL)
 *   joint maps x L [N, C + 4 * R, H, W]                   (YOLOv8 without its decoding:
 * boxes_first=1) one tensor of rows [N, M, C + 4 * R], level by level  (NanoDet) where classes come
 * first unless boxes_first=1. A side takes R = `bins` numbers (maps of distances tell by
 * themselves): one is the distance, more are a distribution whose softmax is averaged over the bin
 * numbers 0 .. R - 1 (Generalized Focal Loss, eq. 4). Point = (cell + offset) * stride; distances
 * are in strides, or pixels with unit=pixel. score = activation(class), with centredness
 * sqrt(activation(class) * sigmoid(centredness)) as in FCOS. out: see ops/decode.h. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <string.h>

static const char *const units[] = {"stride", "pixel", NULL};

struct attrs {
    int64_t height, width;
    struct dcl_ints strides;
    int64_t bins, boxes_first;
    float offset;
    int activation, unit;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL),
    DCL_INT(struct attrs, width, NULL),
    DCL_INTS(struct attrs, strides, "8,16,32"),
    DCL_INT(struct attrs, bins, "1"),
    DCL_INT(struct attrs, boxes_first, "0"),
    DCL_FLOAT(struct attrs, offset, "0.5"),
    DCL_CHOICE(struct attrs, activation, "sigmoid", dcl_score_codes),
    DCL_CHOICE(struct attrs, unit, "stride", units),
    DCL_ATTRS_END};

static enum detcl_status expect(const struct dcl_call *call, const struct dcl_value *v, int rank,
                                int64_t images, int64_t cells, int64_t channels)
{
    const int64_t *dims = v->desc.dims;
    const bool map = rank == 4;
    if (v->desc.rank == rank && dims[0] == images && (map ? dims[2] * dims[3] : dims[1]) == cells &&
        dims[map ? 1 : 2] == channels)
        return DETCL_OK;
    return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                         "input '%s' is not %lld x %lld cells of %lld channels", v->name,
                         (long long)images, (long long)cells, (long long)channels);
}

/* Classes and boxes in one tensor: rows of all levels, or a map a level. */
static enum detcl_status describe_joint(const struct dcl_call *call, struct dcl_decode *d,
                                        bool rows)
{
    const struct attrs *a = call->attrs;
    const int64_t channels = DCL_DIM(call->in[0], rows ? 2 : 1);
    d->bins = a->bins;
    d->classes = channels - 4 * d->bins;
    if (d->bins < 1 || d->bins > INT32_MAX / 4 || d->classes < 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld channels hold no 4 x %lld bins",
                             (long long)channels, (long long)d->bins);
    const int64_t box = a->boxes_first ? 0 : d->classes, cls = a->boxes_first ? 4 * d->bins : 0;
    if (rows)
        DCL_TRY(call->error, expect(call, call->in[0], 3, d->images, dcl_decode_rows(d), channels));
    int64_t row = 0;
    for (int i = 0; i < d->n_levels; i++) {
        struct dcl_level *l = &d->level[i];
        const struct dcl_value *v = call->in[rows ? 0 : i];
        if (!rows)
            DCL_TRY(call->error, expect(call, v, 4, d->images, l->cells, channels));
        l->box = rows ? dcl_rows_field(v, row, box) : dcl_map_field(v, channels, box);
        l->cls = rows ? dcl_rows_field(v, row, cls) : dcl_map_field(v, channels, cls);
        row += l->cells;
    }
    return DETCL_OK;
}

static enum detcl_status describe_maps(const struct dcl_call *call, struct dcl_decode *d)
{
    const int n = d->n_levels;
    d->classes = DCL_DIM(call->in[0], 1);
    d->bins = call->in[n]->desc.rank == 4 ? DCL_DIM(call->in[n], 1) / 4 : 0;
    d->root = call->n_in == 3 * n;
    if (d->bins < 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' holds no distances",
                             call->in[n]->name);
    for (int i = 0; i < n; i++) {
        struct dcl_level *l = &d->level[i];
        const struct dcl_value *cls = call->in[i], *box = call->in[n + i];
        DCL_TRY(call->error, expect(call, cls, 4, d->images, l->cells, d->classes));
        DCL_TRY(call->error, expect(call, box, 4, d->images, l->cells, 4 * d->bins));
        l->cls = dcl_map_field(cls, d->classes, 0);
        l->box = dcl_map_field(box, 4 * d->bins, 0);
        if (!d->root)
            continue;
        DCL_TRY(call->error, expect(call, call->in[2 * n + i], 4, d->images, l->cells, 1));
        l->object = dcl_map_field(call->in[2 * n + i], 1, 0);
    }
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    *d = (struct dcl_decode){.images = DCL_DIM(x, 0),
                             .cls_code = (enum dcl_score_code)a->activation,
                             .object_code = DCL_SCORE_SIGMOID,
                             .parameter = {a->offset}};
    DCL_TRY(call->error, dcl_decode_grid(call, &a->strides, a->height, a->width, 1, d));
    const int n = d->n_levels;
    const bool rows = call->n_in == 1 && x->desc.rank == 3;
    if (!rows && (x->desc.rank != 4 || call->n_in % n || call->n_in > 3 * n))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%d inputs of rank %d for %d strides: 1 of rows, or 1 to 3 maps each",
                             call->n_in, x->desc.rank, n);
    for (int i = 0; i < n; i++)
        d->level[i].unit = a->unit ? 1.0f : d->level[i].stride_x;
    DCL_TRY(call->error,
            rows || call->n_in == n ? describe_joint(call, d, rows) : describe_maps(call, d));
    d->code = d->bins > 1 ? DCL_BOX_DFL : DCL_BOX_DISTANCE;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is absent", i);
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    }
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    return dcl_decode_shape(call, &d);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_distance = {
    .name = "decode_distance",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 3 * DCL_MAX_LEVELS,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "Tian et al. 2019 (FCOS); Li et al. 2020 (GFL), eq. 4; NanoDet; Ultralytics YOLOv8",
    .limits = "8 levels; strides divide the input",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_distance(struct detcl_context *ctx,
                                        const struct detcl_decode_distance_params *params,
                                        struct detcl_tensor *const *in, int n_in,
                                        struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                        const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = params->height;
    a.width = params->width;
    a.bins = params->bins ? params->bins : 1;
    a.boxes_first = params->boxes_first != 0;
    a.offset = params->offset;
    a.activation = dcl_take_activation(params->activation, DCL_SCORE_SIGMOID);
    a.unit = params->pixels != 0;
    struct detcl_tensor *inputs[3 * DCL_MAX_LEVELS];
    int n = 0;
    DCL_TRY(&ctx->error,
            dcl_take_tensors(ctx, "the head", in, n_in, 3 * DCL_MAX_LEVELS, inputs, &n));
    DCL_TRY(&ctx->error, dcl_take_strides(ctx, params->strides, params->n_levels, &a.strides));
    return DCL_CALL_OP(ctx, decode_distance, &a, sync, ((struct dcl_operands){inputs, n}),
                       DCL_TENSORS(boxes, scores));
}
