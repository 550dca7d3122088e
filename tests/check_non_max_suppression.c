#include "check.h"

static const float half = 0.5f, none = 0, much = 0.4f;

/* One example: expected holds `count` triples; three boxes a class at most. */
static void example(struct dcl_check *c, const char *attrs, const float *boxes, int64_t images,
                    const float *scores, int64_t classes, int64_t n, int64_t limit,
                    const float *threshold, const int64_t *triples, int32_t count)
{
    int64_t expected[18] = {0};
    for (int i = 0; i < 3 * count; i++)
        expected[i] = triples[i];
    const int64_t capacity = images * classes * (n < limit ? n : limit);
    const struct dcl_operand out[] = {
        DCL_DATA(DETCL_I64, expected, capacity, 3),
        {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = &count}};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, boxes, images, n, 4), DCL_DATA(DETCL_F32, scores, images, classes, n),
        DCL_CONST_DATA(DETCL_I64, &limit, 1), DCL_DATA(DETCL_F32, &half, 1),
        DCL_DATA(DETCL_F32, threshold, 1)};
    dcl_check_golden(c, attrs, in, 5, out, 2, 0);
}

/* The examples of the operator's description in the ONNX standard (and its node tests). */
static void standard(struct dcl_check *c)
{
    static const float boxes[] = {0, 0,  1, 1,  0, 0.1f,  1, 1.1f,  0, -0.1f, 1, 0.9f,
                                  0, 10, 1, 11, 0, 10.1f, 1, 11.1f, 0, 100,   1, 101,
                                  0, 0,  1, 1,  0, 0.1f,  1, 1.1f,  0, -0.1f, 1, 0.9f,
                                  0, 10, 1, 11, 0, 10.1f, 1, 11.1f, 0, 100,   1, 101};
    static const float flipped[] = {1, 1,  0, 0,  0, 0.1f,  1, 1.1f,  0, 0.9f, 1, -0.1f,
                                    0, 10, 1, 11, 1, 10.1f, 0, 11.1f, 1, 101,  0, 100};
    static const float centred[] = {0.5f, 0.5f,  1, 1, 0.5f, 0.6f,  1, 1, 0.5f, 0.4f,   1, 1,
                                    0.5f, 10.5f, 1, 1, 0.5f, 10.6f, 1, 1, 0.5f, 100.5f, 1, 1};
    static const float scores[] = {0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f,
                                   0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f};
    static const int64_t three[] = {0, 0, 3, 0, 0, 0, 0, 0, 5};
    static const int64_t batches[] = {0, 0, 3, 0, 0, 0, 1, 0, 3, 1, 0, 0};
    static const int64_t classes[] = {0, 0, 3, 0, 0, 0, 0, 1, 3, 0, 1, 0};
    static float same_boxes[40], same_scores[10];
    for (int i = 0; i < 10; i++) {
        same_boxes[4 * i + 2] = same_boxes[4 * i + 3] = 1;
        same_scores[i] = 0.9f;
    }
    example(c, NULL, boxes, 1, scores, 1, 6, 3, &none, three, 3);
    example(c, NULL, flipped, 1, scores, 1, 6, 3, &none, three, 3);
    example(c, "center_point_box=1", centred, 1, scores, 1, 6, 3, &none, three, 3);
    example(c, NULL, boxes, 1, scores, 1, 6, 2, &none, three, 2);
    example(c, NULL, boxes, 1, scores, 1, 6, 3, &much, three, 2);
    example(c, NULL, boxes, 1, scores, 1, 1, 3, &none, (int64_t[]){0, 0, 0}, 1);
    example(c, NULL, same_boxes, 1, same_scores, 1, 10, 3, &none, (int64_t[]){0, 0, 0}, 1);
    example(c, NULL, boxes, 2, scores, 1, 6, 2, &none, batches, 4);
    example(c, NULL, boxes, 1, scores, 2, 6, 2, &none, classes, 4);
}

