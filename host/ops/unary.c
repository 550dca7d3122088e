/* unary: y = f(x) elementwise, float32; relu, abs, neg and sign also on int32 and int64.
 * Definitions are ONNX's (operators of the same names); clip keeps NaN. */
#include "core/simd.h"
#include "ops/activation.h"
#include "ops/exponential.h"
#include "ops/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The numbers of kernels/unary.cl, after the activations. */
enum kind {
    ABS = DCL_ACT_COUNT,
    NEG,
    CEIL,
    FLOOR,
    ROUND,
    SIGN,
    SQRT,
    RECIPROCAL,
    EXP,
    LOG,
    SIN,
    COS,
    TAN,
    ASIN,
    ACOS,
    ATAN,
    SINH,
    COSH,
    ASINH,
    ACOSH,
    ATANH,
    ERF,
    CELU,
    SELU,
    SOFTPLUS,
    SOFTSIGN,
    THRESHOLDED_RELU,
    MISH,
    GELU,
    SHRINK,
    GELU_TANH
};

static const char *const kinds[] = {"none",
                                    "relu",
                                    "leaky_relu",
                                    "clip",
                                    "sigmoid",
                                    "silu",
                                    "hard_sigmoid",
                                    "hard_swish",
                                    "tanh",
                                    "elu",
                                    "abs",
                                    "neg",
                                    "ceil",
                                    "floor",
                                    "round",
                                    "sign",
                                    "sqrt",
                                    "reciprocal",
                                    "exp",
                                    "log",
                                    "sin",
                                    "cos",
                                    "tan",
                                    "asin",
                                    "acos",
                                    "atan",
                                    "sinh",
                                    "cosh",
                                    "asinh",
                                    "acosh",
                                    "atanh",
                                    "erf",
                                    "celu",
                                    "selu",
                                    "softplus",
                                    "softsign",
                                    "thresholded_relu",
                                    "mish",
                                    "gelu",
                                    "shrink",
                                    "gelu_tanh",
                                    NULL};

struct attrs {
    int kind;
    float alpha, beta;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, NULL, kinds),
                                             DCL_FLOAT(struct attrs, alpha, "0"),
                                             DCL_FLOAT(struct attrs, beta, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"Relu", "kind=relu"},
    {"LeakyRelu", "kind=leaky_relu alpha=0.01"},
    {"Sigmoid", "kind=sigmoid"},
    {"HardSigmoid", "kind=hard_sigmoid alpha=0.2 beta=0.5"},
    {"HardSwish", "kind=hard_swish"},
    {"Tanh", "kind=tanh"},
    {"Elu", "kind=elu alpha=1"},
    {"Abs", "kind=abs"},
    {"Neg", "kind=neg"},
    {"Ceil", "kind=ceil"},
    {"Floor", "kind=floor"},
    {"Round", "kind=round"},
    {"Sign", "kind=sign"},
    {"Sqrt", "kind=sqrt"},
    {"Reciprocal", "kind=reciprocal"},
    {"Exp", "kind=exp"},
    {"Log", "kind=log"},
    {"Sin", "kind=sin"},
    {"Cos", "kind=cos"},
    {"Tan", "kind=tan"},
    {"Asin", "kind=asin"},
    {"Acos", "kind=acos"},
    {"Atan", "kind=atan"},
    {"Sinh", "kind=sinh"},
    {"Cosh", "kind=cosh"},
    {"Asinh", "kind=asinh"},
    {"Acosh", "kind=acosh"},
    {"Atanh", "kind=atanh"},
    {"Erf", "kind=erf"},
    {"Celu", "kind=celu alpha=1"},
    {"Softplus", "kind=softplus"},
    {"Softsign", "kind=softsign"},
    {"ThresholdedRelu", "kind=thresholded_relu alpha=1"},
    {"Mish", "kind=mish"},
    {NULL, NULL},
};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const bool integer_form =
        a->kind == DCL_ACT_RELU || a->kind == ABS || a->kind == NEG || a->kind == SIGN;
    DCL_TRY(call->error,
            dcl_need_dtype(call, 0, integer_form ? DCL_F32 | DCL_I32 | DCL_I64 : DCL_F32));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static float softplus(float x)
{
    return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
}

