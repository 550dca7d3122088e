/* conv_transpose: ONNX ConvTranspose over one to three spatial dimensions, with bias, groups, and
 * the fused last step of conv2d. y[n,o,j] = f(bias[o] + sum over c, k, i with j = i stride + k
 * dilation - pad of w[c,o,k] x[n,c,i]) Inputs: x (N, C, ...), w (C, O / group, ...), bias (O, may
 * be absent), residual (as y, may be absent). */
#include "ops/fused.h"
#include "ops/window.h"

#include <stdio.h>

#define COLUMNS 256 /* outputs of a row that are summed together */

struct attrs {
    struct dcl_window_attrs window;
    struct dcl_ints output_padding, output_shape;
    int64_t group;
    struct dcl_fused fused;
};

static const struct dcl_attr_spec specs[] = {
    DCL_WINDOW_SPECS(struct attrs, window),   DCL_INTS(struct attrs, output_padding, ""),
    DCL_INTS(struct attrs, output_shape, ""), DCL_INT(struct attrs, group, "1"),
    DCL_FUSED_SPECS(struct attrs, fused),     DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"ConvTranspose", ""}, {NULL, NULL}};

struct shape {
    struct dcl_window window; /* `out` may hold positions that no tap reaches */
    int64_t images, channels, out_channels, groups, taps;
    struct dcl_fused fused;
};

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
static enum detcl_status resolve(const struct dcl_call *call, const struct attrs *a, int spatial,
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

static enum detcl_status describe(const struct dcl_call *call, struct shape *s)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc, *w = &call->in[1]->desc;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    int spatial;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &spatial));
    DCL_TRY(call->error, dcl_need_rank(call, 1, x->rank));
    *s = (struct shape){.images = x->dims[0],
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
    struct shape s;
    DCL_TRY(call->error, describe(call, &s));
    struct detcl_desc y = {DETCL_F32, call->in[0]->desc.rank, {s.images, s.out_channels}};
    for (int i = 2; i < y.rank; i++)
        y.dims[i] = s.window.out[5 - y.rank + i - 2];
    DCL_TRY(call->error, dcl_fused_check(call, &y));
    call->out[0]->desc = y;
    return DETCL_OK;
}

/* --- twin ---------------------------------------------------------------------------------- */

/* The input position that reaches output `out` of dimension i through tap k, or -1. */
static int64_t source(const struct dcl_window *w, int i, int64_t out, int64_t k)
{
    const int64_t at = out + w->begin[i] - k * w->dilation[i];
    return at < 0 || at % w->stride[i] || at / w->stride[i] >= w->size[i] ? -1 : at / w->stride[i];
}

/* Add what one row of x gives through one tap to outputs first .. first + n of a row. */
static void scatter(const struct dcl_window *w, const float *x, int64_t shift, double weight,
                    double *sum, int64_t first, int64_t n)
{
    const int64_t stride = w->stride[2];
    const int64_t low = first - shift > 0 ? (first - shift + stride - 1) / stride : 0;
    int64_t high = first + n - shift > 0 ? (first + n - shift + stride - 1) / stride : 0;
    high = high < w->size[2] ? high : w->size[2];
    for (int64_t i = low; i < high; i++)
        sum[i * stride + shift - first] += weight * (double)x[i];
}

