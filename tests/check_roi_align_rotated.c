#include "check.h"

#include <math.h>

/* A transcription of detectron2's ROIAlignRotated (ROIAlignRotated_cpu.cpp) in Python, in double
 * precision. */
static void detectron2(struct dcl_check *c)
{
    static const float rois[] = {0,     6.5f, 5,    8, 4,  30, 1, 3, 9,
                                 12.5f, 7,    -115, 1, 12, 1,  3, 9, 200};
    static const float two[] = {
        10.4223585f, 8.53774929f, 7.49430084f, 10.256114f,  3.65854025f, 4.84581852f,
        4.99565887f, 10.0552826f, 7.92835093f, 11.0312471f, 11.2725048f, 12.1770554f,
        6.94636488f, 4.01482344f, 1.60387158f, 10.0686712f, 4.96849966f, 0.103935413f,
        8.00016689f, 8.53113651f, 3.53753257f, 10.1987419f, 10.8615847f, 2.84645128f,
        10.6778784f, 9.91326046f, 9.99976158f, 3.7774601f,  3.30761361f, 3.97339582f,
        4.41472101f, 4.24151087f, 5.17672873f, 1.88873005f, 1.65380681f, 2.55451226f};
    static const float adaptive[] = {
        7.90638924f, 3.06736898f, 7.29896688f, 5.53670073f, 6.75014019f, 8.98820972f,
        9.47320271f, 9.86400223f, 5.5170126f,  9.52903748f, 3.70350671f, 7.25664902f,
        9.89664555f, 1.88002658f, 0,           6.17080498f, 1.34861469f, 0,
        5.52358866f, 2.20698071f, 0,           9.38199425f, 4.47457075f, 0,
        0,           0,           0,           0,           0,           0,
        0,           0,           0,           0,           0,           0};
    static const float clockwise[] = {
        9.42648125f,  5.86776257f, 3.28533006f, 10.3770981f, 7.5225749f,  3.7845068f,
        7.97391796f,  11.1625443f, 11.7936039f, 7.01795673f, 11.1340322f, 7.4320507f,
        0.879361749f, 2.8592391f,  7.97893667f, 7.15066481f, 6.81540775f, 9.6967535f,
        2.28137827f,  10.4939098f, 4.49297857f, 8.55614758f, 9.78198242f, 8.89571095f,
        11.8066978f,  10.653945f,  7.07104683f, 5.32033062f, 2.41883826f, 2.10560751f,
        6.97809553f,  5.67008305f, 5.64313793f, 2.66016531f, 1.20941913f, 1.05280375f};
    float x[168];
    for (int i = 0; i < 168; i++)
        x[i] = (float)((i * i * 7 + i * 3) % 19);
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 2, 6, 7),
                                     DCL_DATA(DETCL_F32, rois, 3, 6)};
    const struct {
        const char *attrs;
        const float *y;
    } list[] = {{"pooled_height=2 pooled_width=3 sampling_ratio=2 spatial_scale=0.5", two},
                {"pooled_height=2 pooled_width=3 spatial_scale=0.75", adaptive},
                {"pooled_height=2 pooled_width=3 sampling_ratio=3 spatial_scale=0.5 "
                 "angle=degrees_clockwise",
                 clockwise}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].y, 3, 2, 2, 3)}, 1,
                         2e-6);
}

/* Worked by hand: one sample in the middle of four pixels; the same turned by 90 degrees; images
 * that are not there, values that are not valid, empty RoIs. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3, 4};
    static const float rois[] = {0,  1, 1, 2, 2, 0, 0,   1, 1, 2, 2, 90,       1, 1, 1, 2, 2, 0,
                                 -1, 1, 1, 2, 2, 0, NAN, 1, 1, 2, 2, INFINITY, 0, 1, 1, 0, 2, 0};
    static const float y[] = {1, 2, 3, 4, 3, 1, 4, 2, 0, 0, 0, 0,
                              0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float mean[] = {2.5f, 2.5f, 0, 0, 0, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, rois, 6, 6)};
    dcl_check_golden(c, "pooled_height=2 pooled_width=2", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 6, 1, 2, 2)}, 1, 0);
    dcl_check_golden(c, "pooled_height=1 pooled_width=1", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, mean, 6, 1, 1, 1)}, 1, 0);
}

void dcl_check_roi_align_rotated(struct dcl_check *c)
{
    detectron2(c);
    by_hand(c);
    static const char *const attrs[] = {
        "pooled_height=3 pooled_width=2", "pooled_height=1 pooled_width=7 sampling_ratio=2",
        "pooled_height=2 pooled_width=2 spatial_scale=2 angle=radians_clockwise"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 3, 9, 5, 6),
                 DCL_RANGE(DETCL_F32, -0.5f, 6, 17, 6));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 1, 9, 1),
                 DCL_RANGE(DETCL_F32, 0, 5, 3, 6));
    }
    DCL_CASE(c, "pooled_height=7 pooled_width=7", 1, DCL_RANDOM(DETCL_F32, 2, 19, 20, 30),
             DCL_RANGE(DETCL_F32, 0, 30, 40, 6));
    DCL_CASE(c, attrs[1], 1, DCL_SPECIAL(1, 3, 4, 4), DCL_RANGE(DETCL_F32, 0, 4, 5, 6));
    DCL_CASE(c, attrs[1], 1, DCL_RANDOM(DETCL_F32, 1, 3, 4, 4), DCL_SPECIAL(33, 6));
    DCL_CASE(c, attrs[0], 1, DCL_RANDOM(DETCL_F32, 1, 3, 0, 4), DCL_RANGE(DETCL_F32, 0, 1, 2, 6));
    DCL_CASE(c, attrs[0], 1, DCL_RANDOM(DETCL_F32, 0, 3, 4, 4), DCL_RANGE(DETCL_F32, 0, 1, 2, 6));
    DCL_CASE(c, attrs[0], 1, DCL_RANDOM(DETCL_F32, 1, 3, 4, 4), DCL_RANDOM(DETCL_F32, 0, 6));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 3, 4, 4), DCL_RANDOM(DETCL_F32, 2, 6),
                                     DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, attrs[0], (struct dcl_operand[]){in[0], in[2]}, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "pooled_height=0 pooled_width=2", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "pooled_height=1 pooled_width=1 sampling_ratio=-1", in, 2, 1,
                      DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "pooled_height=1 pooled_width=1 spatial_scale=0", in, 2, 1,
                      DETCL_ERROR_ARGUMENT);
}
