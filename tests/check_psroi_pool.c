#include "check.h"

/* torchvision 0.14: ps_roi_pool and ps_roi_align. */
static void torchvision(struct dcl_check *c)
{
    static const float x[] = {
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2, 9, 16,
        0, 7, 14, 21, 5, 12, 19, 3, 10, 17, 1, 8, 15, 22, 6, 13, 20, 4, 11, 18, 2};
    static const float rois[] = {0,    0,     7.5f, 6.25f, -3, 1,  4, 9, 3, 2,
                                 3.5f, 2.25f, 9,    9,     30, 30, 6, 5, 2, 1.5f};
    static const int32_t batch[] = {0, 1, 1, 0, 1};
    static const float boxes[] = {0,    0,     7.5f, 6.25f, -3, 1,  4, 9,    3, 2,
                                  3.5f, 2.25f, 9,    9,     30, 30, 1, 1.5f, 3, 4};
    static const float pool[] = {9.5f, 8.25f, 8.25f, 12.75f, 11.75f, 10.5f, 10.5f, 9.25f, 0, 10.75f,
                                 0,    0,     0,     13,     0,      0,     19,    21,    0, 2,
                                 4,    6,     8,     10,     0,      0,     0,     0,     0, 0,
                                 0,    0,     0,     0,      0,      0,     0,     0,     0, 0};
    static const float align[] = {
        7.203125f,  9.1296387f, 8.5148926f, 13.142334f, 11.702026f, 8.4119873f, 11.601562f,
        10.187012f, 5.375f,     10.296875f, 6.375f,     12.835938f, 3.625f,     13.265625f,
        7.5f,       11.132812f, 6.8125f,    9.6875f,    10.708984f, 11.876953f, 14.048828f,
        15.396484f, 5.90625f,   8.78125f,   0,          0,          0,          0,
        0,          0,          0,          0,          9.046875f,  9.515625f,  11.921875f,
        14.1875f,   9.5f,       15,         12.015625f, 8.171875f};
    static const float adaptive[] = {
        10.550995f, 5.3691406f, 4.984375f, 0.8125f,  11.609863f, 5.7789001f, 3.59375f,   2.0039062f,
        2.125f,     12.597656f, 0,         0,        2.6875f,    10.085938f, 0,          0,
        10.898438f, 12.132812f, 12.625f,   16.375f,  7.0390625f, 7.5546875f, 10.742188f, 10.539062f,
        0,          0,          0,         0,        0,          0,          0,          0,
        5.125f,     14.125f,    14.375f,   5.40625f, 13.125f,    13.5f,      4.40625f,   13.40625f};

    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 8, 4, 5),
                                     DCL_DATA(DETCL_F32, rois, 5, 4),
                                     DCL_DATA(DETCL_I32, batch, 5)};
    const struct dcl_operand others[] = {in[0], DCL_DATA(DETCL_F32, boxes, 5, 4), in[2]};
    dcl_check_golden(c, "output_height=2 output_width=2 spatial_scale=0.5", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, pool, 5, 2, 2, 2)}, 1, 1e-5);
    dcl_check_golden(
        c, "kind=align output_height=2 output_width=2 spatial_scale=0.5 sampling_ratio=2", others,
        3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, align, 5, 2, 2, 2)}, 1, 1e-5);
    dcl_check_golden(c, "kind=align output_height=2 output_width=2", others, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, adaptive, 5, 2, 2, 2)}, 1, 1e-5);
}

void dcl_check_psroi_pool(struct dcl_check *c)
{
    torchvision(c);
    static const char *const attrs[] = {
        "output_height=3 output_width=2",
        "output_height=2 output_width=3 spatial_scale=0.37 kind=align",
        "output_height=3 output_width=2 sampling_ratio=2 kind=align"};
    static const int32_t three = 3;
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 6, 6, 7),
                 DCL_RANGE(DETCL_F32, -3, 12, 7, 4), DCL_RANGE(DETCL_I32, -1, 3, 7),
                 DCL_DATA(DETCL_I32, &three, 1));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 18, 9, 11),
                 DCL_RANGE(DETCL_F32, -3, 30, 19, 4), DCL_RANGE(DETCL_I64, 0, 2, 19));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 1, 6, 5, 4),
                 DCL_RANGE(DETCL_F32, -9000, 9000, 5, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 6, 0, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 0, 4, 4), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 6, 4, 4), DCL_RANDOM(DETCL_F32, 0, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 1, 6, 3, 3), DCL_SPECIAL(5, 4));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 3, 3),
                                     DCL_RANDOM(DETCL_F32, 2, 4)};
    dcl_check_refused(c, attrs[0], in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "output_height=0 output_width=1", in, 2, 1, DETCL_ERROR_ARGUMENT);
}
