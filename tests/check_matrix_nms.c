#include "suppression_scene.h"

#include <math.h>

/* A transcription of the paper's listing in NumPy, in double precision. */
static void paper(struct dcl_check *c)
{
    static const int32_t linear_all[24] = {2,  1,  17, 3,  20, 15, 8, 22, 9,  6, 12,
                                           13, 11, 18, 23, 7,  16, 5, 10, 14, 4, 21};
    static const float linear_all_scores[24] = {
        0.9683f,     0.9267f,     0.71952665f, 0.6807692f,  0.521105f,   0.51f,
        0.44597596f, 0.44073713f, 0.40649623f, 0.38061994f, 0.38027647f, 0.34375212f,
        0.26328298f, 0.257475f,   0.23408f,    0.1908641f,  0.18943954f, 0.18585f,
        0.15147826f, 0.12597f,    0.09062382f, 0.06056316f};
    static const int32_t gaussian_all[24] = {2, 1,  3,  17, 20, 8,  15, 12, 22, 9, 13,
                                             6, 11, 23, 18, 7,  16, 5,  10, 14, 4, 21};
    static const float gaussian_all_scores[24] = {
        0.9683f,     0.9267f,    0.7955859f,  0.72231436f, 0.6274942f,  0.540963f,
        0.51f,       0.4612687f, 0.45708168f, 0.40947017f, 0.40652376f, 0.3823891f,
        0.31821772f, 0.2831326f, 0.28114635f, 0.2413691f,  0.22872645f, 0.19070318f,
        0.1835066f,  0.1307195f, 0.09295762f, 0.072083175f};
    static const int32_t linear_each[24] = {2,  1,  3,  8,  17, 20, 15, 9,  13, 12, 6,
                                            22, 11, 18, 23, 5,  7,  16, 10, 14, 4,  21};
    static const float linear_each_scores[24] = {
        0.9683f,     0.9267f,     0.885f,      0.8433f,     0.76f,       0.7329829f,
        0.51f,       0.48486143f, 0.4683f,     0.38027647f, 0.34545702f, 0.33902857f,
        0.26328298f, 0.257475f,   0.25265625f, 0.21401961f, 0.1908641f,  0.18943954f,
        0.1568595f,  0.13915125f, 0.06652174f, 0.06056316f};
    static const int32_t gaussian_each[24] = {2,  1,  3,  8, 20, 17, 9,  15, 13, 12, 22, 6,
                                              11, 18, 23, 7, 16, 5,  10, 14, 4,  21, 0};
    static const float gaussian_each_scores[24] = {
        0.9683f,     0.9267f,     0.885f,      0.8433f,      0.79000604f, 0.76f,
        0.5370266f,  0.51f,       0.4683f,     0.4612687f,   0.41090137f, 0.3823891f,
        0.31821772f, 0.3029612f,  0.28370565f, 0.2413691f,   0.22872645f, 0.21813221f,
        0.18979585f, 0.13931014f, 0.08069503f, 0.072083175f, 0.051234793f};
    const struct dcl_operand in[] = SCENE_IN;
    const struct {
        const char *attrs;
        int n_in;
        const int32_t *keep;
        const float *scores;
        int32_t kept;
    } list[] = {
        {"method=linear post_threshold=0.05", 2, linear_all, linear_all_scores, 22},
        {"method=gaussian post_threshold=0.05", 2, gaussian_all, gaussian_all_scores, 22},
        {"method=linear post_threshold=0.05", 3, linear_each, linear_each_scores, 22},
        {"method=gaussian post_threshold=0.05", 3, gaussian_each, gaussian_each_scores, 23}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, list[i].n_in,
                         (struct dcl_operand[]){DCL_DATA(DETCL_I32, list[i].keep, 24),
                                                DCL_DATA(DETCL_F32, list[i].scores, 24),
                                                DCL_DATA(DETCL_I32, &list[i].kept, 1)},
                         3, 1e-6);
}

/* Worked by hand: 0 covers half of 1 and 2, which are the same box, so 2 has an IoU of 1 with 1,
 * and the linear decay drops it; 3, the same again, is left the factor 1 - 1 from 1 as well. */
static void by_hand(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 10, 5, 0, 0, 10, 10, 0, 0, 10, 10, 0, 0, 10, 10};
    static const float scores[] = {0.75f, 0.5f, 0.5f, 0.5f}, left[4] = {0.75f, 0.25f};
    static const int32_t keep[4] = {0, 1}, two = 2;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 4, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 4)};
    dcl_check_golden(c, NULL, in, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, keep, 4),
                                            DCL_DATA(DETCL_F32, left, 4),
                                            DCL_DATA(DETCL_I32, &two, 1)},
                     3, 0);
    static const float bad_boxes[] = {0, 0, 1, 1, 5, 5, 6, NAN, 5, 5, 6, 6, 8, 8, 8, 8};
    static const float bad_scores[] = {NAN, 1, 0, 0.125f}, rest[4] = {0.125f};
    static const int32_t last[4] = {3}, one = 1;
    const struct dcl_operand odd[] = {DCL_DATA(DETCL_F32, bad_boxes, 1, 4, 4),
                                      DCL_DATA(DETCL_F32, bad_scores, 1, 4)};
    dcl_check_golden(c, "method=gaussian", odd, 2,
                     (struct dcl_operand[]){DCL_DATA(DETCL_I32, last, 4),
                                            DCL_DATA(DETCL_F32, rest, 4),
                                            DCL_DATA(DETCL_I32, &one, 1)},
                     3, 0);
}

void dcl_check_matrix_nms(struct dcl_check *c)
{
    paper(c);
    by_hand(c);
    static const char *const attrs[] = {"post_threshold=0.02",
                                        "method=gaussian score_threshold=0.1",
                                        "method=gaussian sigma=0.1 max_output=9"};
    scene_family(c, attrs, sizeof attrs / sizeof *attrs, 3);
    struct scene s;
    if (!dcl_check_small(c) && scene_make(&s, 1, 5000, 1000, 60, 30)) {
        scene_cases(c, attrs[0], &s, 3);
        scene_free(&s);
    }
    const struct dcl_operand in[] = SCENE_IN;
    static const char *const refused[] = {"post_threshold=-0.5", "sigma=0", "score_threshold=nan",
                                          "max_output=-1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        dcl_check_refused(c, refused[i], in, 2, 3, DETCL_ERROR_ARGUMENT);
}
