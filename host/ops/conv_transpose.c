/* conv_transpose: ONNX ConvTranspose over one to three spatial dimensions, with bias, groups, and
 * the fused last step of conv2d. y[n,o,j] = f(bias[o] + sum over c, k, i with j = i stride + k
 * dilation - pad of w[c,o,k] x[n,c,i]) Inputs: x (N, C, ...), w (C, O / group, ...), bias (O, may
 * be absent), residual (as y, may be absent). */
#include "ops/conv_transpose.h"
#include "ops/conv2d.h"

#include <stdio.h>

static const struct dcl_attr_spec specs[] = {
    DCL_WINDOW_SPECS(struct dcl_conv_transpose_attrs, window),
    DCL_INTS(struct dcl_conv_transpose_attrs, output_padding, ""),
    DCL_INTS(struct dcl_conv_transpose_attrs, output_shape, ""),
    DCL_INT(struct dcl_conv_transpose_attrs, group, "1"),
    DCL_FUSED_SPECS(struct dcl_conv_transpose_attrs, fused),
    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"ConvTranspose", ""}, {NULL, NULL}};

static enum detcl_status check_list(const struct dcl_call *call, const char *name,
                                    const struct dcl_ints *list, int spatial)
{
    if (list->n && list->n != spatial)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s has %d entries, expected %d", name,
                             list->n, spatial);
    for (int i = 0; i < list->n; i++)
        if (list->v[i] < 0 || list->v[i] > INT32_MAX)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%s holds %lld", name,
                                 (long long)list->v[i]);
    return DETCL_OK;
}

/* Output extents and padding as ONNX's ConvTranspose has them: a given (or SAME) output extent
 * decides the padding, otherwise the padding decides the extent. */
static enum detcl_status resolve(const struct dcl_call *call,
                                 const struct dcl_conv_transpose_attrs *a, int spatial,
                                 struct dcl_window *w)
{
    DCL_TRY(call->error, check_list(call, "output_padding", &a->output_padding, spatial));
    DCL_TRY(call->error, check_list(call, "output_shape", &a->output_shape, spatial));
    const int mode = a->window.auto_pad;
    const bool same = mode == DCL_PAD_SAME_UPPER || mode == DCL_PAD_SAME_LOWER;
    if (mode == DCL_PAD_NOTSET)
        DCL_TRY(call->error, dcl_window_pads(call, &a->window, spatial, w));
    for (int k = 0; k < spatial; k++) {
        const int i = 3 - spatial + k;
        const int64_t more = a->output_padding.n ? a->output_padding.v[k] : 0;
        const int64_t full = w->stride[i] * (w->size[i] - 1) + more + dcl_window_extent(w, i);
        if (a->output_shape.n || same) {
            w->out[i] = a->output_shape.n ? a->output_shape.v[k] : w->size[i] * w->stride[i];
            const int64_t total = full > w->out[i] ? full - w->out[i] : 0;
            w->begin[i] = mode == DCL_PAD_SAME_UPPER ? total / 2 : total - total / 2;
        } else {
            w->out[i] = full - w->begin[i] - w->end[i];
        }
        if (w->size[i] < 1 || w->out[i] < 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the output would be empty");
    }
    return DETCL_OK;
}

enum detcl_status dcl_conv_transpose_describe(const struct dcl_call *call,
                                              struct dcl_conv_transpose *s)
{
    const struct dcl_conv_transpose_attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc, *w = &call->in[1]->desc;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    int spatial;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &spatial));
    DCL_TRY(call->error, dcl_need_rank(call, 1, x->rank));
    *s = (struct dcl_conv_transpose){.images = x->dims[0],
                                     .channels = x->dims[1],
                                     .groups = a->group,
                                     .fused = dcl_fused_of(call, &a->fused)};
    if (a->group < 1 || a->group > INT32_MAX || x->dims[1] % a->group || w->dims[0] != x->dims[1] ||
        w->dims[1] > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld groups and weights for %lld channels do not fit %lld channels",
                             (long long)a->group, (long long)w->dims[0], (long long)x->dims[1]);
    s->out_channels = w->dims[1] * a->group;
    if (dcl_has_in(call, 2) &&
        (call->in[2]->desc.rank != 1 || call->in[2]->desc.dims[0] != s->out_channels))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the bias must have %lld elements",
                             (long long)s->out_channels);
    DCL_TRY(call->error, dcl_window_shape(call, &a->window, x, w->dims + 2, &s->window));
    s->taps = s->window.kernel[0] * s->window.kernel[1] * s->window.kernel[2];
    return resolve(call, a, spatial, &s->window);
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_conv_transpose s;
    DCL_TRY(call->error, dcl_conv_transpose_describe(call, &s));
    struct detcl_desc y = {DETCL_F32, call->in[0]->desc.rank, {s.images, s.out_channels}};
    for (int i = 2; i < y.rank; i++)
        y.dims[i] = s.window.out[5 - y.rank + i - 2];
    DCL_TRY(call->error, dcl_fused_check(call, &y));
    call->out[0]->desc = y;
    return dcl_conv_transpose_workspace(call, &s);
}

