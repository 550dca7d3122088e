/* reduce: ONNX ReduceSum, ReduceMean ... over any axes; float32, and sum, mean, max, min, prod, l1
 * and sum_square also on int32 and int64, max and min also on uint8. */
#include "ops/axes.h"

#include <math.h>
#include <stdio.h>

enum kind { SUM, MEAN, MAX, MIN, PROD, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE };

static const char *const kinds[] = {"sum", "mean",    "max",         "min",        "prod", "l1",
                                    "l2",  "log_sum", "log_sum_exp", "sum_square", NULL};

struct attrs {
    int kind;
    int64_t keepdims, noop_with_empty_axes;
    struct dcl_ints axes;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, NULL, kinds),
                                             DCL_INT(struct attrs, keepdims, "1"),
                                             DCL_INT(struct attrs, noop_with_empty_axes, "0"),
                                             DCL_INTS(struct attrs, axes, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"ReduceSum", "kind=sum"},
    {"ReduceMean", "kind=mean"},
    {"ReduceMax", "kind=max"},
    {"ReduceMin", "kind=min"},
    {"ReduceProd", "kind=prod"},
    {"ReduceL1", "kind=l1"},
    {"ReduceL2", "kind=l2"},
    {"ReduceLogSum", "kind=log_sum"},
    {"ReduceLogSumExp", "kind=log_sum_exp"},
    {"ReduceSumSquare", "kind=sum_square"},
    {NULL, NULL},
};

/* With no axes and noop_with_empty_axes nothing is reduced; each element is a row of its own. */
static enum detcl_status split(const struct dcl_call *call, struct dcl_axes *s,
                               struct detcl_desc *out)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_ints axes;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->axes, &axes));
    if (axes.n || !a->noop_with_empty_axes)
        return dcl_axes_split(call, x, &axes, a->keepdims != 0, s, out);
    const int64_t rows = detcl_desc_count(x);
    *s = (struct dcl_axes){
        .n_kept = 1, .kept = {rows}, .kept_stride = {1}, .rows = rows, .count = 1};
    if (out)
        *out = *x;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const int kind = ((const struct attrs *)call->attrs)->kind;
    const bool whole = kind == L2 || kind == LOG_SUM || kind == LOG_SUM_EXP;
    DCL_TRY(call->error,
            dcl_need_dtype(call, 0,
                           whole                        ? DCL_F32
                           : kind == MAX || kind == MIN ? DCL_NUMERIC
                                                        : DCL_F32 | DCL_I32 | DCL_I64));
    struct dcl_axes s;
    call->out[0]->desc.dtype = call->in[0]->desc.dtype;
    DCL_TRY(call->error, split(call, &s, &call->out[0]->desc));
    if (s.count == 0 && s.rows > 0 && call->in[0]->desc.dtype != DETCL_F32 && kind >= MEAN &&
        kind <= MIN)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "nothing to reduce along an empty axis");
    return DETCL_OK;
}

#define CHUNK 256 /* elements that are fetched together */

/* Elements `first` and on of a row, as far as they lie evenly; returns how many. */
static int64_t fetch(const float *x, const struct dcl_axes *s, int64_t first, double *v)
{
    const int last = s->n_reduced - 1;
    const int64_t extent = last < 0 ? 1 : s->reduced[last];
    const int64_t step = last < 0 ? 0 : s->reduced_stride[last], left = extent - first % extent;
    const int64_t n = left < CHUNK ? left : CHUNK;
    x += dcl_axes_offset(s->n_reduced, s->reduced, s->reduced_stride, first);
    for (int64_t i = 0; i < n; i++)
        v[i] = (double)x[i * step];
    return n;
}

/* The largest or smallest element, or a NaN. */
static double extreme(int kind, const float *x, const struct dcl_axes *s)
{
    double top = kind == MIN ? INFINITY : -INFINITY, v[CHUNK];
    for (int64_t i = 0, n; i < s->count; i += n) {
        n = fetch(x, s, i, v);
        for (int64_t k = 0; k < n; k++) {
            if (isnan(v[k]) || (kind == MIN ? v[k] < top : v[k] > top))
                top = v[k];
            if (isnan(v[k]))
                return top;
        }
    }
    return top;
}

