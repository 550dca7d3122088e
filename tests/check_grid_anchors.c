#include "check.h"

/* torchvision 0.14: AnchorGenerator on an image of 32 x 16 pixels with maps of 4 x 2 and 2 x 1
 * cells. */
static void torchvision(struct dcl_check *c)
{
    static const float boxes[] = {
        -11, -6,     11,  6,      -17,    -8,     17,  8,      -8,  -8,     8,   8,   -12,
        -12, 12,     12,  -6,     -11,    6,      11,  -8,     -17, 8,      17,  -3,  -6,
        19,  6,      -9,  -8,     25,     8,      0,   -8,     16,  8,      -4,  -12, 2e+01f,
        12,  2,      -11, 14,     11,     0,      -17, 16,     17,  5,      -6,  27,  6,
        -1,  -8,     33,  8,      8,      -8,     24,  8,      4,   -12,    28,  12,  1e+01f,
        -11, 22,     11,  8,      -17,    24,     17,  13,     -6,  35,     6,   7,   -8,
        41,  8,      16,  -8,     32,     8,      12,  -12,    36,  12,     18,  -11, 3e+01f,
        11,  16,     -17, 32,     17,     -11,    2,   11,     14,  -17,    0,   17,  16,
        -8,  0,      8,   16,     -12,    -4,     12,  2e+01f, -6,  -3,     6,   19,  -8,
        -9,  8,      25,  -3,     2,      19,     14,  -9,     0,   25,     16,  0,   0,
        16,  16,     -4,  -4,     2e+01f, 2e+01f, 2,   -3,     14,  19,     0,   -9,  16,
        25,  5,      2,   27,     14,     -1,     0,   33,     16,  8,      0,   24,  16,
        4,   -4,     28,  2e+01f, 1e+01f, -3,     22,  19,     8,   -9,     24,  25,  13,
        2,   35,     14,  7,      0,      41,     16,  16,     0,   32,     16,  12,  -4,
        36,  2e+01f, 18,  -3,     3e+01f, 19,     16,  -9,     32,  25,     -23, -11, 23,
        11,  -34,    -17, 34,     17,     -16,    -16, 16,     16,  -24,    -24, 24,  24,
        -11, -23,    11,  23,     -17,    -34,    17,  34,     -7,  -11,    39,  11,  -18,
        -17, 5e+01f, 17,  0,      -16,    32,     16,  -8,     -24, 4e+01f, 24,  5,   -23,
        27,  23,     -1,  -34,    33,     34};
    dcl_check_golden(c, "height=16 width=32 strides=8,16 sizes=16,24,32,48 ratios=0.5,1,2 round=1",
                     NULL, 0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 60, 4)}, 1, 0);
}

/* torchvision 0.14: RetinaNet's default generator (nine anchors a cell) for P5, on an image of 71 x
 * 50 pixels with a map of 2 x 2 cells: strides of 35 and 25. */
static void retinanet(struct dcl_check *c)
{
    static const float boxes[] = {
        -91,  -45,  91,  45,  -114, -57,  114, 57,  -144, -72,  144, 72,  -64,  -64,  64,  64,
        -80,  -80,  80,  80,  -102, -102, 102, 102, -45,  -91,  45,  91,  -57,  -114, 57,  114,
        -72,  -144, 72,  144, -56,  -45,  126, 45,  -79,  -57,  149, 57,  -109, -72,  179, 72,
        -29,  -64,  99,  64,  -45,  -80,  115, 80,  -67,  -102, 137, 102, -10,  -91,  80,  91,
        -22,  -114, 92,  114, -37,  -144, 107, 144, -91,  -20,  91,  70,  -114, -32,  114, 82,
        -144, -47,  144, 97,  -64,  -39,  64,  89,  -80,  -55,  80,  105, -102, -77,  102, 127,
        -45,  -66,  45,  116, -57,  -89,  57,  139, -72,  -119, 72,  169, -56,  -20,  126, 70,
        -79,  -32,  149, 82,  -109, -47,  179, 97,  -29,  -39,  99,  89,  -45,  -55,  115, 105,
        -67,  -77,  137, 127, -10,  -66,  80,  116, -22,  -89,  92,  139, -37,  -119, 107, 169};
    dcl_check_golden(
        c, "height=50 width=71 strides=0 cells=2,2 sizes=128,161,203 ratios=0.5,1,2 round=1", NULL,
        0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 36, 4)}, 1, 0);
}

/* Worked by hand: width 4 and height 16 around the middles (8, 8) and (24, 8), then twice that. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {6, 0, 10, 16, 4, -8, 12, 24, 22, 0, 26, 16, 20, -8, 28, 24};
    dcl_check_golden(c, "height=16 width=32 strides=16 sizes=8 ratios=4 scales=1,2 offset=0.5",
                     NULL, 0, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 4, 4)}, 1, 1e-6);
}

void dcl_check_grid_anchors(struct dcl_check *c)
{
    torchvision(c);
    retinanet(c);
    by_hand(c);
    dcl_check_case(
        c, "height=37 width=53 strides=8,16,32 sizes=32,64,128 ratios=0.5,1,2 scales=1,1.26,1.587",
        NULL, 0, 1);
    static const char *const bad[] = {"height=16 width=16 strides=8,16 sizes=8",
                                      "height=16 width=16 strides=0 sizes=8",
                                      "height=0 width=16 strides=8 sizes=8",
                                      "height=16 width=16 strides=8 sizes=8 ratios=0",
                                      "height=16 width=16 strides=8,8 sizes=8,8 cells=2,2",
                                      "height=16 width=16 strides=8 sizes=8 cells=0,2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        dcl_check_refused(c, bad[i], NULL, 0, 1, DETCL_ERROR_ARGUMENT);
}
