#include "check.h"

#include <math.h>
#include <stdlib.h>

/* Overlaps by shapely 2.2, in double precision, and the greedy rule in numpy. The corners are those
 * of the boxes. */
static void shapely(struct dcl_check *c)
{
    static const float boxes[] = {
        4,     26,    29.5f, 24,    80,    3.5f,  11,    29.5f, 16,    -337,  23.5f, 4,     7.5f,
        21.5f, -235,  14.5f, 15,    9,     11,    -216,  17.5f, 13,    12,    4,     -42,   18,
        19.5f, 18,    6,     -112,  21,    29.5f, 25,    29,    163,   0.5f,  8,     16.5f, 27,
        -23,   14.5f, 25.5f, 29.5f, 11.5f, -116,  4,     4,     13,    15,    292,   12,    10,
        28,    10,    90,    27.5f, 23.5f, 19,    7.5f,  142,   16,    7,     22.5f, 26,    177,
        2,     20,    10,    21.5f, -116,  16,    13.5f, 19,    5.5f,  281,   3.5f,  15,    24.5f,
        9,     -348,  22.5f, 28,    27,    18.5f, -140,  28,    24.5f, 26.5f, 27,    -245,  29,
        25,    29,    29.5f, -358,  18.5f, 16,    7,     9.5f,  357};
    static const float corners[] = {-10.3790035f,
                                    38.4421349f,
                                    -5.25638247f,
                                    9.39030743f,
                                    18.3790035f,
                                    13.5578642f,
                                    13.256382f,
                                    42.6096916f,
                                    -13.2032957f,
                                    9.39924526f,
                                    13.9515972f,
                                    -2.12732291f,
                                    20.2032948f,
                                    12.6007547f,
                                    -6.95159769f,
                                    24.1273232f,
                                    16.8450279f,
                                    13.2377672f,
                                    12.5432043f,
                                    7.0941267f,
                                    30.1549721f,
                                    -5.23776674f,
                                    34.4567947f,
                                    0.905873477f,
                                    14.9077578f,
                                    22.0946274f,
                                    7.62660456f,
                                    16.8045597f,
                                    14.0922422f,
                                    7.9053731f,
                                    21.3733959f,
                                    13.1954403f,
                                    14.3793926f,
                                    7.49892664f,
                                    23.2971306f,
                                    15.5284939f,
                                    20.6206074f,
                                    18.5010738f,
                                    11.7028694f,
                                    10.4715061f,
                                    24.1530113f,
                                    12.2791653f,
                                    17.4100914f,
                                    28.9684753f,
                                    11.8469887f,
                                    26.7208347f,
                                    18.5899086f,
                                    10.0315256f,
                                    28.7144203f,
                                    47.0210648f,
                                    4.80680084f,
                                    39.7117729f,
                                    13.2855806f,
                                    11.9789343f,
                                    37.1931992f,
                                    19.2882271f,
                                    -1.81929481f,
                                    -7.65034723f,
                                    13.3690357f,
                                    -1.20328367f,
                                    2.81929469f,
                                    23.6503468f,
                                    -12.3690357f,
                                    17.2032833f,
                                    26.1340408f,
                                    14.763422f,
                                    13.2020912f,
                                    41.2778473f,
                                    2.86595988f,
                                    36.2365799f,
                                    15.7979088f,
                                    9.72215366f,
                                    8.51893616f,
                                    -4.83624458f,
                                    13.3888216f,
                                    7.21714544f,
                                    -0.518936038f,
                                    12.8362446f,
                                    -5.3888216f,
                                    0.782854378f,
                                    7,
                                    24,
                                    7,
                                    -4,
                                    17,
                                    -4,
                                    17,
                                    24,
                                    32.677372f,
                                    32.3038254f,
                                    17.7051678f,
                                    20.6062565f,
                                    22.322628f,
                                    14.6961756f,
                                    37.2948341f,
                                    26.3937435f,
                                    26.5542145f,
                                    20.5709629f,
                                    4.08505011f,
                                    19.393404f,
                                    5.44578505f,
                                    -6.57096338f,
                                    27.9149494f,
                                    -5.39340448f,
                                    13.8538914f,
                                    20.2185192f,
                                    9.47018051f,
                                    29.206461f,
                                    -9.85389137f,
                                    19.7814808f,
                                    -5.47018003f,
                                    10.79354f,
                                    16.8867893f,
                                    3.64981699f,
                                    20.5121593f,
                                    22.3007336f,
                                    15.1132107f,
                                    23.3501835f,
                                    11.4878397f,
                                    4.69926643f,
                                    -9.41791058f,
                                    13.1452541f,
                                    14.5467052f,
                                    8.05141735f,
                                    16.4179115f,
                                    16.8547459f,
                                    -7.54670572f,
                                    21.9485817f,
                                    38.787384f,
                                    26.4082775f,
                                    18.1041851f,
                                    43.7635422f,
                                    6.21261454f,
                                    29.5917225f,
                                    26.8958149f,
                                    12.2364559f,
                                    21.3645363f,
                                    42.2139244f,
                                    10.1651525f,
                                    18.1967678f,
                                    34.6354637f,
                                    6.78607512f,
                                    45.8348465f,
                                    30.8032322f,
                                    13.9940653f,
                                    10.765028f,
                                    42.9763985f,
                                    9.75294304f,
                                    44.0059357f,
                                    39.2349701f,
                                    15.0236006f,
                                    40.2470589f,
                                    15.2533922f,
                                    11.0733337f,
                                    22.2437992f,
                                    11.4396858f,
                                    21.7466068f,
                                    20.9266663f,
                                    14.7562008f,
                                    20.5603142f};
    static const float scores[] = {0.560000002f, 0.200000003f, 0.0399999991f, 0.400000006f,
                                   0.360000014f, 0.280000001f, 0.75999999f,   0.439999998f,
                                   0.519999981f, 0.720000029f, 0.639999986f,  0.600000024f,
                                   0.239999995f, 0.800000012f, 0.319999993f,  0.0799999982f,
                                   0.680000007f, 0.159999996f, 0.479999989f,  0.119999997f};
    static const int32_t classes[] = {0, 1, 1, 0, 1, 2, 2, 0, 2, 0, 0, 1, 2, 2, 2, 0, 1, 2, 1, 0};
    static const int32_t all[] = {13, 6, 9, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const int32_t by_class[] = {13, 6, 9, 16, 0, 3, 4, 14, 1, 2,
                                       0,  0, 0, 0,  0, 0, 0, 0,  0, 0};
    static const int32_t five[] = {13, 6, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const int32_t scored[] = {13, 6, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const int32_t n_all = 5;
    static const int32_t n_by_class = 10;
    static const int32_t n_five = 5;
    static const int32_t n_scored = 5;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 20, 5),
                                     DCL_DATA(DETCL_F32, scores, 1, 20),
                                     DCL_DATA(DETCL_I32, classes, 1, 20)};
    const struct dcl_operand lists[] = {DCL_DATA(DETCL_F32, corners, 1, 20, 4, 2), in[1], in[2]};
    const struct {
        const char *attrs;
        int n_in;
        const int32_t *keep, *kept;
    } list[] = {
        {"iou_threshold=0.1", 2, all, &n_all},
        {"iou_threshold=0.1", 3, by_class, &n_by_class},
        {"iou_threshold=0.25 class_agnostic=1 max_output=5", 3, five, &n_five},
        {"iou_threshold=0.25 use_score_threshold=1 score_threshold=0.5", 2, scored, &n_scored}};
    for (size_t i = 0; i < 2 * (sizeof list / sizeof *list); i++)
        dcl_check_golden(c, list[i / 2].attrs, i % 2 ? lists : in, list[i / 2].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i / 2].keep, 20),
                                                DCL_DATA(DETCL_I32, list[i / 2].kept, 1)},
                         2, 0);
}

