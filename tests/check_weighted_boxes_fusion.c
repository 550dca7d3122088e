#include "suppression_scene.h"

#include <math.h>

/* Three models with weights 1, 2 and 1.5, box k of model k % 3: a transcription of the paper's
 * algorithm and the reference code's confidences in NumPy, in double precision. */
static void paper(struct dcl_check *c)
{
    static const int32_t models[24] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
                                       0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    static const float weights[] = {1, 2, 1.5f};
    static const float avg_all_boxes[96] = {
        6.9886622f, 0.0f,       14.316729f, 8.868773f,   9.945426f,   9.313604f,   18.418139f,
        18.109148f, 3.205359f,  3.7977855f, 13.050178f,  12.7791605f, 0.35774648f, 4.0f,
        6.6422534f, 8.357746f,  9.447538f,  0.77623075f, 19.552462f,  6.223769f,   2.0f,
        4.0f,       13.0f,      8.0f,       7.14573f,    9.0f,        13.086658f,  18.826685f,
        0.0f,       5.0f,       4.0f,       14.0f,       0.0f,        7.0f,        8.0f,
        12.0f,      2.1632202f, 6.8367796f, 12.0f,       17.83678f};
    static const float avg_all_scores[24] = {0.8467111f,  0.7634889f,  0.49610665f, 0.39444444f,
                                             0.26813334f, 0.26723334f, 0.23925556f, 0.11333334f,
                                             0.07276667f, 0.07038889f};
    static const int32_t avg_all_classes[24] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float max_all_boxes[96] = {
        6.9886622f,  0.0f, 14.316729f, 8.868773f,  9.945426f,  9.313604f,   18.418139f, 18.109148f,
        2.0f,        4.0f, 13.0f,      8.0f,       3.205359f,  3.7977855f,  13.050178f, 12.7791605f,
        0.35774648f, 4.0f, 6.6422534f, 8.357746f,  9.447538f,  0.77623075f, 19.552462f, 6.223769f,
        7.14573f,    9.0f, 13.086658f, 18.826685f, 0.0f,       5.0f,        4.0f,       14.0f,
        0.0f,        7.0f, 8.0f,       12.0f,      2.1632202f, 6.8367796f,  12.0f,      17.83678f};
    static const float max_all_scores[24] = {0.9267f, 0.726225f, 0.601275f, 0.5933f,   0.57f,
                                             0.4683f, 0.320025f, 0.255f,    0.163725f, 0.132525f};
    static const int32_t max_all_classes[24] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float avg_each_boxes[96] = {
        6.9886622f,  0.0f,      14.316729f, 8.868773f,   3.205359f,  3.7977855f, 13.050178f,
        12.7791605f, 9.330899f, 8.330899f,  18.661798f,  17.007301f, 11.0f,      11.0f,
        18.0f,       20.0f,     9.447538f,  0.77623075f, 19.552462f, 6.223769f,  2.0f,
        4.0f,        13.0f,     8.0f,       0.0f,        4.0f,       7.0f,       8.0f,
        7.14573f,    9.0f,      13.086658f, 18.826685f,  1.0f,       4.0f,       6.0f,
        9.0f,        0.0f,      5.0f,       4.0f,        14.0f,      0.0f,       7.0f,
        8.0f,        12.0f,     2.0f,       7.0f,        12.0f,      18.0f,      3.0f,
        6.0f,        12.0f,     17.0f};
    static const float avg_each_scores[24] = {
        0.8467111f,  0.49610665f, 0.48238888f, 0.2811f,     0.26813334f, 0.26723334f, 0.25333333f,
        0.23925556f, 0.1411111f,  0.11333334f, 0.07276667f, 0.0589f,     0.011488889f};
    static const int32_t avg_each_classes[24] = {0, 2, 0, 1, 1, 2, 1, 0, 2, 2, 0, 0, 1};
    static const float max_each_boxes[96] = {
        6.9886622f, 0.0f,  14.316729f, 8.868773f,  9.330899f,   8.330899f,   18.661798f,
        17.007301f, 11.0f, 11.0f,      18.0f,      20.0f,       2.0f,        4.0f,
        13.0f,      8.0f,  3.205359f,  3.7977855f, 13.050178f,  12.7791605f, 0.0f,
        4.0f,       7.0f,  8.0f,       9.447538f,  0.77623075f, 19.552462f,  6.223769f,
        7.14573f,   9.0f,  13.086658f, 18.826685f, 1.0f,        4.0f,        6.0f,
        9.0f,       0.0f,  5.0f,       4.0f,       14.0f,       0.0f,        7.0f,
        8.0f,       12.0f, 2.0f,       7.0f,       12.0f,       18.0f,       3.0f,
        6.0f,       12.0f, 17.0f};
    static const float max_each_scores[24] = {0.9267f,   0.726225f, 0.632475f, 0.601275f, 0.5933f,
                                              0.57f,     0.4683f,   0.320025f, 0.3175f,   0.255f,
                                              0.163725f, 0.132525f, 0.02585f};
    static const int32_t max_each_classes[24] = {0, 0, 1, 2, 2, 1, 1, 0, 2, 2, 0, 0, 1};
    const struct {
        const char *attrs;
        bool agnostic;
        const float *boxes, *scores;
        const int32_t *classes;
        int32_t count;
    } list[] = {{"iou_threshold=0.4 score_threshold=0.05 conf_type=avg", 1, avg_all_boxes,
                 avg_all_scores, avg_all_classes, 10},
                {"iou_threshold=0.4 score_threshold=0.05 conf_type=max", 1, max_all_boxes,
                 max_all_scores, max_all_classes, 10},
                {"iou_threshold=0.4 score_threshold=0.05 conf_type=avg", 0, avg_each_boxes,
                 avg_each_scores, avg_each_classes, 13},
                {"iou_threshold=0.4 score_threshold=0.05 conf_type=max", 0, max_each_boxes,
                 max_each_scores, max_each_classes, 13}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dcl_operand in[] = {DCL_DATA(DETCL_F32, scene_boxes, 1, 24, 4),
                                   DCL_DATA(DETCL_F32, scene_scores, 1, 24),
                                   DCL_DATA(DETCL_I32, scene_classes, 1, 24),
                                   DCL_ABSENT,
                                   DCL_ABSENT,
                                   DCL_DATA(DETCL_F32, weights, 3),
                                   DCL_DATA(DETCL_I32, models, 1, 24)};
        in[2].absent = list[i].agnostic;
        dcl_check_golden(c, list[i].attrs, in, 7,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].boxes, 96),
                                                DCL_DATA(DETCL_F32, list[i].scores, 24),
                                                DCL_DATA(DETCL_I32, list[i].classes, 24),
                                                DCL_DATA(DETCL_I32, &list[i].count, 1)},
                         4, 1e-6);
    }
}

