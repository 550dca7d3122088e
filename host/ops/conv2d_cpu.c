/* The twin of the convolution kernels: a row of outputs at a time, summed in double. */
#include "ops/conv2d.h"

#define COLUMNS 256 /* outputs of a row that are summed together */

/* One call with its operands, and the row that is being made. */
struct rows {
    struct dcl_conv2d c;
    const float *x, *w, *bias, *residual;
    float *y;
    int64_t image, out_channel, z, row; /* the output row */
};

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* sum[i] += w * x[i * stride]. */
static void accumulate(double *restrict sum, const float *restrict x, int64_t stride, int64_t n,
                       double w)
{
    if (stride == 1)
        for (int64_t i = 0; i < n; i++)
            sum[i] += w * (double)x[i];
    else
        for (int64_t i = 0; i < n; i++)
            sum[i] += w * (double)x[i * stride];
}

/* Add one row of taps of one input channel to outputs first .. first + n. `x` is the input row. */
static void add_taps(const struct dcl_window *v, const float *x, const float *w, double *sum,
                     int64_t first, int64_t n)
{
    const int64_t stride = v->stride[2];
    for (int64_t k = 0; k < v->kernel[2]; k++) {
        /* Output j reads column j * stride + shift, which must be in 0 .. size. */
        const int64_t shift = k * v->dilation[2] - v->begin[2];
        const int64_t low = shift < 0 ? dcl_ceil_div(-shift, stride) : 0;
        const int64_t high = shift < v->size[2] ? (v->size[2] - 1 - shift) / stride + 1 : 0;
        const int64_t from = max64(low, first), to = min64(high, first + n);
        if (from < to)
            accumulate(sum + (from - first), x + from * stride + shift, stride, to - from,
                       (double)w[k]);
    }
}

static void add_channels(const struct rows *r, double *sum, int64_t first, int64_t n)
{
    const struct dcl_window *v = &r->c.window;
    const int64_t channels = r->c.channels / r->c.groups;
    const int64_t group = r->out_channel / (r->c.out_channels / r->c.groups);
    const float *w = r->w + r->out_channel * channels * dcl_conv2d_taps(&r->c);
    for (int64_t c = 0; c < channels; c++) {
        const int64_t plane = (r->image * r->c.channels + group * channels + c) * v->size[0];
        for (int64_t t = 0; t < v->kernel[0]; t++)
            for (int64_t u = 0; u < v->kernel[1]; u++, w += v->kernel[2]) {
                const int64_t z = r->z * v->stride[0] - v->begin[0] + t * v->dilation[0];
                const int64_t y = r->row * v->stride[1] - v->begin[1] + u * v->dilation[1];
                if (z < 0 || z >= v->size[0] || y < 0 || y >= v->size[1])
                    continue;
                add_taps(v, r->x + ((plane + z) * v->size[1] + y) * v->size[2], w, sum, first, n);
            }
    }
}

static void make_row(const struct rows *r)
{
    const struct dcl_conv2d *c = &r->c;
    const int64_t *out = c->window.out;
    const int64_t plane = (r->image * c->out_channels + r->out_channel) * out[0] + r->z;
    const int64_t start = (plane * out[1] + r->row) * out[2];
    double sum[COLUMNS];
    for (int64_t first = 0; first < out[2]; first += COLUMNS) {
        const int64_t n = min64(COLUMNS, out[2] - first);
        for (int64_t i = 0; i < n; i++)
            sum[i] = r->bias ? (double)r->bias[r->out_channel] : 0;
        add_channels(r, sum, first, n);
        for (int64_t i = 0; i < n; i++)
            r->y[start + first + i] =
                dcl_fused_apply(&c->fused, sum[i], r->residual, start + first + i);
    }
}

/* A kernel of one tap that moves by one reads whole planes in order: one long row. */
static void flatten(struct dcl_window *v)
{
    for (int i = 0; i < 3; i++)
        if (v->kernel[i] != 1 || v->stride[i] != 1 || v->begin[i] || v->end[i])
            return;
    v->size[2] = v->out[2] = v->size[0] * v->size[1] * v->size[2];
    v->size[0] = v->out[0] = v->size[1] = v->out[1] = 1;
}

enum detcl_status dcl_conv2d_run_cpu(struct dcl_call *call)
{
    struct rows r = {.x = call->in[0]->data,
                     .w = call->in[1]->data,
                     .bias = dcl_has_in(call, 2) ? call->in[2]->data : NULL,
                     .residual = dcl_residual(call) ? dcl_residual(call)->data : NULL,
                     .y = call->out[0]->data};
    DCL_TRY(call->error, dcl_conv2d_describe(call, &r.c));
    flatten(&r.c.window);
    for (r.image = 0; r.image < r.c.images; r.image++)
        for (r.out_channel = 0; r.out_channel < r.c.out_channels; r.out_channel++)
            for (r.z = 0; r.z < r.c.window.out[0]; r.z++)
                for (r.row = 0; r.row < r.c.window.out[1]; r.row++)
                    make_row(&r);
    return DETCL_OK;
}
