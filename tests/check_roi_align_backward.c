#include "check.h"

/* torch 1.13 autograd through torchvision 0.14 roi_align, itself held against finite differences in
 * double. */
static void autograd(struct dcl_check *c)
{
    static const float rois[] = {0,    0,     7.5f, 6.25f, -3, 1, 4, 9, 3, 2,
                                 3.5f, 2.25f, 1,    1,     1,  1, 6, 5, 2, 1.5f};
    static const int32_t batch[] = {0, 1, 1, 0, 1};
    static const float dy[] = {0, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0, 7, 3, 10, 6, 2, 9, 5, 1};
    static const float fixed[] = {26,          0.36315918f, 2.4694824f,  1.8157959f,  0,
                                  0.4486084f,  0.76904297f, 2.7019043f,  1.9866943f,  0,
                                  0.99975586f, 1.3044434f,  3.2373047f,  2.3803711f,  0,
                                  0.19226074f, 0.25085449f, 0.62255859f, 0.45776367f, 0,
                                  0.9921875f,  5.7207031f,  2.0605469f,  0.1953125f,  0,
                                  2.484375f,   10.748047f,  4.8222656f,  0.5390625f,  0,
                                  3.21875f,    4.921875f,   1.53125f,    0.140625f,   0,
                                  4.8984375f,  2.109375f,   0.1171875f,  0,           0};
    static const float adaptive[] = {
        0.4375f,     1.875f,      0.8873291f,  1.1330566f, 0.29992676f, 3.2061768f,  14.662354f,
        3.1783447f,  2.390625f,   0.6328125f,  1.1105957f, 3.9711914f,  2.9432373f,  3.5568848f,
        0.94152832f, 0.29260254f, 0.58520508f, 1.4285889f, 1.9506836f,  0.51635742f, 0,
        0,           0,           0,           0,          1.65625f,    1,           6.09375f,
        1.5f,        0,           1.65625f,    1.375f,     4.21875f,    1.4375f,     1.8125f,
        5.28125f,    2.8125f,     1.40625f,    6.8125f,    7.4375f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, dy, 5, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, rois, 5, 4),
                                     DCL_DATA(DETCL_I32, batch, 5)};
    dcl_check_golden(c, "images=2 height=4 width=5 spatial_scale=0.5 sampling_ratio=2 aligned=1",
                     in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, fixed, 2, 1, 4, 5)}, 1,
                     1e-5);
    dcl_check_golden(c, "images=2 height=4 width=5 spatial_scale=0.5", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, adaptive, 2, 1, 4, 5)}, 1, 1e-5);
}

static void refused(struct dcl_check *c)
{
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 3, 2, 2, 2),
                                     DCL_RANDOM(DETCL_F32, 2, 4)},
                             good[] = {in[0], DCL_RANDOM(DETCL_F32, 3, 4)};
    dcl_check_refused(c, "images=1 height=4 width=4", in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "images=1 height=-4 width=4", good, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "images=1 height=4 width=4 spatial_scale=0", good, 2, 1,
                      DETCL_ERROR_ARGUMENT);
}

void dcl_check_roi_align_backward(struct dcl_check *c)
{
    autograd(c);
    refused(c);
    static const char *const attrs[] = {
        "images=2 height=6 width=7 sampling_ratio=2 aligned=1",
        "images=2 height=9 width=5 spatial_scale=0.37",
        "images=2 height=3 width=17 spatial_scale=0.5 aligned=1 sampling_ratio=1"};
    static const int32_t three = 3;
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 7, 5, 3, 2),
                 DCL_RANGE(DETCL_F32, -3, 12, 7, 4), DCL_RANGE(DETCL_I32, -1, 3, 7));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 23, 19, 2, 3),
                 DCL_RANGE(DETCL_F32, -3, 30, 23, 4), DCL_RANGE(DETCL_I64, 0, 2, 23));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 7, 2, 7, 7),
                 DCL_RANGE(DETCL_F32, -9000, 9000, 7, 4), DCL_ABSENT,
                 DCL_DATA(DETCL_I32, &three, 1));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 0, 2, 2, 2), DCL_RANDOM(DETCL_F32, 0, 4));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 2, 0, 2, 2), DCL_RANDOM(DETCL_F32, 2, 4));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(5, 2, 2, 2), DCL_SPECIAL(5, 4));
    }
    DCL_CASE(c, "images=2 height=0 width=3", 1, DCL_RANDOM(DETCL_F32, 2, 2, 2, 2),
             DCL_RANDOM(DETCL_F32, 2, 4));
}