/* Worked by hand: 0 and 1 overlap by 3/5 and weigh 0.75 to 0.25 of one model; 2 has no area, 3 a
 * model that is not there, 4 one without weight, 5 is not finite, 6 stays alone. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {-8, 0, 0, 4, -6, 0, 2, 4, 1, 1,        1, 1, 3,  3,
                                  5,  5, 6, 6, 8,  8, 0, 0, 1, INFINITY, 9, 9, 10, 10};
    static const float scores[] = {0.75f, 0.25f, 0.5f, 1, 1, 1, 0.5f}, weights[] = {1, 0};
    static const int32_t models[] = {0, 0, 0, 2, 1, 0, 0}, two = 2;
    static const float fused[28] = {-7.5f, 0, 0.5f, 4, 9, 9, 10, 10};
    static const float largest[7] = {0.75f, 0.5f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 7, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 7),
                                     DCL_ABSENT,
                                     DCL_ABSENT,
                                     DCL_ABSENT,
                                     DCL_DATA(DETCL_F32, weights, 2),
                                     DCL_DATA(DETCL_I32, models, 1, 7)};
    static const float avg[7] = {1, 0.5f};
    dcl_check_golden(c, NULL, in, 7,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, fused, 28),
                                            DCL_DATA(DETCL_F32, avg, 7), DCL_ABSENT,
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     4, 0);
    dcl_check_golden(c, "conf_type=max", in, 7,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, fused, 28),
                                            DCL_DATA(DETCL_F32, largest, 7), DCL_ABSENT,
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     4, 0);
}

/* Worked by hand: 2 overlaps 0 and 1 by a third each and joins the older cluster; not if a third,
 * or what it rounds to, is the threshold. */
