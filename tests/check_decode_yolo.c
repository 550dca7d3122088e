#include "check.h"

/* The papers' formulas (YOLO9000 and YOLOv3; YOLOv5's Detect layer) in double. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {-1.96f, 0.01f,  -0.02f, -1.46f, -1.43f, -1.13f, -0.33f,
                              -1.01f, -1.66f, -0.62f, -1.33f, 1.51f,  1.8f,   -1.85f,
                              0.8f,   0.29f,  1.59f,  0.67f,  0.19f,  0.81f,  -0.45f,
                              0.78f,  1.3f,   -0.14f, 1.76f,  1.21f,  1.93f,  -1.32f};
    static const float v2_boxes[] = {-0.8962345f, -3.5827769f, 4.84718f,   19.422782f,
                                     20.1636f,    -2.8120266f, 27.916399f, 8.84298f,
                                     -17.982399f, 10.739345f,  40.06158f,  15.84037f,
                                     -28.797854f, 1.8581618f,  79.10173f,  19.309939f};
    static const float v2_scores[] = {0.006691888f, 0.1530701f,  0.33803956f, 0.011741891f,
                                      0.3595997f,   0.42623526f, 0.43074438f, 0.034312672f};
    static const float v3_boxes[] = {1.795991f,  7.201079f,  2.1549544f, 8.6389264f,
                                     23.797725f, 2.651258f,  24.282275f, 3.3796961f,
                                     9.2257173f, 13.130451f, 12.853466f, 13.449265f,
                                     21.780076f, 10.038683f, 28.5238f,   11.129419f};
    static const float v3_scores[] = {0.033415718f, 0.1370996f,  0.2864924f,  0.04752582f,
                                      0.670482f,    0.68622993f, 0.35823296f, 0.09804253f};
    static const float v5_boxes[] = {-4.160916f, 7.1403045f,  -3.9371933f, 8.539706f,
                                     23.901155f, -2.2541587f, 24.258843f,  -1.6839328f,
                                     12.281581f, 18.428114f,  15.876786f,  18.731317f,
                                     23.429783f, 12.697944f,  29.17797f,   13.638258f};
    static const float v5_scores[] = {0.033415718f, 0.1370996f,  0.2864924f,  0.04752582f,
                                      0.670482f,    0.68622993f, 0.35823296f, 0.09804253f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 14, 1, 2)};
    dcl_check_golden(c, "kind=yolov2 activation=softmax strides=16 anchors=1.5,2,3,0.5", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, v2_boxes, 16),
                                            DCL_DATA(DETCL_F32, v2_scores, 8)},
                     2, 1e-5);
    dcl_check_golden(c, "kind=yolov3 strides=16 anchors=1.5,2,3,0.5", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, v3_boxes, 16),
                                            DCL_DATA(DETCL_F32, v3_scores, 8)},
                     2, 1e-5);
    dcl_check_golden(c, "kind=yolov5 strides=16 anchors=1.5,2,3,0.5", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, v5_boxes, 16),
                                            DCL_DATA(DETCL_F32, v5_scores, 8)},
                     2, 1e-5);
}

/* YOLOv4's centres (Darknet's scale_x_y = 1.2), in double. */
static void yolov4(struct dcl_check *c)
{
    static const float x[] = {2.55f,  -1,    -1.25f, 0.59f, -0.84f, -0.51f,
                              -0.35f, 0.53f, -0.41f, 0.28f, -0.18f, -0.84f};
    static const float boxes[] = {6.385677f,   -12.650069f, 9.823734f, 16.213745f,
                                  -3.1362062f, -18.5733f,   9.473148f, 29.059374f};
    static const float scores[] = {0.1131339f, 0.13723485f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 12, 1, 1)};
    dcl_check_golden(
        c, "kind=yolov3 strides=8 anchors=12,16,19,36 scale_xy=1.2", in, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 8), DCL_DATA(DETCL_F32, scores, 2)}, 2,
        1e-5);
}

void dcl_check_decode_yolo(struct dcl_check *c)
{
    golden(c);
    yolov4(c);
    DCL_CASE(c, "kind=yolov2 strides=32 anchors=1.6,2.1,6,7.1,2.9,3.5,4.3,5.2,9,10.7", 2,
             DCL_RANGE(DETCL_F32, -3, 3, 2, 25, 13, 13));
    DCL_CASE(c, "kind=yolov3 strides=8,16 anchors=10,13,16,30,30,61,62,45", 2,
             DCL_RANDOM(DETCL_F32, 2, 24, 6, 4), DCL_RANDOM(DETCL_F32, 2, 24, 3, 2));
    DCL_CASE(c, "kind=yolov5 strides=8,16 anchors=10,13,16,30,30,61,62,45 activation=softmax", 2,
             DCL_RANDOM(DETCL_F32, 1, 24, 3, 5), DCL_RANDOM(DETCL_F32, 1, 24, 1, 1));
    DCL_CASE(c, "kind=yolov3 strides=8,16 anchors=10,13,16,30 scale_xy=1.2,1.1", 2,
             DCL_RANDOM(DETCL_F32, 1, 7, 6, 5), DCL_RANDOM(DETCL_F32, 1, 7, 3, 2));
    /* Boxes as large as the picture: corners near 0 are differences of large numbers. */
    DCL_CASE(c, "kind=yolov3 strides=32 anchors=1000,1200", 2,
             DCL_RANGE(DETCL_F32, -2, 2, 2, 6, 40, 40));
    DCL_CASE(c, "kind=yolov5 strides=32 anchors=1000,1200", 2,
             DCL_RANGE(DETCL_F32, -2, 2, 2, 6, 40, 40));
    DCL_CASE(c, "kind=yolov5 strides=8 anchors=10,13", 2, DCL_SPECIAL(1, 8, 5, 7));
    DCL_CASE(c, "kind=yolov2 strides=8 anchors=1,1 activation=softmax", 2, DCL_SPECIAL(1, 8, 5, 7));
    DCL_CASE(c, "kind=yolov3 strides=8 anchors=10,13", 2, DCL_RANDOM(DETCL_F32, 1, 6, 0, 7));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 24, 3, 5),
                                     DCL_RANDOM(DETCL_F32, 1, 24, 3, 5)};
    dcl_check_refused(c, "kind=yolov3 strides=8 anchors=1,1,2,2", in, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=yolov3 strides=8 anchors=1,1,2,2 scale_xy=1,2", in, 1, 2,
                      DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "kind=yolov3 strides=8 anchors=1,1,2", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=yolov3 strides=8 anchors=1,1,2,2,3,3,4,4,5,5", in, 1, 2,
                      DETCL_ERROR_MODEL);
}
