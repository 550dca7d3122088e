/* conv2d: ONNX Conv over one to three spatial dimensions, with bias, groups, and a fused last step:
 * y = f(conv(x, w) + bias + residual) or f(conv(x, w) + bias) + residual.
 * Inputs: x (N, C, ...), w (O, C / group, ...), bias (O, may be absent), residual (as y, may be
 * absent). Where Winograd's transforms are used, a NaN or an infinity reaches all outputs of its
 * 4 x 4 tiles. */
#include "ops/conv2d.h"

static const struct dcl_attr_spec specs[] = {
    DCL_WINDOW_SPECS(struct dcl_conv2d_attrs, window), DCL_INT(struct dcl_conv2d_attrs, group, "1"),
    DCL_FUSED_SPECS(struct dcl_conv2d_attrs, fused), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Conv", ""}, {NULL, NULL}};

static enum detcl_status check_channels(const struct dcl_call *call, const struct dcl_conv2d *c)
{
    const struct detcl_desc *w = &call->in[1]->desc;
    if (c->groups < 1 || c->channels % c->groups || c->out_channels % c->groups)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld groups do not divide %lld input and %lld output channels",
                             (long long)c->groups, (long long)c->channels,
                             (long long)c->out_channels);
    if (w->dims[1] != c->channels / c->groups)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the weights have %lld input channels, expected %lld",
                             (long long)w->dims[1], (long long)(c->channels / c->groups));
    if (dcl_has_in(call, 2) &&
        (call->in[2]->desc.rank != 1 || call->in[2]->desc.dims[0] != c->out_channels))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the bias must have %lld elements",
                             (long long)c->out_channels);
    return DETCL_OK;
}

enum detcl_status dcl_conv2d_describe(const struct dcl_call *call, struct dcl_conv2d *out)
{
    const struct dcl_conv2d_attrs *a = call->attrs;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *x = &call->in[0]->desc, *w = &call->in[1]->desc;
    int spatial;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &spatial));
    DCL_TRY(call->error, dcl_need_rank(call, 1, x->rank));
    *out = (struct dcl_conv2d){.images = x->dims[0],
                               .channels = x->dims[1],
                               .out_channels = w->dims[0],
                               .groups = a->group,
                               .fused = dcl_fused_of(call, &a->fused)};
    DCL_TRY(call->error, check_channels(call, out));
    return dcl_window_resolve(call, &a->window, x, w->dims + 2, &out->window);
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_conv2d c;
    DCL_TRY(call->error, dcl_conv2d_describe(call, &c));
    struct detcl_desc y = {DETCL_F32, call->in[0]->desc.rank, {c.images, c.out_channels}};
    for (int i = 2; i < y.rank; i++)
        y.dims[i] = c.window.out[5 - y.rank + i - 2];
    DCL_TRY(call->error, dcl_fused_check(call, &y));
    call->out[0]->desc = y;
    return dcl_conv2d_workspace(call, &c);
}

/* Blocks are wanted everywhere, but a few dense channels (an image) are read as they are. */
static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    const struct dcl_conv2d_attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    if (x->desc.rank != 4)
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    const bool image = x->block == 1 && DCL_DIM(x, 1) < block && a->group == 1;
    return (struct dcl_layout){DCL_LAYOUT_PREFER, (image ? 0u : 1u) | 1u << DCL_RESIDUAL_INPUT, 1};
}

const struct dcl_op dcl_op_conv2d = {
    .name = "conv2d",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_conv2d_attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 2e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = dcl_conv2d_run_cpu,
    .record_cl = dcl_conv2d_record_cl,
    .layout = layout,
    .choices = dcl_conv2d_choices,
};
