#include "check.h"

#include <stdio.h>

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define W(...) DCL_WEIGHTS(DETCL_F32, __VA_ARGS__)

/* Small integers that repeat with a prime period, so sums are exact. */
#define LENGTH 60
static float x_values[LENGTH], depth_values[LENGTH], point_values[LENGTH], bias_values[4];

static void fill_values(void)
{
    for (int i = 0; i < LENGTH; i++) {
        x_values[i] = (float)(i * 5 % 7 - 3);
        depth_values[i] = (float)(i * 3 % 5 - 2);
        point_values[i] = (float)(i * 2 % 7 - 3);
    }
    for (int i = 0; i < 4; i++)
        bias_values[i] = 0.5f * (float)i - 1;
}

#define GX(...) DCL_DATA(DETCL_F32, x_values, __VA_ARGS__)
#define GD(...) DCL_CONST_DATA(DETCL_F32, depth_values, __VA_ARGS__)
#define GP(...) DCL_CONST_DATA(DETCL_F32, point_values, __VA_ARGS__)
#define GB(...) DCL_CONST_DATA(DETCL_F32, bias_values, __VA_ARGS__)

/* Outputs of ONNX Runtime 1.x for Conv, Relu, Conv and for Conv, Conv on the same operands. */
static void golden(struct dcl_check *c)
{
    static const float with_relu[] = {
        3,     -1,    -43.5f, -1,     3.5f,  -13.5f, -35.5f, 0,     -1,    -40.5f,
        -1,    -1.5f, -29.5f, -35.5f, 3,     -1,     -39.5f, -1,    -1,    -14.5f,
        -0.5f, -0.5f, 25.5f,  -0.5f,  -7.5f, -1.5f,  32.5f,  -0.5f, -0.5f, 20.5f,
        -0.5f, -1.5f, 26.5f,  32.5f,  -0.5f, -0.5f,  11.5f,  -0.5f, -0.5f, -7.5f};
    static const float strided[] = {-8,     -13,    -16,    13,  -6, -33, -3.5f, 35.5f, 4.5f,
                                    -18.5f, -17.5f, 31.5f,  -6,  0,  -10, 6,     -8,    -16,
                                    10,     -2,     27,     -18, 5,  21,  -9.5f, -5.5f, -20.5f,
                                    18.5f,  5.5f,   -26.5f, 6,   -2, 16,  -8,    6,     10};
    const struct dcl_operand in[] = {GX(1, 3, 4, 5), GD(3, 1, 3, 3), GP(2, 3, 1, 1),
                                     DCL_ABSENT,     GB(3),          GB(2)};
    const struct dcl_operand out = DCL_DATA(DETCL_F32, with_relu, 1, 2, 4, 5);
    dcl_check_golden(c, "pads=1,1,1,1 depthwise_activation=relu", in, 6, &out, 1, 0);
    const struct dcl_operand in2[] = {GX(2, 2, 3, 5), GD(2, 1, 2, 3), GP(3, 2, 1, 1),
                                      DCL_ABSENT,     DCL_ABSENT,     GB(3)};
    const struct dcl_operand out2 = DCL_DATA(DETCL_F32, strided, 2, 3, 2, 3);
    dcl_check_golden(c, "strides=2,1 pads=0,2,1,0 dilations=1,2", in2, 6, &out2, 1, 0);
}

/* relu(2 relu(x) - 3 + residual) and relu(2 relu(x) - 3) + residual: relu(x) is 1 and 0. */
static void golden_residual(struct dcl_check *c)
{
    static const float x[] = {1, -3}, one[] = {1}, two[] = {2}, bias[] = {-3}, residual[] = {-2, 5};
    static const float before[] = {0, 2}, after[] = {-2, 5};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 1, 2),
                                     DCL_CONST_DATA(DETCL_F32, one, 1, 1, 1, 1),
                                     DCL_CONST_DATA(DETCL_F32, two, 1, 1, 1, 1),
                                     DCL_DATA(DETCL_F32, residual, 1, 1, 1, 2),
                                     DCL_ABSENT,
                                     DCL_CONST_DATA(DETCL_F32, bias, 1)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, before, 1, 1, 1, 2),
                                      DCL_DATA(DETCL_F32, after, 1, 1, 1, 2)};
    const char *const relu = "depthwise_activation=relu activation=relu";
    dcl_check_golden(c, relu, in, 6, &out[0], 1, 0);
    dcl_check_golden(c, "depthwise_activation=relu activation=relu residual=after", in, 6, &out[1],
                     1, 0);
}

/* Whole and partial channel blocks, one to three output blocks a tile, several rows a part, tiles
 * that end inside a row, strides, dilations, every border. */
