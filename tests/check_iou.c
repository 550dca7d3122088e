#include "check.h"

#include <math.h>
#include <stdio.h>

/* torchvision 0.14: box_iou, generalized_box_iou, distance_box_iou, complete_box_iou. */
static void torchvision(struct dcl_check *c)
{
    static const float a[] = {8, 9, 15, 14, 3, 8, 14, 19, 8, 0, 15, 9};
    static const float b[] = {6, 0, 1e+01f, 3, 4, 7, 9, 14, 8, 1, 18, 4, 6, 2, 16, 11};
    static const float iou[] = {0,           0.07692308f,  0,           0.12612613f,
                                0,           0.23809524f,  0,           0.12834224f,
                                0.08695652f, 0.020833334f, 0.29166666f, 0.47115386f};
    static const float giou[] = {-0.6269841f,   -0.07892107f, -0.5f,        0.051126122f,
                                 -0.36363637f,  0.19264069f,  -0.44074073f, -0.025503919f,
                                 -0.061191626f, -0.35579002f, 0.091666654f, 0.4166084f};
    static const float diou[] = {-0.40523466f,  -0.0760181f, -0.30947956f, 0.022642516f,
                                 -0.29927385f,  0.18903863f, -0.25728598f, 0.007709056f,
                                 -0.044216312f, -0.1715957f, 0.2571363f,   0.45192307f};
    static const float ciou[] = {-0.40523472f, -0.078039184f, -0.31131858f, 0.022612514f,
                                 -0.2993399f,  0.18888056f,   -0.26618356f, 0.0077076172f,
                                 -0.0450928f,  -0.17159615f,  0.22932887f,  0.4516258f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 3, 4), DCL_DATA(DETCL_F32, b, 4, 4)};
    const struct {
        const char *attrs;
        const float *y;
    } list[] = {{"kind=iou", iou}, {"kind=giou", giou}, {"kind=diou", diou}, {"kind=ciou", ciou}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].y, 3, 4)}, 1, 1e-5);
}

/* Worked by hand: an eighth of a is covered; empty and flipped boxes; NaN. */
static void by_hand(struct dcl_check *c)
{
    static const float a[] = {0, 0, 4, 4, 1, 1, 1, 1, 3, 3, 1, 1, 0, 0, NAN, 1};
    static const float b[] = {2, 0, 4, 1, 1, 1, 1, 1};
    static const float iof[] = {0.125f, 0, 0, 0, 0, 0, NAN, NAN},
                       iou[] = {0.125f, 0, 0, 0, 0, 0, NAN, NAN};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 1, 4, 4),
                                     DCL_DATA(DETCL_F32, b, 1, 2, 4)};
    dcl_check_golden(c, "kind=iof", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, iof, 1, 4, 2)}, 1, 0);
    dcl_check_golden(c, NULL, in, 2, (struct dcl_operand[]){DCL_DATA(DETCL_F32, iou, 1, 4, 2)}, 1,
                     0);
}

/* Transcription of pycocotools' bbIou (maskApi.c) in double: detections by ground truths, the
 * second a crowd; the images have 1 of 2 detections and 2 of 3 ground truths. */
