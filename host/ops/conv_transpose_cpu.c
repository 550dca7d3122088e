/* The twin of the transposed convolution.
 *
 * Outputs whose positions leave the same remainder by the stride meet the same taps, each at a
 * fixed distance in x: a phase, which is a convolution of stride 1 (ops/spread.h, ops/multiply.h).
 */
#include "ops/conv_transpose.h"
#include "ops/multiply.h"

#include <string.h>

/* One axis of a phase: outputs first, first + stride, ..., `n` of them; the number of the first in
 * x as stored; and the remainder that its taps leave. */
struct phase_axis {
    int64_t first, n, at, remainder;
};

struct twin {
    struct dcl_conv_transpose c;
    struct dcl_window padded; /* x, with the padding that the taps read, as a window of one tap */
    struct dcl_spread s;
    const float *x, *w, *bias, *residual;
    float *y, *space; /* the channels of a group, padded */
    struct dcl_term *terms;
    int64_t n_terms;
    struct phase_axis phase[3];
};

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Output o of axis i reads x at (o + begin) / stride minus as much as the last tap is away. Where
 * no output of a phase meets x, the tap is left out, so no more padding is needed than a phase has
 * outputs. */
static enum detcl_status describe_padded(const struct dcl_call *call,
                                         const struct dcl_conv_transpose *c,
                                         struct dcl_window *padded, struct dcl_spread *s,
                                         size_t *bytes)
{
    const struct dcl_window *v = &c->window;
    for (int i = 0; i < 3; i++) {
        const int64_t first = v->begin[i] / v->stride[i];
        const int64_t last = (v->out[i] - 1 + v->begin[i]) / v->stride[i];
        const int64_t reach = (v->kernel[i] - 1) * v->dilation[i] / v->stride[i];
        const int64_t low = max64(first - reach, first - last - 1);
        const int64_t high = min64(last, v->size[i] + last - first);
        padded->size[i] = v->size[i];
        padded->kernel[i] = padded->stride[i] = padded->dilation[i] = 1;
        padded->begin[i] = -low;
        padded->end[i] = 0;
        padded->out[i] = max64(high - low + 1, 1);
    }
    return dcl_spread_describe(call, padded, c->channels / c->groups, s, bytes);
}

static bool is_empty(const struct dcl_conv_transpose *c)
{
    return c->images == 0 || c->out_channels == 0;
}

enum detcl_status dcl_conv_transpose_workspace(struct dcl_call *call,
                                               const struct dcl_conv_transpose *c)
{
    struct dcl_window padded;
    struct dcl_spread s;
    if (is_empty(c))
        return DETCL_OK;
    DCL_TRY(call->error, describe_padded(call, c, &padded, &s, &call->cpu_workspace));
    call->cpu_workspace += (size_t)(c->channels / c->groups * c->taps) * sizeof(struct dcl_term);
    return DETCL_OK;
}

static struct phase_axis phase_of(const struct twin *t, int i, int64_t first)
{
    const struct dcl_window *v = &t->c.window;
    const int64_t stride = v->stride[i], position = first + v->begin[i];
    return (struct phase_axis){.first = first,
                               .n = (v->out[i] - 1 - first) / stride + 1,
                               .at = position / stride + t->padded.begin[i],
                               .remainder = position % stride};
}

/* Where tap k of the first output of the phase lies along axis i, or -1 when none has such a tap.
 */
static int64_t tap_of(const struct twin *t, int i, int64_t k)
{
    const struct phase_axis *p = &t->phase[i];
    const int64_t far = k * t->c.window.dilation[i], stride = t->c.window.stride[i];
    const int64_t at = p->at - far / stride, x = at - t->padded.begin[i];
    const bool meets = x < t->c.window.size[i] && x + p->n > 0;
    return far % stride == p->remainder && meets ? at : -1;
}

/* The terms of a phase: weights are [channel][output channel][tap]. */
static void find_terms(struct twin *t)
{
    const int64_t *kernel = t->c.window.kernel, outs = t->c.out_channels / t->c.groups;
    t->n_terms = 0;
    for (int64_t c = 0; c < t->c.channels / t->c.groups; c++)
        for (int64_t k = 0; k < t->c.taps; k++) {
            const int64_t z = tap_of(t, 0, k / kernel[2] / kernel[1]);
            const int64_t y = tap_of(t, 1, k / kernel[2] % kernel[1]);
            const int64_t x = tap_of(t, 2, k % kernel[2]);
            if (z >= 0 && y >= 0 && x >= 0)
                t->terms[t->n_terms++] = (struct dcl_term){
                    c * outs * t->c.taps + k,
                    c * t->s.channel + (z * t->s.length[1] + y) * t->s.length[2] + x};
        }
}

/* Where output i of the phase lies in a whole plane of y. */
static int64_t place(const struct twin *t, int64_t i)
{
    const struct dcl_window *v = &t->c.window;
    const int64_t rows = t->phase[1].n, columns = t->phase[2].n;
    const int64_t z = t->phase[0].first + i / columns / rows * v->stride[0];
    const int64_t y = t->phase[1].first + i / columns % rows * v->stride[1];
    return (z * v->out[1] + y) * v->out[2] + t->phase[2].first + i % columns * v->stride[2];
}