/* Worked by hand: an overlap of exactly one half; equal scores by position; boxes that touch; what
 * must never be kept. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {5, 2.5f, 10, 5, 0, 5, 5, 10, 10, 90, 15, 5, 10, 10, 180};
    static const float scores[] = {0.5f, 0.5f, 0.5f};
    static const int32_t all[] = {0, 1, 2}, two[] = {0, 2, 0}, n3 = 3, n2 = 2;
    static const float bad[] = {5, 5, 9, 9, 0,        5, 5, 9, 9, NAN, INFINITY, 5, 9, 9, 0,
                                5, 5, 9, 9, INFINITY, 5, 5, 0, 9, 0,   5,        5, 9, 9, 3};
    static const float bad_scores[] = {NAN, 1, 1, 1, -INFINITY, INFINITY};
    static const int32_t good[] = {5, 4, 0, 0, 0, 0};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 3, 5),
                                     DCL_DATA(DETCL_F32, scores, 1, 3)};
    const struct {
        const char *attrs;
        const int32_t *keep, *kept;
    } list[] = {{"iou_threshold=0.5", all, &n3},
                {"iou_threshold=0.5 boundary=greater_equal", two, &n2},
                {"iou_threshold=0.49", two, &n2},
                {"iou_threshold=0", two, &n2}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 3),
                                                DCL_DATA(DETCL_I32, list[i].kept, 1)},
                         2, 0);
    dcl_check_golden(
        c, "iou_threshold=0.5",
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, bad, 1, 6, 5),
                               DCL_DATA(DETCL_F32, bad_scores, 1, 6)},
        2, (struct dcl_operand[]){DCL_DATA(DETCL_I32, good, 6), DCL_DATA(DETCL_I32, &n2, 1)}, 2, 0);
}

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Crowds of `length` boxes an image with scores in few steps, alone, with classes, and with anchors
 * and counts; with n_in not 0, only with so many operands. */
