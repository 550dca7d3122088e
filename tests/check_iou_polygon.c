#include "check.h"

#include <math.h>

/* shapely 2.2, in double precision: rotated boxes far from the origin. */
static void shapely_boxes(struct dcl_check *c)
{
    static const float a[] = {100028, 100017,    5,         27.5f,     -266,   100018.5f, 100023,
                              11.5f,  4,         213,       100020.5f, 100025, 11,        16.5f,
                              -275,   100026.5f, 100006.5f, 26.5f,     25,     -24};
    static const float b[] = {100024, 100007.5f, 19,     24.5f,  -25,    100009, 100029.5f,
                              18,     22,        -205,   100010, 100013, 17,     20,
                              248,    100008,    100014, 29.5f,  12.5f,  -245,   100021.5f,
                              100015, 24.5f,     29.5f,  257};
    static const float iou_ccw[] = {0.12030641f,
                                    0.000539866975f,
                                    0.0510711558f,
                                    0.0241442285f,
                                    0.147234842f,
                                    0.00720877387f,
                                    0.0680473745f,
                                    0.0117308954f,
                                    0.0607500635f,
                                    0.0591789298f,
                                    0.0155311115f,
                                    0.148978859f,
                                    0.0471555665f,
                                    0.0977806076f,
                                    0.166040227f,
                                    0.624431551f,
                                    0,
                                    0.0996358544f,
                                    0.019686969f,
                                    0.398690581f};
    static const float iou_cw[] = {0.135996953f,
                                   0,
                                   0.0788645074f,
                                   0.00102392561f,
                                   0.154478118f,
                                   0.000665773929f,
                                   0.0145410905f,
                                   0.0100663053f,
                                   0,
                                   0.063415356f,
                                   0.024040712f,
                                   0.0986097604f,
                                   0.00425961381f,
                                   5.85715607e-05f,
                                   0.177421913f,
                                   0.702619672f,
                                   0,
                                   0.103479169f,
                                   0.0725118145f,
                                   0.370656222f};
    static const float iof[] = {0.470941067f,
                                0.00209355354f,
                                0.168738514f,
                                0.0867989659f,
                                0.802934706f,
                                0.0795847252f,
                                0.612188637f,
                                0.0972961411f,
                                0.516371429f,
                                0.933738053f,
                                0.0545176305f,
                                0.412560821f,
                                0.129389614f,
                                0.270035326f,
                                0.709433496f,
                                0.654495478f,
                                0,
                                0.137108788f,
                                0.0300531536f,
                                0.596014202f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 1, 4, 5),
                                     DCL_DATA(DETCL_F32, b, 1, 5, 5)};
    const struct {
        const char *attrs;
        const float *y;
    } list[] = {{"angle=degrees", iou_ccw}, {"angle=degrees_clockwise", iou_cw}, {"kind=iof", iof}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].y, 1, 4, 5)}, 1, 2e-6);
}

/* shapely 2.2: a pentagon in both orientations and a concave arrow against quadrilaterals, one of
 * them a triangle with a vertex repeated. */
static void shapely_polygons(struct dcl_check *c)
{
    static const float p[] = {0, 0,  10, 1, 12, 8,  6, 13, -1, 7,  0, 0,  10, 0, 4,
                              5, 10, 10, 0, 10, -1, 7, 6,  13, 12, 8, 10, 1,  0, 0};
    static const float q[] = {2, 2,  2,  9, 9, 9, 9,  2, 5, -3, 14, 6,
                              5, 15, -4, 6, 6, 3, 20, 4, 7, 7,  7,  7};
    static const float iou[] = {0.424242437f, 0.682765901f, 0.120722853f,
                                0.322222233f, 0.406835735f, 0.000512151979f,
                                0.424242437f, 0.682765901f, 0.120722853f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, p, 3, 5, 2),
                                     DCL_DATA(DETCL_F32, q, 3, 4, 2)};
    dcl_check_golden(c, NULL, in, 2, (struct dcl_operand[]){DCL_DATA(DETCL_F32, iou, 3, 3)}, 1,
                     1e-6);
}