/* Neighbouring numbers of a phase: `x` holds what the first reads, and `n_kept` of them are
 * outputs.
 */
struct stretch {
    const float *x;
    int64_t n, n_kept;
    int64_t from[DCL_COLUMNS], to[DCL_COLUMNS]; /* number, place in a plane of y */
};

static void find_stretch(const struct twin *t, const struct dcl_window *phase, int64_t z,
                         int64_t first, struct stretch *s)
{
    struct dcl_run runs[DCL_COLUMNS];
    const int n_runs = dcl_spread_runs(phase, &t->s, z, first, runs);
    s->x = t->space + z * t->s.length[1] * t->s.length[2] + first;
    s->n = min64(dcl_spread_numbers(phase, &t->s) - first, DCL_COLUMNS);
    s->n_kept = 0;
    for (int i = 0; i < n_runs; i++)
        for (int64_t j = 0; j < runs[i].n; j++) {
            s->from[s->n_kept] = runs[i].from + j;
            s->to[s->n_kept++] = place(t, runs[i].to + j);
        }
}

static void finish(const struct twin *t, int64_t plane, const struct stretch *s, const double *sum)
{
    const int64_t *out = t->c.window.out, start = plane * out[0] * out[1] * out[2];
    float residual[DCL_COLUMNS], y[DCL_COLUMNS];
    for (int64_t i = 0; t->residual && i < s->n_kept; i++)
        residual[s->from[i]] = t->residual[start + s->to[i]];
    dcl_fused_apply(&t->c.fused, sum, residual, y, s->n);
    for (int64_t i = 0; i < s->n_kept; i++)
        t->y[start + s->to[i]] = y[s->from[i]];
}

/* Output channels o .. o + rows of a group. */
static void make_outputs(const struct twin *t, int64_t image, int64_t group, int64_t o, int rows,
                         const struct stretch *s)
{
    const int64_t outs = t->c.out_channels / t->c.groups, channels = t->c.channels / t->c.groups;
    const float *w = t->w + (group * channels * outs + o) * t->c.taps;
    double sum[DCL_ROWS][DCL_COLUMNS];
    dcl_multiply(w, t->c.taps, rows, s->x, t->terms, t->n_terms,
                 t->bias ? t->bias + group * outs + o : NULL, s->n, sum);
    for (int m = 0; m < rows; m++)
        finish(t, image * t->c.out_channels + group * outs + o + m, s, sum[m]);
}

static void make_phase(struct twin *t, int64_t image, int64_t group)
{
    const struct dcl_window phase = {.out = {t->phase[0].n, t->phase[1].n, t->phase[2].n}};
    const int64_t outs = t->c.out_channels / t->c.groups;
    find_terms(t);
    for (int64_t z = 0; z < phase.out[0]; z++)
        for (int64_t i = 0; i < dcl_spread_numbers(&phase, &t->s); i += DCL_COLUMNS) {
            struct stretch s;
            find_stretch(t, &phase, z, i, &s);
            for (int64_t o = 0; o < outs; o += DCL_ROWS)
                make_outputs(t, image, group, o, (int)min64(DCL_ROWS, outs - o), &s);
        }
}

static void make_group(struct twin *t, int64_t image, int64_t group)
{
    const int64_t channels = t->c.channels / t->c.groups, *stride = t->c.window.stride;
    const int64_t *size = t->c.window.size, plane = size[0] * size[1] * size[2];
    for (int64_t c = 0; c < channels; c++)
        dcl_spread_channel(&t->padded, &t->s,
                           t->x + (image * t->c.channels + group * channels + c) * plane,
                           t->space + c * t->s.channel);
    for (int64_t z = 0; z < min64(stride[0], t->c.window.out[0]); z++)
        for (int64_t y = 0; y < min64(stride[1], t->c.window.out[1]); y++)
            for (int64_t x = 0; x < min64(stride[2], t->c.window.out[2]); x++) {
                t->phase[0] = phase_of(t, 0, z);
                t->phase[1] = phase_of(t, 1, y);
                t->phase[2] = phase_of(t, 2, x);
                make_phase(t, image, group);
            }
}

enum detcl_status dcl_conv_transpose_run_cpu(struct dcl_call *call)
{
    struct twin t = {.x = call->in[0]->data,
                     .w = call->in[1]->data,
                     .bias = dcl_has_in(call, 2) ? call->in[2]->data : NULL,
                     .residual = dcl_residual(call) ? dcl_residual(call)->data : NULL,
                     .y = call->out[0]->data,
                     .terms = call->workspace};
    size_t bytes;
    DCL_TRY(call->error, dcl_conv_transpose_describe(call, &t.c));
    if (is_empty(&t.c))
        return DETCL_OK;
    DCL_TRY(call->error, describe_padded(call, &t.c, &t.padded, &t.s, &bytes));
    const int64_t channels = t.c.channels / t.c.groups;
    t.space = (float *)(t.terms + channels * t.c.taps);
    dcl_spread_padding(&t.s, channels, 0, t.space);
    for (int64_t image = 0; image < t.c.images; image++)
        for (int64_t group = 0; group < t.c.groups; group++)
            make_group(&t, image, group);
    return DETCL_OK;
}
