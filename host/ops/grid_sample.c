/* grid_sample: ONNX GridSample (opsets 16 and 20) of maps of rank 4.
 * in: x [N, C, H, W], grid [N, oH, oW, 2] (x, y; -1 and 1 are the borders). out: [N, C, oH, oW].
 * A position is turned into elements, p = ((g + 1) * size - 1) / 2 or, with align_corners,
 * (g + 1) / 2 * (size - 1), padded (border: clamped; reflection: mirrored, then clamped; zeros:
 * left alone, what is outside reads 0), and interpolated; cubic (a = -0.75) pads its four taps
 * instead. NaN reads nothing: 0; so does infinity, but where a border clamps it (not in cubic
 * mode). */
#include "ops/grid_sample.h"
#include "ops/typed.h"

#include <math.h>
#include <string.h>

#define CHANNELS 16 /* that a work-item samples at the same position */

/* Opset 16's names, then those that differ in opset 20. */
static const enum dcl_grid_mode meanings[] = {DCL_GRID_LINEAR, DCL_GRID_NEAREST, DCL_GRID_CUBIC,
                                              DCL_GRID_LINEAR, DCL_GRID_CUBIC};
const char *const dcl_grid_modes[] = {"bilinear", "nearest", "bicubic", "linear", "cubic", NULL};
const char *const dcl_grid_paddings[] = {"zeros", "border", "reflection", NULL};

enum padding { ZEROS, BORDER, REFLECTION };

static const struct dcl_attr_spec specs[] = {DCL_GRID_SPECS};

static const struct dcl_onnx_name onnx[] = {{"GridSample", ""}, {NULL, NULL}};

enum detcl_status dcl_grid_describe(const struct dcl_call *call, struct dcl_grid *g)
{
    const struct dcl_grid_attrs *a = call->attrs;
    for (int i = 0; i < 2; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        if (call->in[i]->desc.rank != 4)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "input %d has rank %d, expected 4",
                                 i, call->in[i]->desc.rank);
    }
    *g = (struct dcl_grid){.mode = meanings[a->mode],
                           .padding = a->padding_mode,
                           .align = a->align_corners != 0,
                           .images = DCL_DIM(call->in[0], 0),
                           .channels = DCL_DIM(call->in[0], 1),
                           .height = DCL_DIM(call->in[0], 2),
                           .width = DCL_DIM(call->in[0], 3),
                           .out_height = DCL_DIM(call->in[1], 1),
                           .out_width = DCL_DIM(call->in[1], 2)};
    g->in_pixels = g->height * g->width;
    g->pixels = g->out_height * g->out_width;
    if (DCL_DIM(call->in[1], 0) != g->images || DCL_DIM(call->in[1], 3) != 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the grid is not [%lld, oH, oW, 2]",
                             (long long)g->images);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 4, .dims = {g.images, g.channels, g.out_height, g.out_width}};
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------------
 */

/* Bring position p into the map; `*scale` follows. */
static float padded(const struct dcl_grid *g, float p, int64_t size, float *scale)
{
    const float last = (float)(size - 1);
    if (g->padding == ZEROS)
        return p;
    if (g->padding == REFLECTION) {
        const float low = g->align ? 0 : -0.5f, span = g->align ? last : (float)size;
        if (span <= 0) {
            p = isfinite(p) ? 0 : NAN;
        } else {
            const float far = fabsf(p - low), flips = floorf(far / span);
            const float extra = far - flips * span;
            const bool odd = flips - 2 * floorf(flips * 0.5f) != 0;
            *scale *= (p < low) != odd ? -1.0f : 1.0f;
            p = odd ? span - extra + low : extra + low;
        }
    }
    if (p <= 0 || p >= last)
        *scale = 0;
    return p <= 0 ? 0 : p >= last ? last : p;
}

/* Weights of the two or four elements around a position that is `f` past one of them. */
static void linear(double f, struct dcl_grid_taps *t)
{
    t->weight[0] = 1 - f;
    t->weight[1] = f;
    t->slope[0] = -1;
    t->slope[1] = 1;
}

static void cubic(double f, struct dcl_grid_taps *t)
{
    const double a = -0.75;
    for (int k = 0; k < 4; k++) {
        const double d = k < 2 ? f + 1 - k : k - 1 - f, sign = k < 2 ? 1 : -1;
        const bool near = k == 1 || k == 2;
        t->weight[k] =
            near ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
        t->slope[k] =
            sign * (near ? (3 * (a + 2) * d - 2 * (a + 3)) * d : (3 * a * d - 10 * a) * d + 8 * a);
    }
}

