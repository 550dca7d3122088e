#include "check.h"

/* YOLOX's demo_postprocess and the product of objectness and class, in double. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {
        0.93f,  0.09f, 0.95f,  0.43f,  0.4f,   0.57f,  0.95f, -0.99f, -0.49f, -0.13f, 0.56f, 0.6f,
        0.73f,  0.97f, -0.67f, 0.19f,  -0.98f, -0.23f, 0.91f, 0.91f,  0.13f,  0.9f,   0.57f, 0.73f,
        -0.65f, 0.85f, 0.2f,   0.66f,  0.47f,  -0.18f, 0.06f, 0.88f,  0.04f,  0.78f,  0.68f, 0.09f,
        0.05f,  0.28f, -0.2f,  0.3f,   0.21f,  0.25f,  0.53f, -0.64f, -0.25f, 0.01f,  0.37f, 0.49f,
        0.11f,  0.25f, 0.79f,  -0.27f, 0.28f,  0.62f,  0,     0.64f,  0.84f,  -0.14f, 0.66f, -0.17f,
        0.81f,  0.19f, 0.34f,  0.14f,  0.69f,  0.72f,  0.19f, 0.83f,  0.19f,  0.51f};
    static const float boxes[] = {
        -2.9028385f, -5.42903f,  17.782839f,  6.86903f,    -3.4323818f, -10.92269f,  3.5923817f,
        3.08269f,    9.138756f,  -1.6581344f, 12.141244f,  4.6981344f,  22.899677f,  2.4718168f,
        39.50032f,   6.648183f,  -0.4873462f, -3.0835988f, 8.007346f,   16.2036f,    3.4274808f,
        5.125077f,   14.012519f, 11.674923f,  17.124797f,  -1.1602006f, 23.355203f,  6.920201f,
        22.946482f,  9.027481f,  29.053518f,  19.612519f,  -2.0383395f, -8.9893185f, 28.918339f,
        4.5093185f,  1.804534f,  1.3660032f,  34.675466f,  20.713997f};
    static const float scores[] = {
        0.228f,      0.38f,        0.43800003f, 0.582f,  0.8281f,     0.1183f,     0.17000001f,
        0.56100004f, 0.031199998f, 0.0272f,     0.063f,  0.075f,      0.18130001f, 0.0407f,
        0,           0.39679999f,  0.1539f,     0.2754f, 0.15769999f, 0.42329998f};
    dcl_check_golden(
        c, "height=16 width=32 strides=8,16",
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 10, 7)}, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 40), DCL_DATA(DETCL_F32, scores, 20)}, 2,
        1e-5);
}

void dcl_check_decode_yolox(struct dcl_check *c)
{
    golden(c);
    DCL_CASE(c, "height=96 width=64", 2, DCL_RANDOM(DETCL_F32, 2, 126, 85));
    DCL_CASE(c, "height=35 width=21 strides=7 activation=sigmoid", 2,
             DCL_RANGE(DETCL_F32, -5, 5, 3, 15, 6));
    /* Boxes as large as the picture: corners near 0 are differences of large numbers. */
    DCL_CASE(c, "height=1280 width=1280 strides=32", 2, DCL_RANGE(DETCL_F32, -4, 4, 1, 1600, 6));
    DCL_CASE(c, "height=8 width=24 strides=8", 2, DCL_SPECIAL(1, 3, 9));
    DCL_CASE(c, "height=8 width=8 strides=8", 2, DCL_RANDOM(DETCL_F32, 0, 1, 6));
    DCL_CASE(c, "height=8 width=8 strides=8", 2, DCL_RANDOM(DETCL_F32, 2, 1, 5));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 126, 85)},
                             flat[] = {DCL_RANDOM(DETCL_F32, 126, 85)};
    dcl_check_refused(c, "height=96 width=96", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=96 width=60", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=96 width=64", flat, 1, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "height=96 width=64 strides=0", in, 1, 2, DETCL_ERROR_MODEL);
}