/* --- OpenCL -------------------------------------------------------------------------------- */

/* Weights for `lanes` neighbouring output channels at a time: [block][c in group][tap][lane]. */
static const struct dcl_value *pack(struct dcl_recorder *r, const struct dcl_conv_transpose *s,
                                    const float *w, int lanes)
{
    const int64_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    const int64_t blocks = (s->out_channels + lanes - 1) / lanes;
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, blocks * channels * s->taps * lanes, &data);
    for (int64_t o = 0; packed && o < s->out_channels; o++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t t = 0; t < s->taps; t++)
                ((float *)data)[((o / lanes * channels + c) * s->taps + t) * lanes + o % lanes] =
                    w[((o / outs * channels + c) * outs + o % outs) * s->taps + t];
    return packed;
}

/* Weights and biases of tiles of `blocks` output blocks, as kernels/conv_transpose_blocked.cl reads
 * them. */
static const struct dcl_value *pack_tiles(struct dcl_recorder *r,
                                          const struct dcl_conv_transpose *s,
                                          const struct dcl_call *call, int lanes, int blocks)
{
    const float *w = call->in[1]->constant;
    const float *bias = dcl_has_in(call, 2) ? call->in[2]->constant : NULL;
    const int64_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    const int64_t width = (int64_t)lanes * blocks, tiles = dcl_ceil_div(outs, width);
    const int64_t tile = (1 + channels * s->taps) * width;
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, s->groups * tiles * tile, &data);
    for (int64_t o = 0; packed && o < s->out_channels; o++) {
        const int64_t group = o / outs, lane = o % outs;
        float *to = (float *)data + (group * tiles + lane / width) * tile + lane % width;
        *to = bias ? bias[o] : 0;
        for (int64_t c = 0; c < channels; c++) {
            const int64_t first = c - c % lanes;
            const int64_t count = channels - first < lanes ? channels - first : lanes;
            for (int64_t t = 0; t < s->taps; t++)
                to[(1 + first * s->taps + t * count + c - first) * width] =
                    w[((group * channels + c) * outs + lane) * s->taps + t];
        }
    }
    return packed;
}

/* One of so many neighbouring taps reaches an output: the stride without what it shares with the
 * dilation. */
static int64_t tap_step(const struct dcl_window *v, int i)
{
    int64_t a = v->stride[i], b = v->dilation[i];
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return v->stride[i] / a;
}

