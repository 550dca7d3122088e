/* The twin of the pooling kernels. Largest values and means of float32 are found for 32
 * neighbouring outputs at a time in planes that are spread out (ops/spread.h); the rest one by one.
 */
#include "core/simd.h"
#include "ops/pool.h"
#include "ops/spread.h"

#include <math.h>

struct window {
    double sum, best;
    int64_t count, found; /* positions that count; flat index of the largest value or -1 */
};

static double element(const struct dcl_value *x, int64_t i)
{
    return x->desc.dtype == DETCL_F32 ? (double)((const float *)x->data)[i]
                                      : (double)((const uint8_t *)x->data)[i];
}

static double raised(double v, double p)
{
    return p == 1 ? fabs(v) : p == 2 ? v * v : pow(fabs(v), p);
}

static void visit(const struct dcl_pool_attrs *a, const struct dcl_value *x, int64_t i,
                  struct window *s)
{
    const double v = element(x, i);
    s->sum += a->kind == DCL_POOL_LP ? raised(v, (double)a->p) : v;
    if (s->found < 0 || v > s->best || (isnan(v) && !isnan(s->best))) {
        s->best = v;
        s->found = i;
    }
}

static struct window pool_one(const struct dcl_pool_attrs *a, const struct dcl_window *w,
                              const struct dcl_value *x, int64_t plane, const int64_t *o)
{
    struct window s = {.best = x->desc.dtype == DETCL_F32 ? -INFINITY : 0, .found = -1};
    int64_t t[3], at[3];
    for (t[0] = 0; t[0] < w->kernel[0]; t[0]++)
        for (t[1] = 0; t[1] < w->kernel[1]; t[1]++)
            for (t[2] = 0; t[2] < w->kernel[2]; t[2]++) {
                bool inside = true, counts = true;
                for (int d = 0; d < 3; d++) {
                    at[d] = o[d] * w->stride[d] - w->begin[d] + t[d] * w->dilation[d];
                    inside &= at[d] >= 0 && at[d] < w->size[d];
                    counts &= at[d] < w->size[d] + w->end[d];
                }
                s.count += a->count_include_pad ? counts : inside;
                if (inside)
                    visit(a, x,
                          ((plane * w->size[0] + at[0]) * w->size[1] + at[1]) * w->size[2] + at[2],
                          &s);
            }
    return s;
}

/* The flat index with the plane in column-major order (storage_order 1). */
static int64_t by_column(const struct dcl_window *w, int64_t i)
{
    const int64_t p = i % (w->size[0] * w->size[1] * w->size[2]);
    const int64_t x = p % w->size[2], y = p / w->size[2] % w->size[1],
                  z = p / w->size[2] / w->size[1];
    return i - p + (x * w->size[1] + y) * w->size[0] + z;
}

static void put(struct dcl_call *call, const struct dcl_window *w, int64_t i,
                const struct window *s)
{
    const struct dcl_pool_attrs *a = call->attrs;
    const double p = (double)a->p;
    const double v = a->kind == DCL_POOL_MAX       ? s->best
                     : a->kind == DCL_POOL_AVERAGE ? s->sum / (double)(s->count > 0 ? s->count : 1)
                     : p == 1                      ? s->sum
                     : p == 2                      ? sqrt(s->sum)
                                                   : pow(s->sum, 1 / p);
    if (call->in[0]->desc.dtype == DETCL_F32)
        ((float *)call->out[0]->data)[i] = (float)v;
    else
        ((uint8_t *)call->out[0]->data)[i] = (uint8_t)v;
    if (dcl_has_out(call, 1))
        ((int64_t *)call->out[1]->data)[i] =
            a->storage_order && s->found >= 0 ? by_column(w, s->found) : s->found;
}

static void pool_each(struct dcl_call *call, const struct dcl_window *w, int64_t planes)
{
    int64_t i = 0, o[3];
    for (int64_t plane = 0; plane < planes; plane++)
        for (o[0] = 0; o[0] < w->out[0]; o[0]++)
            for (o[1] = 0; o[1] < w->out[1]; o[1]++)
                for (o[2] = 0; o[2] < w->out[2]; o[2]++, i++) {
                    const struct window s = pool_one(call->attrs, w, call->in[0], plane, o);
                    put(call, w, i, &s);
                }
}

/* --- many at a time --- */

#define TILE 32 /* outputs in registers, in halves as in ops/multiply.c */

#define MOST_TAPS 1024 /* of larger windows a list would take more than it gives */

static int64_t taps_of(const struct dcl_window *w)
{
    return w->kernel[0] * w->kernel[1] * w->kernel[2];
}

static bool is_spread(const struct dcl_call *call, const struct dcl_window *w)
{
    const struct dcl_pool_attrs *a = call->attrs;
    for (int i = 0; i < 3; i++)
        if (w->kernel[i] > MOST_TAPS)
            return false;
    return taps_of(w) <= MOST_TAPS && a->kind != DCL_POOL_LP && !a->global &&
           call->in[0]->desc.dtype == DETCL_F32 && !dcl_has_out(call, 1);
}

enum detcl_status dcl_pool_workspace(struct dcl_call *call, const struct dcl_window *w)
{
    struct dcl_spread s;
    size_t bytes;
    if (!is_spread(call, w))
        return DETCL_OK;
    DCL_TRY(call->error, dcl_spread_describe(call, w, 1, &s, &bytes));
    call->cpu_workspace = (size_t)taps_of(w) * sizeof(int64_t) + bytes;
    return DETCL_OK;
}

