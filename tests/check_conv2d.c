#include "check.h"

#include <math.h>
#include <stdio.h>

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define W(...) DCL_WEIGHTS(DETCL_F32, __VA_ARGS__)
/* For sums of thousands: weights as small as trained ones. */
#define SMALL_W(...)                                                                               \
    {                                                                                              \
        .desc = {.dtype = DETCL_F32, DCL_DIMS(__VA_ARGS__)}, .lo = -0.1f, .hi = 0.1f,              \
        .constant = true                                                                           \
    }

/* Small integers that repeat with a prime period, so sums are exact. */
#define LENGTH 48
static float x_values[LENGTH], w_values[LENGTH], bias_values[4];

static void fill_values(void)
{
    for (int i = 0; i < LENGTH; i++) {
        x_values[i] = (float)(i * 5 % 7 - 3);
        w_values[i] = (float)(i * 3 % 5 - 2);
    }
    for (int i = 0; i < 4; i++)
        bias_values[i] = 0.5f * (float)i - 1;
}

#define GX(...) DCL_DATA(DETCL_F32, x_values, __VA_ARGS__)
#define GW(...) DCL_CONST_DATA(DETCL_F32, w_values, __VA_ARGS__)
#define GB(...) DCL_CONST_DATA(DETCL_F32, bias_values, __VA_ARGS__)

/* Outputs of ONNX Runtime 1.x on the same operands. */
static void golden(struct dcl_check *c)
{
    static const float strided[] = {-1,   -22,   13,     7,    12,    -14,    2,    -1,   -10,
                                    6,    1,     -9,     2.5f, -0.5f, -10.5f, 4.5f, 6.5f, 4.5f,
                                    2.5f, -5.5f, -12.5f, 9.5f, 3.5f,  -7.5f,  6,    11,   -19,
                                    2,    6,     3,      -7,   10,    10,     -12,  1,    4};
    static const float upper[] = {22, -9, -4, 6,   10,  -6, -1,  12, -4, -1,  13, -5,
                                  -8, 13, 1,  -4,  -10, 6,  -9,  22, -8, -14, 10, -1,
                                  -8, 1,  7,  -11, 5,   -2, -12, -3, 13, -4,  -4, -6};
    static const float lower[] = {-6, 9,   -7, -8, 22, -9, -8, 6,   10, -3, 12,  -10,
                                  -4, -1,  13, -3, -8, 13, -2, 1,   9,  -4, -9,  22,
                                  5,  -14, 10, -4, 1,  10, -3, -11, 5,  9,  -12, -3};
    static const float halved[] = {-5, -3, -2, -13, -11, 28};
    static const float line[] = {-3, 3, -4, 0, -3.5f, -6.5f, 8.5f, -4.5f};
    static const float volume[] = {-9,    21,    -10,   -9,    5,     9,     -2,    -13,
                                   5,     12,    -15,   -4,    -4.5f, -1.5f, 12.5f, -3.5f,
                                   -8.5f, 12.5f, 12.5f, -8.5f, -8.5f, -0.5f, -1.5f, -8.5f};
    static const float pointwise[] = {8,  -4, -2, 0,  8.5f,  -0.5f, -2.5f, -4.5f,
                                      -4, -2, 0,  -5, -0.5f, -2.5f, -4.5f, 0.5f};
    const struct {
        const char *attrs;
        struct dcl_operand in[3];
        int n_in;
        struct dcl_operand out;
    } list[] = {
        {"strides=2,1 pads=1,0,2,1 dilations=1,2",
         {GX(1, 2, 4, 5), GW(3, 2, 3, 2), GB(3)},
         3,
         DCL_DATA(DETCL_F32, strided, 1, 3, 3, 4)},
        {"group=2 auto_pad=SAME_UPPER",
         {GX(1, 4, 3, 3), GW(4, 2, 2, 2)},
         2,
         DCL_DATA(DETCL_F32, upper, 1, 4, 3, 3)},
        {"group=2 auto_pad=SAME_LOWER",
         {GX(1, 4, 3, 3), GW(4, 2, 2, 2)},
         2,
         DCL_DATA(DETCL_F32, lower, 1, 4, 3, 3)},
        {"strides=2,2 auto_pad=SAME_UPPER",
         {GX(1, 2, 5, 4), GW(1, 2, 3, 3)},
         2,
         DCL_DATA(DETCL_F32, halved, 1, 1, 3, 2)},
        {"pads=1,1 strides=2",
         {GX(1, 3, 7), GW(2, 3, 3), GB(2)},
         3,
         DCL_DATA(DETCL_F32, line, 1, 2, 4)},
        {"pads=0,0,1,0,0,0",
         {GX(1, 1, 3, 3, 3), GW(2, 1, 2, 2, 2), GB(2)},
         3,
         DCL_DATA(DETCL_F32, volume, 1, 2, 2, 2, 3)},
        {"",
         {GX(2, 2, 2, 2), GW(2, 2, 1, 1), GB(2)},
         3,
         DCL_DATA(DETCL_F32, pointwise, 2, 2, 2, 2)},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, list[i].in, list[i].n_in, &list[i].out, 1, 0);
}

