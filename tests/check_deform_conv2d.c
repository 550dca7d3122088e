#include "deform_cases.h"

#include <math.h>

/* torchvision 0.14, deform_conv2d. */
static void golden(struct dcl_check *c)
{
    static float x[96], w[48], offset[384], mask[192];
    static const float bias[] = {0.5f, -1, 0.25f, 2};
    static const float masked[] = {
        0.2452344f,     1.02109361f,   3.67265654f,    1.86445332f,   0.842187405f,
        0.276874989f,   1.47468758f,   -0.0264062285f, -0.80945313f,  -1.62125003f,
        -2.0390625f,    -1.68335938f,  0.813281178f,   -0.921249986f, -0.966874957f,
        -0.870781243f,  -0.517187595f, -0.306953132f,  0.186718747f,  0.623437405f,
        0.623671889f,   -0.176328182f, -0.622499943f,  -1.10125017f,  4.41218758f,
        1.67281246f,    1.62382817f,   2.52656269f,    2.47515607f,   2.79429698f,
        1.38562489f,    5.0818758f,    0.297265649f,   1.8921876f,    0.905937552f,
        0.510781169f,   0.5f,          1.6555078f,     0.676249921f,  0.860546947f,
        -0.755546808f,  -1.25312495f,  -1.5953126f,    -1.13031244f,  -1,
        -1.18199229f,   -1.08249998f,  -0.939453125f,  0.412500054f,  0.182812542f,
        0.661953032f,   0.263125062f,  0.242968753f,   0.0629687011f, 0.126562506f,
        -0.0418750048f, 1.60624993f,   2.49359369f,    2.7415626f,    1.47062492f,
        1.97421873f,    2.39390612f,   2.35468721f,    3.11578131f};
    static const float plain[] = {-0.494062513f,
                                  1.34062481f,
                                  1.88312531f,
                                  2.1171875f,
                                  0.0312497616f,
                                  0.236874968f,
                                  1.92156267f,
                                  2.03937507f,
                                  0.368437499f,
                                  -1.31999993f,
                                  -1.0562501f,
                                  0.165937304f,
                                  2.2406249f,
                                  0.0487499982f,
                                  -0.776250124f,
                                  -0.573124945f,
                                  -0.865625024f,
                                  -0.691562593f,
                                  -0.0843750015f,
                                  1.57531238f,
                                  -0.00749993324f,
                                  -0.443437576f,
                                  -0.966874957f,
                                  -1.1796875f,
                                  2.26125002f,
                                  -0.227500036f,
                                  -0.794062495f,
                                  -0.0981248021f,
                                  0.855312347f,
                                  0.396562576f,
                                  -0.399062604f,
                                  2.72093821f,
                                  -0.129687563f,
                                  1.85625017f,
                                  0.327812642f,
                                  0.205312401f,
                                  0,
                                  1.75765634f,
                                  0.097499907f,
                                  0.342187583f,
                                  1.11531246f,
                                  -0.337500036f,
                                  -0.635937393f,
                                  -0.18187499f,
                                  0,
                                  1.10046875f,
                                  -0.0824999884f,
                                  -0.120312512f,
                                  0.196875036f,
                                  -0.71875f,
                                  -0.0334374607f,
                                  -0.036874935f,
                                  0.182812542f,
                                  -0.0696876347f,
                                  -0.759374976f,
                                  0.504999876f,
                                  -0.553125143f,
                                  1.74437451f,
                                  0.935000181f,
                                  -0.0543751195f,
                                  0.0609375834f,
                                  0.562812567f,
                                  0.0437498093f,
                                  0.838437855f};
    fill(x, 96, 5, 17, 0.25f, -2);
    fill(w, 48, 7, 11, 0.25f, -1.25f);
    fill(offset, 384, 13, 37, 0.15f, -2.7f);
    fill(mask, 192, 3, 7, 0.25f, -0.25f);
    static const char attrs[] =
        "strides=2,1 pads=1,2,1,2 dilations=1,2 group=2 offset_group=2 kernel_shape=2,3";
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, x, 2, 4, 3, 4), DCL_DATA(DETCL_F32, w, 4, 2, 2, 3),
        DCL_DATA(DETCL_F32, offset, 2, 24, 2, 4), DCL_DATA(DETCL_F32, bias, 4),
        DCL_DATA(DETCL_F32, mask, 2, 12, 2, 4)};
    const struct dcl_operand v1[] = {in[0], in[1], in[2]};
    dcl_check_golden(c, attrs, in, 5,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, masked, 2, 4, 2, 4)}, 1, 5e-6);
    dcl_check_golden(c, attrs, v1, 3,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, plain, 2, 4, 2, 4)}, 1, 5e-6);
}

/* Worked by hand: one tap of weight 2 over 1 2 / 3 4; half a pixel, the corner, outside, NaN. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3, 4}, w[] = {2};
    static const float offset[] = {0.5f, -0.5f, NAN, 1e30f, 0.5f, 0.5f, 0, 0};
    static const float infinite[] = {INFINITY, 0, -INFINITY, -1, 0, -INFINITY, INFINITY, -1};
    static const float y[] = {5, 1, 0, 0}, none[] = {0, 0, 0, 2};
    struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 2, 2),
                               DCL_DATA(DETCL_F32, w, 1, 1, 1, 1),
                               DCL_DATA(DETCL_F32, offset, 1, 2, 2, 2)};
    dcl_check_golden(c, "", in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 1, 1, 2, 2)}, 1,
                     0);
    in[2].data = infinite;
    dcl_check_golden(c, "", in, 3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, none, 1, 1, 2, 2)}, 1,
                     0);
}

void dcl_check_deform_conv2d(struct dcl_check *c)
{
    golden(c);
    by_hand(c);
    DCL_CASE(c, "pads=1,1,1,1", 1, X(2, 5, 6, 7), X(3, 5, 3, 3), OFFSET(2, 18, 6, 7), X(3),
             X(2, 9, 6, 7));
    DCL_CASE(c, "pads=1,0,2,1", 1, X(1, 70, 9, 8), X(35, 70, 3, 2), OFFSET(1, 12, 10, 8));
    DCL_CASE(c, "group=3 offset_group=2", 1, X(1, 66, 8, 9), X(69, 22, 2, 2), OFFSET(1, 16, 7, 8),
             X(69), X(1, 8, 7, 8));
    DCL_CASE(c, "strides=2,3 dilations=2,1 offset_group=5 pads=2,2,2,2", 1, X(2, 10, 11, 13),
             X(1, 10, 3, 3), OFFSET(2, 90, 6, 5));
    DCL_CASE(c, "", 1, X(1, 17, 13, 15), X(33, 17, 1, 1), DCL_SPECIAL(1, 2, 13, 15), X(33),
             X(1, 1, 13, 15));
    DCL_CASE(c, "", 1, X(0, 3, 4, 4), X(2, 3, 2, 2), X(0, 8, 3, 3));
    DCL_CASE(c, "", 1, X(1, 0, 4, 4), X(2, 0, 2, 2), X(1, 8, 3, 3), X(2));
    DCL_CASE(c, "", 1, X(1, 2, 4, 4), X(0, 2, 2, 2), X(1, 8, 3, 3));
    const struct dcl_operand in[] = {X(1, 4, 5, 5), X(2, 4, 3, 3), X(1, 18, 3, 3), X(2),
                                     X(1, 8, 3, 3)};
    dcl_check_refused(c, "", in, 5, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "group=3", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "offset_group=2", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "pads=1,1,1,1", in, 3, 1, DETCL_ERROR_MODEL);
}
