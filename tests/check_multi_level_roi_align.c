#include "check.h"

/* torchvision 0.14: MultiScaleRoIAlign with canonical_scale=16, canonical_level=3. */
static void torchvision(struct dcl_check *c)
{
    static const float fine[] = {
        0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,  11, 18, 2,  9,
        16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,  11, 18, 2,
        9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,  11, 18,
        2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,  11,
        18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15, 22, 6,  13, 20, 4,
        11, 18, 2,  9,  16, 0,  7,  14, 21, 5,  12, 19, 3,  10, 17, 1,  8,  15};
    static const float middle[] = {0,  5, 10, 15, 3,  8, 13, 1,  6, 11, 16, 4,  9, 14, 2,  7,
                                   12, 0, 5,  10, 15, 3, 8,  13, 1, 6,  11, 16, 4, 9,  14, 2};
    static const float coarse[] = {0, 3, 6, 2, 5, 1, 4, 0};
    static const float rois[] = {0,  0,  10,  12,  3,  2,  30, 31, 4, 4,
                                 20, 16, -20, -10, 60, 40, 8,  8,  9, 9};
    static const float y[] = {10.976562f, 7.9570312f, 10.703125f, 12.265625f,  9.5625f,
                              6.4353638f, 10.240662f, 6.0458374f, 14.46875f,   11.21875f,
                              10.78125f,  7.53125f,   3.4765625f, 0.36328125f, 1.375f,
                              0,          16.1875f,   11.0625f,   12.5625f,    13.1875f};
    static const int32_t batch[] = {0, 0, 1, 1, 1};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, rois, 5, 4),
                                     DCL_DATA(DETCL_I32, batch, 5),
                                     DCL_ABSENT,
                                     DCL_DATA(DETCL_F32, fine, 2, 1, 8, 8),
                                     DCL_DATA(DETCL_F32, middle, 2, 1, 4, 4),
                                     DCL_DATA(DETCL_F32, coarse, 2, 1, 2, 2)};
    dcl_check_golden(c,
                     "output_height=2 output_width=2 sampling_ratio=2 canonical_level=3 "
                     "canonical_size=16 spatial_scales=0.25,0.125,0.0625",
                     in, 6, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 5, 1, 2, 2)}, 1, 1e-5);
}

static void refused(struct dcl_check *c)
{
    const struct dcl_operand rois = DCL_RANDOM(DETCL_F32, 2, 4),
                             map = DCL_RANDOM(DETCL_F32, 1, 2, 3, 3),
                             other = DCL_RANDOM(DETCL_F32, 1, 3, 3, 3);
    const struct dcl_operand in[] = {rois, DCL_ABSENT, DCL_ABSENT, map, map},
                             unlike[] = {rois, DCL_ABSENT, DCL_ABSENT, map, other};
    const char *const bins = "output_height=2 output_width=2 spatial_scales=0.25";
    dcl_check_refused(c, bins, in, 5, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "output_height=2 output_width=2 spatial_scales=0.25,0.125", unlike, 5, 1,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "output_height=0 output_width=2 spatial_scales=0.25", in, 4, 1,
                      DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "output_height=2 output_width=2 spatial_scales=0.25 canonical_size=0", in,
                      4, 1, DETCL_ERROR_ARGUMENT);
}

void dcl_check_multi_level_roi_align(struct dcl_check *c)
{
    torchvision(c);
    refused(c);
    static const char *const attrs[] = {
        "output_height=3 output_width=2 sampling_ratio=2 canonical_size=20 "
        "spatial_scales=0.25,0.125,0.0625",
        "output_height=2 output_width=3 aligned=1 canonical_size=30 canonical_level=3 "
        "spatial_scales=0.5,0.25,0.2"};
    static const int32_t three = 3;
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, -5, 40, 9, 4), DCL_RANGE(DETCL_I32, -1, 3, 9),
                 DCL_DATA(DETCL_I32, &three, 1), DCL_RANDOM(DETCL_F32, 2, 3, 7, 9),
                 DCL_RANDOM(DETCL_F32, 2, 3, 4, 5), DCL_RANDOM(DETCL_F32, 2, 3, 2, 3));
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, -5, 90, 37, 4),
                 DCL_RANGE(DETCL_I64, 0, 2, 37), DCL_ABSENT, DCL_RANDOM(DETCL_F32, 2, 18, 7, 9),
                 DCL_RANDOM(DETCL_F32, 2, 18, 4, 5), DCL_RANDOM(DETCL_F32, 2, 18, 2, 3));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(9, 4), DCL_ABSENT, DCL_ABSENT,
                 DCL_RANDOM(DETCL_F32, 1, 2, 3, 3), DCL_RANDOM(DETCL_F32, 1, 2, 0, 3),
                 DCL_RANDOM(DETCL_F32, 1, 2, 1, 1));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 0, 4), DCL_ABSENT, DCL_ABSENT,
                 DCL_RANDOM(DETCL_F32, 1, 2, 3, 3), DCL_RANDOM(DETCL_F32, 1, 2, 2, 3),
                 DCL_RANDOM(DETCL_F32, 1, 2, 1, 1));
    }
}
