#include "check.h"

#include <math.h>
#include <stdlib.h>

/* torchvision 0.14: ops.nms and ops.batched_nms (its per-class form) on these boxes. */
static void torchvision(struct dcl_check *c)
{
    static const float boxes[] = {
        3,  6, 12, 17, 6, 0,  14, 8,  9,  8,  18, 18, 4, 7, 14, 14, 11, 0, 18, 7,  0, 7, 8,  12,
        1,  5, 12, 12, 7, 0,  14, 10, 11, 11, 18, 20, 1, 4, 6,  9,  6,  2, 15, 13, 9, 9, 13, 19,
        10, 9, 20, 15, 9, 1,  20, 6,  2,  7,  12, 18, 0, 5, 4,  14, 10, 0, 16, 9,  0, 4, 7,  8,
        4,  9, 13, 19, 3, 11, 10, 15, 2,  4,  13, 8,  6, 9, 14, 17, 3,  3, 12, 13, 2, 1, 13, 11};
    static const float scores[] = {0.0517f, 0.9267f, 0.9683f, 0.885f,  0.135f,  0.2183f,
                                   0.5517f, 0.6767f, 0.8433f, 0.635f,  0.26f,   0.4267f,
                                   0.7183f, 0.4683f, 0.1767f, 0.51f,   0.3017f, 0.76f,
                                   0.3433f, 0.01f,   0.8017f, 0.0933f, 0.5933f, 0.385f};
    static const int32_t classes[] = {1, 0, 0, 2, 1, 0, 2, 0, 1, 2, 2, 0,
                                      0, 1, 0, 2, 0, 1, 0, 0, 2, 0, 2, 2};
    static const int32_t all3[24] = {2, 1, 3, 17, 15, 13, 19};
    static const int32_t by_class3[24] = {2, 1, 3, 8, 20, 17, 15, 13, 18, 5, 0, 19};
    static const int32_t all5[24] = {2, 1, 3, 8, 20, 17, 12, 22, 15, 13, 11, 18, 16, 10, 5, 19};
    static const int32_t by_class5[24] = {2,  1,  3,  8,  20, 17, 12, 9, 22,
                                          15, 13, 11, 18, 16, 10, 5,  0, 19};
    static const int32_t over[24] = {2, 1, 3, 8, 20, 17, 12, 22, 15};
    static const int32_t five[24] = {2, 1, 3, 8, 20}, two_each[24] = {2, 1, 3, 8, 20, 17};
    static const int32_t n7 = 7, n12 = 12, n16 = 16, n18 = 18, n5 = 5, n6 = 6, n9 = 9;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 24, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 24),
                                     DCL_DATA(DETCL_I32, classes, 1, 24)};
    const struct {
        const char *attrs;
        int n_in;
        const int32_t *keep, *kept;
    } list[] = {{"iou_threshold=0.3", 2, all3, &n7},
                {"iou_threshold=0.3", 3, by_class3, &n12},
                {"iou_threshold=0.5 class_agnostic=1", 3, all5, &n16},
                {"iou_threshold=0.5", 3, by_class5, &n18},
                {"iou_threshold=0.5 class_agnostic=1 score_threshold=0.4683", 3, over, &n9},
                {"iou_threshold=0.5 max_output=5", 3, five, &n5},
                {"iou_threshold=0.5 max_per_class=2", 3, two_each, &n6}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, list[i].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 24),
                                                DCL_DATA(DETCL_I32, list[i].kept, 1)},
                         2, 0);
}

/* Worked by hand: an overlap of exactly one half, 6/11 with inclusive pixels; equal scores by
 * position; what must never be kept. */
