#include "check.h"

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define W(...) DCL_WEIGHTS(DETCL_F32, __VA_ARGS__)

/* Small integers that repeat with a prime period, so sums are exact. */
#define LENGTH 48
static float x_values[LENGTH], w_values[LENGTH];
static const float bias_values[] = {-1, -0.5f, 0};

#define GX(...) DCL_DATA(DETCL_F32, x_values, __VA_ARGS__)
#define GW(...) DCL_CONST_DATA(DETCL_F32, w_values, __VA_ARGS__)
#define GB(...) DCL_CONST_DATA(DETCL_F32, bias_values, __VA_ARGS__)

/* Outputs of ONNX Runtime 1.32 on the same operands. */
static void golden(struct dcl_check *c)
{
    static const float strided[] = {
        0,     -1,   0,     0,     -4,    -8,    -6,    21,    0,    -8,    -4,    2,      0,
        0,     0,    -7,    -5,    0,     -14,   5,     -1,    5,    0,     -7,    -3,     0,
        2,     -9,   -7,    7,     -5.5f, 2.5f,  -4.5f, -1.5f, 2.5f, 10.5f, -5.5f, -13.5f, 9.5f,
        -5.5f, 5.5f, -0.5f, 0.5f,  -3.5f, -3.5f, -4.5f, -6.5f, 8.5f, 17.5f, -3.5f, 2.5f,   -3.5f,
        -1.5f, 8.5f, -2.5f, -6.5f, -6.5f, 9.5f,  -6.5f, -2.5f, -1,   1,     11,    -8,     -6,
        -6,    5,    2,     -1,    7,     0,     2,     -9,    -7,   8,     3,     7,      -3,
        -6,    -7,   1,     3,     -8,    -6,    8,     2,     0,    -2,    9,     -2};
    static const float grouped[] = {6,  -1, -4, 8,  0,  -4, 2,  -5, -5, 7,  2, -2, 4, -2, -6,
                                    7,  -2, -5, 2,  -4, -5, 8,  2,  -1, 0,  0, 0,  0, 0,  0,
                                    -1, 6,  -3, 2,  -5, -2, -2, -5, 2,  -3, 6, -1, 7, -6, -2,
                                    4,  -4, 0,  -4, 8,  0,  -4, 4,  -2, 0,  0, 0,  0, 0,  0};
    static const float shaped[] = {
        6,  -3, -1, 2,  -2, 0,  0,  0,  -6, 0,  10, 0,  -4, 0,  0,  0,  -3, 3,  -4, -2, 4,  0,  0,
        0,  4,  -2, -4, 3,  -5, 1,  -1, 0,  -4, 0,  10, 0,  -4, 0,  -2, 0,  -2, 2,  -1, -3, 7,  -1,
        2,  0,  2,  -1, 7,  -3, -1, 2,  -2, 0,  -2, 0,  -4, 0,  10, 0,  -4, 0,  -1, 1,  -5, 3,  -4,
        -2, 4,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  6,  -3, -4, 2,  0,  0,  0,  3,  -6, -2, 4,
        0,  0,  0,  0,  6,  -3, -1, 2,  -2, 0,  0,  0,  0,  4,  -2, -6, 3,  -2, 1,  0,  2,  -4, -3,
        6,  -1, 2,  0,  0,  4,  -2, -4, 3,  -5, 1,  -1, 0,  0,  2,  -1, 6,  -3, -4, 2,  0,  1,  -2,
        3,  -6, -2, 4,  0,  0,  2,  -1, 7,  -3, -1, 2,  -2, 0,  0,  0,  0,  0,  0,  0,  0,  0};
    static const float line[] = {-7,    5,     0,     -2,    0,    -2,    0,
                                 -6.5f, 12.5f, -2.5f, -3.5f, 1.5f, -5.5f, 5.5f};
    static const float volume[] = {-7, 2, -8, 4, 4, -2, 2, -4, 7, -3, 10, 0, 5, 1, -1, -4};
    const struct {
        const char *attrs;
        struct dcl_operand in[3];
        int n_in;
        struct dcl_operand out;
    } list[] = {
        {"strides=2,1 pads=1,0,0,1 dilations=1,2",
         {GX(1, 2, 3, 4), GW(2, 3, 3, 2), GB(3)},
         3,
         DCL_DATA(DETCL_F32, strided, 1, 3, 6, 5)},
        {"group=2 strides=2,2 output_padding=1,0",
         {GX(1, 4, 2, 3), GW(4, 1, 2, 2)},
         2,
         DCL_DATA(DETCL_F32, grouped, 1, 2, 5, 6)},
        {"strides=3,2 output_shape=10,8",
         {GX(1, 1, 3, 3), GW(1, 2, 3, 3)},
         2,
         DCL_DATA(DETCL_F32, shaped, 1, 2, 10, 8)},
        {"strides=2 pads=1,1",
         {GX(1, 2, 4), GW(2, 2, 3), GB(2)},
         3,
         DCL_DATA(DETCL_F32, line, 1, 2, 7)},
        {"strides=1,2,1 pads=0,0,1,1,0,0",
         {GX(1, 1, 2, 2, 2), GW(1, 1, 2, 2, 2)},
         2,
         DCL_DATA(DETCL_F32, volume, 1, 1, 2, 4, 2)},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, list[i].in, list[i].n_in, &list[i].out, 1, 0);
}