static double float_row(int kind, const float *x, const struct dcl_axes *s)
{
    double sum = kind == PROD ? 1 : 0, top = 0, v[CHUNK];
    if (kind == MAX || kind == MIN || kind == LOG_SUM_EXP)
        top = extreme(kind, x, s);
    if (kind == MAX || kind == MIN || (kind == LOG_SUM_EXP && isinf(top)))
        return top;
    for (int64_t i = 0, n; i < s->count; i += n) {
        n = fetch(x, s, i, v);
        for (int64_t k = 0; k < n; k++)
            if (kind == PROD)
                sum *= v[k];
            else
                sum += kind == L1                         ? fabs(v[k])
                       : kind == L2 || kind == SUM_SQUARE ? v[k] * v[k]
                       : kind == LOG_SUM_EXP              ? exp(v[k] - top)
                                                          : v[k];
    }
    return kind == MEAN          ? sum / (double)s->count
           : kind == L2          ? sqrt(sum)
           : kind == LOG_SUM     ? log(sum)
           : kind == LOG_SUM_EXP ? log(sum) + top
                                 : sum;
}

static int64_t integer(const struct dcl_value *v, int64_t i)
{
    return v->desc.dtype == DETCL_I64   ? ((const int64_t *)v->data)[i]
           : v->desc.dtype == DETCL_I32 ? ((const int32_t *)v->data)[i]
                                        : ((const uint8_t *)v->data)[i];
}

/* Sums wrap around as the device's do. */
static int64_t integer_row(int kind, const struct dcl_value *x, int64_t start,
                           const struct dcl_axes *s)
{
    uint64_t sum = kind == PROD ? 1 : 0;
    int64_t top = kind == MIN ? INT64_MAX : INT64_MIN;
    for (int64_t i = 0; i < s->count; i++) {
        const int64_t v =
            integer(x, start + dcl_axes_offset(s->n_reduced, s->reduced, s->reduced_stride, i));
        const uint64_t u = (uint64_t)v;
        if (kind == MIN ? v < top : v > top)
            top = v;
        if (kind == PROD)
            sum *= u;
        else
            sum += kind == L1 && v < 0 ? 0 - u : kind == SUM_SQUARE ? u * u : u;
    }
    return kind == MAX || kind == MIN ? top : kind == MEAN ? (int64_t)sum / s->count : (int64_t)sum;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int kind = ((const struct attrs *)call->attrs)->kind;
    const struct dcl_value *x = call->in[0];
    struct dcl_axes s;
    DCL_TRY(call->error, split(call, &s, NULL));
    for (int64_t row = 0; row < s.rows; row++) {
        const int64_t start = dcl_axes_offset(s.n_kept, s.kept, s.kept_stride, row);
        void *y = call->out[0]->data;
        if (x->desc.dtype == DETCL_F32)
            ((float *)y)[row] = (float)float_row(kind, (const float *)x->data + start, &s);
        else if (x->desc.dtype == DETCL_I64)
            ((int64_t *)y)[row] = integer_row(kind, x, start, &s);
        else if (x->desc.dtype == DETCL_I32)
            ((int32_t *)y)[row] = (int32_t)integer_row(kind, x, start, &s);
        else
            ((uint8_t *)y)[row] = (uint8_t)integer_row(kind, x, start, &s);
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {[DETCL_F32] = "-DT=float -DFLOAT",
                                        [DETCL_I32] = "-DT=int -DLOWEST=INT_MIN -DHIGHEST=INT_MAX",
                                        [DETCL_I64] =
                                            "-DT=long -DLOWEST=LONG_MIN -DHIGHEST=LONG_MAX",
                                        [DETCL_U8] = "-DT=uchar -DLOWEST=0 -DHIGHEST=UCHAR_MAX"};
    const int kind = ((const struct attrs *)call->attrs)->kind;
    struct dcl_axes s;
    char options[96];
    DCL_TRY(call->error, split(call, &s, NULL));
    snprintf(options, sizeof options, "-DKIND=%d %s", kind, types[call->in[0]->desc.dtype]);
    struct dcl_launch *l = dcl_launch(r, "reduce", options, "reduce");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, dcl_axes_table(r, &s));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, s.rows);
    dcl_arg_int(l, s.count);
    return dcl_grid(l, 1, (size_t[]){(size_t)s.rows}, NULL);
}

const struct dcl_op dcl_op_reduce = {
    .name = "reduce",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
