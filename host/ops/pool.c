/* pool: max, average and lp pooling over windows of one to three spatial dimensions, and over whole
 * planes (`global`). Definitions are those of ONNX MaxPool, AveragePool, LpPool and their Global
 * forms; a window that would start in the padding after the input is left out, as in PyTorch. */
#include "ops/record.h"

#include <math.h>
#include <stdio.h>

enum kind { MAX, AVERAGE, LP };

static const char *const kinds[] = {"max", "average", "lp", NULL};
static const char *const auto_pads[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL};

enum auto_pad { NOTSET, SAME_UPPER, SAME_LOWER, VALID };

#define GROUP 64 /* work-items that share a plane in pool_global */

struct attrs {
    int kind, auto_pad;
    int64_t global, ceil_mode, count_include_pad, storage_order;
    float p;
    struct dcl_ints kernel_shape, strides, pads, dilations;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds),
    DCL_CHOICE(struct attrs, auto_pad, "NOTSET", auto_pads),
    DCL_INT(struct attrs, global, "0"),
    DCL_INT(struct attrs, ceil_mode, "0"),
    DCL_INT(struct attrs, count_include_pad, "0"),
    DCL_INT(struct attrs, storage_order, "0"),
    DCL_FLOAT(struct attrs, p, "2"),
    DCL_INTS(struct attrs, kernel_shape, ""),
    DCL_INTS(struct attrs, strides, ""),
    DCL_INTS(struct attrs, pads, ""),
    DCL_INTS(struct attrs, dilations, ""),
    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"MaxPool", "kind=max"},
    {"AveragePool", "kind=average"},
    {"LpPool", "kind=lp"},
    {"GlobalMaxPool", "kind=max global=1"},
    {"GlobalAveragePool", "kind=average global=1"},
    {"GlobalLpPool", "kind=lp global=1"},
    {NULL, NULL},
};

/* Windows over D, H, W; leading dimensions that the operand lacks have extent 1. `tail` is the
 * padding after the input. */
struct windows {
    int64_t planes, in[3], out[3], taps[3], stride[3], pad[3], step[3], tail[3];
};

/* Numbers of a model file stay small enough that no product of two overflows. */
#define LIMIT ((int64_t)1 << 24)

static enum detcl_status listed(const struct dcl_call *call, const char *what,
                                const struct dcl_ints *list, int n, int64_t least)
{
    if (list->n != 0 && list->n != n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s has %d entries, expected %d", what,
                             list->n, n);
    for (int i = 0; i < list->n; i++)
        if (list->v[i] < least || list->v[i] > LIMIT)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s holds %lld", what,
                                 (long long)list->v[i]);
    return DETCL_OK;
}

/* The output extent of dimension d, and its padding where auto_pad asks for one. */
static int64_t output_extent(const struct attrs *a, struct windows *w, int d)
{
    const int64_t reach = (w->taps[d] - 1) * w->step[d] + 1, stride = w->stride[d];
    if (a->auto_pad == SAME_UPPER || a->auto_pad == SAME_LOWER) {
        const int64_t out = (w->in[d] + stride - 1) / stride;
        const int64_t needed = (out - 1) * stride + reach - w->in[d];
        const int64_t total = needed > 0 ? needed : 0;
        w->pad[d] = a->auto_pad == SAME_UPPER ? total / 2 : total - total / 2;
        w->tail[d] = total - w->pad[d];
        return out;
    }
    const int64_t room = w->in[d] + w->pad[d] + w->tail[d] - reach;
    if (room < 0)
        return -1;
    int64_t out = (a->ceil_mode ? (room + stride - 1) / stride : room / stride) + 1;
    if (a->ceil_mode && (out - 1) * stride >= w->in[d] + w->pad[d])
        out--;
    return out;
}

