#include "check.h"

/* torchvision 0.14: FCOS' BoxLinearCoder(normalize_by_size=True) on anchors of a stride's size
 * around cell * stride, and the root of the product of sigmoids. */
static void fcos(struct dcl_check *c)
{
    static const float cls[] = {-1.81f, -0.84f, 0.88f,  -1.91f, -1.18f, -1.8f,
                                -0.79f, 0.66f,  -0.77f, 0.33f,  -1.72f, 1.47f};
    static const float reg[] = {0.63f, 1.45f, 1.26f, 2.58f, 0.51f, 1.02f, 0.81f, 2.07f,
                                0.66f, 2.44f, 0.03f, 1.68f, 2.44f, 2.24f, 0.57f, 0.02f,
                                2.32f, 2.87f, 2.11f, 0.89f, 2.3f,  2.06f, 1.16f, 1.85f};
    static const float centre[] = {0.07f, 1.79f, 1.06f, -0.87f, -1.12f, 0.74f};
    static const float boxes[] = {-5.04f,  -6.48f,     19.52f, 16.88f,      -3.6000004f, -16.56f,
                                  25.92f,  7.12f,      5.92f,  -5.28f,      20.56f,      18.4f,
                                  -20.64f, -11.52f,    0.16f,  24.48f,      3.92f,       7.76f,
                                  26.56f,  17.279999f, 7.84f,  -5.4399996f, 38.96f,      22.8f};
    static const float scores[] = {0.26977628f, 0.4019267f,  0.5083241f,  0.7516237f,
                                   0.72453445f, 0.48481548f, 0.19514649f, 0.41444775f,
                                   0.24046934f, 0.19329257f, 0.30989125f, 0.74191403f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, cls, 1, 2, 2, 3),
                                     DCL_DATA(DETCL_F32, reg, 1, 4, 2, 3),
                                     DCL_DATA(DETCL_F32, centre, 1, 1, 2, 3)};
    dcl_check_golden(c, "height=16 width=24 strides=8 offset=0", in, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 1, 6, 4),
                                            DCL_DATA(DETCL_F32, scores, 1, 6, 2)},
                     2, 1e-5);
}

/* The formulas of Ultralytics' DFL and dist2bbox, in torch 1.13. */
static void dfl(struct dcl_check *c)
{
    static const float x[] = {1.84f,  0.8f,   2,      -1.12f, -0.56f, 0.96f, 1.99f,  -0.73f, -1.45f,
                              -0.46f, -0.72f, -0.53f, 0.84f,  1.6f,   0.14f, -1.01f, 0.69f,  0.25f,
                              0.17f,  1.57f,  1.37f,  -0.78f, 0.52f,  0.72f, 1.88f,  1.57f};
    static const float boxes[] = {-2.4715548f, -9.1392975f, 12.886653f, 16.31548f,
                                  2.076643f,   -7.8731537f, 17.033043f, 13.641327f};
    static const float scores[] = {0.8629487f, 0.8320184f};
    dcl_check_golden(c, "height=8 width=16 strides=8 bins=3",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 2, 13)}, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
                                            DCL_DATA(DETCL_F32, scores, 1, 2, 1)},
                     2, 1e-5);
}

void dcl_check_decode_distance(struct dcl_check *c)
{
    fcos(c);
    dfl(c);
    DCL_CASE(c, "height=32 width=48 strides=8,16 bins=16 boxes_first=1", 2,
             DCL_RANDOM(DETCL_F32, 2, 67, 4, 6), DCL_RANDOM(DETCL_F32, 2, 67, 2, 3));
    DCL_CASE(c, "height=32 width=16 strides=8,16", 2, DCL_RANDOM(DETCL_F32, 2, 5, 4, 2),
             DCL_RANDOM(DETCL_F32, 2, 5, 2, 1), DCL_RANDOM(DETCL_F32, 2, 32, 4, 2),
             DCL_RANDOM(DETCL_F32, 2, 32, 2, 1));
    DCL_CASE(c, "height=32 width=16 strides=8,16 unit=pixel offset=0 activation=softmax", 2,
             DCL_RANDOM(DETCL_F32, 1, 5, 4, 2), DCL_RANDOM(DETCL_F32, 1, 5, 2, 1),
             DCL_RANDOM(DETCL_F32, 1, 4, 4, 2), DCL_RANDOM(DETCL_F32, 1, 4, 2, 1),
             DCL_RANDOM(DETCL_F32, 1, 1, 4, 2), DCL_RANDOM(DETCL_F32, 1, 1, 2, 1));
    DCL_CASE(c, "height=64 width=32 bins=8 activation=none", 2, DCL_RANDOM(DETCL_F32, 3, 42, 33));
    /* Boxes as large as the picture: corners near 0 are differences of large numbers. */
    DCL_CASE(c, "height=2048 width=2048 strides=64 bins=16", 2,
             DCL_RANGE(DETCL_F32, -3, 3, 2, 1024, 65));
    DCL_CASE(c, "height=16 width=24 strides=8 bins=8", 2, DCL_SPECIAL(1, 6, 35));
    DCL_CASE(c, "height=16 width=24 strides=8", 2, DCL_SPECIAL(1, 6, 9));
    DCL_CASE(c, "height=16 width=24 strides=8", 2, DCL_RANDOM(DETCL_F32, 0, 6, 9));
    DCL_CASE(c, "height=16 width=24 strides=8", 2, DCL_RANDOM(DETCL_F32, 2, 6, 4));
    const struct dcl_operand maps[] = {
        DCL_RANDOM(DETCL_F32, 1, 5, 4, 2), DCL_RANDOM(DETCL_F32, 1, 5, 2, 1),
        DCL_RANDOM(DETCL_F32, 1, 3, 4, 2), DCL_RANDOM(DETCL_F32, 1, 4, 2, 1)};
    dcl_check_refused(c, "height=32 width=16 strides=8,16", maps, 4, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=32 width=16 strides=8,16", maps, 3, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=32 width=16 strides=8,16 bins=2", maps, 2, 2, DETCL_ERROR_MODEL);
    const struct dcl_operand rows[] = {DCL_RANDOM(DETCL_F32, 1, 9, 13)};
    dcl_check_refused(c, "height=32 width=16 strides=8,16 bins=3", rows, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=16 width=24 strides=8 bins=0", rows, 1, 2, DETCL_ERROR_MODEL);
}
