/* Prepended to every program. BLOCK, the channel block of activations, comes with the build options. */

/* Decisions must be the same bits on every device: a * b + c is never contracted unless a kernel says
 * fma. Kernels that only accumulate (convolution, gemm) call fma where it is fast. */
#pragma OPENCL FP_CONTRACT OFF

/* A tensor argument is a buffer and an offset in elements, because values share one arena and callers
 * wrap their own buffers at any offset. OPEN goes first in the kernel's body. */
#define TENSOR(T, name) global T *restrict name, const ulong name##_at
#define OPEN(name) name += name##_at

#define PASTE(a, b) a##b
#define CAT(a, b) PASTE(a, b)

/* A kernel that may be a step of a chain (chain.cl) is written KERNEL void CHAINED(name)(..., last
 * PLACED) and reads its global id as ID(0), ID(1), ID(2). In a chain it is a function that is called for
 * each work-item, and CHAIN keeps apart the same kernel with other options. It has no local memory,
 * and the other functions of its file are static. */
#ifdef CHAIN
#define KERNEL
#define KERNEL_OF_ONE
#define CHAINED(name) CAT(name, CHAIN)
#define PLACED , const int placed_0, const int placed_1, const int placed_2
#define ID(d) placed_##d
#define GROUP_ID(d) placed_##d /* of a group of one, as in the next line */
#define ITEM_ID(d) 0
#else
#define KERNEL kernel
#define KERNEL_OF_ONE kernel __attribute__((reqd_work_group_size(1, 1, 1)))
#define CHAINED(name) name
#define PLACED
#define ID(d) ((int)get_global_id(d))
#define GROUP_ID(d) ((int)get_group_id(d))
#define ITEM_ID(d) ((int)get_local_id(d))
#endif

/* a % b for a >= 0, b > 0. Unsigned, because compilers merge a division and a remainder of one kind, with
 * an instruction (freeze) that Oclgrind's checker of uninitialised values does not know. */
static int modulo(const int a, const int b)
{
    return (int)((uint)a % (uint)b);
}

/* Activations, by the numbers of enum dcl_activation (host/ops/activation.h). NaN stays NaN. V is float
 * or a vector of it; instantiate where needed: DEFINE_ACTIVATE(float4, activate4). A constant kind
 * leaves one case. */
#define DEFINE_ACTIVATE(V, name)                                                                   \
    static V name(const int kind, const float alpha, const float beta, const V x)                         \
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
    static V name##_unit(const V x)                                                                       \
    {                                                                                              \
        return x < (V)0 ? (V)0 : x > (V)1 ? (V)1 : x;                                              \
    }
