/* paste_masks: the mask of each box, of M x M pixels, brought to its place in an image.
 * in: masks [N, M, M] or [N, 1, M, M] float32, probabilities; boxes [N, 4] x1, y1, x2, y2 in pixels
 * of the image. out: [N, height, width] float32, zero outside the box; with a threshold over 0
 * uint8 instead, 1 where the pixel is at least the threshold. torchvision's definition: the mask
 * gets a border of one zero and the box grows by (M + 2) / M; its corners are cut to integers, both
 * inclusive; between them the mask is interpolated bilinearly (pixel centres, no aligned corners).
 * The position of a pixel is found with integers and the sum is compared before it is divided, so
 * thresholded masks are the same bits on every device. A box that is not finite has no pixels;
 * corners are cut at +-1e9. */
#include "detcl/boxes.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

struct attrs {
    int64_t height, width;
    float threshold;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, height, NULL), DCL_INT(struct attrs, width, NULL),
    DCL_FLOAT(struct attrs, threshold, "0"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    for (int i = 0; i < 2; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *masks = &call->in[0]->desc, *boxes = &call->in[1]->desc;
    const int rank = masks->rank;
    const bool shaped = rank == 3 || (rank == 4 && masks->dims[1] == 1);
    if (!shaped || masks->dims[rank - 1] != masks->dims[rank - 2] || masks->dims[rank - 1] < 1 ||
        boxes->rank != 2 || boxes->dims[0] != masks->dims[0] || boxes->dims[1] != 4)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "operands are not [N, M, M] and [N, 4] with M over 0");
    if (masks->dims[rank - 1] > 1 << 14)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "masks of more than 16384 pixels a side");
    if (a->height < 0 || a->width < 0 || a->height > 1 << 30 || a->width > 1 << 30 ||
        !(a->threshold >= 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "an image of %lld x %lld pixels and a threshold of %g",
                             (long long)a->width, (long long)a->height, (double)a->threshold);
    call->out[0]->desc = (struct detcl_desc){.dtype = a->threshold > 0 ? DETCL_U8 : DETCL_F32,
                                             .rank = 3,
                                             .dims = {masks->dims[0], a->height, a->width}};
    return DETCL_OK;
}

static int64_t side_of(const struct dcl_call *call)
{
    return DCL_DIM(call->in[0], call->in[0]->desc.rank - 1);
}

/* torchvision divides in double and multiplies float32 by the result. */
static float scale_of(const struct dcl_call *call)
{
    const int64_t m = side_of(call);
    return (float)((double)(m + 2) / (double)m);
}

/* Where the padded mask lies on an axis: pixels start..end - 1 of the image, its border at
 * `origin`, `size` pixels. */
struct axis {
    int64_t start, end, origin, size;
};

static int64_t whole(float v)
{
    return v < -1e9f ? -1000000000 : v > 1e9f ? 1000000000 : (int64_t)v;
}

static struct axis place(float low, float high, float scale, int64_t extent)
{
    const float reach = (high - low) * 0.5f * scale, centre = (high + low) * 0.5f;
    if (!isfinite(centre - reach) || !isfinite(centre + reach))
        return (struct axis){0, 0, 0, 1};
    const int64_t first = whole(centre - reach), last = whole(centre + reach);
    const int64_t size = last - first + 1;
    return (struct axis){first > 0 ? first : 0, last + 1 < extent ? last + 1 : extent, first,
                         size > 1 ? size : 1};
}

/* The two pixels of the padded mask around pixel x of the image, and their weights, which add up to
 * twice the size. */
struct pair {
    int64_t pixel[2];
    float weight[2];
};

static struct pair locate(const struct axis *a, int64_t x, int64_t in)
{
    /* (x - origin + 0.5) * in / size - 0.5 in parts of 1 / (2 * size), plus 1. */
    const int64_t twice = 2 * a->size, t = (2 * (x - a->origin) + 1) * in + a->size;
    const int64_t p = t / twice, part = t % twice, first = p > 0 ? p - 1 : 0;
    struct pair pair = {{first, first + 1 < in ? first + 1 : in - 1}, {(float)twice, 0}};
    if (p > 0) {
        pair.weight[0] = (float)(twice - part);
        pair.weight[1] = (float)part;
    }
    return pair;
}

static float padded(const float *mask, int64_t m, int64_t y, int64_t x)
{
    return y >= 1 && y <= m && x >= 1 && x <= m ? mask[(y - 1) * m + x - 1] : 0;
}

/* The interpolated mask times twice both sizes. */
static float sum_at(const float *mask, int64_t m, const struct pair *y, const struct pair *x)
{
    float row[2];
    for (int k = 0; k < 2; k++)
        row[k] = x->weight[0] * padded(mask, m, y->pixel[k], x->pixel[0]) +
                 x->weight[1] * padded(mask, m, y->pixel[k], x->pixel[1]);
    return y->weight[0] * row[0] + y->weight[1] * row[1];
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t m = side_of(call);
    for (int64_t n = 0; n < DCL_DIM(call->out[0], 0); n++) {
        const float *mask = (const float *)call->in[0]->data + n * m * m;
        const float *box = (const float *)call->in[1]->data + 4 * n;
        const struct axis across = place(box[0], box[2], scale_of(call), a->width);
        const struct axis down = place(box[1], box[3], scale_of(call), a->height);
        const float full = (float)(2 * down.size) * (float)(2 * across.size);
        for (int64_t i = 0; i < a->height * a->width; i++) {
            const int64_t y = i / a->width, x = i % a->width, at = n * a->height * a->width + i;
            const bool inside =
                y >= down.start && y < down.end && x >= across.start && x < across.end;
            float sum = 0;
            if (inside) {
                const struct pair rows = locate(&down, y, m + 2),
                                  columns = locate(&across, x, m + 2);
                sum = sum_at(mask, m, &rows, &columns);
            }
            if (a->threshold > 0)
                ((uint8_t *)call->out[0]->data)[at] = inside && sum >= a->threshold * full;
            else
                ((float *)call->out[0]->data)[at] = inside ? sum / full : 0;
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t n = DCL_DIM(call->out[0], 0);
    struct dcl_launch *l =
        dcl_launch(r, "masks", "", a->threshold > 0 ? "paste_masks_u8" : "paste_masks_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    dcl_arg_int(l, side_of(call));
    dcl_arg_int(l, a->height);
    dcl_arg_int(l, a->width);
    dcl_arg_float(l, scale_of(call));
    dcl_arg_float(l, a->threshold);
    return dcl_grid(l, 3, (size_t[]){(size_t)(a->width + 15) / 16, (size_t)a->height, (size_t)n},
                    NULL);
}

const struct dcl_op dcl_op_paste_masks = {
    .name = "paste_masks",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision's paste_masks_in_image (roi_heads), padding 1",
    .limits = "masks of at most 16384 x 16384 pixels",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_paste_masks(struct detcl_context *ctx,
                                    const struct detcl_paste_masks_params *params,
                                    struct detcl_tensor *masks, struct detcl_tensor *boxes,
                                    struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {
        .height = params->height, .width = params->width, .threshold = params->threshold};
    return DCL_CALL_OP(ctx, paste_masks, &attrs, sync, DCL_TENSORS(masks, boxes), DCL_TENSORS(out));
}
