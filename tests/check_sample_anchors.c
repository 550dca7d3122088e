#include "check.h"

#include <math.h>

/* Mining: torchvision 0.14's SSD.compute_loss (what is ignored taken out there as positives are).
 * Sampling: the rule transcribed to Python, with its integers. */
static void golden(struct dcl_check *c)
{
    static const int32_t matches[] = {-1, 3,  -1, -2, -1, 0,  -1, -1, -1, -1, -1, -1,
                                      -1, -1, -2, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                      2,  -1, -1, 1,  0,  -1, -1, 4,  5,  -1, -1, -2};
    static const float losses[] = {3.5f,   2.125f, 1.5f,   3.75f,  3.125f, 3,      0.375f, 2.625f,
                                   1.375f, 4.25f,  0.5f,   2.5f,   0,      2.875f, 4,      1.25f,
                                   3.625f, 1.875f, 4.375f, 3.875f, 2.75f,  1.625f, 1,      1.125f,
                                   2.25f,  0.75f,  0.125f, 3.25f,  0.25f,  3.375f, 4.125f, 2,
                                   1.75f,  0.875f, 0.625f, 2.375f};
    static const int32_t mined_3[] = {-1, 3,  -1, -2, -1, 0,  -2, -1, -2, -1, -2, -1,
                                      -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2,
                                      2,  -1, -1, 1,  0,  -1, -1, 4,  5,  -1, -1, -2};
    static const int32_t mined_1[] = {-1, 3,  -2, -2, -2, 0,  -2, -2, -2, -1, -2, -2,
                                      -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2,
                                      2,  -1, -2, 1,  0,  -1, -1, 4,  5,  -1, -1, -2};
    static const int32_t sampled[] = {-1, 3,  -2, -2, -1, 0,  -2, -2, -1, -2, -2, -1,
                                      -1, -1, -2, -1, -2, -1, -1, -2, -2, -2, -1, -2,
                                      -2, -1, -1, -2, -2, -2, -1, 4,  5,  -2, -1, -2};
    static const int32_t indices[] = {1, 5, 11, 8, 0, 4, 6, 3, 10, 1, 5, 0, 7, 8, 6, 1, 10, 2};
    static const int32_t counts[] = {2, 4, 0, 6, 2, 4};
    static const int32_t seed[] = {-7};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, matches, 3, 12),
                                     DCL_DATA(DETCL_F32, losses, 3, 12)};
    const struct dcl_operand absent = DCL_ABSENT;
    dcl_check_golden(c, "mining=1", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, mined_3, 3, 12), absent, absent}, 3,
                     0);
    dcl_check_golden(c, "mining=1 ratio=1", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, mined_1, 3, 12), absent, absent}, 3,
                     0);
    dcl_check_golden(c, "batch_size=6 max_positives=2",
                     (struct dcl_operand[]){in[0], absent, DCL_DATA(DETCL_I32, seed, 1)}, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, sampled, 3, 12),
                                            DCL_DATA(DETCL_I32, indices, 3, 6),
                                            DCL_DATA(DETCL_I32, counts, 3, 2)},
                     3, 0);
}

/* Equal losses by index, infinities in order, NaN never; negatives without a positive only on
 * request. */
static void by_hand(struct dcl_check *c)
{
    static const int32_t matches[] = {-1, -1, 4, -1, -1, -1, -2, -1, -1, -1, -1, -1, -1, -5};
    static const float losses[] = {1, NAN, NAN,   1,   -INFINITY, 1,        INFINITY,
                                   0, 2,   -0.0f, NAN, 1,         INFINITY, 9};
    static const int32_t samples[] = {-1, -2, 4, -1, -2, -2, -2, -2, -1, -2, -2, -2, -1, -2};
    static const int32_t indices[] = {2, 0, 3, -1, -1, -1, -1, 5, 1, -1, -1, -1, -1, -1};
    static const int32_t counts[] = {1, 2, 0, 2};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, matches, 2, 7),
                                     DCL_DATA(DETCL_F32, losses, 2, 7)};
    dcl_check_golden(c, "mining=1 ratio=1 min_negatives=2", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, samples, 2, 7),
                                            DCL_DATA(DETCL_I32, indices, 2, 7),
                                            DCL_DATA(DETCL_I32, counts, 2, 2)},
                     3, 0);
}

void dcl_check_sample_anchors(struct dcl_check *c)
{
    golden(c);
    by_hand(c);
    static const int64_t anchors[] = {37, 700, 0, 1, 20011};
    const struct dcl_operand absent = DCL_ABSENT, seed = DCL_RANDOM(DETCL_I32, 1);
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
        const int64_t n = anchors[i];
        const struct dcl_operand few = DCL_RANGE(DETCL_I32, -9, 2, 2, n);
        const struct dcl_operand many = DCL_RANGE(DETCL_I32, -2, 9, 2, n);
        const struct dcl_operand all = DCL_RANGE(DETCL_I32, -1, 9, 2, n);
        DCL_CASE(c, "mining=1 ratio=2", 3, many, DCL_SPECIAL(2, n));
        DCL_CASE(c, "mining=1 ratio=2000000000", 3, few, DCL_RANDOM(DETCL_F32, 2, n));
        DCL_CASE(c, "mining=1 ratio=0 min_negatives=5", 1, few, DCL_SPECIAL(2, n));
        DCL_CASE(c, "batch_size=64", 3, few, absent, seed);
        DCL_CASE(c, "batch_size=512 max_positives=128", 3, all);
        DCL_CASE(c, "batch_size=9 max_positives=9", 3, many, absent, seed);
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_I32, 2, 9), DCL_RANDOM(DETCL_F32, 2, 8),
                                     DCL_RANDOM(DETCL_I32, 2), DCL_RANDOM(DETCL_F32, 2, 9)};
    dcl_check_refused(c, "mining=1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "mining=1", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[3]}, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], absent, in[2]}, 3, 1,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "batch_size=4 max_positives=5", in, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "mining=1 ratio=-1", (struct dcl_operand[]){in[0], in[3]}, 2, 1,
                      DETCL_ERROR_ARGUMENT);
}
