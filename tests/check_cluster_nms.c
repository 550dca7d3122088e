#include "suppression_scene.h"

#include <math.h>

/* Transcriptions in NumPy: Fast NMS of YOLACT's listing, Cluster-NMS of the paper's algorithm 1
 * with matrices, greedy suppression by DIoU in double precision; cluster=... is also torchvision
 * 0.14's nms and batched_nms, as in check_nms.c. */
static void papers(struct dcl_check *c)
{
    static const int32_t fast_all[24] = {2, 1, 3, 15, 13, 19};
    static const int32_t cluster_all[24] = {2, 1, 3, 17, 15, 13, 19};
    static const int32_t cluster5_all[24] = {2,  1,  3,  8,  20, 17, 12, 22,
                                             15, 13, 11, 18, 16, 10, 5,  19};
    static const int32_t diou_all[24] = {2, 1, 3, 17, 15, 13, 19};
    static const int32_t far_all[24] = {2, 17, 13};
    static const int32_t fast_each[24] = {2, 1, 3, 8, 20, 17, 15, 13, 5, 0, 19};
    static const int32_t cluster_each[24] = {2, 1, 3, 8, 20, 17, 15, 13, 18, 5, 0, 19};
    static const int32_t cluster5_each[24] = {2,  1,  3,  8,  20, 17, 12, 9, 22,
                                              15, 13, 11, 18, 16, 10, 5,  0, 19};
    static const int32_t diou_each[24] = {2, 1, 3, 8, 20, 17, 9, 15, 13, 18, 5, 0, 19};
    static const int32_t far_each[24] = {2, 3, 8, 17, 13, 5};
    const struct dcl_operand in[] = SCENE_IN;
    const struct {
        const char *attrs;
        int n_in;
        const int32_t *keep;
        int32_t kept;
    } list[] = {{"kind=fast iou_threshold=0.3", 2, fast_all, 6},
                {"iou_threshold=0.3", 2, cluster_all, 7},
                {"iou_threshold=0.5", 2, cluster5_all, 16},
                {"overlap=diou iou_threshold=0.3", 2, diou_all, 7},
                {"overlap=diou iou_threshold=-0.2", 2, far_all, 3},
                {"kind=fast iou_threshold=0.3", 3, fast_each, 11},
                {"iou_threshold=0.3", 3, cluster_each, 12},
                {"iou_threshold=0.5", 3, cluster5_each, 18},
                {"overlap=diou iou_threshold=0.3", 3, diou_each, 13},
                {"overlap=diou iou_threshold=-0.2", 3, far_each, 6}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, list[i].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 24),
                                                DCL_DATA(DETCL_I32, &list[i].kept, 1)},
                         2, 0);
}

/* Worked by hand: each box overlaps the next by 3/5, so that greedy suppression keeps every second
 * one of a chain that takes one iteration a box; Fast NMS keeps the first only. */
static void chain(struct dcl_check *c)
{
    float boxes[40][4], scores[40];
    int32_t every_second[40] = {0};
    static const int32_t first[40] = {0}, twenty = 20, one = 1;
    for (int i = 0; i < 40; i++) {
        boxes[i][0] = (float)i;
        boxes[i][1] = 0;
        boxes[i][2] = (float)i + 4;
        boxes[i][3] = 1;
        scores[i] = 1 - (float)i / 64;
        if (i < 20)
            every_second[i] = 2 * i;
    }
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 40, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 40)};
    dcl_check_golden(c, "iou_threshold=0.5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, every_second, 40),
                                            DCL_DATA(DETCL_I32, &twenty, 1)},
                     2, 0);
    dcl_check_golden(
        c, "iou_threshold=0.5 kind=fast", in, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_I32, first, 40), DCL_DATA(DETCL_I32, &one, 1)}, 2, 0);
    DCL_CASE(c, "iou_threshold=0.5", 2, in[0], in[1]);
}

/* An overlap of exactly one half is no suppression; DIoU: centres 2.5 apart, a hull of 10 x 10, so
 * 1/2 - 6.25/200 = 0.46875. */
static void boundaries(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 10, 5, 0, 0, 10, 10}, scores[] = {0.5f, 0.5f};
    static const int32_t both[] = {0, 1}, first[2] = {0, 0}, two = 2, one = 1;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 2)};
    const struct {
        const char *attrs;
        const int32_t *keep, *kept;
    } list[] = {{"iou_threshold=0.5", both, &two},
                {"iou_threshold=0.49", first, &one},
                {"iou_threshold=0.5 kind=fast", both, &two},
                {"iou_threshold=0.46875 overlap=diou", both, &two},
                {"iou_threshold=0.468 overlap=diou", first, &one},
                {"iou_threshold=0.468 overlap=diou kind=fast", first, &one}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 2),
                                                DCL_DATA(DETCL_I32, list[i].kept, 1)},
                         2, 0);
    static const float bad_boxes[] = {0, 0, 1, 1, 5, 5, 6, NAN, 5, 5, 6, 6, 8, 8, 8, 8};
    static const float bad_scores[] = {NAN, 1, -INFINITY, INFINITY};
    static const int32_t left[4] = {3, 2}, over[4] = {3};
    const struct dcl_operand odd[] = {DCL_DATA(DETCL_F32, bad_boxes, 1, 4, 4),
                                      DCL_DATA(DETCL_F32, bad_scores, 1, 4)};
    dcl_check_golden(
        c, "iou_threshold=0.5", odd, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_I32, left, 4), DCL_DATA(DETCL_I32, &two, 1)}, 2, 0);
    dcl_check_golden(
        c, "iou_threshold=0.5 score_threshold=0", odd, 2,
        (struct dcl_operand[]){DCL_DATA(DETCL_I32, over, 4), DCL_DATA(DETCL_I32, &one, 1)}, 2, 0);
}

void dcl_check_cluster_nms(struct dcl_check *c)
{
    papers(c);
    chain(c);
    boundaries(c);
    static const char *const attrs[] = {
        "iou_threshold=0.4", "iou_threshold=0.6 score_threshold=0.2",
        "iou_threshold=0.3 overlap=diou max_output=9", "iou_threshold=0.5 kind=fast"};
    scene_family(c, attrs, sizeof attrs / sizeof *attrs, 2);
    struct scene s;
    if (!dcl_check_small(c) && scene_make(&s, 1, 20000, 1500, 60, 30)) {
        scene_cases(c, "iou_threshold=0.5", &s, 2);
        scene_cases(c, "iou_threshold=0.5 overlap=diou", &s, 2);
        scene_free(&s);
    }
    const struct dcl_operand in[] = SCENE_IN;
    static const char *const refused[] = {"iou_threshold=-0.1", "iou_threshold=nan",
                                          "iou_threshold=-1.5 overlap=diou",
                                          "iou_threshold=0.5 max_output=-1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        dcl_check_refused(c, refused[i], in, 2, 2, DETCL_ERROR_ARGUMENT);
}
