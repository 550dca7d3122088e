/* Prepended to every program. BLOCK, the channel block of activations, comes with the build options. */

/* Decisions must be the same bits on every device: a * b + c is never contracted unless a kernel says
 * fma. Kernels that only accumulate (convolution, gemm) call fma where it is fast. */
#pragma OPENCL FP_CONTRACT OFF

/* A tensor argument is a buffer and an offset in elements, because values share one arena and callers
 * wrap their own buffers at any offset. OPEN goes first in the kernel's body. */
#define TENSOR(T, name) global T *restrict name, const ulong name##_at
#define OPEN(name) name += name##_at

/* CAT(float, WIDTH) = float4 when WIDTH is 4. */
#define PASTE(a, b) a##b
#define CAT(a, b) PASTE(a, b)

/* Where a work-item of a walk starts that handles `width` elements: row, position in the row. */
int2 walk_start(const int length, const int width)
{
    const int chunks = (length + width - 1) / width, id = (int)get_global_id(0);
    const int row = id / chunks;
    return (int2)(row, (id - row * chunks) * width);
}

/* Offsets of row `row` of a walk (host/ops/walk.h) for its three operands in y, z, w. The table holds the
 * extent and the operands' strides of each of the `rank` outer dimensions. */
int4 walk(const global int *table, const int rank, int row)
{
    int4 at = (int4)(0);
    for (int i = rank - 1; i >= 0; i--) {
        const int outer = row / table[4 * i];
        at += (row - outer * table[4 * i]) * (vload4((size_t)i, table) * (int4)(0, 1, 1, 1));
        row = outer;
    }
    return at;
}

/* Activations, by the numbers of enum dcl_activation (host/ops/activation.h). NaN stays NaN. V is float
 * or a vector of it; instantiate where needed: DEFINE_ACTIVATE(float4, activate4). A constant kind
 * leaves one case. */
#define DEFINE_ACTIVATE(V, name)                                                                   \
    V name(const int kind, const float alpha, const float beta, const V x)                         \
    {                                                                                              \
        switch (kind) {                                                                            \
        case 1:                                                                                    \
            return x < (V)0 ? (V)0 : x;                                                            \
        case 2:                                                                                    \
            return x < (V)0 ? alpha * x : x;                                                       \
        case 3:                                                                                    \
            return x<(V)alpha ? (V)alpha : x>(V) beta ? (V)beta : x;                               \
        case 4:                                                                                    \
            return (V)1 / ((V)1 + exp(-x));                                                        \
        case 5:                                                                                    \
            return x / ((V)1 + exp(-x));                                                           \
        case 6:                                                                                    \
            return name##_unit(alpha * x + beta);                                                  \
        case 7:                                                                                    \
            return x * name##_unit(x * (1.0f / 6.0f) + 0.5f);                                      \
        case 8:                                                                                    \
            return tanh(x);                                                                        \
        case 9:                                                                                    \
            return x < (V)0 ? alpha * expm1(x) : x;                                                \
        default:                                                                                   \
            return x;                                                                              \
        }                                                                                          \
    }
/* The clamp to 0..1 that DEFINE_ACTIVATE(V, name) uses; instantiate first. */
#define DEFINE_UNIT(V, name)                                                                       \
    V name##_unit(const V x)                                                                       \
    {                                                                                              \
        return x < (V)0 ? (V)0 : x > (V)1 ? (V)1 : x;                                              \
    }
