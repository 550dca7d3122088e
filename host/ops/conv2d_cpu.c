/* The twin of the convolution kernels: the channels of a group are spread out (ops/spread.h), and
 * many neighbouring outputs at a time are sums of products of rows (ops/multiply.h). A kernel of
 * one tap needs no spreading: stretches of the channels are copied side by side as they come. */
#include "ops/conv2d.h"
#include "ops/multiply.h"
#include "ops/spread.h"

#include <string.h>

struct twin {
    struct dcl_conv2d c;
    struct dcl_spread s;
    const float *x, *w, *bias, *residual;
    float *y, *space; /* the spread channels of a group, or a stretch of each */
    struct dcl_term *terms;
    int64_t n_terms; /* of a sum: taps of all channels of a group */
};

static bool is_empty(const struct dcl_conv2d *c)
{
    return c->images == 0 || c->out_channels == 0;
}

enum detcl_status dcl_conv2d_workspace(struct dcl_call *call, const struct dcl_conv2d *c)
{
    const int64_t channels = c->channels / c->groups;
    struct dcl_spread s;
    if (is_empty(c))
        return DETCL_OK;
    DCL_TRY(call->error, dcl_spread_describe(call, &c->window, channels, &s, &call->cpu_workspace));
    if (dcl_conv2d_is_pointwise(c))
        call->cpu_workspace = (size_t)channels * DCL_COLUMNS * sizeof(float);
    call->cpu_workspace += (size_t)(channels * dcl_conv2d_taps(c)) * sizeof(struct dcl_term);
    return DETCL_OK;
}

/* Neighbouring numbers of one plane: `x` holds tap 0 of the first. */
struct stretch {
    const float *x;
    int64_t n;
    struct dcl_run runs[DCL_COLUMNS];
    int n_runs;
};

/* The outputs of one plane among the sums. */
static void finish(const struct twin *t, int64_t plane, const struct stretch *s, const double *sum)
{
    const int64_t start = plane * t->c.window.out[0] * t->c.window.out[1] * t->c.window.out[2];
    const float *residual = t->residual ? t->residual + start : NULL;
    float *y = t->y + start, added[DCL_COLUMNS], made[DCL_COLUMNS];
    if (s->n_runs == 1) {
        const struct dcl_run r = s->runs[0];
        dcl_fused_apply(&t->c.fused, sum + r.from, residual ? residual + r.to : NULL, y + r.to,
                        r.n);
        return;
    }
    for (int i = 0; residual && i < s->n_runs; i++)
        memcpy(added + s->runs[i].from, residual + s->runs[i].to,
               (size_t)s->runs[i].n * sizeof(float));
    dcl_fused_apply(&t->c.fused, sum, added, made, s->n);
    for (int i = 0; i < s->n_runs; i++)
        memcpy(y + s->runs[i].to, made + s->runs[i].from, (size_t)s->runs[i].n * sizeof(float));
}

/* All output channels of a group. */
static void make_outputs(const struct twin *t, int64_t image, int64_t group,
                         const struct stretch *s)
{
    const int64_t outs = t->c.out_channels / t->c.groups;
    double sum[DCL_ROWS][DCL_COLUMNS];
    for (int64_t o = group * outs; o < (group + 1) * outs; o += DCL_ROWS) {
        const int64_t left = (group + 1) * outs - o;
        const int rows = left < DCL_ROWS ? (int)left : DCL_ROWS;
        dcl_multiply(t->w + o * t->n_terms, t->n_terms, rows, s->x, t->terms, t->n_terms,
                     t->bias ? t->bias + o : NULL, s->n, sum);
        for (int m = 0; m < rows; m++)
            finish(t, image * t->c.out_channels + o + m, s, sum[m]);
    }
}

static int64_t stretch_of(int64_t total, int64_t first)
{
    return total - first < DCL_COLUMNS ? total - first : DCL_COLUMNS;
}

/* `x` holds the channels of the group, `size` elements each. */
static void make_pointwise(const struct twin *t, const float *x, int64_t size, int64_t image,
                           int64_t group)
{
    struct stretch s = {.x = t->space, .n_runs = 1};
    for (int64_t first = 0; first < size; first += DCL_COLUMNS) {
        s.n = stretch_of(size, first);
        s.runs[0] = (struct dcl_run){0, first, s.n};
        for (int64_t c = 0; c < t->n_terms; c++)
            memcpy(t->space + c * DCL_COLUMNS, x + c * size + first, (size_t)s.n * sizeof(float));
        make_outputs(t, image, group, &s);
    }
}

static void make_spread(const struct twin *t, const float *x, int64_t size, int64_t image,
                        int64_t group)
{
    const struct dcl_window *v = &t->c.window;
    const int64_t numbers = dcl_spread_numbers(v, &t->s);
    for (int64_t c = 0; c < t->c.channels / t->c.groups; c++)
        dcl_spread_channel(v, &t->s, x + c * size, t->space + c * t->s.channel);
    for (int64_t z = 0; z < v->out[0]; z++)
        for (int64_t first = 0; first < numbers; first += DCL_COLUMNS) {
            struct stretch s;
            s.x = t->space + z * t->s.length[1] * t->s.length[2] + first;
            s.n = stretch_of(numbers, first);
            s.n_runs = dcl_spread_runs(v, &t->s, z, first, s.runs);
            make_outputs(t, image, group, &s);
        }
}

enum detcl_status dcl_conv2d_run_cpu(struct dcl_call *call)
{
    struct twin t = {.x = call->in[0]->data,
                     .w = call->in[1]->data,
                     .bias = dcl_has_in(call, 2) ? call->in[2]->data : NULL,
                     .residual = dcl_residual(call) ? dcl_residual(call)->data : NULL,
                     .y = call->out[0]->data,
                     .terms = call->workspace};
    DCL_TRY(call->error, dcl_conv2d_describe(call, &t.c));
    if (is_empty(&t.c))
        return DETCL_OK;
    const int64_t channels = t.c.channels / t.c.groups;
    size_t bytes;
    DCL_TRY(call->error, dcl_spread_describe(call, &t.c.window, channels, &t.s, &bytes));
    t.n_terms = channels * dcl_conv2d_taps(&t.c);
    t.space = (float *)(t.terms + t.n_terms);
    const bool pointwise = dcl_conv2d_is_pointwise(&t.c);
    for (int64_t k = 0; k < t.n_terms; k++)
        t.terms[k] = (struct dcl_term){k, pointwise ? k * DCL_COLUMNS
                                                    : dcl_spread_tap(&t.c.window, &t.s, k)};
    if (!pointwise)
        dcl_spread_padding(&t.s, channels, 0, t.space);
    const int64_t *extent = t.c.window.size, size = extent[0] * extent[1] * extent[2];
    const float *x = t.x;
    for (int64_t image = 0; image < t.c.images; image++)
        for (int64_t group = 0; group < t.c.groups; group++, x += channels * size)
            (pointwise ? make_pointwise : make_spread)(&t, x, size, image, group);
    return DETCL_OK;
}
