/* separable_conv2d: a depthwise convolution and the 1 x 1 convolution that reads it:
 * h = g(depthwise(x, w) + bias), y = f(k h + bias + residual) or f(k h + bias) + residual.
 * Inputs: x (N, C, H, W), w (C, 1, ...), k (O, C, 1, 1), residual (as y), bias of w (C), bias of k
 * (O); the last three may be absent. With channels_last, as heads of detectors end, y is (N, H, W,
 * O) and there is no residual. Processors with vectors keep a few rows of h at a time; elsewhere it
 * is the two convolutions one after the other, as in the twin. */
#include "ops/separable_conv2d.h"
#include "ops/walk.h"

#include <stdio.h>

#define SCRATCH_FLOATS (16 * 1024) /* rows of h that are kept together, when more than one */

static const struct dcl_attr_spec specs[] = {
    DCL_WINDOW_SPECS(struct dcl_separable_attrs, window),
    {"depthwise_activation", DCL_ATTR_CHOICE,
     offsetof(struct dcl_separable_attrs, depthwise.activation), "none", dcl_activation_names},
    {"depthwise_alpha", DCL_ATTR_FLOAT, offsetof(struct dcl_separable_attrs, depthwise.alpha), "0",
     NULL},
    {"depthwise_beta", DCL_ATTR_FLOAT, offsetof(struct dcl_separable_attrs, depthwise.beta), "0",
     NULL},
    DCL_FUSED_SPECS(struct dcl_separable_attrs, fused),
    DCL_INT(struct dcl_separable_attrs, channels_last, "0"),
    DCL_ATTRS_END};

/* The two convolutions as calls of their own, with h between them; y is the second's output when
 * that is not the node's. */
struct stages {
    struct dcl_conv2d_attrs attrs[2];
    struct dcl_value h, y;
    struct dcl_value *in[2][4], *out[2];
    struct dcl_call depthwise, pointwise;
};

static bool is_last(const struct dcl_call *call)
{
    return ((const struct dcl_separable_attrs *)call->attrs)->channels_last != 0;
}

static struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

static struct dcl_call convolution(const struct dcl_call *call, struct stages *s, int i)
{
    return (struct dcl_call){.op = &dcl_op_conv2d,
                             .name = call->name,
                             .attrs = &s->attrs[i],
                             .n_in = 4,
                             .n_out = 1,
                             .in = s->in[i],
                             .out = &s->out[i],
                             .error = call->error};
}

static void split(const struct dcl_call *call, struct stages *s)
{
    const struct dcl_separable_attrs *a = call->attrs;
    struct dcl_value *x = call->in[DCL_SEPARABLE_X];
    *s = (struct stages){
        .attrs = {{.window = a->window, .group = DCL_DIM(x, 1), .fused = a->depthwise},
                  {.group = 1, .fused = a->fused}},
        .h = {.name = call->name, .block = x->block},
        .y = {.name = call->name, .block = 1},
        .in = {{x, call->in[DCL_SEPARABLE_DEPTH_WEIGHTS], input(call, DCL_SEPARABLE_DEPTH_BIAS)},
               {&s->h, call->in[DCL_SEPARABLE_POINT_WEIGHTS], input(call, DCL_SEPARABLE_POINT_BIAS),
                input(call, DCL_SEPARABLE_RESIDUAL)}},
        .out = {&s->h, a->channels_last ? &s->y : call->out[0]}};
    s->depthwise = convolution(call, s, 0);
    s->pointwise = convolution(call, s, 1);
}

/* Describe both; h and y get their shapes. */
static enum detcl_status describe(struct dcl_call *call, struct stages *s, struct dcl_conv2d *depth,
                                  struct dcl_conv2d *point)
{
    for (int i = 0; i < DCL_SEPARABLE_RESIDUAL; i++)
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
    if (is_last(call) && dcl_residual(call))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "channels_last takes no residual");
    split(call, s);
    DCL_TRY(call->error, s->depthwise.op->infer(&s->depthwise));
    DCL_TRY(call->error, dcl_conv2d_describe(&s->depthwise, depth));
    DCL_TRY(call->error, s->pointwise.op->infer(&s->pointwise));
    DCL_TRY(call->error, dcl_conv2d_describe(&s->pointwise, point));
    if (depth->channels != depth->out_channels)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld filters for %lld channels: there must be one each",
                             (long long)depth->out_channels, (long long)depth->channels);
    if (!dcl_conv2d_is_pointwise(point))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the second convolution must be 1 x 1");
    if (dcl_count(&s->h) < 0 || dcl_count(&s->h) > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "the depthwise convolution gives more than 2^31 - 1 elements");
    return DETCL_OK;
}

