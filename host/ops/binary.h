/* The elementwise functions of two operands: numbers shared with kernels/binary.cl, and the twin.
 */
#ifndef DCL_OPS_BINARY_H
#define DCL_OPS_BINARY_H

#include "ops/op.h"

enum dcl_binary {
    DCL_ADD,
    DCL_SUB,
    DCL_MUL,
    DCL_MAX,
    DCL_MIN,
    DCL_PRELU, /* a < 0 ? a * b : a */
    DCL_DIV,
    DCL_MOD,  /* the sign of the divisor */
    DCL_FMOD, /* the sign of the dividend */
    DCL_POW,
    DCL_MEAN, /* (a + b) / divisor */
    DCL_BIT_AND,
    DCL_BIT_OR,
    DCL_BIT_XOR,
    DCL_SHIFT_LEFT,
    DCL_SHIFT_RIGHT,
    DCL_GREATER, /* from here on the result is bool */
    DCL_GREATER_EQUAL,
    DCL_LESS,
    DCL_LESS_EQUAL,
    DCL_EQUAL
};

/* Arrays of elements: b may have a type of its own for DCL_POW; y has a's type, or bool. */
struct dcl_binary_row {
    enum dcl_binary function;
    float divisor;
    enum detcl_dtype a_type, b_type;
    const void *a, *b;
    void *y;
    int64_t n, a_step, b_step; /* steps in elements, 0 or 1 */
};

/* One float32 result of DCL_ADD to DCL_MEAN; `divisor` is DCL_MEAN's. */
float dcl_binary_float(enum dcl_binary function, float divisor, float a, float b);

/* The twin over one row. */
void dcl_binary_run(const struct dcl_binary_row *row);

#endif
