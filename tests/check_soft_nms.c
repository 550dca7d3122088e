#include "suppression_scene.h"

#include <math.h>

/* A transcription of the paper's figure 2 in NumPy, in double precision. */
static void paper(struct dcl_check *c)
{
    static const int32_t linear_all[24] = {2,  1, 3, 17, 15, 13, 8, 12, 6,
                                           11, 9, 7, 20, 18, 22, 5, 16};
    static const float linear_all_scores[24] = {
        0.9683f,     0.9267f,     0.885f,       0.76f,       0.51f,       0.4683f,
        0.44597596f, 0.38027647f, 0.34545702f,  0.26328298f, 0.25015152f, 0.1908641f,
        0.15006733f, 0.11609179f, 0.084557556f, 0.08043633f, 0.069432095f};
    static const int32_t gaussian_all[24] = {2, 1,  3, 17, 8,  20, 15, 13, 12,
                                             6, 11, 9, 16, 18, 7,  5,  22};
    static const float gaussian_all_scores[24] = {
        0.9683f,     0.9267f,     0.78919727f, 0.7553579f, 0.5352934f,  0.4599798f,
        0.45248452f, 0.4002884f,  0.3628993f,  0.261418f,  0.24130602f, 0.19912718f,
        0.16132447f, 0.13315322f, 0.11231859f, 0.0937212f, 0.07835159f};
    static const int32_t linear_each[24] = {2, 1, 3, 8,  20, 17, 15, 13, 9,  12, 18,
                                            6, 5, 7, 11, 23, 16, 14, 4,  10, 0};
    static const float linear_each_scores[24] = {
        0.9683f,     0.9267f,      0.885f,       0.8433f,     0.8017f,     0.76f,        0.51f,
        0.4683f,     0.4433019f,   0.38027647f,  0.3433f,     0.23157008f, 0.2183f,      0.1908641f,
        0.14626832f, 0.121866144f, 0.111941546f, 0.07730625f, 0.06652174f, 0.061223634f, 0.0517f};
    static const int32_t gaussian_each[24] = {2,  1, 3, 8,  20, 17, 9,  13, 12, 15, 22,
                                              18, 7, 5, 11, 16, 6,  10, 4,  14, 23, 0};
    static const float gaussian_each_scores[24] = {
        0.9683f,     0.9267f,      0.885f,       0.8433f,     0.79000604f, 0.76f,
        0.5271523f,  0.4683f,      0.4612687f,   0.44644332f, 0.29716066f, 0.29190096f,
        0.23802766f, 0.2133311f,   0.19411579f,  0.16304646f, 0.12890084f, 0.08985876f,
        0.08069503f, 0.068451084f, 0.053522542f, 0.051078707f};
    const struct dcl_operand in[] = SCENE_IN;
    const struct {
        const char *attrs;
        int n_in;
        const int32_t *keep;
        const float *scores;
        int32_t kept;
    } list[] = {
        {"method=linear score_threshold=0.05", 2, linear_all, linear_all_scores, 17},
        {"method=gaussian score_threshold=0.05", 2, gaussian_all, gaussian_all_scores, 17},
        {"method=linear score_threshold=0.05", 3, linear_each, linear_each_scores, 21},
        {"method=gaussian score_threshold=0.05", 3, gaussian_each, gaussian_each_scores, 22}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, list[i].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 24),
                                                DCL_DATA(DETCL_F32, list[i].scores, 24),
                                                DCL_DATA(DETCL_I32, &list[i].kept, 1)},
                         3, 1e-6);
}

/* Worked by hand: an IoU of exactly one half at the threshold and below it; the same box twice;
 * equal scores by position; what must never be kept. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 10, 5, 0, 0, 10, 10, 0, 0, 10, 10};
    static const float scores[] = {0.5f, 0.5f, 0.25f};
    static const int32_t keep[3] = {0, 1}, order[3] = {0, 1, 2}, two = 2, three = 3;
    static const float at[3] = {0.5f, 0.25f}, above[3] = {0.5f, 0.5f};
    static const float bad_boxes[] = {0, 0, 1, 1, 5, 5, 6, NAN, 5, 5, 6, 6, 8, 8, 8, 8};
    static const float bad_scores[] = {NAN, 1, 0, 0.125f}, left[4] = {0.125f};
    static const int32_t last[4] = {3}, one = 1;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 3, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 3)};
    dcl_check_golden(c, "iou_threshold=0.5", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, keep, 3),
                                            DCL_DATA(DETCL_F32, at, 3),
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     3, 0);
    dcl_check_golden(c, "iou_threshold=0.75", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, keep, 3),
                                            DCL_DATA(DETCL_F32, above, 3),
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     3, 0);
    dcl_check_golden(c, "method=gaussian sigma=1000000", in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, order, 3),
                                            DCL_DATA(DETCL_F32, scores, 3),
                                            DCL_DATA(DETCL_I32, &three, 1)},
                     3, 1e-5);
    const struct dcl_operand odd[] = {DCL_DATA(DETCL_F32, bad_boxes, 1, 4, 4),
                                      DCL_DATA(DETCL_F32, bad_scores, 1, 4)};
    dcl_check_golden(c, NULL, odd, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, last, 4),
                                            DCL_DATA(DETCL_F32, left, 4),
                                            DCL_DATA(DETCL_I32, &one, 1)},
                     3, 0);
}

void dcl_check_soft_nms(struct dcl_check *c)
{
    paper(c);
    by_hand(c);
    static const char *const attrs[] = {"iou_threshold=0.4 score_threshold=0.3",
                                        "method=gaussian score_threshold=0.001 max_output=7",
                                        "method=gaussian sigma=0.1 max_output=5",
                                        "iou_threshold=0 max_output=6"};
    scene_family(c, attrs, sizeof attrs / sizeof *attrs, 3);
    struct scene s;
    if (!dcl_check_small(c) && scene_make(&s, 1, 20000, 3000, 60, 300)) {
        scene_cases(c, "method=gaussian score_threshold=0.05 max_output=100", &s, 3);
        scene_free(&s);
    }
    const struct dcl_operand in[] = SCENE_IN;
    static const char *const refused[] = {"iou_threshold=1.5", "sigma=0", "sigma=nan",
                                          "score_threshold=-1", "max_output=-1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        dcl_check_refused(c, refused[i], in, 2, 3, DETCL_ERROR_ARGUMENT);
}