/* Sum n outputs of row (z, y) of output channel o (within group g) of image b. */
static void sum_row(const struct shape *s, const float *x, const float *w, int64_t b, int64_t g,
                    int64_t o, int64_t z, int64_t y, double *sum, int64_t first, int64_t n)
{
    const struct dcl_window *v = &s->window;
    const int64_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    for (int64_t c = g * channels; c < (g + 1) * channels; c++) {
        const float *tap = w + (c * outs + o) * s->taps;
        for (int64_t t = 0; t < v->kernel[0]; t++)
            for (int64_t u = 0; u < v->kernel[1]; u++, tap += v->kernel[2]) {
                const int64_t iz = source(v, 0, z, t), iy = source(v, 1, y, u);
                if (iz < 0 || iy < 0)
                    continue;
                const float *row =
                    x + (((b * s->channels + c) * v->size[0] + iz) * v->size[1] + iy) * v->size[2];
                for (int64_t k = 0; k < v->kernel[2]; k++)
                    scatter(v, row, k * v->dilation[2] - v->begin[2], (double)tap[k], sum, first,
                            n);
            }
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct shape s;
    DCL_TRY(call->error, describe(call, &s));
    const float *bias = dcl_has_in(call, 2) ? call->in[2]->data : NULL;
    const float *residual = dcl_residual(call) ? dcl_residual(call)->data : NULL;
    const int64_t *out = s.window.out, outs = s.out_channels / s.groups;
    const int64_t rows = s.images * s.out_channels * out[0] * out[1];
    float *y = call->out[0]->data;
    double sum[COLUMNS];
    for (int64_t r = 0; r < rows; r++) {
        const int64_t plane = r / out[1] / out[0], o = plane % s.out_channels;
        for (int64_t first = 0; first < out[2]; first += COLUMNS) {
            const int64_t n = out[2] - first < COLUMNS ? out[2] - first : COLUMNS;
            for (int64_t i = 0; i < n; i++)
                sum[i] = bias ? (double)bias[o] : 0;
            sum_row(&s, call->in[0]->data, call->in[1]->data, plane / s.out_channels, o / outs,
                    o % outs, r / out[1] % out[0], r % out[1], sum, first, n);
            const int64_t at = r * out[2] + first;
            dcl_fused_apply(&s.fused, sum, residual ? residual + at : NULL, y + at, n);
        }
    }
    return DETCL_OK;
}

/* --- OpenCL -------------------------------------------------------------------------------- */

/* Weights for `lanes` neighbouring output channels at a time: [block][c in group][tap][lane]. */
static const struct dcl_value *pack(struct dcl_recorder *r, const struct shape *s, const float *w,
                                    int lanes)
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

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct shape s;
    DCL_TRY(call->error, describe(call, &s));
    const struct dcl_window *v = &s.window;
    const int block = call->out[0]->block;
    const bool whole = s.groups == 1 || s.out_channels / s.groups % block == 0;
    const int lanes = whole && call->in[1]->constant ? block : 1;
    char options[32];
    snprintf(options, sizeof options, "-DLANES=%d", lanes);
    const struct dcl_value *w = lanes > 1 ? pack(r, &s, call->in[1]->constant, lanes) : call->in[1];
    struct dcl_launch *l = dcl_launch(r, "conv_transpose", options, "conv_transpose_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, w);
    dcl_arg_value(l, dcl_has_in(call, 2) ? call->in[2] : NULL);
    dcl_arg_value(l, dcl_residual(call));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, dcl_has_in(call, 2));
    dcl_arg_int(l, s.groups);
    dcl_arg_int(l, s.channels);
    dcl_arg_int(l, call->in[0]->block);
    dcl_arg_int(l, s.out_channels);
    dcl_arg_int(l, block);
    const int64_t *const lists[] = {v->size, v->out, v->kernel, v->stride, v->dilation, v->begin};
    for (int k = 0; k < 6; k++)
        for (int i = 0; i < 3; i++)
            dcl_arg_int(l, lists[k][i]);
    dcl_arg_fused(l, &s.fused);
    const size_t global[] = {(size_t)(v->out[0] * v->out[1] * v->out[2]),
                             (size_t)((s.out_channels + lanes - 1) / lanes), (size_t)s.images};
    return dcl_grid(l, 3, global, NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const bool plane = call->in[0]->desc.rank == 4;
    return (struct dcl_layout){plane ? DCL_LAYOUT_FOLLOW : DCL_LAYOUT_PLAIN,
                               1u | 1u << DCL_RESIDUAL_INPUT, 1};
}

const struct dcl_op dcl_op_conv_transpose = {
    .name = "conv_transpose",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 4,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 2e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
