/* decode_yunet: YuNet's face heads.
 * in, with L strides: cls x L [N, cells, C], obj x L [N, cells, 1], bbox x L [N, cells, 4] and,
 * where the head has keypoints, kps x L [N, cells, P]; scores are sigmoids already. c = (cell + xy)
 * * s, wh = exp(wh) * s, score = sqrt(cls * obj), point = (cell + xy) * s (YuNet: A Tiny
 * Millisecond-level Face Detector; OpenCV's FaceDetectorYN). out: see ops/decode.h; out[2] needs
 * the kps inputs. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <string.h>

struct attrs {
    int64_t height, width;
    struct dcl_ints strides;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL), DCL_INT(struct attrs, width, NULL),
    DCL_INTS(struct attrs, strides, "8,16,32"), DCL_ATTRS_END};

/* The numbers a cell has in each group of inputs: any, 1, 4, even. */
static enum detcl_status check_level(const struct dcl_call *call, const struct dcl_decode *d,
                                     int group, int level)
{
    const int i = group * d->n_levels + level;
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, i, 3));
    const int64_t *dims = call->in[i]->desc.dims;
    const int64_t wanted[] = {d->classes, 1, 4, d->points};
    if (dims[0] != d->images || dims[1] != d->level[level].cells || dims[2] != wanted[group])
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "input '%s' is %lld x %lld x %lld, expected %lld x %lld x %lld",
                             call->in[i]->name, (long long)dims[0], (long long)dims[1],
                             (long long)dims[2], (long long)d->images,
                             (long long)d->level[level].cells, (long long)wanted[group]);
    return DETCL_OK;
}

static enum detcl_status describe(const struct dcl_call *call, struct dcl_decode *d)
{
    const struct attrs *a = call->attrs;
    *d = (struct dcl_decode){.code = DCL_BOX_EXP, .root = true};
    DCL_TRY(call->error, dcl_decode_grid(call, &a->strides, a->height, a->width, 1, d));
    const int n = d->n_levels, groups = call->n_in / n;
    if (call->n_in % n || groups < 3 || groups > 4)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%d inputs for %d strides (3 or 4 each)",
                             call->n_in, n);
    d->images = DCL_DIM(call->in[0], 0);
    d->classes = DCL_DIM(call->in[0], 2);
    d->points = groups == 4 ? DCL_DIM(call->in[3 * n], 2) : 0;
    for (int i = 0; i < n; i++) {
        struct dcl_level *l = &d->level[i];
        for (int g = 0; g < groups; g++)
            DCL_TRY(call->error, check_level(call, d, g, i));
        l->cls = dcl_rows_field(call->in[i], 0, 0);
        l->object = dcl_rows_field(call->in[n + i], 0, 0);
        l->box = dcl_rows_field(call->in[2 * n + i], 0, 0);
        if (groups == 4)
            l->points = dcl_rows_field(call->in[3 * n + i], 0, 0);
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < call->n_in; i++)
        if (!dcl_has_in(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is absent", i);
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    struct dcl_decode d;
    DCL_TRY(call->error, describe(call, &d));
    if (dcl_has_out(call, 2) && (d.points == 0 || d.points % 2))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "points need keypoint inputs of x, y pairs");
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

const struct dcl_op dcl_op_decode_yunet = {
    .name = "decode_yunet",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 4 * DCL_MAX_LEVELS,
    .max_out = 3,
    .tolerance = 1e-5f,
    .source = "Wu et al. 2023 (YuNet); OpenCV FaceDetectorYN",
    .limits = "8 levels; strides divide the input",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

#define TYPED_LEVELS 6 /* four inputs each: what a typed call takes */

enum detcl_status
detcl_decode_yunet(struct detcl_context *ctx, const struct detcl_decode_yunet_params *params,
                   struct detcl_tensor *const *cls, struct detcl_tensor *const *object,
                   struct detcl_tensor *const *box, struct detcl_tensor *const *keypoints,
                   struct detcl_tensor *boxes, struct detcl_tensor *scores,
                   struct detcl_tensor *points, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = params->height;
    a.width = params->width;
    DCL_TRY(&ctx->error, dcl_take_strides(ctx, params->strides, params->n_levels, &a.strides));
    struct detcl_tensor *in[4 * TYPED_LEVELS];
    struct detcl_tensor *const *const groups[] = {cls, object, box, keypoints};
    static const char *const names[] = {"cls", "object", "box", "keypoints"};
    int n = 0;
    for (int i = 0; i < (keypoints ? 4 : 3); i++)
        DCL_TRY(&ctx->error,
                dcl_take_tensors(ctx, names[i], groups[i], a.strides.n, TYPED_LEVELS, in, &n));
    return DCL_CALL_OP(ctx, decode_yunet, &a, sync, ((struct dcl_operands){in, n}),
                       DCL_TENSORS(boxes, scores, points));
}
