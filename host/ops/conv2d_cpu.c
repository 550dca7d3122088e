/* The twin of the convolution kernels: the channels of a group are spread out (ops/spread.h), and
 * 32 neighbouring outputs at a time are sums of products of rows (ops/multiply.h). */
#include "ops/conv2d.h"
#include "ops/multiply.h"
#include "ops/spread.h"

/* Up to here sums are short enough for rounded products to matter: all in double. */
#define SHORT_DEPTH 16

struct twin {
    struct dcl_conv2d c;
    struct dcl_spread s;
    int64_t depth; /* taps of all channels of a group */
    const float *x, *w, *bias, *residual;
    float *y, *space; /* the spread channels of a group */
    int64_t *at;      /* where its taps lie */
};

enum detcl_status dcl_conv2d_workspace(struct dcl_call *call, const struct dcl_conv2d *c)
{
    const int64_t channels = c->channels / c->groups;
    struct dcl_spread s;
    DCL_TRY(call->error, dcl_spread_describe(call, &c->window, channels, &s, &call->cpu_workspace));
    call->cpu_workspace += (size_t)(channels * dcl_conv2d_taps(c)) * sizeof(int64_t);
    return DETCL_OK;
}

/* Outputs of channels o .. o + rows of the whole tensor: `x` holds tap 0 of the first sum. */
static void make_outputs(const struct twin *t, const float *x, int64_t image, int64_t o, int rows,
                         const struct dcl_run *runs, int n)
{
    const int64_t plane = t->c.window.out[0] * t->c.window.out[1] * t->c.window.out[2];
    const float *w[DCL_ROWS];
    double sum[DCL_ROWS][DCL_COLUMNS];
    for (int m = 0; m < DCL_ROWS; m++) {
        w[m] = t->w + (o + (m < rows ? m : 0)) * t->depth;
        for (int j = 0; j < DCL_COLUMNS; j++)
            sum[m][j] = t->bias && m < rows ? (double)t->bias[o + m] : 0;
    }
    if (rows > 1 && t->depth > SHORT_DEPTH)
        dcl_multiply_rows(w, 1, x, t->at, t->depth, sum);
    else
        for (int m = 0; m < rows; m++)
            dcl_multiply_row(w[m], 1, x, t->at, t->depth, sum[m]);
    for (int m = 0; m < rows; m++)
        for (int i = 0; i < n; i++) {
            const int64_t to = (image * t->c.out_channels + o + m) * plane + runs[i].to;
            dcl_fused_apply(&t->c.fused, sum[m] + runs[i].from,
                            t->residual ? t->residual + to : NULL, t->y + to, runs[i].n);
        }
}

static void make_group(const struct twin *t, int64_t image, int64_t group)
{
    const struct dcl_window *v = &t->c.window;
    const int64_t channels = t->c.channels / t->c.groups, outs = t->c.out_channels / t->c.groups;
    const int64_t size = v->size[0] * v->size[1] * v->size[2];
    const int64_t numbers = dcl_spread_numbers(v, &t->s);
    for (int64_t c = 0; c < channels; c++)
        dcl_spread_channel(v, &t->s, t->x + (image * t->c.channels + group * channels + c) * size,
                           0, t->space + c * t->s.channel);
    for (int64_t z = 0; z < v->out[0]; z++)
        for (int64_t first = 0; first < numbers; first += DCL_COLUMNS) {
            struct dcl_run runs[DCL_COLUMNS];
            const int n = dcl_spread_runs(v, &t->s, z, first, runs);
            const float *x = t->space + z * t->s.length[1] * t->s.length[2] + first;
            for (int64_t o = 0; o < outs; o += DCL_ROWS) {
                const int rows = outs - o < DCL_ROWS ? (int)(outs - o) : DCL_ROWS;
                make_outputs(t, x, image, group * outs + o, rows, runs, n);
            }
        }
}

enum detcl_status dcl_conv2d_run_cpu(struct dcl_call *call)
{
    struct twin t = {.x = call->in[0]->data,
                     .w = call->in[1]->data,
                     .bias = dcl_has_in(call, 2) ? call->in[2]->data : NULL,
                     .residual = dcl_residual(call) ? dcl_residual(call)->data : NULL,
                     .y = call->out[0]->data,
                     .at = call->workspace};
    DCL_TRY(call->error, dcl_conv2d_describe(call, &t.c));
    const int64_t channels = t.c.channels / t.c.groups;
    size_t bytes;
    DCL_TRY(call->error, dcl_spread_describe(call, &t.c.window, channels, &t.s, &bytes));
    t.depth = channels * dcl_conv2d_taps(&t.c);
    t.space = (float *)(t.at + t.depth);
    dcl_spread_taps(&t.c.window, &t.s, channels, t.at);
    for (int64_t image = 0; image < t.c.images; image++)
        for (int64_t group = 0; group < t.c.groups; group++)
            make_group(&t, image, group);
    return DETCL_OK;
}