/* The sums of a 3 x 3 window over 0..8 spread by stride 2: test_convtranspose_autopad_same of ONNX.
 */
static void golden_same(struct dcl_check *c)
{
    static const float x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, w[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const float y[] = {0, 0, 1, 1, 3, 2, 0, 0, 1,  1,  3,  2,  3, 3, 8,  5, 12, 7,
                              3, 3, 7, 4, 9, 5, 9, 9, 20, 11, 24, 13, 6, 6, 13, 7, 15, 8};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 3, 3),
                                     DCL_CONST_DATA(DETCL_F32, w, 1, 1, 3, 3)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 1, 1, 6, 6)};
    dcl_check_golden(c, "auto_pad=SAME_UPPER strides=2,2", in, 2, out, 1, 0);
}

static void refused(struct dcl_check *c)
{
    static const struct {
        const char *attrs;
        struct dcl_operand in[3];
        enum detcl_status status;
    } list[] = {
        {"", {X(1, 4, 5, 5), W(3, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"", {X(1, 4, 5, 5), W(4, 2, 3, 3), W(3)}, DETCL_ERROR_MODEL},
        {"", {X(1, 4, 5, 5), W(4, 2, 3), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
        {"", {X(1, 4, 0, 5), W(4, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"pads=2,2,2,2", {X(1, 4, 1, 1), W(4, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"group=3", {X(1, 4, 5, 5), W(4, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"output_padding=1", {X(1, 4, 5, 5), W(4, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_MODEL},
        {"output_shape=4,-1", {X(1, 4, 5, 5), W(4, 2, 3, 3), DCL_ABSENT}, DETCL_ERROR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_refused(c, list[i].attrs, list[i].in, 3, 1, list[i].status);
}

/* No tap reaches an output: each is its bias. */
static void golden_far(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3}, w[] = {4, 5, 6, 7}, bias[] = {8, 9};
    static const float y[] = {8, 8, 8, 9, 9, 9};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 3),
                                     DCL_CONST_DATA(DETCL_F32, w, 1, 2, 2),
                                     DCL_CONST_DATA(DETCL_F32, bias, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 1, 2, 3)};
    dcl_check_golden(c, "dilations=40 pads=20,20", in, 3, out, 1, 0);
}

void dcl_check_conv_transpose(struct dcl_check *c)
{
    golden_far(c);
    for (int i = 0; i < LENGTH; i++) {
        x_values[i] = (float)(i * 5 % 7 - 3);
        w_values[i] = (float)(i * 3 % 5 - 2);
    }
    golden(c);
    golden_same(c);
    refused(c);
    DCL_CASE(c, "strides=2,2", 1, X(1, 35, 5, 7), W(35, 20, 2, 2), W(20));
    DCL_CASE(c, "strides=2,2 pads=1,1,1,1 activation=silu", 1, X(2, 16, 6, 5), W(16, 33, 4, 4),
             W(33), X(2, 33, 12, 10));
    DCL_CASE(c, "strides=2,3 pads=0,1,1,0 dilations=2,1 output_padding=1,2", 1, X(1, 19, 4, 6),
             W(19, 17, 3, 3));
    DCL_CASE(c, "strides=2,3 pads=2,6,3,7 dilations=3,5", 1, X(1, 7, 8, 9), W(7, 6, 3, 3), W(6));
    DCL_CASE(c, "group=2 strides=2,1 activation=relu residual=after", 1, X(1, 32, 3, 5),
             W(32, 16, 3, 2), W(32), X(1, 32, 7, 6));
    DCL_CASE(c, "group=3 auto_pad=SAME_LOWER strides=2,2", 1, X(1, 9, 5, 5), W(9, 5, 3, 3), W(15));
    DCL_CASE(c, "strides=2,2 pads=1,1,1,1", 1, X(1, 20, 4, 31), W(20, 40, 4, 4), W(40));
    DCL_CASE(c, "strides=4,6 dilations=6,4 pads=3,1,2,5", 1, X(2, 16, 3, 5), W(16, 48, 3, 4),
             W(48));
    DCL_CASE(c, "group=2 strides=1,2", 1, X(2, 32, 4, 30), W(32, 48, 1, 3), W(96));
    DCL_CASE(c, "strides=7,9", 1, X(1, 5, 2, 3), W(5, 3, 2, 3), W(3));
    DCL_CASE(c, "strides=2 pads=1,1", 1, X(2, 6, 400), W(6, 7, 4), W(7));
    DCL_CASE(c, "strides=2,2", 1, X(1, 5, 3, 4), X(5, 6, 3, 3), X(6));
    DCL_CASE(c, "", 1, X(0, 5, 3, 4), W(5, 6, 3, 3));
}
