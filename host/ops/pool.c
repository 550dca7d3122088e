/* pool: max, average and lp pooling over windows of one to three spatial dimensions, and over whole
 * planes (`global`). Definitions are those of ONNX MaxPool, AveragePool, LpPool and their Global
 * forms; a window that would start in the padding after the input is left out, as in PyTorch. */
#include "ops/record.h"
#include "ops/window.h"

#include <math.h>
#include <stdio.h>

enum kind { MAX, AVERAGE, LP };

static const char *const kinds[] = {"max", "average", "lp", NULL};

#define GROUP 64 /* work-items that share a plane in pool_global */

struct attrs {
    int kind;
    int64_t global, ceil_mode, count_include_pad, storage_order;
    float p;
    struct dcl_window_attrs window;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds), DCL_INT(struct attrs, global, "0"),
    DCL_INT(struct attrs, ceil_mode, "0"),       DCL_INT(struct attrs, count_include_pad, "0"),
    DCL_INT(struct attrs, storage_order, "0"),   DCL_FLOAT(struct attrs, p, "2"),
    DCL_WINDOW_SPECS(struct attrs, window),      DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"MaxPool", "kind=max"},
    {"AveragePool", "kind=average"},
    {"LpPool", "kind=lp"},
    {"GlobalMaxPool", "kind=max global=1"},
    {"GlobalAveragePool", "kind=average global=1"},
    {"GlobalLpPool", "kind=lp global=1"},
    {NULL, NULL},
};

/* The kernels count positions of the padded input in 32 bits. */
#define LIMIT ((int64_t)1 << 24)

/* One window over all of x. */
static enum detcl_status whole_plane(const struct dcl_call *call, const struct detcl_desc *x,
                                     struct dcl_window *w)
{
    int n;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &n));
    for (int i = 0; i < 3; i++) {
        const int64_t extent = i < 3 - n ? 1 : x->dims[2 + i - (3 - n)];
        w->size[i] = w->kernel[i] = extent;
        w->stride[i] = w->dilation[i] = w->out[i] = 1;
        w->begin[i] = w->end[i] = 0;
    }
    return DETCL_OK;
}

static enum detcl_status find_windows(const struct dcl_call *call, struct dcl_window *w)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (a->global)
        return whole_plane(call, x, w);
    DCL_TRY(call->error, dcl_window_resolve(call, &a->window, x, NULL, w));
    for (int i = 0; i < 3; i++) {
        if (w->stride[i] > LIMIT || w->begin[i] > LIMIT || w->end[i] > LIMIT ||
            dcl_window_extent(w, i) > LIMIT)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                                 "the window is larger than %lld positions", (long long)LIMIT);
        if (!a->ceil_mode)
            continue;
        const int64_t room = w->size[i] + w->begin[i] + w->end[i] - dcl_window_extent(w, i);
        w->out[i] = (room + w->stride[i] - 1) / w->stride[i] + 1;
        if ((w->out[i] - 1) * w->stride[i] >= w->size[i] + w->begin[i])
            w->out[i]--;
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct dcl_window w;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, a->kind == MAX ? DCL_F32 | DCL_U8 : DCL_F32));
    DCL_TRY(call->error, find_windows(call, &w));
    if (a->kind == LP && !(a->p > 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "p is %g", (double)a->p);
    if (dcl_has_out(call, 1) && (a->kind != MAX || a->global))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "indices belong to MaxPool alone");
    struct detcl_desc *y = &call->out[0]->desc;
    *y = call->in[0]->desc;
    for (int i = 2; i < y->rank; i++)
        y->dims[i] = w.out[i - 2 + 5 - y->rank];
    dcl_follow_count(call, call->in[0]);
    if (dcl_has_out(call, 1)) {
        call->out[1]->desc = *y;
        call->out[1]->desc.dtype = DETCL_I64;
    }
    return DETCL_OK;
}

/* --- the twin --------------------------------------------------------------------------------- */

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

static void visit(const struct attrs *a, const struct dcl_value *x, int64_t i, struct window *s)
{
    const double v = element(x, i);
    s->sum += a->kind == LP ? raised(v, (double)a->p) : v;
    if (s->found < 0 || v > s->best || (isnan(v) && !isnan(s->best))) {
        s->best = v;
        s->found = i;
    }
}

