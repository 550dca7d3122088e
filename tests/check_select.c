#include "check.h"

#include <math.h>

/* Worked by hand: the definition in host/ops/select.c. Four boxes, three classes; box 2 is not
 * finite. */
static void golden(struct dcl_check *c)
{
    static const float boxes[] = {0, 0, 1, 1, 2, 2, 1, 1, 0, INFINITY, 5, 5, 9, 9, 9, 9};
    static const float scores[] = {0.5f, 0.9f, NAN, 0.25f, 0.5f, 0.5f, 1, 1, 1, NAN, NAN, 0.75f};
    static const int32_t many[] = {5}, two[] = {2}, three[] = {3};
    static const float s_many[12] = {0.5f, 0.9f, 0.5f, 0.5f, 0.75f};
    static const int32_t c_many[12] = {0, 1, 1, 2, 2}, a_many[12] = {0, 0, 1, 1, 3};
    static const float s_over[12] = {0.9f, 0.75f};
    static const int32_t c_over[12] = {1, 2}, a_over[12] = {0, 3};
    static const float s_best[4] = {0.9f, 0.5f, 0.75f}, s_back[4] = {0.5f, 0.5f, 0.75f};
    static const int32_t c_best[4] = {1, 1, 2}, c_back[4] = {0, 2, 2}, a_best[4] = {0, 1, 3};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, boxes, 1, 4, 4),
                                     DCL_DATA(DETCL_F32, scores, 1, 4, 3)};
    const struct {
        const char *attrs;
        struct dcl_operand out[4];
    } list[] = {
        {"score_threshold=0.5 comparison=greater_equal",
         {DCL_DATA(DETCL_F32, s_many, 12), DCL_DATA(DETCL_I32, c_many, 12),
          DCL_DATA(DETCL_I32, a_many, 12), DCL_DATA(DETCL_I32, many, 1)}},
        {"score_threshold=0.5",
         {DCL_DATA(DETCL_F32, s_over, 12), DCL_DATA(DETCL_I32, c_over, 12),
          DCL_DATA(DETCL_I32, a_over, 12), DCL_DATA(DETCL_I32, two, 1)}},
        {"score_threshold=0.1 mode=best_class",
         {DCL_DATA(DETCL_F32, s_best, 4), DCL_DATA(DETCL_I32, c_best, 4),
          DCL_DATA(DETCL_I32, a_best, 4), DCL_DATA(DETCL_I32, three, 1)}},
        {"score_threshold=0.1 mode=best_class background=1",
         {DCL_DATA(DETCL_F32, s_back, 4), DCL_DATA(DETCL_I32, c_back, 4),
          DCL_DATA(DETCL_I32, a_best, 4), DCL_DATA(DETCL_I32, three, 1)}},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        dcl_check_golden(c, list[i].attrs, in, 2, list[i].out, 4, 0);
}

void dcl_check_select(struct dcl_check *c)
{
    golden(c);
    static const char *const attrs[] = {
        "score_threshold=0.9", "score_threshold=-0.5", "score_threshold=0.3 mode=best_class",
        "score_threshold=0 mode=best_class background=0 comparison=greater_equal",
        "score_threshold=0.1 background=2"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 2, 339, 4),
                 DCL_RANDOM(DETCL_F32, 2, 339, 7));
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 1, 101, 4),
                 DCL_RANDOM(DETCL_F32, 1, 101, 80));
        DCL_CASE(c, attrs[i], 4, DCL_SPECIAL(3, 57, 4), DCL_SPECIAL(3, 57, 19));
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 2, 1, 4), DCL_RANDOM(DETCL_F32, 2, 1, 1));
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 0, 3));
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 2, 5, 4), DCL_RANDOM(DETCL_F32, 2, 5, 0));
        DCL_CASE(c, attrs[i], 4, DCL_RANDOM(DETCL_F32, 0, 5, 4), DCL_RANDOM(DETCL_F32, 0, 5, 3));
    }
    DCL_CASE(c, "score_threshold=0.999", 4, DCL_RANDOM(DETCL_F32, 2, 8400, 4),
             DCL_RANDOM(DETCL_F32, 2, 8400, 80));
    DCL_CASE(c, "score_threshold=-2", 4, DCL_RANDOM(DETCL_F32, 1, 70001, 4),
             DCL_RANDOM(DETCL_F32, 1, 70001, 3));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4),
                                     DCL_RANDOM(DETCL_F32, 1, 4, 2)};
    dcl_check_refused(c, "score_threshold=0.5", in, 2, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, in, 2, 4, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "score_threshold=0.5", (struct dcl_operand[]){in[0], in[0]}, 2, 3,
                      DETCL_ERROR_ARGUMENT);
}
