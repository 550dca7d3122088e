/* roi_pool_backward: the gradient of roi_pool with respect to the features.
 * in: the gradient of the output [R, C, height, width of bins], RoIs [R, 4], optional batch indices
 * [R] and count (ops/roi.h), and roi_pool's argmax. out: [images, C, height, width]. A RoI matters
 * by its image only; an argmax that is no pixel is passed over. Sums run in the order of the RoIs
 * and bins. */
#include "detcl/regions.h"
#include "device/device.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <string.h>

enum { GRADIENT, ROIS, ARGMAX = 4 };

#define BANDS 8 /* of a plane, where many work-items run at once */

struct attrs {
    int64_t images, height, width;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, images, NULL),
                                             DCL_INT(struct attrs, height, NULL),
                                             DCL_INT(struct attrs, width, NULL), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_need_dtype(call, GRADIENT, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, GRADIENT, 4));
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    if (!dcl_has_in(call, ARGMAX))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "no argmax");
    DCL_TRY(call->error, dcl_need_dtype(call, ARGMAX, DCL_I32));
    DCL_TRY(call->error, dcl_need_rank(call, ARGMAX, 4));
    for (int i = 0; i < 4; i++)
        if (DCL_DIM(call->in[ARGMAX], i) != DCL_DIM(call->in[GRADIENT], i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "argmax and gradient differ in shape");
    return dcl_roi_gradient_of(call, &rois, a->images, a->height, a->width);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *dy = call->in[GRADIENT];
    const int64_t channels = DCL_DIM(dy, 1), bins = DCL_DIM(dy, 2) * DCL_DIM(dy, 3);
    const int64_t plane = a->height * a->width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    float *dx = call->out[0]->data;
    if (dcl_count(call->out[0]) > 0)
        memset(dx, 0, (size_t)dcl_count(call->out[0]) * sizeof *dx);
    for (int64_t r = 0; r < rois.n; r++) {
        const int64_t image = dcl_roi_image(&rois, r);
        for (int64_t i = r * channels * bins; image >= 0 && i < (r + 1) * channels * bins; i++) {
            const int64_t p = ((const int32_t *)call->in[ARGMAX]->data)[i];
            if (p >= 0 && p < plane)
                dx[(image * channels + i / bins % channels) * plane + p] +=
                    ((const float *)dy->data)[i];
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *dy = call->in[GRADIENT];
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const int64_t plane = a->height * a->width, bands = simd ? 1 : BANDS;
    const int64_t band = plane > bands ? (plane + bands - 1) / bands : 1;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, ROIS, a->images, &rois));
    struct dcl_launch *l = dcl_launch(r, "roi_pool", "-DLANES=1", "roi_pool_backward");
    dcl_arg_value(l, dy);
    dcl_arg_rois(l, &rois);
    dcl_arg_value(l, call->in[ARGMAX]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, DCL_DIM(dy, 1));
    dcl_arg_int(l, plane);
    dcl_arg_int(l, DCL_DIM(dy, 2) * DCL_DIM(dy, 3));
    dcl_arg_int(l, band);
    return dcl_grid(
        l, 3,
        (size_t[]){(size_t)DCL_DIM(dy, 1), (size_t)((plane + band - 1) / band), (size_t)a->images},
        simd ? (size_t[]){1, 1, 1} : NULL);
}

const struct dcl_op dcl_op_roi_pool_backward = {
    .name = "roi_pool_backward",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 5,
    .max_out = 1,
    .source = "the gradient of torchvision.ops.roi_pool",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_roi_pool_backward(struct detcl_context *ctx, struct detcl_tensor *grad_out,
                                          struct detcl_tensor *rois,
                                          struct detcl_tensor *batch_indices,
                                          struct detcl_tensor *count, struct detcl_tensor *argmax,
                                          struct detcl_tensor *grad_features,
                                          const struct detcl_sync *sync)
{
    const int64_t *shape;
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    DCL_TRY(&ctx->error, dcl_roi_gradient_shape(ctx, grad_features, &shape));
    const struct attrs attrs = {.images = shape[0], .height = shape[2], .width = shape[3]};
    return DCL_CALL_OP(ctx, roi_pool_backward, &attrs, sync,
                       DCL_TENSORS(grad_out, rois, batch_indices, count, argmax),
                       DCL_TENSORS(grad_features));
}