/* The first NaN stays, as in `visit`. */
DCL_VECTORISED static void largest(const float *x, const int64_t *at, int64_t taps, int64_t n,
                                   float best[DCL_COLUMNS])
{
    for (int64_t c = 0; c < n; c += 2 * TILE) {
        float part[2][TILE];
        for (int h = 0; h < 2; h++)
            for (int j = 0; j < TILE; j++)
                part[h][j] = x[at[0] + c + h * TILE + j];
        for (int64_t k = 1; k < taps; k++)
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE; j++) {
                    const float v = x[at[k] + c + h * TILE + j];
                    part[h][j] = v > part[h][j] || v != v ? v : part[h][j];
                }
        for (int h = 0; h < 2; h++)
            for (int j = 0; j < TILE; j++)
                best[c + h * TILE + j] = part[h][j];
    }
}

DCL_VECTORISED static void total(const float *x, const int64_t *at, int64_t taps, int64_t n,
                                 double sum[DCL_COLUMNS])
{
    for (int64_t c = 0; c < n; c += TILE) {
        double part[2][TILE / 2] = {{0}};
        for (int64_t k = 0; k < taps; k++)
            for (int h = 0; h < 2; h++)
                for (int j = 0; j < TILE / 2; j++)
                    part[h][j] += (double)x[at[k] + c + h * TILE / 2 + j];
        for (int h = 0; h < 2; h++)
            for (int j = 0; j < TILE / 2; j++)
                sum[c + h * TILE / 2 + j] = part[h][j];
    }
}

/* Positions along dimension d that count for output o. */
static int64_t count_along(const struct dcl_window *w, int d, int64_t o, bool padded)
{
    int64_t n = 0;
    for (int64_t t = 0; t < w->kernel[d]; t++) {
        const int64_t at = o * w->stride[d] - w->begin[d] + t * w->dilation[d];
        n += padded ? at < w->size[d] + w->end[d] : at >= 0 && at < w->size[d];
    }
    return n;
}

/* Positions that output i of a plane is the mean of. */
static int64_t count_of(const struct dcl_window *w, int64_t i, bool padded)
{
    const int64_t n = count_along(w, 0, i / w->out[2] / w->out[1], padded) *
                      count_along(w, 1, i / w->out[2] % w->out[1], padded) *
                      count_along(w, 2, i % w->out[2], padded);
    return n > 0 ? n : 1;
}

/* The outputs among DCL_COLUMNS numbers from `first` on of plane z of the channel in `space`. */
static void pool_numbers(const struct dcl_pool_attrs *a, const struct dcl_window *w,
                         const struct dcl_spread *s, const float *space, const int64_t *at,
                         int64_t z, int64_t first, float *y)
{
    const float *x = space + z * s->length[1] * s->length[2] + first;
    const int64_t left = dcl_spread_numbers(w, s) - first;
    const int64_t count = left < DCL_COLUMNS ? left : DCL_COLUMNS;
    struct dcl_run runs[DCL_COLUMNS];
    const int n = dcl_spread_runs(w, s, z, first, runs);
    float best[DCL_COLUMNS];
    double sum[DCL_COLUMNS];
    if (a->kind == DCL_POOL_MAX)
        largest(x, at, taps_of(w), count, best);
    else
        total(x, at, taps_of(w), count, sum);
    for (int i = 0; i < n; i++)
        for (int64_t j = 0; j < runs[i].n; j++) {
            const int64_t to = runs[i].to + j, from = runs[i].from + j;
            y[to] = a->kind == DCL_POOL_MAX
                        ? best[from]
                        : (float)(sum[from] / (double)count_of(w, to, a->count_include_pad != 0));
        }
}

static enum detcl_status pool_spread(struct dcl_call *call, const struct dcl_window *w,
                                     int64_t planes)
{
    const struct dcl_pool_attrs *a = call->attrs;
    const float *x = call->in[0]->data, pad = a->kind == DCL_POOL_MAX ? -INFINITY : 0;
    float *y = call->out[0]->data;
    int64_t *at = call->workspace;
    float *space = (float *)(void *)(at + taps_of(w));
    struct dcl_spread s;
    size_t bytes;
    DCL_TRY(call->error, dcl_spread_describe(call, w, 1, &s, &bytes));
    for (int64_t k = 0; k < taps_of(w); k++)
        at[k] = dcl_spread_tap(w, &s, k);
    dcl_spread_padding(&s, 1, pad, space);
    for (int64_t plane = 0; plane < planes; plane++) {
        dcl_spread_channel(w, &s, x, space);
        for (int64_t z = 0; z < w->out[0]; z++)
            for (int64_t i = 0; i < dcl_spread_numbers(w, &s); i += DCL_COLUMNS)
                pool_numbers(a, w, &s, space, at, z, i, y);
        x += w->size[0] * w->size[1] * w->size[2];
        y += w->out[0] * w->out[1] * w->out[2];
    }
    return DETCL_OK;
}

enum detcl_status dcl_pool_run_cpu(struct dcl_call *call)
{
    const int64_t planes = DCL_DIM(call->in[0], 0) * DCL_DIM(call->in[0], 1);
    struct dcl_window w;
    DCL_TRY(call->error, dcl_pool_windows(call, &w));
    if (is_spread(call, &w))
        return pool_spread(call, &w, planes);
    pool_each(call, &w, planes);
    return DETCL_OK;
}
