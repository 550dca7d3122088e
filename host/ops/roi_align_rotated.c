/* roi_align_rotated: every bin of every rotated RoI is the mean of bilinear samples of the map.
 * in: x [N, C, H, W], rois [R, 6] (image, cx, cy, w, h, angle). out: [R, C, pooled_height,
 * pooled_width]. RoIs are scaled by spatial_scale; pixel centres lie at integers + 1/2.
 * sampling_ratio samples of a bin in each direction; 0: ceil(extent / bins), from 0 to 1024. A
 * sample more than a pixel outside the map is 0; a RoI without samples, of an image that is not
 * there or with a value that is not finite or beyond 1e15, gives zeros. The positions are the same
 * bits on every device (kernels/roi_rotated.h). */
#include "detcl/rotated.h"
#include "ops/polygon.h"
#include "ops/typed.h"

#include "../../kernels/roi_rotated.h"

struct attrs {
    int64_t pooled_height, pooled_width, sampling_ratio;
    float spatial_scale;
    int angle;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, pooled_height, NULL),
                                             DCL_INT(struct attrs, pooled_width, NULL),
                                             DCL_INT(struct attrs, sampling_ratio, "0"),
                                             DCL_FLOAT(struct attrs, spatial_scale, "1"),
                                             DCL_CHOICE(struct attrs, angle, "degrees", dcl_angles),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < 2; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, i ? 2 : 4));
    }
    if (DCL_DIM(call->in[1], 1) != 6)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the RoIs are not [R, 6]");
    if (a->pooled_height < 1 || a->pooled_width < 1 || a->pooled_height > 4096 ||
        a->pooled_width > 4096)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "%lld x %lld bins, not 1 to 4096",
                             (long long)a->pooled_height, (long long)a->pooled_width);
    if (a->sampling_ratio < 0 || a->sampling_ratio > ROI_SAMPLES)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a sampling_ratio of %lld, not 0 to %d",
                             (long long)a->sampling_ratio, ROI_SAMPLES);
    if (!(a->spatial_scale > 0 && a->spatial_scale <= 0x1p20f))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a spatial_scale of %g",
                             (double)a->spatial_scale);
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32,
                            .rank = 4,
                            .dims = {DCL_DIM(call->in[1], 0), DCL_DIM(call->in[0], 1),
                                     a->pooled_height, a->pooled_width}};
    return DETCL_OK;
}

/* The mean of bin (bin_y, bin_x) in one channel. */
static double pool(const struct roi *r, const float *x, int height, int width, int bin_y, int bin_x)
{
    double sum = 0;
    for (int row = 0; row < r->rows; row++)
        for (int column = 0; column < r->columns; column++) {
            struct roi_sample s;
            if (!roi_sample(r, bin_y, bin_x, row, column, height, width, &s))
                continue;
            const float *top = x + (int64_t)s.top * width, *bottom = x + (int64_t)s.bottom * width;
            sum += (double)s.weight[0] * (double)top[s.left] +
                   (double)s.weight[1] * (double)top[s.right] +
                   (double)s.weight[2] * (double)bottom[s.left] +
                   (double)s.weight[3] * (double)bottom[s.right];
        }
    const int count = r->rows * r->columns;
    return sum / (count > 0 ? count : 1);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t channels = DCL_DIM(call->in[0], 1);
    const int height = (int)DCL_DIM(call->in[0], 2), width = (int)DCL_DIM(call->in[0], 3);
    const int bins_h = (int)a->pooled_height, bins_w = (int)a->pooled_width;
    const int64_t plane = (int64_t)height * width;
    float *y = call->out[0]->data;
    for (int64_t n = 0; n < DCL_DIM(call->in[1], 0); n++) {
        const struct roi r =
            roi_open((const float *)call->in[1]->data + 6 * n, (int)DCL_DIM(call->in[0], 0),
                     a->spatial_scale, (int)a->sampling_ratio, a->angle, bins_h, bins_w);
        const bool there = r.image >= 0 && plane > 0;
        for (int64_t c = 0; c < channels; c++) {
            const float *x =
                (const float *)call->in[0]->data + (there ? (r.image * channels + c) * plane : 0);
            for (int bin = 0; bin < bins_h * bins_w; bin++)
                *y++ = there ? (float)pool(&r, x, height, width, bin / bins_w, bin % bins_w) : 0;
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "roi_align_rotated", "", "roi_align_rotated");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    for (int i = 0; i < 4; i++)
        dcl_arg_int(l, DCL_DIM(call->in[0], i));
    dcl_arg_int(l, a->pooled_height);
    dcl_arg_int(l, a->pooled_width);
    dcl_arg_float(l, a->spatial_scale);
    dcl_arg_int(l, a->sampling_ratio);
    dcl_arg_int(l, a->angle);
    const size_t blocks = ((size_t)DCL_DIM(call->in[0], 1) + 7) / 8; /* the kernel's CHANNELS */
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)(a->pooled_height * a->pooled_width), blocks,
                               (size_t)DCL_DIM(call->in[1], 0)},
                    NULL);
}

const struct dcl_op dcl_op_roi_align_rotated = {
    .name = "roi_align_rotated",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "detectron2 ROIAlignRotated; mmcv RoIAlignRotated, aligned",
    .limits = "1024 samples of a bin in each direction, 4096 bins",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_roi_align_rotated(struct detcl_context *ctx,
                                          const struct detcl_roi_align_rotated_params *params,
                                          struct detcl_tensor *features, struct detcl_tensor *rois,
                                          struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.pooled_height = params->pooled_height,
                                .pooled_width = params->pooled_width,
                                .sampling_ratio = params->sampling_ratio,
                                .spatial_scale =
                                    params->spatial_scale == 0 ? 1 : params->spatial_scale,
                                .angle = (int)params->angle};
    return DCL_CALL_OP(ctx, roi_align_rotated, &attrs, sync, DCL_TENSORS(features, rois),
                       DCL_TENSORS(out));
}
