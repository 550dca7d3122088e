#include "check.h"

#include <math.h>

/* tf.image.crop_and_resize's documented formula, transcribed in numpy. */
static void tensorflow(struct dcl_check *c)
{
    static const float x[] = {0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22,
                              6,  13, 20, 4,  11, 18, 2,  9,  16, 0,  7,  14, 21, 5,
                              12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20};
    static const float boxes[] = {0,     0,           1,           1,           0.125f,
                                  0.25f, 0.75f,       0.875f,      0.89999998f, 0.1f,
                                  0.2f,  0.60000002f, -0.25f,      0.5f,        0.5f,
                                  1.25f, 0.30000001f, 0.30000001f, 0.30000001f, 0.30000001f};
    static const float bilinear[] = {0,          14,         5,          13,         4,
                                     18,         14.5f,      10.3125f,   9,          14,
                                     11.96875f,  8.5f,       12.240001f, 12.099998f, 9.1999998f,
                                     12.760001f, 13.999998f, 8.8000002f, -7,         12,
                                     11,         -7,         -7,         -7,         17.059999f,
                                     17.059999f, 17.059999f, 17.059999f, 17.059999f, 17.059999f};
    static const float nearest[] = {0, 14, 5, 13, 4,  18, 21, 5,  12, 22, 6,  13, 5,  14, 7,
                                    6, 15, 8, -7, 10, 17, -7, -7, -7, 21, 21, 21, 21, 21, 21};
    static const float middle[] = {9, 13.296875f, 5.000001f, 14, 17.059999f};
    static const int32_t batch[] = {0, 1, 0, 1, 1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 1, 4, 5),
                                     DCL_DATA(DETCL_F32, boxes, 5, 4),
                                     DCL_DATA(DETCL_I32, batch, 5)};
    dcl_check_golden(c, "output_height=2 output_width=3 extrapolation_value=-7", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, bilinear, 5, 1, 2, 3)}, 1, 1e-5);
    dcl_check_golden(c, "output_height=2 output_width=3 extrapolation_value=-7 method=nearest", in,
                     3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, nearest, 5, 1, 2, 3)}, 1, 0);
    dcl_check_golden(c, "output_height=1 output_width=1 extrapolation_value=-7", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, middle, 5, 1, 1, 1)}, 1, 1e-5);
}

/* By hand: NaN and infinity are outside; no such image and past the count are 0; halves round up.
 */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3, 4};
    static const float boxes[] = {NAN, 0, 1, 1, 0, 0, INFINITY, 1, 0, 0,
                                  1,   1, 0, 0, 1, 1, 0,        0, 1, 1};
    static const int64_t batch[] = {0, 0, 0, 1, 0};
    static const int32_t four = 4;
    static const float y[] = {-1, -1, 4, 0, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, boxes, 5, 4),
                                     DCL_DATA(DETCL_I64, batch, 5), DCL_DATA(DETCL_I32, &four, 1)};
    dcl_check_golden(c, "output_height=1 output_width=1 method=nearest extrapolation_value=-1", in,
                     4, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 5, 1, 1, 1)}, 1, 0);
}

void dcl_check_crop_and_resize(struct dcl_check *c)
{
    tensorflow(c);
    by_hand(c);
    static const char *const attrs[] = {
        "output_height=3 output_width=7",
        "output_height=1 output_width=5 method=nearest extrapolation_value=2"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 6, 7),
                 DCL_RANGE(DETCL_F32, -0.2f, 1.2f, 7, 4), DCL_RANGE(DETCL_I32, -1, 3, 7));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 17, 9, 11),
                 DCL_RANGE(DETCL_F32, 0, 1, 33, 4), DCL_RANGE(DETCL_I64, 0, 2, 33));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(1, 3, 5, 4), DCL_SPECIAL(9, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 1, 2, 1, 1),
                 DCL_RANGE(DETCL_F32, 0, 1, 3, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 0, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 4, 4), DCL_RANDOM(DETCL_F32, 0, 4));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 2, 3, 3), DCL_RANDOM(DETCL_F32, 2, 4),
                                     DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "output_height=0 output_width=1", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "output_height=1 output_width=1", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "output_height=1 output_width=1 method=cubic", in, 2, 1,
                      DETCL_ERROR_UNSUPPORTED);
}
