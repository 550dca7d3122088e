/* softmax, log_softmax and hardmax along one axis, float32. Before opset 13 the operand is a
 * matrix: the dimensions from `axis` on form its rows. */
#include "core/simd.h"
#include "ops/exponential.h"
#include "ops/record.h"

#include <math.h>
#include <stdio.h>

enum kind { SOFTMAX, LOG_SOFTMAX, HARDMAX };

static const char *const kinds[] = {"softmax", "log_softmax", "hardmax", NULL};

#define GROUP 64     /* work-items that share a row in softmax_group */
#define LONG_ROW 128 /* rows from which on sharing pays */

struct attrs {
    int kind;
    int64_t opset;
    struct dcl_ints axis; /* empty: the default of the opset */
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, NULL, kinds),
                                             DCL_INT(struct attrs, opset, "21"),
                                             DCL_INTS(struct attrs, axis, ""), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"Softmax", "kind=softmax"},
    {"LogSoftmax", "kind=log_softmax"},
    {"Hardmax", "kind=hardmax"},
    {NULL, NULL},
};

/* The operand as outer x n x inner. */
struct rows {
    int axis;
    int64_t outer, n, inner;
};

static enum detcl_status find_rows(const struct dcl_call *call, struct rows *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    const bool flattens = a->opset < 13;
    int axis;
    if (a->axis.n > 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis must be one integer");
    DCL_TRY(call->error, dcl_axis(call,
                                  a->axis.n  ? a->axis.v[0]
                                  : flattens ? 1
                                             : -1,
                                  x->rank, &axis));
    *r = (struct rows){axis, 1, 1, 1};
    for (int i = 0; i < x->rank; i++)
        if (i < axis)
            r->outer *= x->dims[i];
        else if (i == axis || flattens)
            r->n *= x->dims[i];
        else
            r->inner *= x->dims[i];
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct rows r;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    DCL_TRY(call->error, find_rows(call, &r));
    if (call->in[0]->count && r.axis == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "the data decide how many entries of axis 0 are valid");
    call->out[0]->desc = call->in[0]->desc;
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

#define CHUNK 256 /* elements of a row that are computed together */

static inline void exponentials(const float *x, int64_t step, double top, double *e, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        e[i] = dcl_exponential((double)x[i * step] - top);
}

static int64_t largest(const struct rows *r, const float *x)
{
    int64_t at = 0;
    for (int64_t i = 1; i < r->n; i++)
        if (x[i * r->inner] > x[at * r->inner] ||
            (isnan(x[i * r->inner]) && !isnan(x[at * r->inner])))
            at = i;
    return at;
}

/* Twice over the row: for the sum, then for the results. */
DCL_VECTORISED static void one_row(int kind, const struct rows *r, const float *x, float *y)
{
    const int64_t at = largest(r, x);
    const double top = (double)x[at * r->inner];
    double sum = 0, e[CHUNK];
    for (int pass = 0; pass < 2; pass++)
        for (int64_t first = 0; first < r->n; first += CHUNK) {
            const int64_t n = r->n - first < CHUNK ? r->n - first : CHUNK;
            if (pass == 0 || (kind == SOFTMAX && r->n > CHUNK))
                exponentials(x + first * r->inner, r->inner, top, e, n);
            for (int64_t i = 0; i < n; i++) {
                const int64_t to = (first + i) * r->inner;
                if (pass == 0)
                    sum += e[i];
                else
                    y[to] = (float)(kind == SOFTMAX       ? e[i] / sum
                                    : kind == LOG_SOFTMAX ? (double)x[to] - top - log(sum)
                                                          : first + i == at);
            }
        }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const float *x = call->in[0]->data;
    float *y = call->out[0]->data;
    struct rows r;
    DCL_TRY(call->error, find_rows(call, &r));
    for (int64_t o = 0; r.n > 0 && o < r.outer; o++)
        for (int64_t i = 0; i < r.inner; i++)
            one_row(a->kind, &r, x + o * r.n * r.inner + i, y + o * r.n * r.inner + i);
    return DETCL_OK;
}

static enum detcl_status record_narrow(struct dcl_call *call, struct dcl_recorder *recorder,
                                       const char *options, int64_t rows, int64_t n)
{
    struct dcl_launch *l = dcl_launch(recorder, "softmax", options, "softmax_narrow");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, rows);
    dcl_arg_int(l, n);
    return dcl_grid(l, 1, (size_t[]){(size_t)((rows + 15) / 16)}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *recorder)
{
    const struct attrs *a = call->attrs;
    const struct dcl_limits *limits = dcl_limits(recorder);
    struct rows r;
    DCL_TRY(call->error, find_rows(call, &r));
    const size_t rows = r.n ? (size_t)(r.outer * r.inner) : 0;
    const bool shared =
        limits->profile == DCL_PROFILE_GPU && r.n >= LONG_ROW && limits->max_work_group >= GROUP;
    char options[32];
    const bool simd = limits->profile == DCL_PROFILE_SIMD;
    snprintf(options, sizeof options, "-DGROUP=%d%s", GROUP, simd ? " -DSIMD" : "");
    if (simd && a->kind == SOFTMAX && r.inner == 1 && r.n <= 16 && rows >= 16)
        return record_narrow(call, recorder, options, (int64_t)rows, r.n);
    struct dcl_launch *l =
        dcl_launch(recorder, "softmax", options, shared ? "softmax_group" : "softmax_row");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, (int64_t)rows);
    dcl_arg_int(l, r.n);
    dcl_arg_int(l, r.inner);
    dcl_arg_int(l, a->kind);
    return dcl_grid(l, 1, (size_t[]){shared ? rows * GROUP : rows},
                    shared ? (size_t[]){GROUP} : NULL);
}

const struct dcl_op dcl_op_softmax = {
    .name = "softmax",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
