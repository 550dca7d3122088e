/* crop_and_resize: cut boxes out of images and resize them to one size (tf.image.crop_and_resize).
 * in: images [N, C, H, W], boxes [R, 4] x1, y1, x2, y2 in units of W - 1 and H - 1, optional batch
 * indices [R] and count (ops/roi.h). out: [R, C, output_height, output_width].
 * Along an axis with lo, hi, `extent` pixels and `size` outputs, output i lies at
 *   lo (extent - 1) + i (hi - lo) (extent - 1) / (size - 1), or, when size is 1, in the middle;
 * outside of 0..extent-1 it is extrapolation_value. */
#include "detcl/regions.h"
#include "ops/roi.h"
#include "ops/typed.h"

#include <math.h>

#define LARGEST 32768

enum { IMAGES, BOXES };
enum method { BILINEAR, NEAREST };

static const char *const methods[] = {"bilinear", "nearest", NULL};

struct attrs {
    int64_t output_height, output_width;
    float extrapolation_value;
    int method;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, output_height, NULL), DCL_INT(struct attrs, output_width, NULL),
    DCL_FLOAT(struct attrs, extrapolation_value, "0"),
    DCL_CHOICE(struct attrs, method, "bilinear", methods), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_need_dtype(call, IMAGES, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, IMAGES, 4));
    DCL_TRY(call->error, dcl_rois_of(call, BOXES, DCL_DIM(call->in[IMAGES], 0), &rois));
    const int64_t h = a->output_height, w = a->output_width;
    if (h < 1 || h > LARGEST || w < 1 || w > LARGEST)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "crops of %lld x %lld, not 1 to %d",
                             (long long)h, (long long)w, LARGEST);
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 4, .dims = {rois.n, DCL_DIM(call->in[IMAGES], 1), h, w}};
    call->out[0]->count = dcl_rois_count(call, BOXES);
    return DETCL_OK;
}

/* Where output i lies, or a negative number outside of the image. */
static float position(float low, float high, int64_t i, int64_t size, int64_t extent)
{
    const float last = (float)(extent - 1);
    float at = 0.5f * (low + high) * last;
    if (size > 1)
        at = low * last + (float)i * ((high - low) * last / (float)(size - 1));
    return at >= 0 && at <= last ? at : -1;
}

static float sample(const float *plane, int64_t width, float y, float x)
{
    const float *top = plane + (int64_t)y * width, *bottom = plane + (int64_t)ceilf(y) * width;
    const int64_t left = (int64_t)x, right = (int64_t)ceilf(x);
    const double wy = (double)(y - floorf(y)), wx = (double)(x - floorf(x));
    const double upper = (double)top[left] + ((double)top[right] - (double)top[left]) * wx;
    const double lower = (double)bottom[left] + ((double)bottom[right] - (double)bottom[left]) * wx;
    return (float)(upper + (lower - upper) * wy);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[IMAGES];
    const int64_t channels = DCL_DIM(x, 1), height = DCL_DIM(x, 2), width = DCL_DIM(x, 3);
    const int64_t pixels = a->output_height * a->output_width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, BOXES, DCL_DIM(x, 0), &rois));
    for (int64_t i = 0; i < rois.n * channels * pixels; i++) {
        const int64_t r = i / (channels * pixels), c = i / pixels % channels, p = i % pixels;
        const float *box = (const float *)rois.boxes->data + 4 * r;
        const int64_t image = dcl_roi_image(&rois, r);
        const float *plane = (const float *)x->data + (image * channels + c) * height * width;
        const float py = position(box[1], box[3], p / a->output_width, a->output_height, height);
        const float px = position(box[0], box[2], p % a->output_width, a->output_width, width);
        float v = a->extrapolation_value;
        if (image < 0)
            v = 0;
        else if (py >= 0 && px >= 0)
            v = a->method == NEAREST ? plane[(int64_t)roundf(py) * width + (int64_t)roundf(px)]
                                     : sample(plane, width, py, px);
        ((float *)call->out[0]->data)[i] = v;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[IMAGES];
    const int64_t pixels = a->output_height * a->output_width;
    struct dcl_rois rois;
    DCL_TRY(call->error, dcl_rois_of(call, BOXES, DCL_DIM(x, 0), &rois));
    struct dcl_launch *l = dcl_launch(r, "crop_and_resize", "", "crop_and_resize");
    dcl_arg_value(l, x);
    dcl_arg_rois(l, &rois);
    dcl_arg_value(l, call->out[0]);
    for (int i = 1; i < 4; i++)
        dcl_arg_int(l, DCL_DIM(x, i));
    dcl_arg_int(l, a->output_height);
    dcl_arg_int(l, a->output_width);
    dcl_arg_int(l, a->method == NEAREST);
    dcl_arg_float(l, a->extrapolation_value);
    return dcl_grid(l, 2, (size_t[]){(size_t)pixels, (size_t)rois.n}, NULL);
}

const struct dcl_op dcl_op_crop_and_resize = {
    .name = "crop_and_resize",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "TensorFlow's tf.image.crop_and_resize, with NCHW and x1, y1, x2, y2",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_crop_and_resize(struct detcl_context *ctx,
                                        const struct detcl_crop_params *params,
                                        struct detcl_tensor *images, struct detcl_tensor *boxes,
                                        struct detcl_tensor *batch_indices,
                                        struct detcl_tensor *count, struct detcl_tensor *out,
                                        const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.output_height = params->output_height,
                                .output_width = params->output_width,
                                .extrapolation_value = params->extrapolation_value,
                                .method = (int)params->method};
    return DCL_CALL_OP(ctx, crop_and_resize, &attrs, sync,
                       DCL_TENSORS(images, boxes, batch_indices, count), DCL_TENSORS(out));
}