static enum detcl_status record_blocked(struct dcl_call *call, const struct dcl_conv_transpose *s,
                                        struct dcl_recorder *r)
{
    const struct dcl_window *v = &s->window;
    const int lanes = call->out[0]->block;
    const int64_t out_blocks = dcl_ceil_div(s->out_channels / s->groups, lanes);
    const struct dcl_conv2d_tile tile =
        dcl_conv2d_choose_tile(lanes, out_blocks, 1, INT32_MAX, false);
    /* Phases are narrow: half a tile may waste less at the end of a row. The ones are the cost of
     * starting a tile. */
    const int64_t width = dcl_ceil_div(v->out[2], v->stride[2]);
    const int full = tile.columns, half = full / 2 + 1;
    const bool narrow =
        dcl_ceil_div(width, half) * (half + 1) < dcl_ceil_div(width, full) * (full + 1);
    char options[64];
    snprintf(options, sizeof options, "-DLANES=%d -DOB=%d -DTH=%d", lanes, tile.blocks,
             narrow ? half : full);
    const struct dcl_value *packed = pack_tiles(r, s, call, lanes, tile.blocks);
    struct dcl_launch *l =
        dcl_launch(r, "conv_transpose_blocked", options, "conv_transpose_f32__blocked");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, packed);
    dcl_arg_value(l, dcl_residual(call));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, s->groups);
    dcl_arg_int(l, s->channels / s->groups);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->size[i]);
    dcl_arg_int(l, out_blocks);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->out[i]);
    dcl_conv2d_arg_window(l, v);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, tap_step(v, i));
    dcl_arg_fused(l, &s->fused);
    const int64_t slots = s->groups * dcl_ceil_div(out_blocks, tile.blocks);
    return dcl_conv2d_launch_parts(l, dcl_limits(r), v->out[1] * slots * s->images);
}

static enum detcl_status record_generic(struct dcl_call *call, const struct dcl_conv_transpose *s,
                                        struct dcl_recorder *r)
{
    const struct dcl_window *v = &s->window;
    const int block = call->out[0]->block;
    const bool whole = s->groups == 1 || s->out_channels / s->groups % block == 0;
    const int lanes = whole && call->in[1]->constant ? block : 1;
    char options[32];
    snprintf(options, sizeof options, "-DLANES=%d", lanes);
    const struct dcl_value *w = lanes > 1 ? pack(r, s, call->in[1]->constant, lanes) : call->in[1];
    struct dcl_launch *l = dcl_launch(r, "conv_transpose", options, "conv_transpose_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, w);
    dcl_arg_value(l, dcl_has_in(call, 2) ? call->in[2] : NULL);
    dcl_arg_value(l, dcl_residual(call));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, dcl_has_in(call, 2));
    dcl_arg_int(l, s->groups);
    dcl_arg_int(l, s->channels);
    dcl_arg_int(l, call->in[0]->block);
    dcl_arg_int(l, s->out_channels);
    dcl_arg_int(l, block);
    const int64_t *const lists[] = {v->size, v->out, v->kernel, v->stride, v->dilation, v->begin};
    for (int k = 0; k < 6; k++)
        for (int i = 0; i < 3; i++)
            dcl_arg_int(l, lists[k][i]);
    dcl_arg_fused(l, &s->fused);
    const size_t global[] = {(size_t)(v->out[0] * v->out[1] * v->out[2]),
                             (size_t)((s->out_channels + lanes - 1) / lanes), (size_t)s->images};
    return dcl_grid(l, 3, global, NULL);
}

/* Tiles need weights that are known now, channels in one layout, and groups that end where its
 * blocks do. */
static bool takes_tiles(const struct dcl_call *call, const struct dcl_conv_transpose *s,
                        const struct dcl_limits *limits)
{
    const int lanes = call->out[0]->block;
    const bool fixed = call->in[1]->constant && (!dcl_has_in(call, 2) || call->in[2]->constant);
    const bool same =
        call->in[0]->block == lanes && (!dcl_residual(call) || dcl_residual(call)->block == lanes);
    const bool aligned = s->groups == 1 || (s->channels / s->groups % lanes == 0 &&
                                            s->out_channels / s->groups % lanes == 0);
    return limits->profile == DCL_PROFILE_SIMD && lanes > 1 && fixed && same && aligned &&
           s->channels > 0;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_conv_transpose s;
    DCL_TRY(call->error, dcl_conv_transpose_describe(call, &s));
    return takes_tiles(call, &s, dcl_limits(r)) ? record_blocked(call, &s, r)
                                                : record_generic(call, &s, r);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const bool plane = call->in[0]->desc.rank == 4;
    return (struct dcl_layout){plane ? DCL_LAYOUT_PREFER : DCL_LAYOUT_PLAIN,
                               1u | 1u << DCL_RESIDUAL_INPUT, 1};
}

const struct dcl_op dcl_op_conv_transpose = {
    .name = "conv_transpose",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_conv_transpose_attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 2e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = dcl_conv_transpose_run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