/* relu(conv + residual) and relu(conv) + residual: conv gives 1 and -3. */
static void golden_residual(struct dcl_check *c)
{
    static const float x[] = {1, -3}, one[] = {1}, residual[] = {-2, 5};
    static const float before[] = {0, 2}, after[] = {-1, 5};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 1, 2),
                                     DCL_CONST_DATA(DETCL_F32, one, 1, 1, 1, 1), DCL_ABSENT,
                                     DCL_DATA(DETCL_F32, residual, 1, 1, 1, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, before, 1, 1, 1, 2),
                                      DCL_DATA(DETCL_F32, after, 1, 1, 1, 2)};
    dcl_check_golden(c, "activation=relu", in, 4, &out[0], 1, 0);
    dcl_check_golden(c, "activation=relu residual=after", in, 4, &out[1], 1, 0);
}

/* Dense and grouped kernels: whole and partial channel blocks, tiles that end inside the image, one
 * and several rows, small maps, every border. */
static void dense(struct dcl_check *c)
{
    static const char *const same = "pads=1,1,1,1";
    DCL_CASE(c, same, 1, X(1, 35, 9, 17), W(35, 35, 3, 3), W(35));
    DCL_CASE(c, same, 1, X(2, 16, 7, 7), W(64, 16, 3, 3), W(64));
    DCL_CASE(c, same, 1, X(1, 20, 13, 13), W(33, 20, 3, 3));
    DCL_CASE(c, same, 1, X(1, 8, 6, 30), W(12, 8, 3, 3), W(12));
    DCL_CASE(c, same, 1, X(1, 17, 1, 1), W(5, 17, 3, 3), W(5));
    DCL_CASE(c, same, 1, X(1, 17, 6, 31), W(80, 17, 3, 3), W(80));
    DCL_CASE(c, "pads=1,1,1,1 strides=2,2", 1, X(1, 3, 23, 37), W(16, 3, 3, 3), W(16));
    DCL_CASE(c, "pads=0,1,1,2 strides=2,2", 1, X(1, 24, 15, 20), W(40, 24, 3, 3), W(40));
    DCL_CASE(c, "pads=3,3,3,3 strides=2,2", 1, X(1, 3, 21, 33), W(32, 3, 7, 7), W(32));
    DCL_CASE(c, "pads=2,2,2,2 dilations=2,2", 1, X(1, 16, 12, 15), W(16, 16, 3, 3), W(16));
    DCL_CASE(c, "pads=6,6,6,6 dilations=6,6", 1, X(2, 20, 9, 19), W(40, 20, 3, 3), W(40));
    DCL_CASE(c, "pads=3,17,5,4 dilations=4,9", 1, X(1, 17, 7, 13), W(24, 17, 3, 3), W(24));
    DCL_CASE(c, "pads=2,9,2,9 dilations=1,3", 1, X(1, 5, 6, 31), W(35, 5, 5, 7), W(35));
    DCL_CASE(c, "pads=0,5,3,5 dilations=1,5", 1, X(1, 18, 8, 11), W(48, 18, 3, 3), W(48));
    DCL_CASE(c, "pads=4,0,1,3 strides=3,1 dilations=2,1", 1, X(2, 5, 14, 9), W(19, 5, 3, 4));
    DCL_CASE(c, "pads=2,2,2,2 strides=4,6 dilations=2,4", 1, X(1, 6, 17, 19), W(5, 6, 3, 3));
    DCL_CASE(c, "dilations=4,4", 1, X(1, 5, 10, 11), W(7, 5, 3, 3), W(7));
    DCL_CASE(c, "strides=2,2", 1, X(1, 32, 9, 11), W(64, 32, 1, 1), W(64));
    DCL_CASE(c, "pads=1,0,0,1", 1, X(1, 20, 4, 5), W(7, 20, 1, 1), W(7));
    DCL_CASE(c, "", 1, X(1, 12, 5, 9), W(16, 12, 5, 9), W(16));
    DCL_CASE(c, "group=2 pads=1,1,1,1", 1, X(1, 32, 6, 15), W(64, 16, 3, 3), W(64));
    DCL_CASE(c, "group=2", 1, X(2, 32, 5, 6), W(96, 16, 1, 1), W(96));
    DCL_CASE(c, "group=3 pads=1,1,1,1", 1, X(1, 15, 6, 7), W(9, 5, 3, 3), W(9));
    DCL_CASE(c, "group=6 pads=1,1,1,1", 1, X(1, 6, 5, 7), W(18, 1, 3, 3), W(18));
}