static void boundaries(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 10, 5, 0, 0, 10, 10}, scores[] = {0.5f, 0.5f};
    static const int32_t both[] = {0, 1}, first[2] = {0, 0}, two = 2, one = 1, none = 0;
    static const float bad_boxes[] = {0,        0, 1, 1, 5, 5, 6, NAN, 5, 5,
                                      INFINITY, 6, 8, 8, 8, 8, 8, 8,   8, 8};
    static const float bad_scores[] = {NAN, 1, 1, -INFINITY, INFINITY};
    static const int32_t bad[5] = {4, 3};
    const struct dcl_operand pair[] = {DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
                                       DCL_DATA(DETCL_F32, scores, 1, 2)};
    const struct {
        const char *attrs;
        const int32_t *keep, *kept;
    } list[] = {{"iou_threshold=0.5", both, &two},
                {"iou_threshold=0.5 boundary=greater_equal", first, &one},
                {"iou_threshold=0.5 boundary=legacy", first, &one},
                {"iou_threshold=0.55 boundary=legacy", both, &two},
                {"iou_threshold=0", first, &one},
                {"iou_threshold=0 boundary=greater_equal", first, &one},
                {"iou_threshold=1 boundary=greater_equal", both, &two}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, pair, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 2),
                                                DCL_DATA(DETCL_I32, list[i].kept, 1)},
                         2, 0);
    const struct dcl_operand odd[] = {DCL_DATA(DETCL_F32, bad_boxes, 1, 5, 4),
                                      DCL_DATA(DETCL_F32, bad_scores, 1, 5)};
    static const char *const any_score[] = {"iou_threshold=0.5 boundary=greater_equal",
                                            "iou_threshold=0.5 score_threshold=nan",
                                            "iou_threshold=0.5 score_threshold=-inf"};
    for (size_t i = 0; i < sizeof any_score / sizeof *any_score; i++)
        dcl_check_golden(
            c, any_score[i], odd, 2,
            (struct dcl_operand[]){DCL_DATA(DETCL_I32, bad, 5), DCL_DATA(DETCL_I32, &two, 1)}, 2,
            0);
    const struct dcl_operand nothing[] = {DCL_DATA(DETCL_F32, bad_boxes, 1, 5, 4),
                                          DCL_DATA(DETCL_F32, bad_scores, 1, 5), DCL_ABSENT,
                                          DCL_ABSENT, DCL_DATA(DETCL_I32, &none, 1)};
    dcl_check_golden(c, "iou_threshold=0.5", nothing, 5,
                     (struct dcl_operand[]){DCL_ABSENT, DCL_DATA(DETCL_I32, &none, 1)}, 2, 0);
}

/* Random scenes: boxes of `side` pixels at most with corners in 0..extent, scores in `levels` steps
 * (so that there are ties). */
struct scene {
    float *boxes, *scores;
    int32_t *classes, *anchors;
    int64_t images, boxes_each, length;
};

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static bool make_scene(struct scene *s, int64_t images, int64_t boxes, int64_t length, float extent,
                       float side, uint32_t levels, uint32_t classes)
{
    uint32_t state = 12345;
    const size_t n = (size_t)(images * length), m = (size_t)(images * boxes);
    *s = (struct scene){malloc(m * 16 + 1),
                        malloc(n * 4 + 1),
                        malloc(n * 4 + 1),
                        malloc(n * 4 + 1),
                        images,
                        boxes,
                        length};
    if (!s->boxes || !s->scores || !s->classes || !s->anchors)
        return false;
    for (size_t i = 0; i < m; i++)
        for (int k = 0; k < 2; k++) {
            s->boxes[4 * i + (size_t)k] = extent * (float)next(&state) * 0x1p-24f;
            s->boxes[4 * i + 2 + (size_t)k] =
                s->boxes[4 * i + (size_t)k] +
                side * (0.25f + 0.75f * (float)next(&state) * 0x1p-24f);
        }
    for (size_t i = 0; i < n; i++) {
        s->scores[i] = (float)(next(&state) % levels) / (float)levels;
        s->classes[i] = (int32_t)(next(&state) % classes) - (classes > 3);
        s->anchors[i] =
            (int32_t)(next(&state) % (uint32_t)(boxes + 1)); /* one past the last, too */
    }
    return true;
}

static void free_scene(struct scene *s)
{
    free(s->boxes);
    free(s->scores);
    free(s->classes);
    free(s->anchors);
}

static void scenes(struct dcl_check *c, const char *const *attrs, size_t n_attrs,
                   const struct scene *s)
{
    const int64_t n = s->images, k = s->length;
    int32_t counts[4] = {(int32_t)k, (int32_t)(k / 2), 1, -1};
    for (size_t i = 0; i < n_attrs; i++) {
        DCL_CASE(c, attrs[i], 2, DCL_DATA(DETCL_F32, s->boxes, n, k, 4),
                 DCL_DATA(DETCL_F32, s->scores, n, k));
        DCL_CASE(c, attrs[i], 2, DCL_DATA(DETCL_F32, s->boxes, n, k, 4),
                 DCL_DATA(DETCL_F32, s->scores, n, k), DCL_DATA(DETCL_I32, s->classes, n, k));
        DCL_CASE(c, attrs[i], 2, DCL_DATA(DETCL_F32, s->boxes, n, s->boxes_each, 4),
                 DCL_DATA(DETCL_F32, s->scores, n, k), DCL_DATA(DETCL_I32, s->classes, n, k),
                 DCL_DATA(DETCL_I32, s->anchors, n, k), DCL_DATA(DETCL_I32, counts, n));
    }
}

