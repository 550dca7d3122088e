/* letterbox: uint8 frames to the network's float32 input: resize, pad, colour order, normalise.
 * in: frame [capacity] or frames [N, capacity] (ops/frame.h); out: [N, 3, height, width].
 * Bilinear with half-pixel centres, edges replicated, no antialiasing: OpenCV's INTER_LINEAR
 * without its rounding to 8 bits, torch's interpolate(mode="bilinear", align_corners=False). A
 * frame whose header does not fit its capacity gives padding only. */
#include "ops/frame.h"
#include "ops/record.h"

#include <math.h>
#include <string.h>

static const char *const resizes[] = {"letterbox", "stretch", "pad_square", "crop", NULL};
static const char *const anchors[] = {"top_left", "center", NULL};
static const char *const orders[] = {"rgb", "bgr", NULL};

struct attrs {
    int64_t height, width;
    int channels, resize, anchor;
    int64_t resize_to;
    float pad;                     /* pixel value 0..255 */
    struct dcl_floats mean, scale; /* x = (pixel - mean) / scale; one for all or one a channel */
};

/* resize_to and anchor decide the placement, which the header carries (dcl_frame_fit). */
static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, height, NULL),
                                             DCL_INT(struct attrs, width, NULL),
                                             DCL_CHOICE(struct attrs, channels, "rgb", orders),
                                             DCL_CHOICE(struct attrs, resize, "letterbox", resizes),
                                             DCL_CHOICE(struct attrs, anchor, "top_left", anchors),
                                             DCL_INT(struct attrs, resize_to, "0"),
                                             DCL_FLOAT(struct attrs, pad, "114"),
                                             DCL_FLOATS(struct attrs, mean, "0"),
                                             DCL_FLOATS(struct attrs, scale, "1"),
                                             DCL_ATTRS_END};

static float channel(const struct dcl_floats *list, int c)
{
    return list->v[list->n == 1 ? 0 : c];
}

static enum detcl_status check_attrs(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    if (a->height < 1 || a->width < 1 || a->height > DCL_FRAME_MAX_SIDE ||
        a->width > DCL_FRAME_MAX_SIDE)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "an output of %lld x %lld pixels",
                             (long long)a->width, (long long)a->height);
    if ((a->mean.n != 1 && a->mean.n != 3) || (a->scale.n != 1 && a->scale.n != 3))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "mean and scale take 1 or 3 numbers");
    for (int c = 0; c < 3; c++)
        if (!isfinite(channel(&a->mean, c)) || !isnormal(channel(&a->scale, c)))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "mean or scale is out of range");
    if (a->resize == DCL_RESIZE_CROP && (a->resize_to < 1 || a->resize_to > DCL_FRAME_MAX_SIDE))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "resize=crop needs resize_to >= 1");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_U8));
    const struct detcl_desc *frame = &call->in[0]->desc;
    if (frame->rank != 1 && frame->rank != 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "frames have rank 1 or 2, found %d",
                             frame->rank);
    if (frame->dims[frame->rank - 1] < DCL_FRAME_HEADER_BYTES)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "a frame of %lld bytes holds no header",
                             (long long)frame->dims[frame->rank - 1]);
    DCL_TRY(call->error, check_attrs(call));
    const int64_t n = frame->rank == 2 ? frame->dims[0] : 1;
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 4, .dims = {n, 3, a->height, a->width}};
    return DETCL_OK;
}

/* Where one output column (or row) takes its two samples. */
struct taps {
    int low, high;
    float weight; /* of `high` */
};

static struct taps sample(int at, int pad, float scale, int canvas)
{
    float x = ((float)(at - pad) + 0.5f) * scale - 0.5f;
    x = fminf(fmaxf(x, 0.0f), (float)(canvas - 1));
    const int low = (int)x;
    return (struct taps){low, low + 1 < canvas ? low + 1 : low, x - (float)low};
}

