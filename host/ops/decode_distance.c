/* decode_distance: anchor-free heads that give a point's distances to the four sides.
 * in, with L strides: classes x L [N, C, H, W], distances x L [N, 4 * bins, H, W] and, where the
 * head has it, centredness x L [N, 1, H, W]; or one tensor of rows [N, M, C + 4 * bins], classes
 * first, the levels one after another (NanoDet). point = (cell + offset) * s, distance = d * s
 * (FCOS, section 3.1) d = sum of i * softmax(bins)_i with more than one bin (Generalized Focal
 * Loss, eq. 5) score = activation(class) * activation(centredness), or its root with root=1 (FCOS'
 * own code). bins is read off the maps; rows need it said. out: see ops/decode.h. */
#include "ops/decode.h"

static const char *const activations[] = {"none", "sigmoid", NULL};

struct attrs {
    int64_t height, width;
    struct dcl_ints strides;
    int activation;
    float offset; /* of the point in its cell */
    int64_t bins, root;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL),
    DCL_INT(struct attrs, width, NULL),
    DCL_INTS(struct attrs, strides, "8,16,32,64,128"),
    DCL_CHOICE(struct attrs, activation, "sigmoid", activations),
    DCL_FLOAT(struct attrs, offset, "0.5"),
    DCL_INT(struct attrs, bins, "1"),
    DCL_INT(struct attrs, root, "0"),
    DCL_ATTRS_END};

static enum detcl_status describe_rows(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    d->images = DCL_DIM(x, 0);
    d->bins = a->bins;
    d->classes = DCL_DIM(x, 2) - 4 * a->bins;
    int64_t row = 0;
    for (int i = 0; i < d->n_levels; i++) {
        d->level[i].cls = dcl_rows_field(x, row, 0);
        d->level[i].box = dcl_rows_field(x, row, d->classes);
        row += d->level[i].cells;
    }
    if (a->bins < 1 || d->classes < 0 || row != DCL_DIM(x, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld rows of %lld numbers, the strides give %lld rows and %lld bins "
                             "take 4 numbers each",
                             (long long)DCL_DIM(x, 1), (long long)DCL_DIM(x, 2), (long long)row,
                             (long long)a->bins);
    return DETCL_OK;
}

/* Input i must be a map of so many channels over a level. */
static enum detcl_status check_map(const struct dcl_call *call, const struct dcl_decode *d, int i,
                                   int level, int64_t channels)
{
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, i, 4));
    const struct dcl_value *x = call->in[i];
    const struct dcl_level *l = &d->level[level];
    if (DCL_DIM(x, 0) != d->images || DCL_DIM(x, 1) != channels || DCL_DIM(x, 3) != l->columns ||
        DCL_DIM(x, 2) * DCL_DIM(x, 3) != l->cells)
        return DCL_CALL_FAIL(
            call, DETCL_ERROR_MODEL, "map '%s' is %lld x %lld x %lld, expected %lld x %lld x %lld",
            x->name, (long long)DCL_DIM(x, 1), (long long)DCL_DIM(x, 2), (long long)DCL_DIM(x, 3),
            (long long)channels, (long long)(l->cells / l->columns), (long long)l->columns);
    return DETCL_OK;
}

static enum detcl_status describe_maps(const struct dcl_call *call, struct dcl_decode *d)
{
    const int n = d->n_levels, groups = call->n_in / n;
    if (call->n_in % n || groups < 2 || groups > 3)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%d inputs for %d strides (2 or 3 each, or 1)", call->n_in, n);
    DCL_TRY(call->error, dcl_need_rank(call, 0, 4));
    DCL_TRY(call->error, dcl_need_rank(call, n, 4));
    d->images = DCL_DIM(call->in[0], 0);
    d->classes = DCL_DIM(call->in[0], 1);
    d->bins = DCL_DIM(call->in[n], 1) / 4;
    if (d->bins < 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "map '%s' has no four distances",
                             call->in[n]->name);
    const int64_t channels[] = {d->classes, 4 * d->bins, 1};
    for (int i = 0; i < n; i++) {
        struct dcl_level *l = &d->level[i];
        for (int g = 0; g < groups; g++)
            DCL_TRY(call->error, check_map(call, d, g * n + i, i, channels[g]));
        l->cls = dcl_map_field(call->in[i], 0, 0);
        l->box = dcl_map_field(call->in[n + i], 0, 0);
        if (groups == 3)
            l->object = dcl_map_field(call->in[2 * n + i], 0, 0);
    }
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    *d = (struct dcl_decode){.cls_code = (enum dcl_score_code)a->activation,
                             .object_code = (enum dcl_score_code)a->activation,
                             .root = a->root != 0,
                             .parameter = {a->offset, 1}};
    DCL_TRY(call->error, dcl_decode_grid(call, &a->strides, a->height, a->width, 1, d));
    DCL_TRY(call->error, call->n_in == 1 ? describe_rows(call, d) : describe_maps(call, d));
    d->code = d->bins > 1 ? DCL_BOX_DFL : DCL_BOX_DISTANCE;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < call->n_in; i++)
        if (!dcl_has_in(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is absent", i);
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
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
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
