/* The matrix product, shared by its files: the row and the CPU twin (gemm.c), the OpenCL variants
 * (gemm_cl.c). */
#ifndef DCL_OPS_GEMM_H
#define DCL_OPS_GEMM_H

#include "ops/record.h"

/* A matrix operand: element (row, column) of batch i is at i * batch_step + row * row_step + column
 * * column_step. */
struct dcl_matrix {
    int64_t rows, columns, row_step, column_step, batch_step;
    int64_t batches;
};

/* y[i] = alpha * a[batch of a][m, k] * b[batch of b][k, n] + beta * c, y dense; c is broadcast by
 * its steps and has no batches. */
struct dcl_product {
    struct dcl_matrix a, b, c;
    int64_t m, n, k, batches;
    float alpha, beta;
    int batch_rank; /* of y, for dcl_product_batches */
    int64_t batch_dims[DETCL_MAX_RANK], a_steps[DETCL_MAX_RANK], b_steps[DETCL_MAX_RANK];
};

/* Check the operands and attributes of the call and describe it; `y` (may be NULL) gets the shape
 * of the result. */
enum detcl_status dcl_product_describe(const struct dcl_call *call, struct dcl_product *p,
                                       struct detcl_desc *y);

/* Which batches of a and b make batch i of y. */
void dcl_product_batches(const struct dcl_product *p, int64_t i, int64_t *a, int64_t *b);

enum detcl_status dcl_gemm_record_cl(struct dcl_call *call, struct dcl_recorder *r);

#endif
