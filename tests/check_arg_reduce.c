#include "check.h"

#include <math.h>

/* numpy.argmax and argmin of the rows below; the last of equals where asked. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {1, 5, 5, 2, NAN, 7, NAN, 0, -1, -1, -1, -1};
    static const int64_t first_max[] = {1, 0, 0}, last_max[] = {2, 2, 3}, first_min[] = {0, 0, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 3, 4)};
    const struct dcl_operand a[] = {DCL_DATA(DETCL_I64, first_max, 3, 1)};
    const struct dcl_operand b[] = {DCL_DATA(DETCL_I64, last_max, 3, 1)};
    const struct dcl_operand d[] = {DCL_DATA(DETCL_I64, first_min, 3)};
    dcl_check_golden(c, "kind=max axis=1", in, 1, a, 1, 0);
    dcl_check_golden(c, "kind=max axis=-1 select_last_index=1", in, 1, b, 1, 0);
    dcl_check_golden(c, "kind=min axis=1 keepdims=0", in, 1, d, 1, 0);
}

void dcl_check_arg_reduce(struct dcl_check *c)
{
    static const char *const list[] = {"kind=max axis=1", "kind=min axis=1",
                                       "kind=max axis=-1 select_last_index=1 keepdims=0",
                                       "kind=min axis=0 select_last_index=1"};
    for (int i = 0; i < 4; i++) {
        DCL_CASE(c, list[i], 1, DCL_SPECIAL(5, 13, 7));
        DCL_CASE(c, list[i], 1, DCL_RANGE(DETCL_I32, -3, 3, 3, 9, 4));
        DCL_CASE(c, list[i], 1, DCL_RANGE(DETCL_I64, -3, 3, 3, 9, 4));
        DCL_CASE(c, list[i], 1, DCL_RANDOM(DETCL_U8, 2, 33));
    }
    golden(c);
    const struct dcl_operand empty[] = {DCL_RANDOM(DETCL_F32, 2, 0)};
    dcl_check_refused(c, "kind=max axis=1", empty, 1, 1, DETCL_ERROR_MODEL);
}