static void shapes(struct dcl_check *c)
{
    static const char *const same = "pads=1,1,1,1 depthwise_activation=relu activation=relu";
    DCL_CASE(c, same, 1, X(2, 35, 9, 13), W(35, 1, 3, 3), W(40, 35, 1, 1), DCL_ABSENT, W(35),
             W(40));
    DCL_CASE(c, same, 1, X(1, 16, 10, 40), W(16, 1, 3, 3), W(16, 16, 1, 1), DCL_ABSENT, W(16));
    DCL_CASE(c, same, 1, X(1, 64, 5, 4), W(64, 1, 3, 3), W(6, 64, 1, 1), DCL_ABSENT, W(64), W(6));
    DCL_CASE(c, same, 1, X(1, 3, 1, 1), W(3, 1, 3, 3), W(33, 3, 1, 1));
    DCL_CASE(c, "pads=1,1,1,1 strides=2,2", 1, X(1, 32, 15, 20), W(32, 1, 3, 3), W(64, 32, 1, 1),
             DCL_ABSENT, W(32), W(64));
    DCL_CASE(c, "pads=0,0,1,1 strides=2,2", 1, X(1, 24, 31, 16), W(24, 1, 3, 3), W(130, 24, 1, 1));
    DCL_CASE(c, "pads=2,2,2,2", 1, X(1, 20, 5, 40), W(20, 1, 5, 5), W(20, 20, 1, 1));
    DCL_CASE(c, "pads=2,4,2,4 dilations=2,4", 1, X(1, 17, 9, 10), W(17, 1, 3, 3), W(18, 17, 1, 1));
    DCL_CASE(c, "", 1, X(1, 18, 4, 9), W(18, 1, 1, 1), W(5, 18, 1, 1));
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 1, 6, 7), W(1, 1, 3, 3), W(2, 1, 1, 1));
    /* Weights that only the run knows; no images. */
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 5, 6, 7), X(5, 1, 3, 3), X(4, 5, 1, 1));
    DCL_CASE(c, "pads=1,1,1,1", 1, X(0, 16, 6, 7), W(16, 1, 3, 3), W(4, 16, 1, 1));
}

static void fused(struct dcl_check *c)
{
    static const char *const kinds[] = {"none", "relu", "clip", "silu", "hard_swish"};
    char attrs[160];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(attrs, sizeof attrs,
                 "pads=1,1,1,1 depthwise_activation=%s depthwise_alpha=-0.25 depthwise_beta=0.5 "
                 "activation=silu residual=%s",
                 kinds[i], i % 2 ? "after" : "before");
        DCL_CASE(c, attrs, 1, X(1, 18, 5, 11), W(18, 1, 3, 3), W(20, 18, 1, 1), X(1, 20, 5, 11),
                 W(18), W(20));
    }
}

/* The first golden output with its channels last; then partial blocks and tiles. */
static void channels_last(struct dcl_check *c)
{
    static const float y[] = {
        3, -0.5f, -1, -0.5f, -43.5f, 25.5f, -1, -0.5f, 3.5f,  -7.5f, -13.5f, -1.5f, -35.5f, 32.5f,
        0, -0.5f, -1, -0.5f, -40.5f, 20.5f, -1, -0.5f, -1.5f, -1.5f, -29.5f, 26.5f, -35.5f, 32.5f,
        3, -0.5f, -1, -0.5f, -39.5f, 11.5f, -1, -0.5f, -1,    -0.5f, -14.5f, -7.5f};
    const struct dcl_operand in[] = {GX(1, 3, 4, 5), GD(3, 1, 3, 3), GP(2, 3, 1, 1),
                                     DCL_ABSENT,     GB(3),          GB(2)};
    const struct dcl_operand out = DCL_DATA(DETCL_F32, y, 1, 4, 5, 2);
    dcl_check_golden(c, "pads=1,1,1,1 depthwise_activation=relu channels_last=1", in, 6, &out, 1,
                     0);
    const char *const last = "pads=1,1,1,1 activation=sigmoid channels_last=1";
    DCL_CASE(c, last, 1, X(2, 35, 9, 13), W(35, 1, 3, 3), W(40, 35, 1, 1), DCL_ABSENT, W(35),
             W(40));
    DCL_CASE(c, last, 1, X(1, 64, 5, 7), W(64, 1, 3, 3), W(6, 64, 1, 1), DCL_ABSENT, W(64), W(6));
    DCL_CASE(c, last, 1, X(1, 8, 3, 9), W(8, 1, 3, 3), W(32, 8, 1, 1));
    DCL_CASE(c, last, 1, X(1, 5, 6, 7), X(5, 1, 3, 3), X(4, 5, 1, 1));
    const struct dcl_operand residual[] = {X(1, 4, 5, 5), W(4, 1, 1, 1), W(2, 4, 1, 1),
                                           X(1, 2, 5, 5)};
    dcl_check_refused(c, "channels_last=1", residual, 4, 1, DETCL_ERROR_ARGUMENT);
}

static void refused(struct dcl_check *c)
{
    static const struct {
        struct dcl_operand in[3];
        enum detcl_status status;
    } list[] = {
        {{X(1, 4, 5, 5), W(8, 1, 3, 3), W(2, 8, 1, 1)}, DETCL_ERROR_MODEL},
        {{X(1, 4, 5, 5), W(4, 4, 3, 3), W(2, 4, 1, 1)}, DETCL_ERROR_MODEL},
        {{X(1, 4, 5, 5), W(4, 1, 3, 3), W(2, 3, 1, 1)}, DETCL_ERROR_MODEL},
        {{X(1, 4, 5, 5), W(4, 1, 3, 3), W(2, 4, 3, 3)}, DETCL_ERROR_MODEL},
        {{X(1, 4, 2, 5), W(4, 1, 3, 3), W(2, 4, 1, 1)}, DETCL_ERROR_MODEL},
        {{X(1, 4, 5), W(4, 1, 3), W(2, 4, 1)}, DETCL_ERROR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_refused(c, "", list[i].in, 3, 1, list[i].status);
}

void dcl_check_separable_conv2d(struct dcl_check *c)
{
    fill_values();
    golden(c);
    golden_residual(c);
    shapes(c);
    fused(c);
    channels_last(c);
    refused(c);
}
