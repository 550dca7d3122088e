#include "check.h"

#include <math.h>
#include <stdio.h>

static void golden(struct dcl_check *c)
{
    /* Values of the C library in double, rounded; hand-checked definitions of ONNX. */
    static const float x[] = {-2.0f, -0.5f, 0.0f, 0.5f, 3.0f, NAN};
    static const struct {
        const char *attrs;
        float y[6];
    } list[] = {
        {"kind=relu", {0, 0, 0, 0.5f, 3, NAN}},
        {"kind=leaky_relu alpha=0.1", {-0.2f, -0.05f, 0, 0.5f, 3, NAN}},
        {"kind=clip alpha=-1 beta=1", {-1, -0.5f, 0, 0.5f, 1, NAN}},
        {"kind=sigmoid", {0.119202922f, 0.377540669f, 0.5f, 0.622459331f, 0.952574127f, NAN}},
        {"kind=silu", {-0.238405844f, -0.188770334f, 0, 0.311229666f, 2.85772238f, NAN}},
        {"kind=hard_sigmoid alpha=0.2 beta=0.5", {0.1f, 0.4f, 0.5f, 0.6f, 1, NAN}},
        {"kind=hard_swish", {-0.333333333f, -0.208333333f, 0, 0.291666667f, 3, NAN}},
        {"kind=elu alpha=2", {-1.72932943f, -0.786938681f, 0, 0.5f, 3, NAN}},
        {"kind=round", {-2, -0.0f, 0, 0, 3, NAN}},
        {"kind=sign", {-1, -1, 0, 1, 1, NAN}},
        {"kind=erf", {-0.995322265f, -0.520499878f, 0, 0.520499878f, 0.999977910f, NAN}},
        {"kind=softplus",
         {0.126928011f, 0.474076984f, 0.693147181f, 0.974076984f, 3.04858735f, NAN}},
        {"kind=mish", {-0.252501483f, -0.220743775f, 0, 0.375245211f, 2.986535f, NAN}},
        {"kind=gelu", {-0.0455002639f, -0.154268770f, 0, 0.345731230f, 2.99595031f, NAN}},
    };
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 6)};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, 6)};
        dcl_check_golden(c, list[i].attrs, in, 1, out, 1, 1e-6);
    }
}

void dcl_check_unary(struct dcl_check *c)
{
    static const char *const exact[] = {"relu", "abs", "neg", "ceil", "floor", "round", "sign"};
    static const char *const smooth[] = {
        "sigmoid", "silu",  "tanh", "hard_swish", "exp",      "sin",  "cos",  "atan",     "sinh",
        "cosh",    "asinh", "erf",  "softplus",   "softsign", "mish", "gelu", "gelu_tanh"};
    static const char *const bounded[] = {"asin", "acos", "atanh"};
    static const char *const positive[] = {"sqrt", "log", "reciprocal", "acosh", "tan"};
    static const char *const shaped[] = {"leaky_relu alpha=0.1",
                                         "clip alpha=-0.5 beta=0.25",
                                         "hard_sigmoid alpha=0.2 beta=0.5",
                                         "elu alpha=1.5",
                                         "celu alpha=2",
                                         "selu alpha=1.67326 beta=1.0507",
                                         "thresholded_relu alpha=0.3",
                                         "shrink alpha=0.2 beta=0.4"};
    char attrs[80];
#define EACH(list, ...)                                                                            \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {                                      \
        snprintf(attrs, sizeof attrs, "kind=%s", list[i]);                                         \
        DCL_CASE(c, attrs, 1, __VA_ARGS__);                                                        \
    }
    EACH(exact, DCL_SPECIAL(2, 5, 7, 3))
    EACH(exact, DCL_RANGE(DETCL_F32, -10, 10, 1001))
    EACH(smooth, DCL_RANGE(DETCL_F32, -4, 4, 1, 19, 5, 3))
    EACH(bounded, DCL_RANGE(DETCL_F32, -0.99f, 0.99f, 257))
    EACH(positive, DCL_RANGE(DETCL_F32, 1.05f, 1.5f, 257))
    EACH(shaped, DCL_SPECIAL(3, 17, 2, 2))
    static const char *const integer[] = {"relu", "abs", "neg", "sign"};
    EACH(integer, DCL_RANGE(DETCL_I32, -9, 9, 65))
    EACH(integer, DCL_RANGE(DETCL_I64, -9, 9, 65))
    DCL_CASE(c, "kind=relu", 1, DCL_RANDOM(DETCL_F32, 0, 3));
    golden(c);
    const struct dcl_operand text[] = {DCL_RANDOM(DETCL_U8, 4)};
    dcl_check_refused(c, "kind=exp", text, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=cube", text, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