static void pointwise(struct dcl_check *c)
{
    DCL_CASE(c, "", 1, X(1, 64, 13, 13), W(128, 64, 1, 1), W(128));
    DCL_CASE(c, "", 1, X(2, 19, 9, 11), W(35, 19, 1, 1), W(35));
    DCL_CASE(c, "", 1, X(1, 40, 4, 5), W(1, 40, 1, 1), W(1));
    DCL_CASE(c, "", 1, X(1, 3, 8, 8), W(24, 3, 1, 1), W(24));
    DCL_CASE(c, "", 1, X(1, 40, 56, 56), W(80, 40, 1, 1), W(80));
}

/* Shapes that Winograd's tiles take: edges of every width, paddings up to all of a tile's border,
 * blocks that are not full, several parts and images, every last step. */
static void winograd(struct dcl_check *c)
{
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 32, 12, 12), W(32, 32, 3, 3), W(32));
    DCL_CASE(c, "", 1, X(1, 33, 18, 15), W(50, 33, 3, 3));
    DCL_CASE(c, "pads=1,1,1,1 activation=relu residual=after", 1, X(2, 40, 13, 19), W(48, 40, 3, 3),
             W(48), X(2, 48, 13, 19));
    DCL_CASE(c, "pads=0,1,2,0 activation=silu", 1, X(1, 48, 15, 17), W(35, 48, 3, 3), W(35),
             X(1, 35, 15, 16));
    DCL_CASE(c, "pads=2,2,2,2 activation=leaky_relu alpha=0.1", 1, X(1, 32, 10, 21),
             W(32, 32, 3, 3), W(32));
    if (dcl_check_small(c))
        return;
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 64, 61, 63), SMALL_W(64, 64, 3, 3), W(64));
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 256, 14, 14), SMALL_W(256, 256, 3, 3), W(256));
    DCL_CASE(c, "pads=1,1,1,1", 1, X(3, 128, 20, 20), SMALL_W(96, 128, 3, 3), W(96));
}

static void depthwise(struct dcl_check *c)
{
    DCL_CASE(c, "group=35 pads=1,1,1,1", 1, X(2, 35, 9, 13), W(35, 1, 3, 3), W(35));
    DCL_CASE(c, "group=16 pads=1,1,1,1 strides=2,2", 1, X(1, 16, 10, 13), W(16, 1, 3, 3), W(16));
    DCL_CASE(c, "group=24 pads=0,0,1,1 strides=2,2", 1, X(1, 24, 15, 16), W(24, 1, 3, 3));
    DCL_CASE(c, "group=20 pads=2,2,2,2", 1, X(1, 20, 5, 4), W(20, 1, 5, 5), W(20));
    DCL_CASE(c, "group=20 pads=3,3,3,3 strides=2,2", 1, X(1, 20, 17, 19), W(20, 1, 7, 7), W(20));
    DCL_CASE(c, "group=17 pads=2,4,2,4 dilations=2,4", 1, X(1, 17, 9, 10), W(17, 1, 3, 3), W(17));
}

