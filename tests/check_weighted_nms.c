#include "suppression_scene.h"

#include <math.h>

/* A transcription of MediaPipe's weighted suppression in NumPy, in double precision. */
static void mediapipe(struct dcl_check *c)
{
    static const int32_t keep_all[24] = {2, 1, 3, 17, 15, 13};
    static const float boxes_all[96] = {
        9.8134f,     9.242948f,  17.76429f,  17.98593f,   5.1457424f, 1.2267438f,
        13.903544f,  9.226236f,  2.9796863f, 5.9058824f,  12.828745f, 14.284941f,
        0.45519713f, 4.0f,       6.5448027f, 8.455197f,   0.0f,       5.5994782f,
        5.1989565f,  13.400522f, 9.447538f,  0.77623075f, 19.552462f, 6.223769f};
    static const float scores_all[24] = {0.9683f, 0.9267f, 0.885f, 0.76f, 0.51f, 0.4683f};
    static const int32_t keep_each[24] = {2, 1, 3, 8, 20, 17, 15, 13, 18, 5};
    static const float boxes_each[96] = {
        9.339895f,  8.541806f,   17.67023f,  17.182226f, 6.9886622f, 0.0f,      14.316729f,
        8.868773f,  3.2452402f,  4.9141483f, 13.113537f, 13.145546f, 11.0f,     11.0f,
        18.0f,      20.0f,       1.6514245f, 3.3659768f, 10.559972f, 8.982598f, 0.0f,
        4.0f,       7.0f,        8.0f,       0.0f,       5.0f,       4.0f,      14.0f,
        9.447538f,  0.77623075f, 19.552462f, 6.223769f,  3.3203845f, 8.320385f, 12.6601925f,
        18.660192f, 0.0f,        7.0f,       8.0f,       12.0f};
    static const float scores_each[24] = {0.9683f, 0.9267f, 0.885f,  0.8433f, 0.8017f,
                                          0.76f,   0.51f,   0.4683f, 0.3433f, 0.2183f};
    const struct dcl_operand in[] = SCENE_IN;
    const struct {
        int n_in;
        const float *boxes, *scores;
        const int32_t *keep;
        int32_t kept;
    } list[] = {{2, boxes_all, scores_all, keep_all, 6},
                {3, boxes_each, scores_each, keep_each, 10}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, "iou_threshold=0.3 score_threshold=0.1", in, list[i].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, list[i].boxes, 96),
                                                DCL_DATA(DETCL_F32, list[i].scores, 24),
                                                DCL_DATA(DETCL_I32, list[i].keep, 24),
                                                DCL_DATA(DETCL_I32, &list[i].kept, 1)},
                         4, 1e-6);
}

/* Worked by hand: weights of 3 to 1 over boxes that overlap by 3/5, one of them left of zero; a box
 * without area keeps to itself. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {-8, 0, 0, 4, -6, 0, 2, 4, 1, 1, 1, 1},
                       scores[] = {0.75f, 0.25f, 0.5f};
    static const float fused[12] = {-7.5f, 0, 0.5f, 4, 1, 1, 1, 1}, best[3] = {0.75f, 0.5f};
    static const int32_t keep[3] = {0, 2}, two = 2;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 3, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 3)};
    dcl_check_golden(
        c, "iou_threshold=0.5", in, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_F32, fused, 12), DCL_DATA(DETCL_F32, best, 3),
                               DCL_DATA(DETCL_I32, keep, 3), DCL_DATA(DETCL_I32, &two, 1)},
        4, 0);
    DCL_CASE(c, "iou_threshold=0.5", 4, in[0], in[1]);
}

void dcl_check_weighted_nms(struct dcl_check *c)
{
    mediapipe(c);
    by_hand(c);
    static const char *const attrs[] = {"iou_threshold=0.4",
                                        "iou_threshold=0.6 score_threshold=0.2",
                                        "iou_threshold=0.3 max_output=9"};
    scene_family(c, attrs, sizeof attrs / sizeof *attrs, 4);
    struct scene s;
    if (!dcl_check_small(c) && scene_make(&s, 1, 5000, 500, 60, 30)) {
        scene_cases(c, "iou_threshold=0.5", &s, 4);
        scene_free(&s);
    }
    const struct dcl_operand in[] = SCENE_IN;
    static const char *const refused[] = {
        "iou_threshold=-0.1", "iou_threshold=0.5 score_threshold=-1",
        "iou_threshold=0.5 score_threshold=nan", "iou_threshold=0.5 max_output=-1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        dcl_check_refused(c, refused[i], in, 2, 4, DETCL_ERROR_ARGUMENT);
}
