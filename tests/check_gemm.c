#include "check.h"

/* ONNX Runtime 1.32's values. */
static void golden_gemm(struct dcl_check *c)
{
    static const float a[] = {-1.5f, 1, 0, -1, 1.5f, 0.5f};
    static const float a_turned[] = {-1.5f, -1, 1, 1.5f, 0, 0.5f};
    static const float b[] = {-1.5f,  0.25f, -1.25f, 0.5f,  -1,     0.75f,
                              -0.75f, 1,     -0.5f,  1.25f, -0.25f, 1.5f};
    static const float b_turned[] = {-1.5f,  -1,     -0.5f,  0.25f, 0.75f, 1.25f,
                                     -1.25f, -0.75f, -0.25f, 0.5f,  1,     1.5f};
    static const float row[] = {1, -2, 3, 0.5f}, column[] = {1, -1};
    static const float y[] = {2.625f, -3.8125f, 6.5625f, 1.125f, 1.875f, -3.25f, 6, 1.875f};
    static const float y_turned[] = {2.25f, 1.375f, 2.125f, 1.25f, -1.25f, 0.5f, -1, 0.75f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 2, 3), DCL_DATA(DETCL_F32, b, 3, 4),
                                     DCL_DATA(DETCL_F32, row, 4)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 2, 4)};
    dcl_check_golden(c, "alpha=0.5 beta=2", in, 3, out, 1, 1e-6);
    const struct dcl_operand turned[] = {DCL_DATA(DETCL_F32, a_turned, 3, 2),
                                         DCL_CONST_DATA(DETCL_F32, b_turned, 4, 3),
                                         DCL_DATA(DETCL_F32, column, 2, 1)};
    const struct dcl_operand out2[] = {DCL_DATA(DETCL_F32, y_turned, 2, 4)};
    dcl_check_golden(c, "transA=1 transB=1", turned, 3, out2, 1, 1e-6);
}

static void golden_batched(struct dcl_check *c)
{
    static const float a[] = {-5, 0, 5, -1, 4, -2, 3, -3, 2, -4, 1, -5};
    static const float b[] = {-6, 1, -5, 2, -4, 3, -3, 4, -2, 5, -1, 6};
    static const float y[] = {10, 10, -6, 1, 10, 10, -3, 4, -11, 3, 39, -17, -5, 9, 15, -41};
    static const float vector[] = {1, -2, 3}, matrix[] = {-1.5f, 1, 0, -1, 1.5f, 0.5f};
    static const float matrix_vector[] = {-3.5f, -2.5f}, dot[] = {14};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 2, 1, 2, 3),
                                     DCL_DATA(DETCL_F32, b, 2, 3, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 2, 2, 2, 2)};
    dcl_check_golden(c, "batched=1", in, 2, out, 1, 0);
    const struct dcl_operand in2[] = {DCL_DATA(DETCL_F32, matrix, 2, 3),
                                      DCL_DATA(DETCL_F32, vector, 3)};
    const struct dcl_operand out2[] = {DCL_DATA(DETCL_F32, matrix_vector, 2)};
    dcl_check_golden(c, "batched=1", in2, 2, out2, 1, 0);
    const struct dcl_operand in3[] = {DCL_DATA(DETCL_F32, vector, 3),
                                      DCL_DATA(DETCL_F32, vector, 3)};
    const struct dcl_operand out3[] = {DCL_DATA(DETCL_F32, dot, 1)};
    dcl_check_golden(c, "batched=1", in3, 2, out3, 1, 0);
}

static void refused(struct dcl_check *c)
{
    const struct dcl_operand wrong[] = {DCL_RANDOM(DETCL_F32, 2, 3), DCL_RANDOM(DETCL_F32, 2, 3)};
    const struct dcl_operand cube[] = {DCL_RANDOM(DETCL_F32, 2, 3, 4), DCL_RANDOM(DETCL_F32, 4, 3)};
    const struct dcl_operand bias[] = {DCL_RANDOM(DETCL_F32, 2, 3), DCL_RANDOM(DETCL_F32, 3, 4),
                                       DCL_RANDOM(DETCL_F32, 3)};
    const struct dcl_operand tall[] = {DCL_RANDOM(DETCL_F32, 1, 3), DCL_RANDOM(DETCL_F32, 3, 4),
                                       DCL_RANDOM(DETCL_F32, 2, 4)};
    const struct dcl_operand batches[] = {DCL_RANDOM(DETCL_F32, 2, 2, 3),
                                          DCL_RANDOM(DETCL_F32, 3, 3, 2)};
    const struct dcl_operand whole[] = {DCL_RANDOM(DETCL_I32, 2, 3), DCL_RANDOM(DETCL_I32, 3, 2)};
    dcl_check_refused(c, NULL, wrong, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, cube, 2, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, bias, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, tall, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "batched=1", batches, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, whole, 2, 1, DETCL_ERROR_UNSUPPORTED);
}

void dcl_check_gemm(struct dcl_check *c)
{
    static const int64_t sizes[][3] = {{1, 40, 17},  {3, 33, 5},   {13, 31, 1},   {67, 70, 18},
                                       {12, 32, 16}, {64, 64, 64}, {129, 65, 100}};
    const size_t n_sizes = dcl_check_small(c) ? 4 : sizeof sizes / sizeof *sizes;
    for (size_t i = 0; i < n_sizes; i++) {
        const int64_t m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
        DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, m, k), DCL_RANDOM(DETCL_F32, k, n));
        DCL_CASE(c, "alpha=0.5 beta=-2", 1, DCL_RANDOM(DETCL_F32, m, k),
                 DCL_WEIGHTS(DETCL_F32, k, n), DCL_RANDOM(DETCL_F32, n));
        DCL_CASE(c, "transA=1 beta=0.25", 1, DCL_WEIGHTS(DETCL_F32, k, m),
                 DCL_RANDOM(DETCL_F32, k, n), DCL_RANDOM(DETCL_F32, m, 1));
        DCL_CASE(c, "transB=1", 1, DCL_RANDOM(DETCL_F32, m, k), DCL_WEIGHTS(DETCL_F32, n, k),
                 DCL_RANDOM(DETCL_F32, m, n));
        DCL_CASE(c, "transA=1 transB=1 alpha=2", 1, DCL_RANDOM(DETCL_F32, k, m),
                 DCL_RANDOM(DETCL_F32, n, k), DCL_RANDOM(DETCL_F32, 1));
    }
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 260, 1030), DCL_RANDOM(DETCL_F32, 1030, 250));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 5, 0), DCL_RANDOM(DETCL_F32, 0, 7),
             DCL_RANDOM(DETCL_F32, 7));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 4), DCL_RANDOM(DETCL_F32, 4, 7));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 3, 1, 13, 9),
             DCL_RANDOM(DETCL_F32, 1, 5, 9, 35));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 3, 7, 9), DCL_WEIGHTS(DETCL_F32, 9, 35));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 7, 9), DCL_RANDOM(DETCL_F32, 4, 9, 5));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 9), DCL_RANDOM(DETCL_F32, 4, 9, 5));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 2, 7, 9), DCL_RANDOM(DETCL_F32, 9));
    DCL_CASE(c, "batched=1", 1, DCL_RANDOM(DETCL_F32, 2, 0, 7, 9), DCL_RANDOM(DETCL_F32, 9, 3));
    golden_gemm(c);
    golden_batched(c);
    refused(c);
}
