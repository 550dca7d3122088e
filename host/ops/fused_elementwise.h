/* The programs of fused_elementwise: what the graph's pass writes, the twin and the kernel read. */
#ifndef DCL_OPS_FUSED_ELEMENTWISE_H
#define DCL_OPS_FUSED_ELEMENTWISE_H

#include "ops/activation.h"
#include "ops/binary.h"

enum dcl_elementwise_code {
    DCL_ELEMENTWISE_LOAD,   /* push operand `which`, element `first` + row * `step` */
    DCL_ELEMENTWISE_NUMBER, /* push alpha */
    DCL_ELEMENTWISE_UNARY,  /* replace the top by f of it, `which` an enum dcl_activation or EXP */
    DCL_ELEMENTWISE_BINARY, /* replace the two on top by f of them, `which` one of enum dcl_binary
                             */
    DCL_ELEMENTWISE_STORE   /* pop column `which` of y */
};

#define DCL_ELEMENTWISE_EXP DCL_ACT_COUNT

/* One instruction as the program holds it. */
struct dcl_elementwise {
    int32_t code, which, first, step;
    float alpha, beta;
};

#define DCL_ELEMENTWISE_WORDS ((int)(sizeof(struct dcl_elementwise) / sizeof(int32_t)))
#define DCL_ELEMENTWISE_OPERANDS 6 /* at most, without the program */
#define DCL_ELEMENTWISE_DEPTH 6    /* values that wait */
#define DCL_ELEMENTWISE_COLUMNS 8

#endif
