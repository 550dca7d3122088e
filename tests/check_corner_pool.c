#include "check.h"

#include <math.h>
#include <stdio.h>

static const char *const kinds[] = {"top", "bottom", "left", "right"};

/* torch 1.13: cummax, of the flipped map for top and left. */
static void torch(struct dcl_check *c)
{
    static const float x[] = {0.52f, 1.44f,  -1.8f,  -1.26f, -0.91f, -4.83f,
                              1.32f, -0.08f, -0.17f, 0.18f,  0.52f,  4.66f};
    static const float top[] = {0.52f, 1.44f, 1.32f,  4.66f, -0.17f, 0.18f,
                                1.32f, 4.66f, -0.17f, 0.18f, 0.52f,  4.66f};
    static const float bottom[] = {0.52f, 1.44f,  -1.8f, -1.26f, 0.52f, 1.44f,
                                   1.32f, -0.08f, 0.52f, 1.44f,  1.32f, 4.66f};
    static const float left[] = {1.44f, 1.44f,  -1.26f, -1.26f, 1.32f, 1.32f,
                                 1.32f, -0.08f, 4.66f,  4.66f,  4.66f, 4.66f};
    static const float right[] = {0.52f, 1.44f, 1.44f,  1.44f, -0.91f, -0.91f,
                                  1.32f, 1.32f, -0.17f, 0.18f, 0.52f,  4.66f};
    const float *const expected[] = {top, bottom, left, right};
    char attrs[32];
    for (int i = 0; i < 4; i++) {
        snprintf(attrs, sizeof attrs, "kind=%s", kinds[i]);
        dcl_check_golden(c, attrs, (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 1, 3, 4)}, 1,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, expected[i], 1, 1, 3, 4)}, 1,
                         0);
    }
}

void dcl_check_corner_pool(struct dcl_check *c)
{
    torch(c);
    static const float x[] = {1, NAN, 3}, y[] = {1, NAN, NAN};
    dcl_check_golden(c, "kind=right", (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 1, 1, 3)}, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 1, 1, 1, 3)}, 1, 0);
    char attrs[32];
    for (int i = 0; i < 4; i++) {
        snprintf(attrs, sizeof attrs, "kind=%s", kinds[i]);
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 2, 3, 37, 71));
        DCL_CASE(c, attrs, 1, DCL_SPECIAL(2, 3, 7, 9));
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 2, 3, 0, 5));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 5, 7)};
    dcl_check_refused(c, "kind=top", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
