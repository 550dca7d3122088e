#include "check.h"

/* torch 1.13 autograd through torchvision 0.14 roi_pool, itself held against finite differences in
 * double. */
static void autograd(struct dcl_check *c)
{
    static const float rois[] = {0,    0,     7.5f, 6.25f, -3, 1,  4, 9, 3, 2,
                                 3.5f, 2.25f, 9,    9,     30, 30, 6, 5, 2, 1.5f};
    static const int32_t batch[] = {0, 1, 1, 0, 1};
    static const float dy[] = {0, 7, 3, 10, 6, 2,  9, 5, 1, 8, 4, 0, 7, 3, 10, 6, 2,  9, 5, 1,
                               8, 4, 0, 7,  3, 10, 6, 2, 9, 5, 1, 8, 4, 0, 7,  3, 10, 6, 2, 9};
    static const int32_t argmax[] = {6,  3,  16, 13, 6,  9,  16, 19, 15, 12, 15, 15, 15, 12,
                                     15, 15, 7,  7,  7,  7,  7,  7,  7,  7,  -1, -1, -1, -1,
                                     -1, -1, -1, -1, 18, 18, 18, 18, 18, 18, 18, 18};
    static const float dx[] = {0, 0, 0, 7, 0, 0, 0, 0,  0, 0, 0, 0, 0, 10, 0, 0,  3, 0, 0,  0,
                               0, 0, 0, 0, 0, 0, 6, 0,  0, 2, 0, 0, 0, 0,  0, 0,  9, 0, 0,  5,
                               0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 8, 0,  0, 5,  0, 0, 14, 0,
                               0, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 3, 0,  0, 23, 0, 0, 27, 0};

    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, dy, 5, 2, 2, 2),
                                     DCL_DATA(DETCL_F32, rois, 5, 4), DCL_DATA(DETCL_I32, batch, 5),
                                     DCL_ABSENT, DCL_DATA(DETCL_I32, argmax, 5, 2, 2, 2)};
    dcl_check_golden(c, "images=2 height=4 width=5", in, 5,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, dx, 2, 2, 4, 5)}, 1, 1e-6);
}

void dcl_check_roi_pool_backward(struct dcl_check *c)
{
    autograd(c);
    static const int32_t three = 3;
    static const char *const attrs[] = {"images=2 height=6 width=7", "images=2 height=1 width=3"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 7, 5, 3, 2), DCL_RANDOM(DETCL_F32, 7, 4),
                 DCL_RANGE(DETCL_I32, -1, 3, 7), DCL_DATA(DETCL_I32, &three, 1),
                 DCL_RANGE(DETCL_I32, -2, 44, 7, 5, 3, 2));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 29, 13, 2, 3), DCL_RANDOM(DETCL_F32, 29, 4),
                 DCL_RANGE(DETCL_I64, 0, 2, 29), DCL_ABSENT,
                 DCL_RANGE(DETCL_I32, 0, 44, 29, 13, 2, 3));
        DCL_CASE(c, attrs[i], 1, DCL_SPECIAL(5, 2, 1, 1), DCL_SPECIAL(5, 4), DCL_ABSENT, DCL_ABSENT,
                 DCL_RANGE(DETCL_I32, 0, 12, 5, 2, 1, 1));
        DCL_CASE(c, attrs[i], 1, DCL_RANDOM(DETCL_F32, 0, 2, 1, 1), DCL_RANDOM(DETCL_F32, 0, 4),
                 DCL_ABSENT, DCL_ABSENT, DCL_RANDOM(DETCL_I32, 0, 2, 1, 1));
    }
    DCL_CASE(c, "images=2 height=0 width=3", 1, DCL_RANDOM(DETCL_F32, 2, 2, 1, 1),
             DCL_RANDOM(DETCL_F32, 2, 4), DCL_ABSENT, DCL_ABSENT,
             DCL_RANDOM(DETCL_I32, 2, 2, 1, 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 2, 1, 1), DCL_RANDOM(DETCL_F32, 2, 4),
                                     DCL_ABSENT, DCL_ABSENT, DCL_RANDOM(DETCL_I32, 2, 2, 1, 2)};
    dcl_check_refused(c, attrs[0], in, 5, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, attrs[0], in, 2, 1, DETCL_ERROR_MODEL);
}
