/* What the forward and backward deformable convolution share. */
#include "ops/deform.h"

#include <string.h>

static bool has_shape(const struct dcl_value *v, int64_t a, int64_t b, const struct dcl_window *w)
{
    return DCL_DIM(v, 0) == a && DCL_DIM(v, 1) == b && DCL_DIM(v, 2) == w->out[1] &&
           DCL_DIM(v, 3) == w->out[2];
}

static enum detcl_status check_groups(const struct dcl_call *call, const struct dcl_deform *d)
{
    if (d->groups < 1 || d->offset_groups < 1 || d->channels % d->groups ||
        d->out_channels % d->groups || d->channels % d->offset_groups)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld groups and %lld offset groups do not divide %lld input and %lld "
                             "output channels",
                             (long long)d->groups, (long long)d->offset_groups,
                             (long long)d->channels, (long long)d->out_channels);
    if (DCL_DIM(d->w, 1) != d->channels / d->groups)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the weights have %lld input channels, expected %lld",
                             (long long)DCL_DIM(d->w, 1), (long long)(d->channels / d->groups));
    return DETCL_OK;
}

enum detcl_status dcl_deform_describe(const struct dcl_call *call, int mask, struct dcl_deform *d)
{
    const struct dcl_deform_attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    for (int i = 0; i < 3; i++)
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
    *d = (struct dcl_deform){.images = DCL_DIM(call->in[0], 0),
                             .channels = DCL_DIM(call->in[0], 1),
                             .out_channels = DCL_DIM(call->in[1], 0),
                             .groups = a->group,
                             .offset_groups = a->offset_group,
                             .x = call->in[0],
                             .w = call->in[1],
                             .offset = call->in[2],
                             .mask = dcl_has_in(call, mask) ? call->in[mask] : NULL};
    DCL_TRY(call->error, check_groups(call, d));
    DCL_TRY(call->error,
            dcl_window_resolve(call, &a->window, &d->x->desc, d->w->desc.dims + 2, &d->window));
    d->group_channels = d->channels / d->groups;
    d->group_outputs = d->out_channels / d->groups;
    d->offset_channels = d->channels / d->offset_groups;
    d->taps = d->window.kernel[1] * d->window.kernel[2];
    d->pixels = d->window.out[1] * d->window.out[2];
    d->in_pixels = d->window.size[1] * d->window.size[2];
    if (!has_shape(d->offset, d->images, 2 * d->offset_groups * d->taps, &d->window))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the offsets are not [%lld, %lld, %lld, %lld]", (long long)d->images,
                             (long long)(2 * d->offset_groups * d->taps),
                             (long long)d->window.out[1], (long long)d->window.out[2]);
    if (d->mask)
        DCL_TRY(call->error, dcl_need_rank(call, mask, 4));
    if (d->mask && !has_shape(d->mask, d->images, d->offset_groups * d->taps, &d->window))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the mask has not half the offsets' channels");
    return DETCL_OK;
}

struct dcl_around dcl_deform_around(const struct dcl_deform *d, int64_t n, int64_t offset_group,
                                    int64_t tap, int64_t p, float *mask)
{
    const struct dcl_window *w = &d->window;
    const int64_t row = (n * d->offset_groups + offset_group) * d->taps + tap;
    const float *offset = (const float *)d->offset->data + 2 * row * d->pixels + p;
    const int64_t y =
        p / w->out[2] * w->stride[1] - w->begin[1] + tap / w->kernel[2] * w->dilation[1];
    const int64_t x =
        p % w->out[2] * w->stride[2] - w->begin[2] + tap % w->kernel[2] * w->dilation[2];
    *mask = d->mask ? ((const float *)d->mask->data)[row * d->pixels + p] : 1;
    return dcl_bilinear((float)y + offset[0], (float)x + offset[d->pixels], w->size[1], w->size[2]);
}

void dcl_deform_args(struct dcl_launch *l, const struct dcl_deform *d)
{
    const struct dcl_window *w = &d->window;
    const int64_t list[] = {w->size[1],   w->size[2],      w->out[2],      d->pixels,
                            w->kernel[2], d->taps,         w->stride[1],   w->stride[2],
                            w->begin[1],  w->begin[2],     w->dilation[1], w->dilation[2],
                            d->channels,  d->out_channels, d->groups,      d->offset_groups};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_arg_int(l, list[i]);
}

/* Two numbers, `other` where they are 0. */
static void set_pair(struct dcl_ints *to, const int64_t *from, int64_t other)
{
    to->n = 2;
    for (int i = 0; i < 2; i++)
        to->v[i] = from[i] ? from[i] : other;
}

struct dcl_deform_attrs dcl_deform_attrs_of(const struct detcl_deform_conv2d_params *params)
{
    struct dcl_deform_attrs a;
    memset(&a, 0, sizeof a); /* plans are found by all bytes */
    set_pair(&a.window.strides, params->stride, 1);
    set_pair(&a.window.dilations, params->dilation, 1);
    a.window.pads.n = 4;
    for (int i = 0; i < 4; i++)
        a.window.pads.v[i] = params->padding[i % 2];
    a.group = params->groups ? params->groups : 1;
    a.offset_group = params->offset_groups ? params->offset_groups : 1;
    return a;
}
