#include "check.h"

#include <math.h>

/* Inputs of all golden values. */
static const float x[] = {0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13,
                          20, 4,  11, 18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10,
                          17, 1,  8,  15, 22, 6,  13, 20, 4,  11, 18, 2,  9,  16, 0,  7,
                          14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,
                          11, 18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1};
static const float rois[] = {0,    0,     7.5f, 6.25f, -3, 1, 4, 9, 3, 2,
                             3.5f, 2.25f, 1,    1,     1,  1, 6, 5, 2, 1.5f};
static const int32_t batch[] = {0, 1, 1, 0, 1};
static const struct dcl_operand golden_in[] = {DCL_DATA(DETCL_F32, x, 2, 2, 4, 5),
                                               DCL_DATA(DETCL_F32, rois, 5, 4),
                                               DCL_DATA(DETCL_I32, batch, 5)};

/* torchvision 0.14: roi_align. */
static void torchvision(struct dcl_check *c)
{
    static const float two[] = {
        11.114014f, 11.806885f, 10.401611f, 14.39624f, 13.114014f, 9.0339355f, 12.401611f,
        8.9504395f, 5.25f,      8.671875f,  8.5f,      5.46875f,   6.25f,      10.671875f,
        9.5f,       7.46875f,   8.25f,      10.3125f,  14.25f,     13.4375f,   10.25f,
        12.3125f,   16.25f,     15.4375f,   14.25f,    13.4375f,   14.5f,      13.6875f,
        16.25f,     15.4375f,   16.5f,      15.6875f,  13.75f,     17.25f,     16.75f,
        20.25f,     11.4375f,   6.3125f,    13,        5};
    static const float aligned[] = {
        7.203125f,  13.095825f, 8.5859375f, 13.319092f, 9.203125f,  9.1296387f, 10.585938f,
        9.8442383f, 5.125f,     7.796875f,  7,          8.1328125f, 6.125f,     9.796875f,
        8,          10.132812f, 5.59375f,   6.46875f,   4.90625f,   5.78125f,   7.59375f,
        8.46875f,   6.90625f,   7.78125f,   0,          0,          0,          0,
        0,          0,          0,          0,          0,          0,          0,
        0,          0,          0,          0,          0};
    static const float three[] = {
        7.6603012f, 13.080441f, 8.8225555f, 13.47403f,  9.6603012f, 8.9577551f, 10.822556f,
        9.7173758f, 3.6296299f, 8.1651239f, 4.7777777f, 8.7700615f, 4.2962966f, 10.165124f,
        5.4444447f, 10.770062f, 5.59375f,   6.4687505f, 4.90625f,   5.78125f,   7.59375f,
        8.46875f,   6.90625f,   7.78125f,   0,          0,          0,          0,
        2,          2,          2,          2,          12.312499f, 7.8680549f, 9.6388893f,
        5.1944447f, 14.3125f,   9.8680553f, 11.638889f, 7.1944447f};
    static const float adaptive[] = {10.757812f, 13.101562f, 12.757812f, 8.9921875f, 6.875f,
                                     7.0703125f, 7.875f,     9.0703125f, 11.25f,     11.875f,
                                     13.25f,     13.875f,    17.25f,     15,         19.25f,
                                     17,         16.75f,     20.25f,     13,         5};
    dcl_check_golden(c,
                     "output_height=2 output_width=2 sampling_ratio=2 spatial_scale=0.5 "
                     "coordinate_transformation_mode=output_half_pixel",
                     golden_in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, two, 5, 2, 2, 2)}, 1,
                     1e-5);
    dcl_check_golden(
        c, "output_height=2 output_width=2 sampling_ratio=2 spatial_scale=0.5 opset=10", golden_in,
        3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, two, 5, 2, 2, 2)}, 1, 1e-5);
    dcl_check_golden(c,
                     "output_width=2 spatial_scale=0.5 "
                     "coordinate_transformation_mode=output_half_pixel",
                     golden_in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, adaptive, 5, 2, 1, 2)}, 1, 1e-5);
    dcl_check_golden(c, "output_height=2 output_width=2 spatial_scale=0.5", golden_in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, aligned, 5, 2, 2, 2)}, 1, 1e-5);
    dcl_check_golden(c, "output_height=2 output_width=2 sampling_ratio=3 spatial_scale=0.5",
                     golden_in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, three, 5, 2, 2, 2)},
                     1, 1e-5);
}