static enum detcl_status find_windows(const struct dcl_call *call, struct windows *w)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    const int n = x->rank - 2;
    if (n < 1 || n > 3)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "input of rank %d, expected 3 to 5",
                             x->rank);
    DCL_TRY(call->error, listed(call, "kernel_shape", &a->kernel_shape, n, 1));
    DCL_TRY(call->error, listed(call, "strides", &a->strides, n, 1));
    DCL_TRY(call->error, listed(call, "dilations", &a->dilations, n, 1));
    DCL_TRY(call->error, listed(call, "pads", &a->pads, 2 * n, 0));
    if (!a->global && a->kernel_shape.n == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "attribute 'kernel_shape' is missing");
    *w = (struct windows){.planes = x->dims[0] * x->dims[1]};
    for (int d = 0; d < 3; d++) {
        const int i = d - (3 - n); /* which entry of the lists */
        w->in[d] = i < 0 ? 1 : x->dims[2 + i];
        w->taps[d] = i < 0 ? 1 : a->global ? w->in[d] : a->kernel_shape.v[i];
        w->stride[d] = i >= 0 && a->strides.n ? a->strides.v[i] : 1;
        w->step[d] = i >= 0 && a->dilations.n ? a->dilations.v[i] : 1;
        if (i >= 0 && a->pads.n && a->auto_pad == NOTSET) {
            w->pad[d] = a->pads.v[i];
            w->tail[d] = a->pads.v[n + i];
        }
        w->out[d] = a->global ? 1 : output_extent(a, w, d);
        if (w->out[d] < 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "the window is larger than the padded input of extent %lld",
                                 (long long)w->in[d]);
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct windows w;
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

static struct window pool_one(const struct attrs *a, const struct windows *w,
                              const struct dcl_value *x, int64_t plane, const int64_t *o)
{
    struct window s = {.best = x->desc.dtype == DETCL_F32 ? -INFINITY : 0, .found = -1};
    int64_t t[3], at[3];
    for (t[0] = 0; t[0] < w->taps[0]; t[0]++)
        for (t[1] = 0; t[1] < w->taps[1]; t[1]++)
            for (t[2] = 0; t[2] < w->taps[2]; t[2]++) {
                bool inside = true, counts = true;
                for (int d = 0; d < 3; d++) {
                    at[d] = o[d] * w->stride[d] - w->pad[d] + t[d] * w->step[d];
                    inside &= at[d] >= 0 && at[d] < w->in[d];
                    counts &= at[d] < w->in[d] + w->tail[d];
                }
                s.count += a->count_include_pad ? counts : inside;
                if (inside)
                    visit(a, x, ((plane * w->in[0] + at[0]) * w->in[1] + at[1]) * w->in[2] + at[2],
                          &s);
            }
    return s;
}

/* The flat index with the plane in column-major order (storage_order 1). */
static int64_t by_column(const struct windows *w, int64_t i)
{
    const int64_t p = i % (w->in[0] * w->in[1] * w->in[2]);
    const int64_t x = p % w->in[2], y = p / w->in[2] % w->in[1], z = p / w->in[2] / w->in[1];
    return i - p + (x * w->in[1] + y) * w->in[0] + z;
}

static void put(struct dcl_call *call, const struct windows *w, int64_t i, const struct window *s)
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
    struct windows w;
    DCL_TRY(call->error, find_windows(call, &w));
    int64_t i = 0, o[3];
    for (int64_t plane = 0; plane < w.planes; plane++)
        for (o[0] = 0; o[0] < w.out[0]; o[0]++)
            for (o[1] = 0; o[1] < w.out[1]; o[1]++)
                for (o[2] = 0; o[2] < w.out[2]; o[2]++, i++) {
                    const struct window s = pool_one(call->attrs, &w, call->in[0], plane, o);
                    put(call, &w, i, &s);
                }
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static void arg_shape(struct dcl_launch *l, const struct windows *w, int64_t planes)
{
    const int64_t *const lists[] = {w->in, w->out, w->taps, w->stride, w->pad, w->step};
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
                                       const char *options, const struct windows *w, int64_t planes)
{
    const struct attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "pool", options, "pool_global");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, planes);
    dcl_arg_int(l, w->in[0] * w->in[1] * w->in[2]);
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
    struct windows w;
    DCL_TRY(call->error, find_windows(call, &w));
    const int lanes = x->block;
    const int64_t planes =
        lanes == 1 ? w.planes : DCL_DIM(x, 0) * ((DCL_DIM(x, 1) + lanes - 1) / lanes);
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
            dcl_arg_int(l, w.tail[d]);
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
