/* letterbox: uint8 frames to the network's float32 input: resize, pad, colour order, normalise.
 * in: frame [capacity] or frames [N, capacity] (ops/frame.h); out: [N, 3, height, width].
 * Bilinear with half-pixel centres, edges replicated, no antialiasing: OpenCV's INTER_LINEAR
 * without its rounding to 8 bits, torch's interpolate(mode="bilinear", align_corners=False). A
 * frame whose header does not fit its capacity gives padding only. */
#include "core/simd.h"
#include "ops/frame.h"
#include "ops/record.h"

#include <limits.h>
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

#define COLUMNS 128   /* of the output, made together */
#define ELEMENTS 4096 /* of a stretch of an image row: pixels times their bytes */

/* Neighbouring columns of the output, and the pixels begin .. end that they lie between. */
struct columns {
    int n, begin, end;
    int low[COLUMNS], high[COLUMNS]; /* elements of the stretch, of channel 0 */
    float weight[COLUMNS];
};

/* As many columns from `first` on, before `last`, as fit. */
static struct columns find_columns(const struct dcl_frame_header *h, int canvas, int64_t first,
                                   int64_t last)
{
    const int bytes = dcl_pixel_bytes(h->format);
    struct columns c = {.begin = INT_MAX};
    for (; first + c.n < last && c.n < COLUMNS; c.n++) {
        const struct taps t = sample((int)first + c.n, h->pad_x, h->scale_x, canvas);
        const int begin = t.low < c.begin ? t.low : c.begin;
        const int end = t.high < c.end ? c.end : t.high + 1;
        if (end - begin > ELEMENTS / bytes)
            break;
        c.begin = begin;
        c.end = end;
        c.low[c.n] = t.low;
        c.high[c.n] = t.high;
        c.weight[c.n] = t.weight;
    }
    for (int i = 0; i < c.n; i++) {
        c.low[i] = (c.low[i] - c.begin) * bytes;
        c.high[i] = (c.high[i] - c.begin) * bytes;
    }
    return c;
}

/* A stretch of an image row as numbers; outside of the image (pad_square) the padding. */
DCL_VECTORISED static void fetch(const struct dcl_frame_header *h, const uint8_t *pixels, int y,
                                 const struct columns *c, float pad, float *to)
{
    const int bytes = dcl_pixel_bytes(h->format), n = (c->end - c->begin) * bytes;
    const int inside = h->width < c->end ? h->width - c->begin : c->end - c->begin;
    const int there = y < h->height && inside > 0 ? inside * bytes : 0;
    const uint8_t *p = pixels + (there ? (int64_t)y * h->stride + (int64_t)c->begin * bytes : 0);
    for (int i = 0; i < there; i++)
        to[i] = (float)p[i];
    for (int i = there; i < n; i++)
        to[i] = pad;
}

/* One channel of one row of the output, from the image rows above and below it. */
DCL_VECTORISED static void interpolate(const struct columns *c, const float *above,
                                       const float *below, float weight, float mean, float factor,
                                       float *out)
{
    for (int i = 0; i < c->n; i++) {
        const int low = c->low[i], high = c->high[i];
        const float left = above[low] + (below[low] - above[low]) * weight;
        const float right = above[high] + (below[high] - above[high]) * weight;
        out[i] = (left + (right - left) * c->weight[i] - mean) * factor;
    }
}

/* The columns of all rows begin .. end of the output. */
static void run_columns(const struct attrs *a, const struct dcl_frame_header *h,
                        const uint8_t *pixels, int canvas, const struct columns *columns,
                        int64_t begin, int64_t end, float *out)
{
    const bool bgr = h->format == DCL_PIXEL_BGR || h->format == DCL_PIXEL_BGRA;
    const bool gray = dcl_pixel_bytes(h->format) == 1;
    float above[ELEMENTS], below[ELEMENTS];
    for (int64_t y = begin; y < end; y++) {
        const struct taps t = sample((int)y, h->pad_y, h->scale_y, canvas);
        fetch(h, pixels, t.low, columns, a->pad, above);
        fetch(h, pixels, t.high, columns, a->pad, below);
        for (int c = 0; c < 3; c++) {
            const int source = gray ? 0 : bgr == (a->channels != 0) ? c : 2 - c;
            interpolate(columns, above + source, below + source, t.weight, channel(&a->mean, c),
                        1.0f / channel(&a->scale, c), out + (c * a->height + y) * a->width);
        }
    }
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void run_frame(const struct attrs *a, const uint8_t *frame, int64_t capacity, float *out)
{
    struct dcl_frame_header h;
    memcpy(&h, frame, sizeof h);
    const bool square = a->resize == DCL_RESIZE_PAD_SQUARE;
    const int side = h.width > h.height ? h.width : h.height;
    const int64_t plane = a->height * a->width;
    for (int c = 0; c < 3; c++) {
        const float pad = (a->pad - channel(&a->mean, c)) * (1.0f / channel(&a->scale, c));
        for (int64_t i = 0; i < plane; i++)
            out[c * plane + i] = pad;
    }
    if (!dcl_frame_valid(&h, capacity))
        return;
    const int64_t top = h.pad_y > 0 ? h.pad_y : 0, left = h.pad_x > 0 ? h.pad_x : 0;
    const int64_t bottom = min64((int64_t)h.pad_y + h.content_height, a->height);
    const int64_t right = min64((int64_t)h.pad_x + h.content_width, a->width);
    struct columns c;
    for (int64_t x = left; x < right; x += c.n) {
        c = find_columns(&h, square ? side : h.width, x, right);
        run_columns(a, &h, frame + sizeof h, square ? side : h.height, &c, top, bottom, out + x);
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
