#include "check.h"

#include <math.h>
#include <stdio.h>

static const char *const kinds[] = {"sum", "mean", "max",     "min",         "prod",
                                    "l1",  "l2",   "log_sum", "log_sum_exp", "sum_square"};

/* NumPy's results over axis 1 of [[1, 2, 3], [4, 5, 6]]. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3, 4, 5, 6};
    static const float y[][2] = {{6, 15},
                                 {2, 5},
                                 {3, 6},
                                 {1, 4},
                                 {6, 120},
                                 {6, 15},
                                 {3.74165739f, 8.77496439f},
                                 {1.79175947f, 2.70805020f},
                                 {3.40760596f, 6.40760596f},
                                 {14, 77}};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 3)};
    for (int k = 0; k < 10; k++) {
        char attrs[64];
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y[k], 2)};
        snprintf(attrs, sizeof attrs, "kind=%s axes=1 keepdims=0", kinds[k]);
        dcl_check_golden(c, attrs, in, 1, out, 1, 1e-6);
    }
}

void dcl_check_reduce(struct dcl_check *c)
{
    char attrs[64];
    for (int k = 0; k < 10; k++) {
        snprintf(attrs, sizeof attrs, "kind=%s axes=1", kinds[k]);
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_F32, 0.5f, 1.5f, 3, 17, 5));
        snprintf(attrs, sizeof attrs, "kind=%s axes=0,-1 keepdims=0", kinds[k]);
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_F32, 0.8f, 1.1f, 5, 2, 3, 31));
        snprintf(attrs, sizeof attrs, "kind=%s", kinds[k]);
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_F32, 0.9f, 1.1f, 211));
    }
    static const char *const integer[] = {"sum", "mean", "max", "min", "prod", "l1", "sum_square"};
    for (int k = 0; k < 7; k++) {
        snprintf(attrs, sizeof attrs, "kind=%s axes=-2", integer[k]);
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_I32, -4, 5, 3, 6, 7));
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_I64, -4, 5, 3, 6, 7));
    }
    DCL_CASE(c, "kind=max axes=1", 1, DCL_RANDOM(DETCL_U8, 5, 9));
    DCL_CASE(c, "kind=max axes=1", 1, DCL_SPECIAL(40, 3));
    DCL_CASE(c, "kind=min axes=1", 1, DCL_SPECIAL(40, 3));
    DCL_CASE(c, "kind=sum noop_with_empty_axes=1", 1, DCL_RANDOM(DETCL_F32, 4, 5));
    DCL_CASE(c, "kind=sum axes=1", 1, DCL_RANDOM(DETCL_F32, 3, 0, 2));
    DCL_CASE(c, "kind=sum axes=0", 1, DCL_RANDOM(DETCL_F32, 3, 0, 2));
    golden(c);
    const struct dcl_operand x[] = {DCL_RANDOM(DETCL_F32, 2, 3)};
    dcl_check_refused(c, "kind=sum axes=2", x, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=sum axes=1,-1", x, 1, 1, DETCL_ERROR_MODEL);
}
