/* Candidates for the checks of the suppression family: fixed ones for golden values, random scenes,
 * and the cases that every op of the family runs. */
#ifndef DCL_TESTS_SUPPRESSION_SCENE_H
#define DCL_TESTS_SUPPRESSION_SCENE_H

#include "check.h"

#include <stdlib.h>

static const float scene_boxes[] = {
    3,  6, 12, 17, 6, 0,  14, 8,  9,  8,  18, 18, 4, 7, 14, 14, 11, 0, 18, 7,  0, 7, 8,  12,
    1,  5, 12, 12, 7, 0,  14, 10, 11, 11, 18, 20, 1, 4, 6,  9,  6,  2, 15, 13, 9, 9, 13, 19,
    10, 9, 20, 15, 9, 1,  20, 6,  2,  7,  12, 18, 0, 5, 4,  14, 10, 0, 16, 9,  0, 4, 7,  8,
    4,  9, 13, 19, 3, 11, 10, 15, 2,  4,  13, 8,  6, 9, 14, 17, 3,  3, 12, 13, 2, 1, 13, 11};
static const float scene_scores[] = {0.0517f, 0.9267f, 0.9683f, 0.885f,  0.135f,  0.2183f,
                                     0.5517f, 0.6767f, 0.8433f, 0.635f,  0.26f,   0.4267f,
                                     0.7183f, 0.4683f, 0.1767f, 0.51f,   0.3017f, 0.76f,
                                     0.3433f, 0.01f,   0.8017f, 0.0933f, 0.5933f, 0.385f};
static const int32_t scene_classes[] = {1, 0, 0, 2, 1, 0, 2, 0, 1, 2, 2, 0,
                                        0, 1, 0, 2, 0, 1, 0, 0, 2, 0, 2, 2};
#define SCENE_IN                                                                                   \
    {                                                                                              \
        DCL_DATA(DETCL_F32, scene_boxes, 1, 24, 4), DCL_DATA(DETCL_F32, scene_scores, 1, 24),      \
            DCL_DATA(DETCL_I32, scene_classes, 1, 24)                                              \
    }

/* `images` images of `length` candidates: boxes of `side` at most with corners in 0..extent, scores
 * in 50 steps (so that there are ties), anchors with one past the last. */
struct scene {
    float *boxes, *scores;
    int32_t *classes, *anchors;
    int64_t images, length;
};

static inline uint32_t scene_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static inline bool scene_make(struct scene *s, int64_t images, int64_t length, float extent,
                              float side, uint32_t classes)
{
    uint32_t state = 12345;
    const size_t n = (size_t)(images * length);
    *s = (struct scene){malloc(n * 16 + 1),
                        malloc(n * 4 + 1),
                        malloc(n * 4 + 1),
                        malloc(n * 4 + 1),
                        images,
                        length};
    if (!s->boxes || !s->scores || !s->classes || !s->anchors)
        return false;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 2; k++) {
            const float low = extent * (float)scene_next(&state) * 0x1p-24f;
            s->boxes[4 * i + k] = low;
            s->boxes[4 * i + 2 + k] =
                low + side * (0.25f + 0.75f * (float)scene_next(&state) * 0x1p-24f);
        }
        s->scores[i] = (float)(scene_next(&state) % 50) / 50.0f;
        s->classes[i] = (int32_t)(scene_next(&state) % classes) - (classes > 3);
        s->anchors[i] = (int32_t)(scene_next(&state) % (uint32_t)(length + 1));
    }
    return true;
}

static inline void scene_free(struct scene *s)
{
    free(s->boxes);
    free(s->scores);
    free(s->classes);
    free(s->anchors);
}

/* Without classes, with them, and with everything. */
static inline void scene_cases(struct dcl_check *c, const char *attrs, const struct scene *s,
                               int n_out)
{
    const int64_t n = s->images, k = s->length;
    int32_t counts[4] = {(int32_t)k, (int32_t)(k / 2), 1, -1};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, s->boxes, n, k, 4), DCL_DATA(DETCL_F32, s->scores, n, k),
        DCL_DATA(DETCL_I32, s->classes, n, k), DCL_DATA(DETCL_I32, s->anchors, n, k),
        DCL_DATA(DETCL_I32, counts, n)};
    dcl_check_case(c, attrs, in, 2, n_out);
    dcl_check_case(c, attrs, in, 3, n_out);
    dcl_check_case(c, attrs, in, 5, n_out);
}

/* Odd and empty sizes, special values, crowds, and operands that must be refused. */
static inline void scene_family(struct dcl_check *c, const char *const *attrs, size_t n_attrs,
                                int n_out)
{
    static const int64_t lengths[] = {1, 15, 17, 33, 110, 257, 2100};
    const bool small = dcl_check_small(c);
    for (size_t i = 0; i < (small ? 6 : 7); i++) {
        struct scene s;
        for (size_t a = 0; a < n_attrs; a++)
            if ((!small || i % n_attrs == a || i == 1) &&
                scene_make(&s, small || lengths[i] > 700 ? 2 : 4, lengths[i], 100, 60, 5)) {
                scene_cases(c, attrs[a], &s, n_out);
                scene_free(&s);
            }
    }
    for (size_t a = 0; a < n_attrs; a++) {
        DCL_CASE(c, attrs[a], n_out, DCL_SPECIAL(2, 33, 4), DCL_SPECIAL(2, 33),
                 DCL_RANDOM(DETCL_I32, 2, 33));
        DCL_CASE(c, attrs[a], n_out, DCL_RANDOM(DETCL_F32, 2, 0, 4), DCL_RANDOM(DETCL_F32, 2, 0));
        DCL_CASE(c, attrs[a], n_out, DCL_RANDOM(DETCL_F32, 0, 5, 4), DCL_RANDOM(DETCL_F32, 0, 5),
                 DCL_RANDOM(DETCL_I32, 0, 5));
    }
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 1, 5, 4), DCL_RANDOM(DETCL_F32, 1, 5),
                                     DCL_RANDOM(DETCL_I32, 1, 4)};
    dcl_check_refused(c, attrs[0], in, 3, n_out, DETCL_ERROR_MODEL);
    dcl_check_refused(c, attrs[0], (struct dcl_operand[]){in[0], in[2]}, 2, n_out,
                      DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, attrs[0], in, 2, n_out - 1, DETCL_ERROR_ARGUMENT);
}

#endif
