/* y = f(x) elementwise, f chosen at build time by KIND (host/ops/unary.c lists them; the first ones
 * are the activations of common.cl). unary_f32: float to float; unary_int: INTEGER to INTEGER
 * (relu, abs, neg, sign). Layout: any, x and y alike; padded lanes are computed too. Mapping: one
 * work-item an element, bound n. */
DEFINE_UNIT(float, activate)
DEFINE_ACTIVATE(float, activate)

static float apply(const float x, const float alpha, const float beta)
{
    switch (KIND) {
    case 10:
        return fabs(x);
    case 11:
        return -x;
    case 12:
        return ceil(x);
    case 13:
        return floor(x);
    case 14:
        return rint(x);
    case 15:
        return isnan(x) ? x : (float)((x > 0.0f) - (x < 0.0f));
    case 16:
        return sqrt(x);
    case 17:
        return 1.0f / x;
    case 18:
        return exp(x);
    case 19:
        return log(x);
    case 20:
        return sin(x);
    case 21:
        return cos(x);
    case 22:
        return tan(x);
    case 23:
        return asin(x);
    case 24:
        return acos(x);
    case 25:
        return atan(x);
    case 26:
        return sinh(x);
    case 27:
        return cosh(x);
    case 28:
        return asinh(x);
    case 29:
        return acosh(x);
    case 30:
        return atanh(x);
    case 31:
        return erf(x);
    case 32:
        return x < 0.0f ? alpha * expm1(x / alpha) : x;
    case 33:
        return beta * (x < 0.0f ? alpha * expm1(x) : x);
    case 34:
        return fmax(x, 0.0f) + log1p(exp(-fabs(x)));
    case 35:
        return x / (1.0f + fabs(x));
    case 36:
        return x > alpha ? x : 0.0f;
    case 37:
        return x * tanh(fmax(x, 0.0f) + log1p(exp(-fabs(x))));
    case 38:
        return 0.5f * x * (1.0f + erf(x * 0.70710678118654752f));
    case 39:
        return x > beta ? x - alpha : x < -beta ? x + alpha : 0.0f;
    case 40:
        return 0.5f * x * (1.0f + tanh(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    default:
        return activate(KIND, alpha, beta, x);
    }
}

KERNEL void CHAINED(unary_f32)(TENSOR(const float, x), TENSOR(float, y), const int n,
                               const float alpha, const float beta PLACED)
{
    OPEN(x);
    OPEN(y);
    const int i = ID(0);
    if (i < n)
        y[i] = apply(x[i], alpha, beta);
}

#ifdef INTEGER
KERNEL void CHAINED(unary_int)(TENSOR(const INTEGER, x), TENSOR(INTEGER, y), const int n PLACED)
{
    OPEN(x);
    OPEN(y);
    const int i = ID(0);
    if (i >= n)
        return;
    const INTEGER v = x[i], zero = 0;
    y[i] = KIND == 1    ? max(v, zero)
           : KIND == 10 ? (v < zero ? -v : v)
           : KIND == 11 ? -v
                        : (INTEGER)((v > zero) - (v < zero));
}
#endif