struct dcl_grid_taps dcl_grid_taps(const struct dcl_grid *g, float coordinate, int64_t size)
{
    const float last = (float)(size - 1), one = coordinate + 1;
    float scale = (g->align ? last : (float)size) * 0.5f, unused = 0;
    float p = g->align ? one * 0.5f * last : (one * (float)size - 1) * 0.5f;
    const bool is_cubic = g->mode == DCL_GRID_CUBIC;
    if (!is_cubic)
        p = padded(g, p, size, &scale);
    else if (!isfinite(p))
        p = NAN;
    const float base = g->mode == DCL_GRID_NEAREST ? nearbyintf(p) : floorf(p);
    struct dcl_grid_taps t = {.count = is_cubic                     ? 4
                                       : g->mode == DCL_GRID_LINEAR ? 2
                                                                    : 1,
                              .weight = {1},
                              .scale = (double)scale};
    if (is_cubic)
        cubic((double)(p - base), &t);
    else if (g->mode == DCL_GRID_LINEAR)
        linear((double)(p - base), &t);
    for (int k = 0; k < t.count; k++) {
        const float q = base + (float)(is_cubic ? k - 1 : k);
        const float in = is_cubic ? padded(g, q, size, &unused) : q;
        t.at[k] = in >= 0 && in <= last ? (int64_t)in : -1;
    }
    return t;
}

static double sample(const float *plane, int64_t width, const struct dcl_grid_taps *y,
                     const struct dcl_grid_taps *x)
{
    double sum = 0;
    for (int i = 0; i < y->count; i++)
        for (int j = 0; j < x->count; j++)
            if (y->at[i] >= 0 && x->at[j] >= 0)
                sum += y->weight[i] * x->weight[j] * (double)plane[y->at[i] * width + x->at[j]];
    return sum;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    for (int64_t n = 0; n < g.images; n++)
        for (int64_t p = 0; p < g.pixels; p++) {
            const float *at = (const float *)call->in[1]->data + 2 * (n * g.pixels + p);
            const struct dcl_grid_taps x = dcl_grid_taps(&g, at[0], g.width);
            const struct dcl_grid_taps y = dcl_grid_taps(&g, at[1], g.height);
            for (int64_t c = n * g.channels; c < (n + 1) * g.channels; c++)
                ((float *)call->out[0]->data)[c * g.pixels + p] = (float)sample(
                    (const float *)call->in[0]->data + c * g.in_pixels, g.width, &y, &x);
        }
    return DETCL_OK;
}

/* --- OpenCL -----------------------------------------------------------------------------------
 */

void dcl_grid_args(struct dcl_launch *l, const struct dcl_grid *g)
{
    dcl_arg_int(l, g->height);
    dcl_arg_int(l, g->width);
    dcl_arg_int(l, g->pixels);
    dcl_arg_int(l, (int64_t)g->mode);
    dcl_arg_int(l, g->padding);
    dcl_arg_int(l, g->align);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    struct dcl_launch *l = dcl_launch(r, "grid_sample", "", "grid_sample_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_grid_args(l, &g);
    dcl_arg_int(l, g.channels);
    dcl_arg_int(l, CHANNELS);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)g.pixels, (size_t)(g.channels + CHANNELS - 1) / CHANNELS,
                               (size_t)g.images},
                    NULL);
}

const struct dcl_op dcl_op_grid_sample = {
    .name = "grid_sample",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_grid_attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .tolerance = 2e-5f,
    .source = "ONNX GridSample; torch.nn.functional.grid_sample",
    .limits = "two spatial dimensions",
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

struct dcl_grid_attrs dcl_grid_attrs_of(const struct detcl_grid_sample_params *params)
{
    return (struct dcl_grid_attrs){.mode = (int)params->mode,
                                   .padding_mode = (int)params->padding,
                                   .align_corners = params->align_corners != 0};
}

enum detcl_status detcl_grid_sample(struct detcl_context *ctx,
                                    const struct detcl_grid_sample_params *params,
                                    struct detcl_tensor *x, struct detcl_tensor *grid,
                                    struct detcl_tensor *y, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct dcl_grid_attrs attrs = dcl_grid_attrs_of(params);
    return DCL_CALL_OP(ctx, grid_sample, &attrs, sync, DCL_TENSORS(x, grid), DCL_TENSORS(y));
}