/* One pixel's three channels as R, G, B; outside of the image (pad_square) the padding. */
static void fetch(const struct dcl_frame_header *h, const uint8_t *pixels, int x, int y, float pad,
                  float rgb[3])
{
    rgb[0] = rgb[1] = rgb[2] = pad;
    if (x >= h->width || y >= h->height)
        return;
    const int bytes = dcl_pixel_bytes(h->format);
    const uint8_t *p = pixels + (int64_t)y * h->stride + (int64_t)x * bytes;
    const bool reversed = h->format == DCL_PIXEL_BGR || h->format == DCL_PIXEL_BGRA;
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)p[bytes == 1 ? 0 : reversed ? 2 - c : c];
}

static void interpolate(const struct dcl_frame_header *h, const uint8_t *pixels, struct taps x,
                        struct taps y, float pad, float rgb[3])
{
    float p00[3], p01[3], p10[3], p11[3];
    fetch(h, pixels, x.low, y.low, pad, p00);
    fetch(h, pixels, x.high, y.low, pad, p01);
    fetch(h, pixels, x.low, y.high, pad, p10);
    fetch(h, pixels, x.high, y.high, pad, p11);
    for (int c = 0; c < 3; c++) {
        const float left = p00[c] + (p10[c] - p00[c]) * y.weight;
        const float right = p01[c] + (p11[c] - p01[c]) * y.weight;
        rgb[c] = left + (right - left) * x.weight;
    }
}

static void run_frame(const struct attrs *a, const uint8_t *frame, int64_t capacity, float *out)
{
    struct dcl_frame_header h;
    memcpy(&h, frame, sizeof h);
    const bool valid = dcl_frame_valid(&h, capacity), square = a->resize == DCL_RESIZE_PAD_SQUARE;
    const int side = h.width > h.height ? h.width : h.height;
    const int64_t plane = a->height * a->width;
    for (int64_t i = 0; i < plane; i++) {
        const int oy = (int)(i / a->width), ox = (int)(i % a->width);
        const int64_t x = (int64_t)ox - h.pad_x, y = (int64_t)oy - h.pad_y;
        float rgb[3] = {a->pad, a->pad, a->pad};
        if (valid && x >= 0 && y >= 0 && x < h.content_width && y < h.content_height)
            interpolate(&h, frame + sizeof h,
                        sample(ox, h.pad_x, h.scale_x, square ? side : h.width),
                        sample(oy, h.pad_y, h.scale_y, square ? side : h.height), a->pad, rgb);
        for (int c = 0; c < 3; c++)
            out[c * plane + i] = (rgb[a->channels ? 2 - c : c] - channel(&a->mean, c)) *
                                 (1.0f / channel(&a->scale, c));
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *frame = &call->in[0]->desc;
    const int64_t capacity = frame->dims[frame->rank - 1];
    for (int64_t n = 0; n < DCL_DIM(call->out[0], 0); n++)
        run_frame(a, (const uint8_t *)call->in[0]->data + n * capacity, capacity,
                  (float *)call->out[0]->data + n * 3 * a->height * a->width);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *frame = &call->in[0]->desc;
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const int64_t span = simd ? 128 : 1, rows = simd ? 8 : 1;
    struct dcl_launch *l = dcl_launch(r, "letterbox", simd ? "-DSIMD=128" : "", "letterbox_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, frame->dims[frame->rank - 1]);
    dcl_arg_int(l, a->height);
    dcl_arg_int(l, a->width);
    dcl_arg_int(l, span);
    dcl_arg_int(l, rows);
    dcl_arg_int(l, a->resize == DCL_RESIZE_PAD_SQUARE);
    dcl_arg_int(l, a->channels);
    dcl_arg_float(l, a->pad);
    for (int c = 0; c < 3; c++)
        dcl_arg_float(l, channel(&a->mean, c));
    for (int c = 0; c < 3; c++)
        dcl_arg_float(l, 1.0f / channel(&a->scale, c));
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)((a->width + span - 1) / span),
                               (size_t)((a->height + rows - 1) / rows),
                               (size_t)DCL_DIM(call->out[0], 0)},
                    simd ? (size_t[]){1, 1, 1} : NULL);
}

const struct dcl_op dcl_op_letterbox = {
    .name = "letterbox",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "OpenCV INTER_LINEAR without its rounding; torch interpolate, bilinear",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