static void large(struct dcl_check *c)
{
    struct scene s;
    if (dcl_check_small(c))
        return;
    /* Crowds: few are kept, each suppresses many. */
    if (make_scene(&s, 1, 200000, 200000, 300, 60, 1u << 20, 1000)) {
        static const char *const attrs[] = {"iou_threshold=0.5"};
        scenes(c, attrs, 1, &s);
    }
    free_scene(&s);
    /* Sizes over 12 powers of two, thresholds that take several points a side. */
    if (make_scene(&s, 2, 9000, 9000, 500, 60, 1u << 20, 2)) {
        static const char *const attrs[] = {"iou_threshold=0.2",
                                            "iou_threshold=0.34 boundary=legacy",
                                            "iou_threshold=0.9 boundary=greater_equal"};
        for (int64_t i = 0; i < s.images * s.boxes_each; i++)
            for (int k = 0; k < 4; k++)
                s.boxes[4 * i + k] = ldexpf(s.boxes[4 * i + k], (int)(i % 12) - 6);
        scenes(c, attrs, 3, &s);
    }
    free_scene(&s);
    /* Equal scores; all boxes over one another; many images. */
    if (make_scene(&s, 1, 30000, 30000, 2000, 60, 1, 1)) {
        DCL_CASE(c, "iou_threshold=0.5", 2, DCL_DATA(DETCL_F32, s.boxes, 1, s.length, 4),
                 DCL_DATA(DETCL_F32, s.scores, 1, s.length));
    }
    free_scene(&s);
    if (make_scene(&s, 1, 30000, 30000, 1, 200, 1u << 20, 1)) {
        DCL_CASE(c, "iou_threshold=0.9", 2, DCL_DATA(DETCL_F32, s.boxes, 1, s.length, 4),
                 DCL_DATA(DETCL_F32, s.scores, 1, s.length));
    }
    free_scene(&s);
    if (make_scene(&s, 64, 1500, 1500, 400, 60, 1u << 20, 20)) {
        DCL_CASE(c, "iou_threshold=0.5 max_output=100", 2,
                 DCL_DATA(DETCL_F32, s.boxes, s.images, s.length, 4),
                 DCL_DATA(DETCL_F32, s.scores, s.images, s.length),
                 DCL_DATA(DETCL_I32, s.classes, s.images, s.length));
    }
    free_scene(&s);
    DCL_CASE(c, "iou_threshold=0.3", 2, DCL_SPECIAL(1, 12000, 4), DCL_SPECIAL(1, 12000));
    DCL_CASE(c, "iou_threshold=0.3 boundary=legacy", 2, DCL_SPECIAL(1, 12000, 4),
             DCL_SPECIAL(1, 12000));
    /* Nearly all are kept. */
    if (make_scene(&s, 1, 20000, 20000, 6000, 60, 1u << 20, 3)) {
        static const char *const attrs[] = {"iou_threshold=0.45 boundary=greater_equal",
                                            "iou_threshold=0.7 class_agnostic=1 max_output=300"};
        scenes(c, attrs, 2, &s);
    }
    free_scene(&s);
}

void dcl_check_nms(struct dcl_check *c)
{
    torchvision(c);
    boundaries(c);
    static const char *const attrs[] = {
        "iou_threshold=0.45",
        "iou_threshold=0.3 class_agnostic=1 boundary=legacy score_threshold=0.4",
        "iou_threshold=0.6 boundary=greater_equal max_per_class=7",
        "iou_threshold=0.5 max_output=20"};
    static const int64_t lengths[] = {1, 2, 15, 16, 17, 63, 64, 65, 129, 700};
    const size_t n_lengths = dcl_check_small(c) ? 9 : 10;
    for (size_t i = 0; i < n_lengths; i++) {
        struct scene s;
        const size_t n_attrs = dcl_check_small(c) ? 1 : sizeof attrs / sizeof *attrs;
        if (make_scene(&s, dcl_check_small(c) ? 2 : 4, lengths[i], lengths[i], 200, 60, 50, 5))
            scenes(c, attrs + i % (dcl_check_small(c) ? 4 : 1), n_attrs, &s);
        free_scene(&s);
    }
    DCL_CASE(c, attrs[0], 2, DCL_SPECIAL(2, 333, 4), DCL_SPECIAL(2, 333));
    DCL_CASE(c, attrs[2], 2, DCL_SPECIAL(2, 333, 4), DCL_SPECIAL(2, 333),
             DCL_RANDOM(DETCL_I32, 2, 333));
    DCL_CASE(c, attrs[0], 2, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 0));
    DCL_CASE(c, attrs[0], 2, DCL_RANDOM(DETCL_F32, 0, 5, 4), DCL_RANDOM(DETCL_F32, 0, 5));
    large(c);
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4), DCL_RANDOM(DETCL_F32, 1, 5),
                                     DCL_RANDOM(DETCL_I32, 1, 4)};
    dcl_check_refused(c, attrs[0], in, 3, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "iou_threshold=1.5", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "iou_threshold=0.5 max_output=-1", in, 2, 2, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, attrs[0], in, 2, 1, DETCL_ERROR_ARGUMENT);
}