static void fused(struct dcl_check *c)
{
    static const char *const kinds[] = {"relu",
                                        "leaky_relu alpha=0.1",
                                        "clip alpha=-0.25 beta=0.5",
                                        "sigmoid",
                                        "silu",
                                        "hard_sigmoid alpha=0.2 beta=0.5",
                                        "hard_swish",
                                        "tanh",
                                        "elu alpha=1.5"};
    char attrs[120];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i += dcl_check_small(c) ? 3 : 1) {
        const char *where = i % 2 ? " residual=after" : "";
        snprintf(attrs, sizeof attrs, "activation=%s%s", kinds[i], where);
        DCL_CASE(c, attrs, 1, X(1, 18, 3, 7), W(20, 18, 1, 1), W(20), X(1, 20, 3, 7));
        snprintf(attrs, sizeof attrs, "pads=1,1,1,1 activation=%s%s", kinds[i], where);
        DCL_CASE(c, attrs, 1, X(1, 18, 5, 7), W(40, 18, 3, 3), W(40), X(1, 40, 5, 7));
        snprintf(attrs, sizeof attrs, "group=18 pads=1,1,1,1 activation=%s%s", kinds[i], where);
        DCL_CASE(c, attrs, 1, X(1, 18, 5, 7), W(18, 1, 3, 3), W(18), X(1, 18, 5, 7));
    }
    DCL_CASE(c, "activation=silu", 1, DCL_RANGE(DETCL_F32, -300, 300, 1, 1, 9, 9), W(16, 1, 1, 1),
             DCL_ABSENT);
}

/* NaN and infinity reach the outputs whose windows hold them, and no others. */
static void special(struct dcl_check *c)
{
    float x[18 * 5 * 7];
    for (int i = 0; i < 18 * 5 * 7; i++)
        x[i] = (float)(i % 11) - 5;
    x[40] = NAN;
    x[17 * 35 + 3] = NAN;
    x[300] = INFINITY;
    DCL_CASE(c, "pads=1,1,1,1", 1, DCL_DATA(DETCL_F32, x, 1, 18, 5, 7), W(20, 18, 3, 3));
    DCL_CASE(c, "activation=silu", 1, DCL_DATA(DETCL_F32, x, 1, 18, 5, 7), W(20, 18, 1, 1));
    DCL_CASE(c, "group=18 activation=relu", 1, DCL_DATA(DETCL_F32, x, 1, 18, 5, 7), W(18, 1, 3, 3));
}

static void refused(struct dcl_check *c)
{
    static const struct {
        const char *attrs;
        struct dcl_operand in[3];
        enum detcl_status status;
    } list[] = {
        {"", {X(1, 4, 5, 5), W(2, 3, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"", {X(1, 4, 5, 5), W(2, 4, 3, 3), W(3)}, DETCL_ERROR_MODEL},
        {"", {X(1, 4, 5, 5), W(2, 4, 3), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
        {"", {X(1, 4, 2, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"", {X(1, 4, 5, 5), W(2, 4, 0, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"", {X(4, 5), W(2, 5), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
        {"group=3", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"group=0", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"strides=0,1", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
        {"strides=1", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"pads=1,1", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"pads=-1,0,0,0", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
        {"kernel_shape=2,2", {X(1, 4, 5, 5), W(2, 4, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_refused(c, list[i].attrs, list[i].in, 3, 1, list[i].status);
    const struct dcl_operand residual[] = {X(1, 4, 5, 5), W(2, 4, 1, 1), DCL_ABSENT, X(1, 2, 5, 4)};
    dcl_check_refused(c, "", residual, 4, 1, DETCL_ERROR_MODEL);
}

void dcl_check_conv2d(struct dcl_check *c)
{
    fill_values();
    golden(c);
    golden_residual(c);
    dense(c);
    pointwise(c);
    winograd(c);
    depthwise(c);
    fused(c);
    special(c);
    refused(c);
    /* Weights that only the run knows, one and three dimensions, no images. */
    DCL_CASE(c, "pads=1,1,1,1", 1, X(1, 5, 6, 7), X(4, 5, 3, 3), X(4));
    DCL_CASE(c, "pads=2,1 dilations=2", 1, X(2, 6, 31), W(7, 6, 3), W(7));
    DCL_CASE(c, "group=2 strides=2,1,1 pads=1,0,1,1,2,0", 1, X(1, 4, 5, 6, 7), W(6, 2, 3, 2, 2));
    DCL_CASE(c, "", 1, X(0, 5, 6, 7), W(4, 5, 3, 3), W(4));
}