/* ONNX Runtime 1.32 on two images of twelve boxes, three classes. */
static void onnx_runtime(struct dcl_check *c)
{
    static const float boxes[] = {
        1, 7, 7,  12, 0, 3, 7,  11, 1, 7, 10, 11, 5, 4, 9,  8,  1, 7, 8,  11, 2, 0, 11, 9,
        5, 4, 11, 11, 0, 5, 7,  10, 0, 5, 4,  12, 4, 5, 8,  10, 4, 2, 12, 6,  4, 1, 10, 5,
        2, 5, 9,  10, 5, 7, 14, 13, 4, 1, 11, 6,  3, 0, 10, 6,  0, 1, 9,  5,  3, 6, 9,  10,
        3, 2, 11, 6,  2, 0, 6,  8,  5, 7, 10, 12, 0, 7, 5,  15, 3, 6, 10, 12, 1, 3, 5,  10};
    static const float scores[] = {
        0.097f, 0.958f, 0.514f, 0.778f, 0.764f, 0.125f, 0.917f, 0.208f, 0.417f, 0.889f, 0.347f,
        0.875f, 0.25f,  0.194f, 0.625f, 0.569f, 0.264f, 0.931f, 0.611f, 0.333f, 0.972f, 0.028f,
        0.306f, 0.708f, 0.167f, 0.153f, 0.444f, 0.458f, 0.222f, 0.597f, 0,      0.986f, 0.319f,
        0.681f, 0.403f, 0.375f, 0.069f, 0.111f, 0.5f,   0.667f, 0.847f, 0.556f, 0.083f, 0.722f,
        0.736f, 0.042f, 0.806f, 0.486f, 0.944f, 0.639f, 0.139f, 0.903f, 0.861f, 0.653f, 0.236f,
        0.583f, 0.278f, 0.75f,  0.292f, 0.361f, 0.833f, 0.014f, 0.792f, 0.181f, 0.389f, 0.056f,
        0.431f, 0.472f, 0.542f, 0.528f, 0.819f, 0.694f};
    static const int64_t selected[2 * 3 * 12 * 3] = {
        0,  0,  1, 0, 0, 6,  0,  0, 9, 0, 0, 11, 0, 0, 3,  0,  0, 4, 0, 0, 8, 0, 1, 8, 0, 1, 5, 0,
        1,  11, 0, 1, 2, 0,  1,  6, 0, 1, 3, 0,  2, 7, 0,  2,  9, 0, 2, 5, 0, 2, 3, 0, 2, 2, 0, 2,
        10, 1,  0, 4, 1, 0,  10, 1, 0, 7, 1, 0,  2, 1, 0,  11, 1, 1, 0, 1, 1, 3, 1, 1, 9, 1, 1, 1,
        1,  1,  7, 1, 1, 11, 1,  2, 0, 1, 2, 2,  1, 2, 11, 1,  2, 8, 1, 2, 9, 1, 2, 7, 1, 2, 4};
    static const int64_t limit = 7;
    static const int32_t count = 37;
    static const float iou = 0.4f, score = 0.3f;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 2, 12, 4),
                                     DCL_DATA(DETCL_F32, scores, 2, 3, 12),
                                     DCL_DATA(DETCL_I64, &limit, 1), DCL_DATA(DETCL_F32, &iou, 1),
                                     DCL_DATA(DETCL_F32, &score, 1)};
    const struct dcl_operand out[] = {
        DCL_DATA(DETCL_I64, selected, 72, 3),
        {.desc = {.dtype = DETCL_I32}, .fill = DCL_FILL_DATA, .data = &count}};
    dcl_check_golden(c, NULL, in, 5, out, 2, 0);
}

void dcl_check_non_max_suppression(struct dcl_check *c)
{
    standard(c);
    onnx_runtime(c);
    static const int64_t limits[] = {0, 5, 1000, INT64_MAX, -1};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 2, 33, 4), DCL_RANDOM(DETCL_F32, 2, 3, 33),
                 DCL_DATA(DETCL_I64, &limits[i], 1), DCL_DATA(DETCL_F32, &much, 1));
        DCL_CASE(c, "center_point_box=1", 2, DCL_SPECIAL(2, 77, 4), DCL_SPECIAL(2, 2, 77),
                 DCL_CONST_DATA(DETCL_I64, &limits[i], 1), DCL_DATA(DETCL_F32, &half, 1));
    }
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 1, 2500, 4), DCL_RANDOM(DETCL_F32, 1, 20, 2500),
             DCL_DATA(DETCL_I64, &limits[2], 1), DCL_DATA(DETCL_F32, &half, 1),
             DCL_DATA(DETCL_F32, &half, 1));
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 1, 9, 4), DCL_RANDOM(DETCL_F32, 1, 2, 9));
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 1, 0, 4), DCL_RANDOM(DETCL_F32, 1, 2, 0),
             DCL_DATA(DETCL_I64, &limits[1], 1));
    DCL_CASE(c, NULL, 2, DCL_RANDOM(DETCL_F32, 0, 3, 4), DCL_RANDOM(DETCL_F32, 0, 2, 3),
             DCL_DATA(DETCL_I64, &limits[1], 1));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4),
                                     DCL_RANDOM(DETCL_F32, 1, 2, 4)};
    dcl_check_refused(c, NULL, in, 2, 2, DETCL_ERROR_MODEL);
    const struct dcl_operand good[] = {in[0], DCL_RANDOM(DETCL_F32, 1, 2, 5),
                                       DCL_RANDOM(DETCL_F32, 1)};
    dcl_check_refused(c, NULL, good, 2, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, NULL, good, 3, 2, DETCL_ERROR_UNSUPPORTED);
}
