/* deform_conv2d_backward: the gradients of deform_conv2d.
 * in: x, w, offset, grad_y [N, O, oH, oW], mask (may be absent). out, each optional: grad_x,
 * grad_w, grad_offset, grad_bias [O], grad_mask, of the shapes of what they are gradients of. Tap
 * after tap: the gradient of what the tap saw is w^T grad_y; each plane of grad_x is one
 * work-item's, which adds pixel after pixel, so the result does not depend on the device's order.
 */
#include "ops/deform.h"
#include "ops/typed.h"

enum { X, W, OFFSET, GRAD, MASK };
enum { GRAD_X, GRAD_W, GRAD_OFFSET, GRAD_BIAS, GRAD_MASK };

static const struct dcl_attr_spec specs[] = {DCL_DEFORM_SPECS};

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    DCL_TRY(call->error, dcl_need_rank(call, GRAD, 4));
    const int64_t *grad = call->in[GRAD]->desc.dims;
    if (grad[0] != d.images || grad[1] != d.out_channels || grad[2] != d.window.out[1] ||
        grad[3] != d.window.out[2])
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "grad_y has not the shape of y");
    if (dcl_has_out(call, GRAD_MASK) && !d.mask)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a gradient of a mask that is not given");
    const struct dcl_value *like[] = {d.x, d.w, d.offset, NULL, d.mask};
    for (int i = 0; i < call->n_out; i++)
        if (dcl_has_out(call, i) && like[i])
            call->out[i]->desc = like[i]->desc;
        else if (dcl_has_out(call, i))
            call->out[i]->desc =
                (struct detcl_desc){.dtype = DETCL_F32, .rank = 1, .dims = {d.out_channels}};
    call->cpu_workspace =
        (size_t)(d.channels * d.in_pixels + dcl_count(d.w) + d.out_channels) * sizeof(double);
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------------
 */

/* Sums in double: of the planes of one image, of all weights and biases. */
struct sums {
    double *x, *w, *bias;
};

/* One channel through one tap at one output pixel: adds to the sums of x and w, returns the
 * gradient of what was seen. */
static double one_channel(const struct dcl_deform *d, const float *grad, int64_t c, int64_t tap,
                          int64_t p, double value, struct sums *s)
{
    const int64_t g = c / d->group_channels;
    double sum = 0;
    for (int64_t o = g * d->group_outputs; o < (g + 1) * d->group_outputs; o++) {
        const int64_t at = (o * d->group_channels + c % d->group_channels) * d->taps + tap;
        sum += (double)((const float *)d->w->data)[at] * (double)grad[o * d->pixels + p];
        s->w[at] += value * (double)grad[o * d->pixels + p];
    }
    return sum;
}

/* All channels of offset group `part` through one tap at one pixel; `slope` gets the gradients of
 * the offset (y, x) and of the mask. */
static void one_point(const struct dcl_deform *d, const float *grad, int64_t n, int64_t part,
                      int64_t tap, int64_t p, struct sums *s, double *slope)
{
    float mask;
    const struct dcl_around around = dcl_deform_around(d, n, part, tap, p, &mask);
    slope[0] = slope[1] = slope[2] = 0;
    for (int64_t c = part * d->offset_channels; c < (part + 1) * d->offset_channels; c++) {
        const float *plane = (const float *)d->x->data + (n * d->channels + c) * d->in_pixels;
        const double seen = dcl_sum_around(plane, around.at, around.weight);
        const double g = one_channel(d, grad, c, tap, p, (double)mask * seen, s);
        slope[0] += g * (double)mask * dcl_sum_around(plane, around.at, around.along_y);
        slope[1] += g * (double)mask * dcl_sum_around(plane, around.at, around.along_x);
        slope[2] += g * seen;
        for (int k = 0; k < 4; k++)
            if (around.at[k] >= 0)
                s->x[c * d->in_pixels + around.at[k]] += around.weight[k] * (double)mask * g;
    }
}

static void store(struct dcl_call *call, int i, int64_t first, const double *from, int64_t n)
{
    for (int64_t k = 0; dcl_has_out(call, i) && k < n; k++)
        ((float *)call->out[i]->data)[first + k] = (float)from[k];
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    const int64_t image = d.channels * d.in_pixels, weights = dcl_count(d.w);
    struct sums s = {.x = call->workspace};
    s.w = s.x + image;
    s.bias = s.w + weights;
    for (int64_t i = 0; i < weights + d.out_channels; i++)
        s.w[i] = 0;
    for (int64_t n = 0; n < d.images; n++) {
        const float *grad = (const float *)call->in[GRAD]->data + n * d.out_channels * d.pixels;
        for (int64_t i = 0; i < image; i++)
            s.x[i] = 0;
        for (int64_t i = 0; i < d.out_channels * d.pixels; i++)
            s.bias[i / d.pixels] += (double)grad[i];
        for (int64_t row = 0; row < d.offset_groups * d.taps; row++)
            for (int64_t p = 0; p < d.pixels; p++) {
                double slope[3];
                const int64_t at = n * d.offset_groups * d.taps + row;
                one_point(&d, grad, n, row / d.taps, row % d.taps, p, &s, slope);
                store(call, GRAD_OFFSET, 2 * at * d.pixels + p, slope, 1);
                store(call, GRAD_OFFSET, (2 * at + 1) * d.pixels + p, slope + 1, 1);
                store(call, GRAD_MASK, at * d.pixels + p, slope + 2, 1);
            }
        store(call, GRAD_X, n * image, s.x, image);
    }
    store(call, GRAD_W, 0, s.w, weights);
    store(call, GRAD_BIAS, 0, s.bias, d.out_channels);
    return DETCL_OK;
}

/* --- OpenCL -----------------------------------------------------------------------------------
 */