static struct window pool_one(const struct attrs *a, const struct dcl_window *w,
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
    const struct attrs *a = call->attrs;
    const double p = (double)a->p;
    const double v = a->kind == MAX       ? s->best
                     : a->kind == AVERAGE ? s->sum / (double)(s->count > 0 ? s->count : 1)
                     : p == 1             ? s->sum
                     : p == 2             ? sqrt(s->sum)
                                          : pow(s->sum, 1 / p);
    if (call->in[0]->desc.dtype == DETCL_F32)
        ((float *)call->out[0]->data)[i] = (float)v;
    else
        ((uint8_t *)call->out[0]->data)[i] = (uint8_t)v;
    if (dcl_has_out(call, 1))
        ((int64_t *)call->out[1]->data)[i] =
            a->storage_order && s->found >= 0 ? by_column(w, s->found) : s->found;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_window w;
    DCL_TRY(call->error, find_windows(call, &w));
    const int64_t planes = DCL_DIM(call->in[0], 0) * DCL_DIM(call->in[0], 1);
    int64_t i = 0, o[3];
    for (int64_t plane = 0; plane < planes; plane++)
        for (o[0] = 0; o[0] < w.out[0]; o[0]++)
            for (o[1] = 0; o[1] < w.out[1]; o[1]++)
                for (o[2] = 0; o[2] < w.out[2]; o[2]++, i++) {
                    const struct window s = pool_one(call->attrs, &w, call->in[0], plane, o);
                    put(call, &w, i, &s);
                }
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static void arg_shape(struct dcl_launch *l, const struct dcl_window *w, int64_t planes)
{
    const int64_t *const lists[] = {w->size, w->out, w->kernel, w->stride, w->begin, w->dilation};
    dcl_arg_int(l, planes);
    for (int i = 0; i < 6; i++)
        for (int d = 0; d < 3; d++)
            dcl_arg_int(l, lists[i][d]);
}

/* One group a plane pays where many work-items run at once and share local memory. */
static bool by_group(const struct attrs *a, const struct dcl_call *call,
                     const struct dcl_recorder *r)
{
    return a->global && call->in[0]->desc.dtype == DETCL_F32 &&
           dcl_limits(r)->profile == DCL_PROFILE_GPU && dcl_limits(r)->max_work_group >= GROUP;
}

static enum detcl_status record_global(struct dcl_call *call, struct dcl_recorder *r,
                                       const char *options, const struct dcl_window *w,
                                       int64_t planes)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "pool", options, "pool_global");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, planes);
    dcl_arg_int(l, w->size[0] * w->size[1] * w->size[2]);
    dcl_arg_int(l, a->kind);
    dcl_arg_float(l, a->p);
    return dcl_grid(l, 1, (size_t[]){(size_t)planes * GROUP}, (size_t[]){GROUP});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const kernels[] = {"pool_max", "pool_average", "pool_lp"};
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    const bool real = x->desc.dtype == DETCL_F32, indices = dcl_has_out(call, 1);
    struct dcl_window w;
    DCL_TRY(call->error, find_windows(call, &w));
    const int lanes = x->block;
    const int64_t planes = DCL_DIM(x, 0) * ((DCL_DIM(x, 1) + lanes - 1) / lanes);
    char options[80];
    snprintf(options, sizeof options, "-DLANES=%d -DT=%s -DLOWEST=%s -DGROUP=%d%s", lanes,
             real ? "float" : "uchar", real ? "(-INFINITY)" : "0", GROUP, real ? " -DREAL" : "");
    if (by_group(a, call, r))
        return record_global(call, r, options, &w, planes);
    struct dcl_launch *l =
        dcl_launch(r, "pool", options, indices ? "pool_max_indices" : kernels[a->kind]);
    dcl_arg_value(l, x);
    dcl_arg_value(l, call->out[0]);
    if (indices)
        dcl_arg_value(l, call->out[1]);
    arg_shape(l, &w, planes);
    if (indices)
        dcl_arg_int(l, a->storage_order != 0);
    if (a->kind == AVERAGE) {
        dcl_arg_int(l, a->count_include_pad != 0);
        for (int d = 0; d < 3; d++)
            dcl_arg_int(l, w.end[d]);
    }
    if (a->kind == LP)
        dcl_arg_float(l, a->p);
    return dcl_grid(
        l, 3, (size_t[]){(size_t)w.out[2], (size_t)(w.out[0] * w.out[1]), (size_t)planes}, NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank != 4 || x->dtype != DETCL_F32 || dcl_has_out(call, 1))
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_pool = {
    .name = "pool",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 2,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