/* ONNX RoiAlign's mode=max, transcribed in numpy from the operator's reference. */
static void maximum(struct dcl_check *c)
{
    static const float most[] = {8.8134766f, 10.376953f, 9.7412109f, 7.3212891f, 17,
                                 5.34375f,   19,         5.9375f,    12.46875f,  12.46875f,
                                 13.78125f,  13.78125f,  12.46875f,  12.46875f,  13.78125f,
                                 13.78125f,  13.125f,    19.25f,     14.875f,    6.375f};
    dcl_check_golden(c,
                     "mode=max output_width=2 sampling_ratio=2 spatial_scale=0.5 "
                     "coordinate_transformation_mode=output_half_pixel",
                     golden_in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, most, 5, 2, 1, 2)}, 1,
                     1e-5);
}

/* RoIs that have no samples: no such image, not finite, too far away, past the count. */
static void nothing(struct dcl_check *c)
{
    static const float ones[] = {1, 1, 1, 1};
    static const float boxes[] = {0, 0, 2,        2, 0, 0, 2,   2, 0, 0, NAN,       2,
                                  0, 0, INFINITY, 2, 0, 0, 1e9, 2, 0, 0, 1.000001f, 1};
    static const int32_t images[] = {1, -1, 0, 0, 0, 0}, five = 5;
    static const int64_t far[] = {INT64_C(1) << 32, -1, 0, 0, 0, 0};
    static const float zeros[6] = {0}, all[] = {1, 1, 0, 0, 0, 1};
    const struct dcl_operand map = DCL_DATA(DETCL_F32, ones, 1, 1, 2, 2);
    const struct dcl_operand roi = DCL_DATA(DETCL_F32, boxes, 6, 4);
    const struct dcl_operand in[][4] = {
        {map,
         roi,
         DCL_DATA(DETCL_I32, images, 6),
         {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = &five}},
        {map, roi, DCL_DATA(DETCL_I64, far, 6), DCL_DATA(DETCL_I32, &five, 1)},
        {map, roi, DCL_ABSENT, DCL_ABSENT}};
    for (int i = 0; i < 3; i++) {
        const struct dcl_operand y = DCL_DATA(DETCL_F32, i < 2 ? zeros : all, 6, 1, 1, 1);
        dcl_check_golden(c, "sampling_ratio=1", in[i], i < 2 ? 4 : 2, &y, 1, 0);
        dcl_check_golden(c, "mode=max sampling_ratio=1", in[i], i < 2 ? 4 : 2,
                         (struct dcl_operand[]){i < 2 ? y : (struct dcl_operand)DCL_ABSENT}, 1, 0);
    }
}

static void refused(struct dcl_check *c)
{
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 2, 3, 3), DCL_RANDOM(DETCL_F32, 2, 4),
                                     DCL_RANDOM(DETCL_I32, 3)};
    const struct dcl_operand fives[] = {in[0], DCL_RANDOM(DETCL_F32, 2, 5)};
    dcl_check_refused(c, NULL, in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, fives, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "output_height=0", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "spatial_scale=-1", in, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "sampling_ratio=5000", in, 2, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "mode=min", in, 2, 1, DETCL_ERROR_UNSUPPORTED);
}

void dcl_check_roi_align(struct dcl_check *c)
{
    torchvision(c);
    maximum(c);
    nothing(c);
    refused(c);
    static const char *const attrs[] = {
        "output_height=3 output_width=2 sampling_ratio=2",
        "output_height=2 output_width=3 spatial_scale=0.37",
        "output_height=7 output_width=7 coordinate_transformation_mode=output_half_pixel",
        "output_height=2 output_width=2 sampling_ratio=3 mode=max",
        "output_height=3 output_width=3 spatial_scale=0.5 mode=max"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 5, 6, 7),
                 DCL_RANGE(DETCL_F32, -3, 12, 7, 4), DCL_RANGE(DETCL_I32, -1, 3, 7));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 35, 9, 11),
                 DCL_RANGE(DETCL_F32, -3, 30, 19, 4), DCL_RANGE(DETCL_I64, 0, 2, 19));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 1, 3, 5, 4),
                 DCL_RANGE(DETCL_F32, -9000, 9000, 5, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 0, 4, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 0, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 0, 3, 4, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 4, 4), DCL_RANDOM(DETCL_F32, 0, 4));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(1, 2, 3, 3), DCL_SPECIAL(5, 4));
    }
    DCL_CASE(c, "output_height=7 output_width=7 sampling_ratio=2 spatial_scale=0.0625", 1,
             DCL_RANDOM(DETCL_F32, 1, 64, 25, 34), DCL_RANGE(DETCL_F32, 0, 500, 65, 4));
}
