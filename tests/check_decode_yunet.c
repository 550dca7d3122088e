#include "check.h"

/* The formulas of OpenCV's FaceDetectorYN (face_detect.cpp, postProcess), in double. */
static void golden(struct dcl_check *c)
{
    static const float cls0[] = {0.56f, 0.74f, 0.59f, 0.84f};
    static const float obj0[] = {0.79f, 0.34f, 0.64f, 0.92f};
    static const float bbox0[] = {-0.85f, 0.56f, -0.12f, 0.45f, 0.96f,  0.08f,  0,      -0.86f,
                                  -0.46f, -0,    0.36f,  0.61f, -0.24f, -0.87f, -0.42f, 0.82f};
    static const float kps0[] = {0.75f, 0.94f,  0.74f, 0.06f, -0.53f, -0.98f, -0.14f, -0.2f,
                                 0.05f, -0.04f, 0.11f, 0.09f, 0.52f,  0.42f,  0.24f,  -0.15f};
    static const float cls1[] = {0.56f};
    static const float obj1[] = {0.79f};
    static const float bbox1[] = {-0.85f, 0.56f, -0.12f, 0.45f};
    static const float kps1[] = {0.75f, 0.94f, 0.74f, 0.06f};
    static const float boxes[] = {-10.347682f, -1.7932486f, -3.2523184f, 10.753249f, 11.68f,
                                  -1.0526483f, 19.68f,      2.3326483f,  -9.413318f, 0.6382743f,
                                  2.0533177f,  15.361726f,  3.4518127f,  -8.041999f, 8.708187f,
                                  10.121999f,  -20.695364f, -3.5864973f, -6.504637f, 21.506497f};
    static const float scores[] = {0.66513157f, 0.50159745f, 0.61449165f, 0.8790904f, 0.66513157f};
    static const float points[] = {6,     7.52f, 5.92f, 0.48f,  3.7600002f, -7.84f, 6.88f,
                                   -1.6f, 0.4f,  7.68f, 0.88f,  8.72f,      12.16f, 11.36f,
                                   9.92f, 6.8f,  12,    15.04f, 11.84f,     0.96f};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, cls0, 1, 4, 1),  DCL_DATA(DETCL_F32, cls1, 1, 1, 1),
        DCL_DATA(DETCL_F32, obj0, 1, 4, 1),  DCL_DATA(DETCL_F32, obj1, 1, 1, 1),
        DCL_DATA(DETCL_F32, bbox0, 1, 4, 4), DCL_DATA(DETCL_F32, bbox1, 1, 1, 4),
        DCL_DATA(DETCL_F32, kps0, 1, 4, 4),  DCL_DATA(DETCL_F32, kps1, 1, 1, 4)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, boxes, 20),
                                      DCL_DATA(DETCL_F32, scores, 5),
                                      DCL_DATA(DETCL_F32, points, 20)};
    dcl_check_golden(c, "height=16 width=16 strides=8,16", in, 8, out, 3, 1e-5);
    dcl_check_golden(c, "height=16 width=16 strides=8,16", in, 6, out, 2, 1e-5);
    dcl_check_refused(c, "height=16 width=16 strides=8,16", in, 6, 3, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=16 width=16 strides=8,16", in, 7, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=32 width=16 strides=8,16", in, 6, 2, DETCL_ERROR_MODEL);
}

void dcl_check_decode_yunet(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "height=40 width=24 strides=8", 3, DCL_RANGE(DETCL_F32, 0, 1, 3, 15, 2),
             DCL_RANGE(DETCL_F32, 0, 1, 3, 15, 1), DCL_RANDOM(DETCL_F32, 3, 15, 4),
             DCL_RANDOM(DETCL_F32, 3, 15, 10));
    DCL_CASE(c, "height=8 width=24 strides=8", 2, DCL_SPECIAL(1, 3, 1), DCL_SPECIAL(1, 3, 1),
             DCL_SPECIAL(1, 3, 4));
    DCL_CASE(c, "height=8 width=8 strides=8", 2, DCL_RANDOM(DETCL_F32, 0, 1, 1),
             DCL_RANDOM(DETCL_F32, 0, 1, 1), DCL_RANDOM(DETCL_F32, 0, 1, 4));
}