static float special(int kind, float alpha, float beta, float x)
{
    switch (kind) {
    case ABS:
        return fabsf(x);
    case NEG:
        return -x;
    case CEIL:
        return ceilf(x);
    case FLOOR:
        return floorf(x);
    case ROUND:
        return rintf(x);
    case SIGN:
        return isnan(x) ? x : (float)((x > 0) - (x < 0));
    case SQRT:
        return sqrtf(x);
    case RECIPROCAL:
        return 1.0f / x;
    case ERF:
        return erff(x);
    case CELU:
        return x < 0 ? alpha * expm1f(x / alpha) : x;
    case SELU:
        return beta * (x < 0 ? alpha * expm1f(x) : x);
    case SOFTPLUS:
        return softplus(x);
    case SOFTSIGN:
        return x / (1.0f + fabsf(x));
    case THRESHOLDED_RELU:
        return x > alpha ? x : 0;
    case MISH:
        return x * tanhf(softplus(x));
    case GELU:
        return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case SHRINK:
        return x > beta ? x - alpha : x < -beta ? x + alpha : 0;
    case GELU_TANH:
        return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    default:
        return x;
    }
}

static float apply(int kind, float alpha, float beta, float x)
{
    static float (*const plain[])(float) = {
        [LOG] = logf,     [SIN] = sinf,     [COS] = cosf,      [TAN] = tanf,   [ASIN] = asinf,
        [ACOS] = acosf,   [ATAN] = atanf,   [SINH] = sinhf,    [COSH] = coshf, [ASINH] = asinhf,
        [ACOSH] = acoshf, [ATANH] = atanhf, [GELU_TANH] = NULL};
    return plain[kind] ? plain[kind](x) : special(kind, alpha, beta, x);
}

static int64_t apply_int(int kind, int64_t x)
{
    switch (kind) {
    case DCL_ACT_RELU:
        return x > 0 ? x : 0;
    case ABS:
        return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
    case NEG:
        return (int64_t)(0 - (uint64_t)x);
    default:
        return (x > 0) - (x < 0);
    }
}

DCL_VECTORISED static void run_exp(const float *x, float *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = dcl_exp(x[i]);
}

static void run_float(const struct attrs *a, const float *x, float *y, int64_t n)
{
    if (a->kind < DCL_ACT_COUNT) {
        if (n > 0)
            memcpy(y, x, (size_t)n * sizeof *y);
        dcl_activate_row(a->kind, a->alpha, a->beta, y, n);
    } else if (a->kind == EXP) {
        run_exp(x, y, n);
    } else {
        for (int64_t i = 0; i < n; i++)
            y[i] = apply(a->kind, a->alpha, a->beta, x[i]);
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    const int64_t n = dcl_count(x);
    if (x->desc.dtype == DETCL_F32)
        run_float(a, x->data, call->out[0]->data, n);
    else if (x->desc.dtype == DETCL_I32)
        for (int64_t i = 0; i < n; i++)
            ((int32_t *)call->out[0]->data)[i] =
                (int32_t)apply_int(a->kind, ((const int32_t *)x->data)[i]);
    else
        for (int64_t i = 0; i < n; i++)
            ((int64_t *)call->out[0]->data)[i] = apply_int(a->kind, ((const int64_t *)x->data)[i]);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const bool real = call->in[0]->desc.dtype == DETCL_F32;
    char options[64];
    snprintf(options, sizeof options, "-DKIND=%d%s", a->kind,
             real                                   ? ""
             : call->in[0]->desc.dtype == DETCL_I32 ? " -DINTEGER=int"
                                                    : " -DINTEGER=long");
    const int64_t n = dcl_stored_count(call->in[0]);
    struct dcl_launch *l = dcl_launch(r, "unary", options, real ? "unary_f32" : "unary_int");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    if (real) {
        dcl_arg_float(l, a->alpha);
        dcl_arg_float(l, a->beta);
    }
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)call;
    (void)block;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_unary = {
    .name = "unary",
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
    .layout = layout,
};