static void crowds(struct dcl_check *c)
{
    static const float a[] = {0, 0, 4, 4, 1, 1, 3, 5};
    static const float b[] = {2, 0, 10, 10, 1, 1, 9, 9, 0, 0, 4, 2};
    static const uint8_t crowd[] = {0, 1, 0};
    static const int32_t one[] = {1}, two[] = {2};
    static const float all[] = {8.0f / 88, 9.0f / 16, 0.5f, 4.0f / 84, 1, 2.0f / 14};
    static const float some[] = {8.0f / 88, 9.0f / 16, 0, 0, 0, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 1, 2, 4),
                                     DCL_DATA(DETCL_F32, b, 1, 3, 4),
                                     DCL_DATA(DETCL_BOOL, crowd, 1, 3), DCL_DATA(DETCL_I32, one, 1),
                                     DCL_DATA(DETCL_I32, two, 1)};
    dcl_check_golden(c, NULL, in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, all, 1, 2, 3)}, 1,
                     1e-6);
    dcl_check_golden(c, NULL, in, 5, (struct dcl_operand[]){DCL_DATA(DETCL_F32, some, 1, 2, 3)}, 1,
                     1e-6);
    const struct dcl_operand pairs[] = {DCL_DATA(DETCL_F32, a, 2, 4), DCL_DATA(DETCL_F32, b, 2, 4),
                                        DCL_DATA(DETCL_BOOL, crowd, 2)};
    static const float each[] = {8.0f / 88, 1};
    dcl_check_golden(c, "pairs=each", pairs, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, each, 2)}, 1, 1e-6);
}

static void refusals(struct dcl_check *c)
{
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 2, 5, 4),
                                     DCL_RANDOM(DETCL_BOOL, 2, 5), DCL_RANDOM(DETCL_I32, 2),
                                     DCL_RANDOM(DETCL_I32, 2)};
    const struct dcl_operand odd[] = {in[0], DCL_RANDOM(DETCL_F32, 3, 5, 4)};
    dcl_check_refused(c, NULL, odd, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "pairs=each", odd, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=area", in, 2, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=giou", in, 3, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "pairs=each", in, 5, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand few[] = {in[0], in[1], DCL_RANDOM(DETCL_BOOL, 2, 4)};
    dcl_check_refused(c, NULL, few, 3, 1, DETCL_ERROR_MODEL);
}

void dcl_check_iou(struct dcl_check *c)
{
    torchvision(c);
    by_hand(c);
    static const char *const kinds[] = {"iou", "iof", "giou", "diou", "ciou"};
    char attrs[32];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(attrs, sizeof attrs, "kind=%s", kinds[i]);
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_F32, 0, 9, 3, 17, 4),
                 DCL_RANGE(DETCL_F32, 0, 9, 3, 33, 4));
        DCL_CASE(c, attrs, 1, DCL_RANGE(DETCL_F32, 0, 9, 1, 4), DCL_RANGE(DETCL_F32, 0, 9, 65, 4));
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 5, 4));
    }
    DCL_CASE(c, "kind=iou", 1, DCL_SPECIAL(2, 19, 4), DCL_SPECIAL(2, 23, 4));
    DCL_CASE(c, "kind=iof pairs=each", 1, DCL_SPECIAL(67, 4), DCL_SPECIAL(67, 4));
    DCL_CASE(c, "kind=ciou pairs=each", 1, DCL_RANGE(DETCL_F32, 0, 9, 3, 5, 4),
             DCL_RANGE(DETCL_F32, 0, 9, 3, 5, 4));
    DCL_CASE(c, "pairs=each", 1, DCL_RANDOM(DETCL_F32, 0, 4), DCL_RANDOM(DETCL_F32, 0, 4));
    static const int32_t rows[] = {0, 3, 40}, columns[] = {-7, 33, 1000};
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, 0, 9, 3, 19, 4), DCL_RANGE(DETCL_F32, 0, 9, 3, 49, 4),
             DCL_RANDOM(DETCL_U8, 3, 49), DCL_DATA(DETCL_I32, rows, 3),
             DCL_DATA(DETCL_I32, columns, 3));
    DCL_CASE(c, "kind=giou", 1, DCL_RANGE(DETCL_F32, 0, 9, 3, 5, 4),
             DCL_RANGE(DETCL_F32, 0, 9, 3, 20, 4), DCL_ABSENT, DCL_ABSENT,
             DCL_DATA(DETCL_I32, rows, 3));
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, 0, 9, 33, 4), DCL_RANGE(DETCL_F32, 0, 9, 1031, 4),
             DCL_RANDOM(DETCL_BOOL, 1031));
    crowds(c);
    refusals(c);
}