static void equal_overlaps(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 4, 4, 4, 0, 8, 4, 2, 0, 6, 4}, weights[] = {1};
    static const float scores[] = {0.75f, 0.5f, 0.25f};
    static const float joined[12] = {0.5f, 0, 4.5f, 4, 4, 0, 8, 4};
    static const int32_t two = 2, three = 3;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 3, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 3),
                                     DCL_ABSENT,
                                     DCL_ABSENT,
                                     DCL_ABSENT,
                                     DCL_DATA(DETCL_F32, weights, 1)};
    dcl_check_golden(c, "iou_threshold=0.3", in, 6,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, joined, 12), DCL_ABSENT, DCL_ABSENT,
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     4, 0);
    dcl_check_golden(c, "iou_threshold=0.3333333433", in, 6,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 12),
                                            DCL_DATA(DETCL_F32, scores, 3), DCL_ABSENT,
                                            DCL_DATA(DETCL_I32, &three, 1)},
                     4, 0);
}

static void random_cases(struct dcl_check *c, const char *attrs, int64_t images, int64_t length,
                         float extent, uint32_t classes)
{
    static const float weights[] = {1, 0.3f, 2, -1};
    const int32_t counts[4] = {(int32_t)length, (int32_t)(length / 2), 1, -1};
    struct scene s;
    if (scene_make(&s, images, length, extent, 60, classes)) {
        for (int64_t i = 0; i < images * length; i++)
            s.anchors[i] = s.anchors[i] % 5 - (s.anchors[i] % 31 == 0);
        struct dcl_operand in[] = {DCL_DATA(DETCL_F32, s.boxes, images, length, 4),
                                   DCL_DATA(DETCL_F32, s.scores, images, length),
                                   DCL_DATA(DETCL_I32, s.classes, images, length),
                                   DCL_ABSENT,
                                   DCL_DATA(DETCL_I32, counts, images),
                                   DCL_DATA(DETCL_F32, weights, 4),
                                   DCL_DATA(DETCL_I32, s.anchors, images, length)};
        dcl_check_case(c, attrs, in, 7, 4);
        in[2].absent = in[4].absent = true;
        dcl_check_case(c, attrs, in, 6, 4);
        scene_free(&s);
    }
}

void dcl_check_weighted_boxes_fusion(struct dcl_check *c)
{
    static const char *const attrs[] = {"iou_threshold=0.4", "conf_type=max score_threshold=0.2",
                                        "iou_threshold=0.2"};
    static const int64_t lengths[] = {1, 2, 17, 33, 150, 257, 2100};
    const bool small = dcl_check_small(c);
    paper(c);
    by_hand(c);
    equal_overlaps(c);
    for (size_t i = 0; i < (small ? 6 : 7); i++)
        random_cases(c, attrs[i % 3], small ? 2 : 4, lengths[i], 100, 5);
    if (!small)
        random_cases(c, attrs[0], 1, 5000, 500, 30);
    const struct dcl_operand one = DCL_RANGE(DETCL_F32, 0.1f, 1, 3), absent = DCL_ABSENT;
    DCL_CASE(c, attrs[0], 4, DCL_SPECIAL(2, 33, 4), DCL_SPECIAL(2, 33),
             DCL_RANDOM(DETCL_I32, 2, 33), absent, absent, one, DCL_RANDOM(DETCL_I32, 2, 33));
    DCL_CASE(c, attrs[0], 4, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 0), absent,
             absent, absent, one);
    DCL_CASE(c, attrs[0], 4, DCL_RANDOM(DETCL_F32, 0, 5, 4), DCL_RANDOM(DETCL_F32, 0, 5), absent,
             absent, absent, one);
    DCL_CASE(c, attrs[0], 4, DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 2, 5), absent,
             absent, absent, DCL_RANDOM(DETCL_F32, 0));
    const struct dcl_operand in[] = {
        DCL_RANDOM(DETCL_F32, 1, 5, 4), DCL_RANDOM(DETCL_F32, 1, 5), absent, absent, absent, one,
        DCL_RANDOM(DETCL_I32, 1, 4)};
    dcl_check_refused(c, NULL, in, 7, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "iou_threshold=2", in, 6, 4, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "score_threshold=-1", in, 6, 4, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "conf_type=min", in, 6, 4, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, in, 6, 3, DETCL_ERROR_ARGUMENT);
}