/* A launch over the operands that all kernels of a tap share. */
static struct dcl_launch *launch(struct dcl_recorder *r, const struct dcl_deform *d,
                                 const char *kernel, int64_t tap)
{
    struct dcl_launch *l = dcl_launch(r, "deform_backward", "", kernel);
    dcl_arg_value(l, d->offset);
    dcl_arg_value(l, d->mask);
    dcl_deform_args(l, d);
    dcl_arg_int(l, d->mask != NULL);
    dcl_arg_int(l, tap);
    return l;
}

static const struct dcl_value *output(const struct dcl_call *call, int i)
{
    return dcl_has_out(call, i) ? call->out[i] : NULL;
}

/* What one tap adds to grad_x, grad_offset and grad_mask; `columns` is [N, C, pixels]. */
static void record_points(const struct dcl_call *call, struct dcl_recorder *r,
                          const struct dcl_deform *d, const struct dcl_value *columns, int64_t tap)
{
    const size_t n = (size_t)d->images, planes = (size_t)(d->images * d->channels);
    const size_t alone[] = {1, 1, 1};
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    struct dcl_launch *l = launch(r, d, "deform_backward_columns", tap);
    dcl_arg_value(l, d->w);
    dcl_arg_value(l, call->in[GRAD]);
    dcl_arg_value(l, columns);
    dcl_grid(l, 3, (size_t[]){(size_t)(d->pixels + 15) / 16, (size_t)d->channels, n}, NULL);
    if (dcl_has_out(call, GRAD_X)) {
        l = launch(r, d, "deform_backward_x", tap);
        dcl_arg_value(l, columns);
        dcl_arg_value(l, call->out[GRAD_X]);
        dcl_arg_int(l, d->images);
        dcl_grid(l, 1, (size_t[]){planes}, simd ? alone : NULL);
    }
    if (!dcl_has_out(call, GRAD_OFFSET) && !dcl_has_out(call, GRAD_MASK))
        return;
    l = launch(r, d, "deform_backward_points", tap);
    dcl_arg_value(l, d->x);
    dcl_arg_value(l, columns);
    dcl_arg_value(l, output(call, GRAD_OFFSET));
    dcl_arg_value(l, output(call, GRAD_MASK));
    dcl_arg_int(l, dcl_has_out(call, GRAD_OFFSET));
    dcl_arg_int(l, dcl_has_out(call, GRAD_MASK));
    dcl_grid(l, 3, (size_t[]){(size_t)d->pixels, (size_t)d->offset_groups, n}, NULL);
}

static void record_weights(const struct dcl_call *call, struct dcl_recorder *r,
                           const struct dcl_deform *d, const struct dcl_value *columns, int64_t tap)
{
    struct dcl_launch *l = launch(r, d, "deform_backward_sample", tap);
    dcl_arg_value(l, d->x);
    dcl_arg_value(l, columns);
    dcl_grid(l, 3, (size_t[]){(size_t)d->pixels, (size_t)d->channels, (size_t)d->images}, NULL);
    l = launch(r, d, "deform_backward_weights", tap);
    dcl_arg_value(l, columns);
    dcl_arg_value(l, call->in[GRAD]);
    dcl_arg_value(l, call->out[GRAD_W]);
    dcl_arg_int(l, d->images);
    dcl_grid(l, 2, (size_t[]){(size_t)d->group_channels, (size_t)d->out_channels}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_deform d;
    DCL_TRY(call->error, dcl_deform_describe(call, MASK, &d));
    const bool points =
        dcl_has_out(call, GRAD_X) || dcl_has_out(call, GRAD_OFFSET) || dcl_has_out(call, GRAD_MASK);
    const struct dcl_value *columns = dcl_workspace(r, DETCL_F32, d.images * d.channels * d.pixels);
    for (int64_t tap = 0; tap < d.taps; tap++) {
        if (points)
            record_points(call, r, &d, columns, tap);
        if (dcl_has_out(call, GRAD_W))
            record_weights(call, r, &d, columns, tap);
    }
    if (!dcl_has_out(call, GRAD_BIAS))
        return dcl_recorded(r);
    struct dcl_launch *l = dcl_launch(r, "deform_backward", "", "deform_backward_bias");
    dcl_arg_value(l, call->in[GRAD]);
    dcl_arg_value(l, call->out[GRAD_BIAS]);
    dcl_arg_int(l, d.images);
    dcl_arg_int(l, d.out_channels);
    dcl_arg_int(l, d.pixels);
    return dcl_grid(l, 1, (size_t[]){(size_t)d.out_channels}, NULL);
}

const struct dcl_op dcl_op_deform_conv2d_backward = {
    .name = "deform_conv2d_backward",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_deform_attrs),
    .min_in = 4,
    .max_in = 5,
    .max_out = 5,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-4f,
    .source = "torchvision.ops.deform_conv2d, its backward pass",
    .limits = "two spatial dimensions",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_deform_conv2d_backward(
    struct detcl_context *ctx, const struct detcl_deform_conv2d_params *params,
    struct detcl_tensor *x, struct detcl_tensor *w, struct detcl_tensor *offset,
    struct detcl_tensor *mask, struct detcl_tensor *grad_y, struct detcl_tensor *grad_x,
    struct detcl_tensor *grad_w, struct detcl_tensor *grad_offset, struct detcl_tensor *grad_mask,
    struct detcl_tensor *grad_bias, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct dcl_deform_attrs attrs = dcl_deform_attrs_of(params);
    return DCL_CALL_OP(ctx, deform_conv2d_backward, &attrs, sync,
                       DCL_TENSORS(x, w, offset, grad_y, mask),
                       DCL_TENSORS(grad_x, grad_w, grad_offset, grad_bias, grad_mask));
}
