#include "check.h"

#include <math.h>

/* numpy 1.24: np.argsort(-x, kind="stable") puts NaN last, as does np.argsort(x, kind="stable"). */
static void golden(struct dcl_check *c)
{
    static const float x[] = {0.5f, NAN, -0.0f, 3, 0, -INFINITY, 0.5f, INFINITY};
    static const float down[] = {INFINITY, 3, 0.5f, 0.5f, -0.0f, 0, -INFINITY, NAN};
    static const int32_t down_at[] = {7, 3, 0, 6, 2, 4, 5, 1};
    static const float up[] = {-INFINITY, -0.0f, 0, 0.5f, 0.5f, 3, INFINITY, NAN};
    static const int32_t up_at[] = {5, 2, 4, 0, 6, 3, 7, 1};
    static const int32_t count[] = {4, 0};
    static const float few[16] = {3, 0.5f, -0.0f, NAN};
    static const int32_t few_at[16] = {3, 0, 2, 1};
    static float twice[16];
    for (int i = 0; i < 16; i++)
        twice[i] = x[i % 8];
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 8)};
    const struct dcl_operand rows[] = {DCL_DATA(DETCL_F32, twice, 2, 8),
                                       DCL_DATA(DETCL_I32, count, 2)};
    dcl_check_golden(
        c, NULL, in, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, down, 8), DCL_DATA(DETCL_I32, down_at, 8)}, 2,
        0);
    dcl_check_golden(
        c, "descending=0", in, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, up, 8), DCL_DATA(DETCL_I32, up_at, 8)}, 2, 0);
    dcl_check_golden(
        c, NULL, rows, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, few, 16), DCL_DATA(DETCL_I32, few_at, 16)}, 2,
        0);
}

void dcl_check_sort(struct dcl_check *c)
{
    golden(c);
    static const char *const attrs[] = {"descending=1", "descending=0"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 2, DCL_RANDOM(DETCL_F32, 1));
        DCL_CASE(c, attrs[i], 2, DCL_SPECIAL(3, 5, 37));
        DCL_CASE(c, attrs[i], 2, DCL_SPECIAL(2, 1024));
        DCL_CASE(c, attrs[i], 2, DCL_SPECIAL(2, 1025));
        DCL_CASE(c, attrs[i], 2, DCL_SPECIAL(1, dcl_check_small(c) ? 2050 : 6007));
        DCL_CASE(c, attrs[i], 2, DCL_RANDOM(DETCL_F32, 100003));
        DCL_CASE(c, attrs[i], 2, DCL_RANDOM(DETCL_F32, 3, 0));
        DCL_CASE(c, attrs[i], 2, DCL_RANDOM(DETCL_F32, 0, 3));
    }
    /* Counts of all kinds: none, one, a tile, between tiles, all, more than there are. */
    static const int32_t counts[] = {0, 1, 2, 1024, 1025, 2048, 2049, 4999, 5000, 5001, -1};
    if (!dcl_check_small(c))
        DCL_CASE(c, NULL, 2, DCL_SPECIAL(11, 5000), DCL_DATA(DETCL_I32, counts, 11));
    DCL_CASE(c, NULL, 2, DCL_SPECIAL(5, 1100), DCL_DATA(DETCL_I32, counts, 5));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 8), DCL_RANDOM(DETCL_I32, 2)};
    dcl_check_refused(c, NULL, in, 2, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_ARGUMENT);
}