/* Worked by hand: upright boxes are exact, and so are quarter turns in degrees; boxes that touch,
 * empty ones, what is not valid; a box against a polygon. */
static void by_hand(struct dcl_check *c)
{
    static const float a[] = {2, 2, 4, 4, 0,  2,   2, 4, 2, 90, 1, 1, 0, 5,        0,
                              2, 2, 4, 4, 45, NAN, 2, 4, 4, 0,  2, 2, 4, INFINITY, 0};
    static const float b[] = {2, 1, 4, 2, 0, 3, 4, 2, 4, 270, 6, 2, 4, 4, 0};
    static const float square[] = {0, 0, 4, 0, 4, 4, 0, 4, 0, 0, 4, 0, 4, 4, 0, 4};
    static const float iou[] = {0.5f, 1.0f / 7, 0, 1.0f / 3, 1.0f / 7, 0, 0, 0, 0};
    static const float same[] = {1, 0.5f};
    static const float none[] = {NAN, NAN, NAN, NAN, NAN, NAN};
    dcl_check_golden(
        c, NULL, (struct dcl_operand[]){DCL_DATA(DETCL_F32, a, 3, 5), DCL_DATA(DETCL_F32, b, 3, 5)},
        2, (struct dcl_operand[]){DCL_DATA(DETCL_F32, iou, 3, 3)}, 1, 1e-7);
    dcl_check_golden(
        c, NULL,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, a + 20, 2, 5), DCL_DATA(DETCL_F32, b, 3, 5)}, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, none, 2, 3)}, 1, 0);
    dcl_check_golden(
        c, "elementwise=1",
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, a, 2, 5), DCL_DATA(DETCL_F32, square, 2, 4, 2)},
        2, (struct dcl_operand[]){DCL_DATA(DETCL_F32, same, 2)}, 1, 0);
}

void dcl_check_iou_polygon(struct dcl_check *c)
{
    shapely_boxes(c);
    shapely_polygons(c);
    by_hand(c);
    static const char *const attrs[] = {"angle=radians", "angle=radians_clockwise kind=iof",
                                        "angle=degrees"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, 1, 9, 3, 17, 5),
                 DCL_RANGE(DETCL_F32, 1, 9, 3, 33, 5));
        DCL_CASE(c, attrs[i], 1, DCL_RANGE(DETCL_F32, -4, 9, 1, 5),
                 DCL_RANGE(DETCL_F32, -4, 9, 130, 5));
    }
    DCL_CASE(c, "elementwise=1 angle=radians", 1, DCL_RANGE(DETCL_F32, 1, 5, 2, 70, 5),
             DCL_RANGE(DETCL_F32, 1, 5, 2, 70, 5));
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, 0, 9, 2, 7, 16, 2),
             DCL_RANGE(DETCL_F32, 0, 9, 2, 9, 3, 2));
    DCL_CASE(c, "kind=iof", 1, DCL_RANGE(DETCL_F32, 0, 9, 7, 4, 2),
             DCL_RANGE(DETCL_F32, 2, 6, 9, 5));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(2, 19, 5), DCL_SPECIAL(2, 23, 5));
    DCL_CASE(c, NULL, 1, DCL_SPECIAL(2, 19, 4, 2), DCL_SPECIAL(2, 23, 5, 2));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 2, 0, 5), DCL_RANDOM(DETCL_F32, 2, 5, 5));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_F32, 0, 5, 4, 2), DCL_RANDOM(DETCL_F32, 0, 5, 4, 2));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 5, 5), DCL_RANDOM(DETCL_F32, 3, 5, 5),
                                     DCL_RANDOM(DETCL_F32, 2, 5, 17, 2),
                                     DCL_RANDOM(DETCL_F32, 2, 5, 4)};
    dcl_check_refused(c, NULL, in, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[2]}, 2, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, (struct dcl_operand[]){in[0], in[3]}, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=giou", (struct dcl_operand[]){in[0], in[0]}, 2, 1,
                      DETCL_ERROR_UNSUPPORTED);
}
