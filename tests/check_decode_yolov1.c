#include "check.h"

/* The paper's section 2 in double: B = 2 boxes a cell and C = 3 classes on 2 x 2 cells, in the
 * paper's order and in Darknet's. */
static void paper(struct dcl_check *c)
{
    static const float x[] = {
        0.42f, 0.59f, 0.02f, 0.67f, 0.92f, 0.83f, 0.89f, 0.66f, 0.25f, 0.77f, 0.21f, 0.83f, 0.06f,
        0.83f, 0.16f, 0.38f, 0.32f, 0.69f, 0.18f, 0.4f,  0.01f, 0.26f, 0.42f, 0.11f, 0.63f, 0.38f,
        0.73f, 0.65f, 0.43f, 0.87f, 0.63f, 0.81f, 0.34f, 0.54f, 0.2f,  1,     0.24f, 0.26f, 0.07f,
        0.26f, 0.76f, 0.7f,  0.13f, 0.38f, 0.42f, 0.66f, 0.46f, 0.59f, 0.84f, 0.73f, 0.37f, 0.45f};
    static const float grouped[] = {
        0.21f, 0.83f, 0.06f, 0.11f, 0.63f, 0.38f, 0.24f, 0.26f, 0.07f, 0.73f, 0.37f, 0.45f, 0.92f,
        0.77f, 0.69f, 0.42f, 0.63f, 1,     0.38f, 0.84f, 0.42f, 0.59f, 0.02f, 0.67f, 0.83f, 0.89f,
        0.66f, 0.25f, 0.83f, 0.16f, 0.38f, 0.32f, 0.18f, 0.4f,  0.01f, 0.26f, 0.73f, 0.65f, 0.43f,
        0.87f, 0.81f, 0.34f, 0.54f, 0.2f,  0.26f, 0.76f, 0.7f,  0.13f, 0.42f, 0.66f, 0.46f, 0.59f};
    static const float boxes[] = {8.392f,  1.411f,  8.408f,  10.389f, 33.712f, 0.576f,  39.488f,
                                  2.624f,  10.902f, 8.931f,  18.298f, 24.069f, 15.4f,   17.431f,
                                  35,      17.769f, 7.888f,  8.275f,  25.312f, 9.525f,  23.598f,
                                  3.324f,  23.602f, 4.676f,  10.368f, 13,      22.032f, 13.8f,
                                  24.168f, 13.119f, 32.632f, 20.081f};
    static const float scores[] = {0.1932f, 0.7636f, 0.0552f, 0.0759f, 0.4347f, 0.2622f,
                                   0.1512f, 0.1638f, 0.0441f, 0.2774f, 0.1406f, 0.171f,
                                   0.1617f, 0.6391f, 0.0462f, 0.0462f, 0.2646f, 0.1596f,
                                   0.24f,   0.26f,   0.07f,   0.6132f, 0.3108f, 0.378f};
    const struct dcl_operand expected[] = {DCL_DATA(DETCL_F32, boxes, 1, 8, 4),
                                           DCL_DATA(DETCL_F32, scores, 1, 8, 3)};
    dcl_check_golden(c, "height=20 width=40 side=2 boxes=2",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 52)}, 1, expected, 2, 1e-5);
    dcl_check_golden(c, "height=20 width=40 side=2 boxes=2 layout=grouped",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, grouped, 1, 52)}, 1, expected, 2,
                     1e-5);
}

/* Worked by hand: the middle of the second cell, a fourth of the image's width and half its height,
 * no classes. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {0, 0, 0, 0, 0, 0.5f, 0.5f, 0.25f, 0.5f, 1,
                              0, 0, 0, 0, 0, 0,    0,    0,     0,    0};
    static const float boxes[] = {0, 0, 0, 0, 25, 0, 35, 10, 0, 10, 0, 10, 20, 10, 20, 10};
    static const float scores[] = {0, 1, 0, 0};
    dcl_check_golden(
        c, "height=20 width=40 side=2 boxes=1 square=0",
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 1, 2, 2, 5)}, 1,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 16), DCL_DATA(DETCL_F32, scores, 4)}, 2,
        0);
}

void dcl_check_decode_yolov1(struct dcl_check *c)
{
    paper(c);
    by_hand(c);
    DCL_CASE(c, "height=448 width=448", 2, DCL_RANDOM(DETCL_F32, 3, 1470));
    DCL_CASE(c, "height=448 width=448 layout=grouped", 2, DCL_RANDOM(DETCL_F32, 2, 1470));
    DCL_CASE(c, "height=30 width=50 side=3 boxes=1", 2, DCL_SPECIAL(3, 3, 3, 9));
    DCL_CASE(c, "height=30 width=50 side=3 boxes=1 layout=grouped square=0", 2,
             DCL_RANDOM(DETCL_F32, 0, 81));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 1470)};
    dcl_check_refused(c, "height=448 width=448 side=8", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=448 width=448 boxes=7", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=448 width=448 side=0", in, 1, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=448 width=448", in, 1, 1, DETCL_ERROR_ARGUMENT);
}
