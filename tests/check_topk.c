#include "check.h"

#include <math.h>

/* numpy 2.4: a stable argsort of the negated row, first K. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {1, 5, -2, 5, 0, 3, 5, -7, 4, 1, 1, 1};
    static const int64_t three[] = {3}, two[] = {2};
    static const float largest[] = {5, 5, 3, 5, 4, 1};
    static const int64_t largest_at[] = {1, 3, 5, 0, 2, 3};
    static const float smallest[] = {-2, 0, 1, -7, 1, 1};
    static const int64_t smallest_at[] = {2, 4, 0, 1, 3, 4};
    static const float down[] = {5, 5, 4, 5, 1, 3, 1, -7, -2, 1, 0, 1};
    static const int64_t down_at[] = {1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 6),
                                     DCL_CONST_DATA(DETCL_I64, three, 1)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, largest, 2, 3),
                                      DCL_DATA(DETCL_I64, largest_at, 2, 3)};
    dcl_check_golden(c, NULL, in, 2, out, 2, 0);
    dcl_check_golden(c, "k=3 sorted=0", in, 1, out, 2, 0);
    const struct dcl_operand out2[] = {DCL_DATA(DETCL_F32, smallest, 2, 3),
                                       DCL_DATA(DETCL_I64, smallest_at, 2, 3)};
    dcl_check_golden(c, "largest=0", in, 2, out2, 2, 0);
    const struct dcl_operand by_column[] = {DCL_DATA(DETCL_F32, x, 2, 6),
                                            DCL_CONST_DATA(DETCL_I64, two, 1)};
    const struct dcl_operand out3[] = {DCL_DATA(DETCL_F32, down, 2, 6),
                                       DCL_DATA(DETCL_I64, down_at, 2, 6)};
    dcl_check_golden(c, "axis=0", by_column, 2, out3, 2, 0);
}

/* NaN is the largest, zeros of both signs are equal: torch 2's order of NaN, ties by index. */
static void golden_special(struct dcl_check *c)
{
    static const float x[] = {-0.0f, NAN, INFINITY, 0, -INFINITY, NAN};
    static const int64_t down[] = {1, 5, 2, 0, 3, 4}, up[] = {4, 0, 3, 2, 1, 5};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 6)};
    const struct dcl_operand out[] = {DCL_ABSENT, DCL_DATA(DETCL_I64, down, 6)};
    const struct dcl_operand out2[] = {DCL_ABSENT, DCL_DATA(DETCL_I64, up, 6)};
    dcl_check_golden(c, "k=6", in, 1, out, 2, 0);
    dcl_check_golden(c, "k=6 largest=0", in, 1, out2, 2, 0);
}

/* Worked by hand: the best lie a multiple apart, where a sample of a long row would look alone. */
static void sampled(struct dcl_check *c)
{
    static float x[8192], values[200];
    static int64_t at[200];
    for (int i = 0; i < 8192; i++)
        x[i] = (float)(i % 8 ? -i : i);
    for (int i = 0; i < 200; i++) {
        at[i] = 8184 - 8 * i;
        values[i] = x[at[i]];
    }
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 8192)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, values, 200),
                                      DCL_DATA(DETCL_I64, at, 200)};
    dcl_check_golden(c, "k=200", in, 1, out, 2, 0);
}

void dcl_check_topk(struct dcl_check *c)
{
    static const char *const some[] = {"k=1", "k=7", "k=7 largest=0", "k=37"};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        DCL_CASE(c, some[i], 2, DCL_RANDOM(DETCL_F32, 3, 37));
        DCL_CASE(c, some[i], 2, DCL_SPECIAL(2, 1100));
        DCL_CASE(c, some[i], 2, DCL_RANGE(DETCL_I32, -5, 5, 2, 3, 100));
        DCL_CASE(c, some[i], 2, DCL_RANGE(DETCL_I64, -50, 50, 1, 1400));
        DCL_CASE(c, some[i], 2, DCL_RANDOM(DETCL_U8, 2, 64));
    }
    DCL_CASE(c, "k=5 axis=1", 2, DCL_RANGE(DETCL_I32, 0, 9, 2, 30, 7));
    DCL_CASE(c, "k=300 axis=0", 2, DCL_SPECIAL(1300, 3));
    DCL_CASE(c, "k=1 axis=0", 2, DCL_RANGE(DETCL_I32, 0, 3, 5, 1));
    DCL_CASE(c, "k=0", 2, DCL_RANDOM(DETCL_F32, 3, 5));
    DCL_CASE(c, "k=2", 2, DCL_RANDOM(DETCL_F32, 0, 5));
    DCL_CASE(c, "k=100", 2, DCL_RANGE(DETCL_I32, -20000, 20000, 70001));
    DCL_CASE(c, "k=70001 largest=0", 2, DCL_RANGE(DETCL_F32, -1, 1, 70001));
    DCL_CASE(c, "k=300", 1, DCL_RANDOM(DETCL_F32, 1, 8400));
    DCL_CASE(c, "k=100", 2, DCL_RANDOM(DETCL_F32, 2, 20011));
    DCL_CASE(c, "k=300 largest=0", 2, DCL_SPECIAL(1, 10007));
    golden(c);
    sampled(c);
    golden_special(c);
    static const int64_t seven[] = {7};
    const struct dcl_operand many[] = {DCL_RANDOM(DETCL_F32, 2, 6),
                                       DCL_CONST_DATA(DETCL_I64, seven, 1)};
    const struct dcl_operand unknown[] = {DCL_RANDOM(DETCL_F32, 2, 9),
                                          DCL_DATA(DETCL_I64, seven, 1)};
    const struct dcl_operand boolean[] = {DCL_RANDOM(DETCL_BOOL, 2, 9)};
    dcl_check_refused(c, NULL, many, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, many, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axis=2 k=1", many, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, unknown, 2, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "k=1", boolean, 1, 2, DETCL_ERROR_UNSUPPORTED);
}
