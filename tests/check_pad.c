#include "check.h"

#include <stdio.h>

/* Expected values: NumPy pad. */
static void golden_constant(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6};
    static const int64_t k[] = {0, 2, 1, 0};
    static const float b[] = {9};
    static const float y0[] = {9, 9, 1, 2, 3, 9, 9, 4, 5, 6, 9, 9, 9, 9, 9};
    static const float y1[] = {-1, -1, -1, -1, 1, 2, 3, -1, 4, 5, 6, -1};
    {
        const struct dcl_operand in[] = {
            DCL_DATA(DETCL_F32, x0, 2, 3),
            DCL_CONST_DATA(DETCL_I64, k, 4),
            {.desc = {.dtype = DETCL_F32}, .fill = DCL_FILL_DATA, .data = b}};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y0, 3, 5)};
        dcl_check_golden(c, NULL, in, 3, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y1, 3, 4)};
        dcl_check_golden(c, "pads=1,0,0,1 value=-1", in, 1, out, 1, 0);
    }
}

static void golden_modes(struct dcl_check *c)
{
    static const float x0[] = {1, 2, 3, 4, 5, 6};
    static const int64_t k1[] = {1, 2, 1, 2};
    static const float y2[] = {6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1,
                               6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1};
    static const float y3[] = {1, 1, 1, 2, 3, 3, 3, 1, 1, 1, 2, 3, 3, 3,
                               4, 4, 4, 5, 6, 6, 6, 4, 4, 4, 5, 6, 6, 6};
    static const float y4[] = {5, 6, 4, 5, 6, 4, 5, 2, 3, 1, 2, 3, 1, 2,
                               5, 6, 4, 5, 6, 4, 5, 2, 3, 1, 2, 3, 1, 2};
    static const float y5[] = {2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3,
                               5, 4, 5, 6, 5, 4, 5, 6, 5, 4, 5, 6};
    static const float y6[] = {0, 4, 5};
    static const int64_t x1[] = {1, 2, 3, 4, 5, 6};
    static const int64_t k2[] = {1, 1};
    static const int64_t k3[] = {-1};
    static const int64_t y7[] = {0, 1, 2, 3, 0, 0, 4, 5, 6, 0};
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y2, 4, 7)};
        dcl_check_golden(c, "mode=reflect", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y3, 4, 7)};
        dcl_check_golden(c, "mode=edge", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k1, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y4, 4, 7)};
        dcl_check_golden(c, "mode=wrap", in, 2, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y5, 2, 12)};
        dcl_check_golden(c, "mode=reflect pads=0,5,0,4", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x0, 2, 3)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y6, 1, 3)};
        dcl_check_golden(c, "pads=-1,1,0,-1", in, 1, out, 1, 0);
    }
    {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, x1, 2, 3),
                                         DCL_CONST_DATA(DETCL_I64, k2, 2), DCL_ABSENT,
                                         DCL_CONST_DATA(DETCL_I64, k3, 1)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y7, 2, 5)};
        dcl_check_golden(c, NULL, in, 4, out, 1, 0);
    }
}

void dcl_check_pad(struct dcl_check *c)
{
    golden_constant(c);
    golden_modes(c);
    static const enum detcl_dtype types[] = {DETCL_F32, DETCL_I32, DETCL_I64, DETCL_U8, DETCL_BOOL};
    static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
    static const int64_t amounts[] = {1, 0, 3, 0, 2, 5};
    char attrs[80];
    for (int i = 0; i < 5; i++)
        DCL_CASE(c, NULL, 1, DCL_RANDOM(types[i], 3, 4, 17), DCL_CONST_DATA(DETCL_I64, amounts, 6),
                 DCL_RANDOM(types[i], 1));
    for (int i = 0; i < 4; i++) {
        snprintf(attrs, sizeof attrs, "mode=%s pads=1,0,2,3,0,0,1,2", modes[i]);
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 1, 19, 5, 7));
        snprintf(attrs, sizeof attrs, "mode=%s pads=0,1,0,0,0,2,0,0", modes[i]);
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 1, 19, 5, 7));
        snprintf(attrs, sizeof attrs, "mode=%s pads=9,9", modes[i]);
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 1));
    }
    DCL_CASE(c, "pads=0,0,-1,1,0,0,0,-3 value=0.5", 1, DCL_RANDOM(DETCL_F32, 1, 19, 5, 7));
    DCL_CASE(c, "pads=2,1", 1, DCL_RANDOM(DETCL_F32, 0));
    DCL_CASE(c, "", 1, {.desc = {.dtype = DETCL_F32}});
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, "pads=1,1", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "pads=-1,0,-2,0", in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "mode=edge pads=0,0,-1,0", in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand empty[] = {DCL_RANDOM(DETCL_F32, 0)};
    dcl_check_refused(c, "mode=wrap pads=1,0", empty, 1, 1, DETCL_ERROR_MODEL);
}