static void scene(struct dcl_check *c, const char *attrs, int64_t images, int64_t length,
                  float extent, int n_in)
{
    uint32_t state = 12345;
    const int64_t n = images * length;
    float *boxes = malloc((size_t)n * 20), *scores = malloc((size_t)n * 4);
    int32_t *classes = malloc((size_t)n * 4), *anchors = malloc((size_t)n * 4);
    if (boxes && scores && classes && anchors) {
        for (int64_t i = 0; i < n; i++) {
            for (int k = 0; k < 5; k++)
                boxes[5 * i + k] = (k < 2    ? extent
                                    : k == 4 ? 360.0f
                                             : 40.0f) *
                                   ((float)next(&state) * 0x1p-24f + (k < 2 ? 0 : 0.1f));
            scores[i] = (float)(next(&state) % 50) / 50;
            classes[i] = (int32_t)(next(&state) % 5) - 1;
            anchors[i] = (int32_t)(next(&state) % (uint32_t)(length + 1)); /* one past the last */
        }
        const int32_t counts[] = {(int32_t)length, (int32_t)(length / 2), -1};
        const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, images, length, 5),
                                         DCL_DATA(DETCL_F32, scores, images, length),
                                         DCL_DATA(DETCL_I32, classes, images, length),
                                         DCL_DATA(DETCL_I32, anchors, images, length),
                                         DCL_DATA(DETCL_I32, counts, images)};
        for (int k = n_in ? n_in : 2; k <= (n_in ? n_in : 5); k += k == 3 ? 2 : 1)
            dcl_check_case(c, attrs, in, k, 2);
    }
    free(boxes);
    free(scores);
    free(classes);
    free(anchors);
}

void dcl_check_nms_polygon(struct dcl_check *c)
{
    shapely(c);
    by_hand(c);
    static const char *const attrs[] = {
        "iou_threshold=0.3", "iou_threshold=0.1 class_agnostic=1 angle=radians",
        "iou_threshold=0.5 boundary=greater_equal max_per_class=7", "iou_threshold=0 max_output=20",
        "iou_threshold=0.2 angle=degrees_clockwise use_score_threshold=1 score_threshold=0.2"};
    static const int few[] = {5, 2, 3};
    static const int64_t lengths[] = {1, 15, 16, 17, 64, 65, 131};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        scene(c, attrs[i % 5], lengths[i] == 131 ? 3 : 1, lengths[i], 100,
              dcl_check_small(c) ? few[i % 3] : 0);
    DCL_CASE(c, "iou_threshold=0.4", 2, DCL_RANGE(DETCL_F32, 0, 9, 2, 20, 16, 2),
             DCL_RANDOM(DETCL_F32, 2, 20), DCL_RANDOM(DETCL_I32, 2, 20));
    DCL_CASE(c, "iou_threshold=0.2", 2, DCL_RANGE(DETCL_F32, 0, 9, 1, 70, 3, 2),
             DCL_RANDOM(DETCL_F32, 1, 70));
    DCL_CASE(c, "iou_threshold=0.2", 2, DCL_SPECIAL(2, 70, 5), DCL_SPECIAL(2, 70));
    DCL_CASE(c, "iou_threshold=0 boundary=greater_equal", 2, DCL_SPECIAL(1, 30, 4, 2),
             DCL_SPECIAL(1, 30), DCL_RANDOM(DETCL_I32, 1, 30));
    DCL_CASE(c, "iou_threshold=0.2", 2, DCL_RANDOM(DETCL_F32, 2, 0, 5),
             DCL_RANDOM(DETCL_F32, 2, 0));
    DCL_CASE(c, "iou_threshold=0.2", 2, DCL_RANDOM(DETCL_F32, 0, 5, 5),
             DCL_RANDOM(DETCL_F32, 0, 5));
    if (!dcl_check_small(c)) {
        scene(c, attrs[0], 1, 3000, 400, 0);  /* few are kept, each suppresses many */
        scene(c, attrs[2], 2, 3000, 2000, 0); /* nearly all are kept */
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 5), DCL_RANDOM(DETCL_F32, 1, 5),
                                     DCL_RANDOM(DETCL_I32, 1, 4), DCL_RANDOM(DETCL_F32, 5, 5)};
    dcl_check_refused(c, attrs[0], in, 3, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, attrs[0], (struct dcl_operand[]){in[3], in[1]}, 2, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "iou_threshold=1.5", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "iou_threshold=0.5 max_output=-1", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "iou_threshold=0.5 boundary=legacy", in, 2, 2, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, attrs[0], in, 2, 1, DETCL_ERROR_ARGUMENT);
}
