#include "check.h"

void dcl_check_copy(struct dcl_check *c)
{
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(3, 5, 7));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I64, 17));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I32, 2, 9));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_U8, 31));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 1, 1, 3));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 4));
}
