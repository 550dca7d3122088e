/* decode_ssd: deltas to priors or anchors (SSD, RetinaNet, Faster R-CNN's RPN).
 * in: loc [N, M, 4], conf [N, M, C], priors (M * 4 numbers, any rank); out: see ops/decode.h.
 * c = prior.c + loc.xy * variance0 * prior.wh, wh = prior.wh * exp(loc.wh * variance1), times
 * (width, height) when the priors are normalised (SSD: Single Shot MultiBox Detector, eq. 2 solved
 * for the box). variances 1,1 and clip 4.135 give torchvision's BoxCoder. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/lists.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

static const char *const formats[] = {"center_size", "corner", NULL};
static const char *const orders[] = {"xy", "yx", NULL};

struct attrs {
    int64_t height, width;
    struct dcl_floats variances; /* of centre and size; or four of which two and two are equal */
    int64_t normalized;          /* priors are in 0..1 */
    int activation, priors, order;
    float clip; /* largest loc.wh * variance1; 0 = no limit */
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL),
    DCL_INT(struct attrs, width, NULL),
    DCL_FLOATS(struct attrs, variances, "0.1,0.2"),
    DCL_INT(struct attrs, normalized, "1"),
    DCL_CHOICE(struct attrs, activation, "softmax", dcl_score_codes),
    DCL_CHOICE(struct attrs, priors, "center_size", formats),
    DCL_CHOICE(struct attrs, order, "xy", orders),
    DCL_FLOAT(struct attrs, clip, "0"),
    DCL_ATTRS_END};

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < 3; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 3));
    DCL_TRY(call->error, dcl_need_rank(call, 1, 3));
    const int64_t *loc = call->in[0]->desc.dims, *conf = call->in[1]->desc.dims;
    if (loc[2] != 4 || conf[0] != loc[0] || conf[1] != loc[1] ||
        dcl_count(call->in[2]) != 4 * loc[1])
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld offsets do not go with %lld scores and %lld prior numbers",
                             (long long)loc[1], (long long)conf[1],
                             (long long)dcl_count(call->in[2]));
    const float *v = a->variances.v;
    if (a->variances.n != 2 && (a->variances.n != 4 || v[0] != v[1] || v[2] != v[3]))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "variances must be two, one for the centre and one for the size");
    if (a->height < 1 || a->width < 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a network input of %lld x %lld pixels",
                             (long long)a->width, (long long)a->height);
    return DETCL_OK;
}

static struct dcl_decode describe(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *loc = call->in[0];
    struct dcl_decode d = {.code = DCL_BOX_PRIOR,
                           .n_levels = 1,
                           .images = DCL_DIM(loc, 0),
                           .classes = DCL_DIM(call->in[1], 2),
                           .cls_code = (enum dcl_score_code)a->activation,
                           .swap = a->order,
                           .corner_priors = a->priors,
                           .max_log_size = a->clip > 0 ? a->clip : INFINITY,
                           .scale_x = a->normalized ? (float)a->width : 1,
                           .scale_y = a->normalized ? (float)a->height : 1,
                           .parameter = {a->variances.v[0], a->variances.v[a->variances.n / 2]},
                           .priors = call->in[2]};
    d.level[0] = (struct dcl_level){.box = dcl_rows_field(loc, 0, 0),
                                    .cls = dcl_rows_field(call->in[1], 0, 0),
                                    .anchors = 1,
                                    .cells = DCL_DIM(loc, 1),
                                    .columns = 1};
    return d;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    const struct dcl_decode d = describe(call);
    return dcl_decode_shape(call, &d);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_decode d = describe(call);
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_decode d = describe(call);
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_ssd = {
    .name = "decode_ssd",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 3,
    .max_in = 3,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "Liu et al. 2016 (SSD), eq. 2; torchvision BoxCoder",
    .limits = "one variance for the centre and one for the size",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_ssd(struct detcl_context *ctx,
                                   const struct detcl_decode_ssd_params *params,
                                   struct detcl_tensor *loc, struct detcl_tensor *conf,
                                   struct detcl_tensor *priors, struct detcl_tensor *boxes,
                                   struct detcl_tensor *scores, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    struct attrs a;
    memset(&a, 0, sizeof a);
    a.height = params->height;
    a.width = params->width;
    a.variances.n = 2;
    a.variances.v[0] = params->center_variance != 0 ? params->center_variance : 0.1f;
    a.variances.v[1] = params->size_variance != 0 ? params->size_variance : 0.2f;
    a.normalized = !params->pixels;
    a.activation = dcl_take_activation(params->activation, DCL_SCORE_SOFTMAX);
    a.priors = params->corners != 0;
    a.order = params->yx != 0;
    a.clip = params->clip;
    return DCL_CALL_OP(ctx, decode_ssd, &a, sync, DCL_TENSORS(loc, conf, priors),
                       DCL_TENSORS(boxes, scores));
}
