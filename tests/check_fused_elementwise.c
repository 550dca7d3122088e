#include "check.h"

#include "ops/fused_elementwise.h"

#include <math.h>

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define LOAD(operand, first, step)                                                                 \
    {                                                                                              \
        DCL_ELEMENTWISE_LOAD, (operand), (first), (step), 0, 0                                     \
    }
#define NUMBER(value)                                                                              \
    {                                                                                              \
        DCL_ELEMENTWISE_NUMBER, 0, 0, 0, (value), 0                                                \
    }
#define UNARY(kind, alpha, beta)                                                                   \
    {                                                                                              \
        DCL_ELEMENTWISE_UNARY, (kind), 0, 0, (alpha), (beta)                                       \
    }
#define BINARY(function)                                                                           \
    {                                                                                              \
        DCL_ELEMENTWISE_BINARY, (function), 0, 0, 0, 0                                             \
    }
#define STORE(column)                                                                              \
    {                                                                                              \
        DCL_ELEMENTWISE_STORE, (column), 0, 0, 0, 0                                                \
    }
#define PROGRAM(list)                                                                              \
    DCL_CONST_DATA(DETCL_I32, (list), (int64_t)(sizeof(list) / sizeof *(list)),                    \
                   DCL_ELEMENTWISE_WORDS)

/* x1 and x2 of a box from its centre and size along one axis: c -+ exp(s * 0.2) * p / 2. */
#define SIDE(sign, column)                                                                         \
    LOAD(1, 0, 2), LOAD(1, 1, 2), NUMBER(0.2f), BINARY(DCL_MUL), UNARY(DCL_ELEMENTWISE_EXP, 0, 0), \
        LOAD(2, 0, 1), BINARY(DCL_MUL), NUMBER(2), BINARY(DCL_DIV), BINARY(sign), STORE(column)
static const struct dcl_elementwise box[] = {SIDE(DCL_SUB, 0), SIDE(DCL_ADD, 1)};

/* max and min of a row vector's elements and a column; columns out of order, one of them twice. */
static const struct dcl_elementwise mixed[] = {LOAD(1, 1, 3),
                                               LOAD(2, 0, 0),
                                               BINARY(DCL_MAX),
                                               STORE(2),
                                               LOAD(1, 2, 3),
                                               LOAD(2, 1, 0),
                                               BINARY(DCL_MIN),
                                               STORE(1),
                                               LOAD(3, 0, 1),
                                               UNARY(DCL_ACT_CLIP, -0.25f, 0.5f),
                                               STORE(0),
                                               LOAD(3, 0, 1),
                                               UNARY(DCL_ACT_SIGMOID, 0, 0),
                                               STORE(0)};

/* By hand: sizes of 0 leave the prior's, and relu(-1) - 3 is -3. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {1, 0, -2, 0, 0.5f, 0}, priors[] = {4, 1, 2};
    static const float boxes[] = {-1, 3, -2.5f, -1.5f, -0.5f, 1.5f};
    static const struct dcl_elementwise relu[] = {LOAD(1, 0, 1), UNARY(DCL_ACT_RELU, 0, 0),
                                                  NUMBER(3), BINARY(DCL_SUB), STORE(0)};
    static const float line[] = {-1, 5, 2}, left[] = {-3, 2, -1};
    const struct dcl_operand in[] = {PROGRAM(box), DCL_DATA(DETCL_F32, x, 3, 2),
                                     DCL_DATA(DETCL_F32, priors, 3, 1)};
    const struct dcl_operand out = DCL_DATA(DETCL_F32, boxes, 1, 3, 2);
    dcl_check_golden(c, "shape=1,3,2", in, 3, &out, 1, 0);
    const struct dcl_operand in2[] = {PROGRAM(relu), DCL_DATA(DETCL_F32, line, 3)};
    const struct dcl_operand out2 = DCL_DATA(DETCL_F32, left, 3, 1);
    dcl_check_golden(c, "shape=3,1", in2, 2, &out2, 1, 0);
}

static void refused(struct dcl_check *c)
{
    static const struct dcl_elementwise past_end[] = {LOAD(1, 1, 3), STORE(0)},
                                        absent[] = {LOAD(2, 0, 0), STORE(0)},
                                        empty_stack[] = {LOAD(1, 0, 0), BINARY(DCL_ADD), STORE(0)},
                                        unknown[] = {LOAD(1, 0, 0), BINARY(DCL_POW), STORE(0)},
                                        left_over[] = {LOAD(1, 0, 0), NUMBER(1), STORE(0)},
                                        no_column[] = {LOAD(1, 0, 0), STORE(1)},
                                        too_deep[] = {NUMBER(1), NUMBER(1), NUMBER(1), NUMBER(1),
                                                      NUMBER(1), NUMBER(1), NUMBER(1)};
    const struct dcl_operand list[] = {PROGRAM(past_end), PROGRAM(absent),    PROGRAM(empty_stack),
                                       PROGRAM(unknown),  PROGRAM(left_over), PROGRAM(no_column),
                                       PROGRAM(too_deep)};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand in[] = {list[i], X(3)};
        dcl_check_refused(c, "shape=2,1", in, 2, 1, DETCL_ERROR_ARGUMENT);
    }
    const struct dcl_operand wide[] = {PROGRAM(no_column), X(3)};
    dcl_check_refused(c, "shape=2,9", wide, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "shape=2,2", wide, 2, 1, DETCL_ERROR_ARGUMENT);
}

void dcl_check_fused_elementwise(struct dcl_check *c)
{
    golden(c);
    refused(c);
    DCL_CASE(c, "shape=1,777,2", 1, PROGRAM(box), X(777, 2), X(777));
    DCL_CASE(c, "shape=5,2", 1, PROGRAM(box), X(5, 2), X(5));
    DCL_CASE(c, "shape=64,2", 1, PROGRAM(box), DCL_SPECIAL(64, 2), DCL_SPECIAL(64));
    DCL_CASE(c, "shape=2,83,3", 1, PROGRAM(mixed), X(2, 83, 3), X(2), X(166));
    DCL_CASE(c, "shape=1,3", 1, PROGRAM(mixed), X(3), X(2), X(1));
    DCL_CASE(c, "shape=0,3", 1, PROGRAM(mixed), X(0, 3), X(2), X(0));
}
