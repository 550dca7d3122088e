#include "check.h"

void dcl_check_reorder(struct dcl_check *c)
{
    static const char *const forms[] = {"to=blocked", "to=dense"};
    for (int i = 0; i < 2; i++) {
        DCL_CASE(c, forms[i], 1, DCL_SPECIAL(1, 16, 4, 4));
        DCL_CASE(c, forms[i], 1, DCL_SPECIAL(2, 35, 3, 5));
        DCL_CASE(c, forms[i], 1, DCL_SPECIAL(1, 1, 7, 1));
        DCL_CASE(c, forms[i], 1, DCL_SPECIAL(0, 16, 4, 4));
        DCL_CASE(c, forms[i], 1, DCL_RANDOM(DETCL_F32, 2, 64, 40, 40));
    }
    const struct dcl_operand flat[] = {DCL_RANDOM(DETCL_F32, 4, 4)};
    dcl_check_refused(c, "to=dense", flat, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
