/* grid_sample_backward: the gradients of grid_sample, all modes.
 * in: x, grid, grad_y [N, C, oH, oW]. out, each optional: grad_x as x, grad_grid as grid.
 * A plane of grad_x is one work-item's, which adds pixel after pixel. Where padding clamps a
 * position its gradient is 0; nearest has none. */
#include "ops/grid_sample.h"
#include "ops/typed.h"

enum { X, GRID, GRAD };
enum { GRAD_X, GRAD_GRID };

static const struct dcl_attr_spec specs[] = {DCL_GRID_SPECS};

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    DCL_TRY(call->error, dcl_need_dtype(call, GRAD, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, GRAD, 4));
    const int64_t *grad = call->in[GRAD]->desc.dims;
    if (grad[0] != g.images || grad[1] != g.channels || grad[2] != g.out_height ||
        grad[3] != g.out_width)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "grad_y has not the shape of y");
    for (int i = 0; i < 2; i++)
        if (dcl_has_out(call, i))
            call->out[i]->desc = call->in[i]->desc;
    call->cpu_workspace = (size_t)g.in_pixels * sizeof(double);
    return DETCL_OK;
}

/* --- the twin ---------------------------------------------------------------------------------
 */

static void plane_of_x(const struct dcl_grid *g, const float *grid, const float *grad, double *sum,
                       float *to)
{
    for (int64_t i = 0; i < g->in_pixels; i++)
        sum[i] = 0;
    for (int64_t p = 0; p < g->pixels; p++) {
        const struct dcl_grid_taps x = dcl_grid_taps(g, grid[2 * p], g->width);
        const struct dcl_grid_taps y = dcl_grid_taps(g, grid[2 * p + 1], g->height);
        for (int i = 0; i < y.count; i++)
            for (int j = 0; j < x.count; j++)
                if (y.at[i] >= 0 && x.at[j] >= 0)
                    sum[y.at[i] * g->width + x.at[j]] +=
                        y.weight[i] * x.weight[j] * (double)grad[p];
    }
    for (int64_t i = 0; i < g->in_pixels; i++)
        to[i] = (float)sum[i];
}

/* Position p of image n; x and grad_y at the image's first channel. */
static void one_position(const struct dcl_grid *g, const float *x, const float *grid,
                         const float *grad, int64_t p, float *to)
{
    const struct dcl_grid_taps tx = dcl_grid_taps(g, grid[2 * p], g->width);
    const struct dcl_grid_taps ty = dcl_grid_taps(g, grid[2 * p + 1], g->height);
    double along_x = 0, along_y = 0;
    for (int64_t c = 0; c < g->channels; c++)
        for (int i = 0; i < ty.count; i++)
            for (int j = 0; j < tx.count; j++) {
                if (ty.at[i] < 0 || tx.at[j] < 0)
                    continue;
                const double v = (double)x[c * g->in_pixels + ty.at[i] * g->width + tx.at[j]] *
                                 (double)grad[c * g->pixels + p];
                along_x += ty.weight[i] * tx.slope[j] * v;
                along_y += ty.slope[i] * tx.weight[j] * v;
            }
    to[2 * p] = (float)(along_x * tx.scale);
    to[2 * p + 1] = (float)(along_y * ty.scale);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    for (int64_t n = 0; n < g.images; n++) {
        const int64_t first = n * g.channels;
        const float *grid = (const float *)call->in[GRID]->data + 2 * n * g.pixels;
        const float *grad = (const float *)call->in[GRAD]->data + first * g.pixels;
        for (int64_t c = 0; dcl_has_out(call, GRAD_X) && c < g.channels; c++)
            plane_of_x(&g, grid, grad + c * g.pixels, call->workspace,
                       (float *)call->out[GRAD_X]->data + (first + c) * g.in_pixels);
        for (int64_t p = 0; dcl_has_out(call, GRAD_GRID) && p < g.pixels; p++)
            one_position(&g, (const float *)call->in[X]->data + first * g.in_pixels, grid, grad, p,
                         (float *)call->out[GRAD_GRID]->data + 2 * n * g.pixels);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_grid g;
    DCL_TRY(call->error, dcl_grid_describe(call, &g));
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    if (dcl_has_out(call, GRAD_X)) {
        struct dcl_launch *l = dcl_launch(r, "grid_sample", "", "grid_sample_backward_x");
        dcl_arg_value(l, call->in[GRID]);
        dcl_arg_value(l, call->in[GRAD]);
        dcl_arg_value(l, call->out[GRAD_X]);
        dcl_grid_args(l, &g);
        dcl_arg_int(l, g.channels);
        dcl_arg_int(l, g.images * g.channels);
        dcl_grid(l, 1, (size_t[]){(size_t)(g.images * g.channels)}, simd ? (size_t[]){1} : NULL);
    }
    if (!dcl_has_out(call, GRAD_GRID))
        return dcl_recorded(r);
    struct dcl_launch *l = dcl_launch(r, "grid_sample", "", "grid_sample_backward_grid");
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, call->in[i]);
    dcl_arg_value(l, call->out[GRAD_GRID]);
    dcl_grid_args(l, &g);
    dcl_arg_int(l, g.channels);
    return dcl_grid(l, 2, (size_t[]){(size_t)g.pixels, (size_t)g.images}, NULL);
}

const struct dcl_op dcl_op_grid_sample_backward = {
    .name = "grid_sample_backward",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_grid_attrs),
    .min_in = 3,
    .max_in = 3,
    .max_out = 2,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-4f,
    .source = "torch.nn.functional.grid_sample, its backward pass",
    .limits = "two spatial dimensions",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status
detcl_grid_sample_backward(struct detcl_context *ctx, const struct detcl_grid_sample_params *params,
                           struct detcl_tensor *x, struct detcl_tensor *grid,
                           struct detcl_tensor *grad_y, struct detcl_tensor *grad_x,
                           struct detcl_tensor *grad_grid, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct dcl_grid_attrs attrs = dcl_grid_attrs_of(params);
    return DCL_CALL_OP(ctx, grid_sample_backward, &attrs, sync, DCL_TENSORS(x, grid, grad_y),
                       DCL_TENSORS(grad_x, grad_grid));
}