/* From the second convolution's output to y with its channels last. */
static void last_walk(const struct stages *s, const struct dcl_value *y, struct dcl_walk *w)
{
    struct dcl_walk from;
    dcl_walk_over(&from, &s->y.desc);
    dcl_walk_operand(&from, 0, &s->y.desc);
    dcl_walk_over(w, &y->desc);
    dcl_walk_operand(w, 1, &y->desc);
    for (int i = 0; i < 4; i++)
        w->stride[0][i] = from.stride[0][i == 0 ? 0 : i == 3 ? 1 : i + 1];
    dcl_walk_simplify(w);
}

static size_t host_bytes(const struct dcl_value *v)
{
    return v->desc.rank ? ((size_t)dcl_count(v) * sizeof(float) + 63) / 64 * 64 : 0;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct stages s;
    struct dcl_conv2d depth, point;
    DCL_TRY(call->error, describe(call, &s, &depth, &point));
    const size_t a = s.depthwise.cpu_workspace, b = s.pointwise.cpu_workspace;
    call->cpu_workspace = host_bytes(&s.h) + host_bytes(&s.y) + (a > b ? a : b);
    const int64_t *y = s.y.desc.dims;
    if (is_last(call))
        call->out[0]->desc = (struct detcl_desc){DETCL_F32, 4, {y[0], y[2], y[3], y[1]}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct stages s;
    struct dcl_conv2d depth, point;
    DCL_TRY(call->error, describe(call, &s, &depth, &point));
    s.h.data = call->workspace;
    s.y.data = (char *)s.h.data + host_bytes(&s.h);
    s.depthwise.workspace = s.pointwise.workspace = (char *)s.y.data + host_bytes(&s.y);
    DCL_TRY(call->error, s.depthwise.op->run_cpu(&s.depthwise));
    DCL_TRY(call->error, s.pointwise.op->run_cpu(&s.pointwise));
    struct dcl_walk w;
    if (!is_last(call))
        return DETCL_OK;
    last_walk(&s, call->out[0], &w);
    dcl_copy_cpu(&w, sizeof(float), s.y.data, call->out[0]->data);
    return DETCL_OK;
}

/* Device memory for what lies between two launches. */
static struct dcl_value *between(struct dcl_recorder *r, const struct dcl_value *like)
{
    struct dcl_value *v = dcl_workspace(r, DETCL_F32, dcl_stored_count(like));
    if (v) {
        v->desc = like->desc;
        v->block = like->block;
    }
    return v;
}

static enum detcl_status record_both(struct dcl_call *call, struct stages *s,
                                     struct dcl_recorder *r)
{
    struct dcl_value *h = between(r, &s->h), *y = is_last(call) ? between(r, &s->y) : call->out[0];
    if (!h || !y)
        return dcl_recorded(r);
    s->in[1][0] = s->out[0] = h;
    s->out[1] = y;
    DCL_TRY(call->error, s->depthwise.op->record_cl(&s->depthwise, r));
    DCL_TRY(call->error, s->pointwise.op->record_cl(&s->pointwise, r));
    struct dcl_walk w;
    if (!is_last(call))
        return DETCL_OK;
    last_walk(s, call->out[0], &w);
    return dcl_record_copy(r, &w, y, call->out[0]);
}

/* How many rows make a part: what leaves the least to the busiest compute unit, counted in tiles.
 */
static int64_t choose_rows(const struct dcl_conv2d *c, int lanes, int columns, int units)
{
    const int64_t height = c->window.out[1], width = c->window.out[2];
    const int64_t blocks = dcl_ceil_div(c->channels, lanes);
    int64_t best = 1, least = INT64_MAX;
    for (int64_t rows = 1; rows <= height; rows++) {
        const int64_t parts = dcl_ceil_div(height, rows) * c->images;
        const int64_t cost =
            dcl_ceil_div(parts, units) * (dcl_ceil_div(rows * width, columns) * columns + 1);
        if (rows > 1 && rows * width * blocks * lanes > SCRATCH_FLOATS)
            break;
        if (cost < least) {
            least = cost;
            best = rows;
        }
    }
    return best;
}

static enum detcl_status record_rows(struct dcl_call *call, const struct stages *s,
                                     const struct dcl_conv2d *depth, const struct dcl_conv2d *point,
                                     struct dcl_recorder *r)
{
    const struct dcl_limits *limits = dcl_limits(r);
    const struct dcl_window *v = &depth->window;
    const int lanes = call->in[DCL_SEPARABLE_X]->block;
    const int64_t blocks = dcl_ceil_div(depth->channels, lanes);
    const int64_t out_blocks = dcl_ceil_div(point->out_channels, lanes);
    /* The full width whatever the plane: rows are chosen to fill it, and programs stay few. */
    const struct dcl_conv2d_tile tile =
        dcl_conv2d_choose_tile(lanes, out_blocks, 1, INT32_MAX, false);
    const int64_t rows = choose_rows(depth, lanes, tile.columns, limits->compute_units);
    const int64_t parts = dcl_ceil_div(v->out[1], rows) * depth->images;
    const int64_t share = dcl_ceil_div(parts, dcl_conv2d_wanted_groups(limits));
    const int64_t groups = share ? dcl_ceil_div(parts, share) : 0;
    char options[160];
    snprintf(options, sizeof options, "-DLANES=%d -DOB=%d -DTW=%d -DDEPTH_TW=%d%s", lanes,
             tile.blocks, tile.columns, v->stride[2] == 1 ? 8 : 4,
             is_last(call) ? " -DCHANNELS_LAST" : "");
    dcl_conv2d_window_options(v, options, sizeof options);
    const struct dcl_value *const *w = (const struct dcl_value *const *)s->in[0],
                                  *const *k = (const struct dcl_value *const *)s->in[1];
    struct dcl_launch *l = dcl_launch(r, "separable_conv2d", options, "separable_conv2d_f32");
    dcl_arg_value(l, call->in[DCL_SEPARABLE_X]);
    dcl_arg_value(l, dcl_conv2d_pack_depthwise(r, depth, w[1]->constant,
                                               w[2] ? w[2]->constant : NULL, lanes));
    dcl_arg_value(l, dcl_conv2d_pack_blocked(r, point, k[1]->constant, k[2] ? k[2]->constant : NULL,
                                             lanes, tile.blocks));
    dcl_arg_value(l, dcl_residual(call));
    dcl_arg_value(l, dcl_workspace(r, DETCL_F32,
                                   groups * (blocks * rows * v->out[2] + tile.columns) * lanes));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, depth->channels);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->size[i]);
    dcl_arg_int(l, point->out_channels);
    for (int i = 1; i < 3; i++)
        dcl_arg_int(l, v->out[i]);
    dcl_conv2d_arg_window(l, v);
    dcl_arg_int(l, depth->fused.activation);
    dcl_arg_float(l, depth->fused.alpha);
    dcl_arg_float(l, depth->fused.beta);
    dcl_arg_int(l, rows);
    dcl_arg_fused(l, &point->fused);
    dcl_arg_int(l, parts);
    dcl_arg_int(l, share);
    return dcl_grid(l, 1, (size_t[]){(size_t)groups}, (size_t[]){1});
}

static bool constant(const struct dcl_value *v)
{
    return !v || v->constant;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct stages s;
    struct dcl_conv2d depth, point;
    DCL_TRY(call->error, describe(call, &s, &depth, &point));
    const int block = call->in[DCL_SEPARABLE_X]->block;
    bool packs = dcl_limits(r)->profile == DCL_PROFILE_SIMD && block > 1 &&
                 (is_last(call) || call->out[0]->block == block);
    for (int i = 1; i < 3; i++)
        packs &= constant(s.in[0][i]) && constant(s.in[1][i]);
    return packs ? record_rows(call, &s, &depth, &point, r) : record_both(call, &s, r);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    return (struct dcl_layout){DCL_LAYOUT_PREFER,
                               1u << DCL_SEPARABLE_X | 1u << DCL_SEPARABLE_RESIDUAL,
                               is_last(call) ? 0 : 1};
}

const struct dcl_op dcl_op_separable_conv2d = {
    .name = "separable_conv2d",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_separable_attrs),
    .min_in = 3,
    .max_in = DCL_SEPARABLE_INPUTS,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 2e-5f,
    .source = "Howard et al. 2017, MobileNets, section 3.1: two ONNX Convs",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
