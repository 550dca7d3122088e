#include "check.h"
#include "ops/frame.h"

#include <string.h>

enum { CAPACITY = DCL_FRAME_HEADER_BYTES + 100 * 40 * 3 };

/* A 100 x 40 image letterboxed into 50 x 50, centred: half size, 15 rows of padding above. */
static void make_frame(uint8_t *frame)
{
    const struct dcl_fit fit = {
        .resize = DCL_RESIZE_LETTERBOX, .width = 50, .height = 50, .center = true};
    struct dcl_frame_header h;
    struct dcl_error e = {0};
    memset(frame, 0, CAPACITY);
    if (dcl_frame_fit(&fit, 100, 40, 300, DCL_PIXEL_RGB, &h, &e) == DETCL_OK)
        memcpy(frame, &h, sizeof h);
}

/* Two anchors, three candidates, of which the last and the first are kept. Worked by hand. */
static void golden(struct dcl_check *c, const uint8_t *frame)
{
    static const float boxes[] = {5, 20, 15, 30, -4, 10, 60, 60};
    static const float scores[] = {0.5f, 0.25f, 0.75f};
    static const int32_t classes[] = {2, 0, 7}, anchors[] = {0, 0, 1}, count[] = {3};
    static const int32_t keep[] = {2, 0, 1}, kept[] = {2};
    static const float rows[] = {2,  3,  0,  0,  0,    0, 0, 0, 100, 40, 0.75f, 7,
                                 10, 10, 30, 30, 0.5f, 2, 0, 0, 0,   0,  0,     0};
    static const float one[] = {1, 3, 0, 0, 0, 0, 0, 0, 100, 40, 0.75f, 7};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_U8, frame, CAPACITY), DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
        DCL_DATA(DETCL_F32, scores, 1, 3),   DCL_DATA(DETCL_I32, classes, 1, 3),
        DCL_DATA(DETCL_I32, anchors, 1, 3),  DCL_DATA(DETCL_I32, count, 1),
        DCL_DATA(DETCL_I32, keep, 1, 3),     DCL_DATA(DETCL_I32, kept, 1)};
    const struct dcl_operand all[] = {DCL_DATA(DETCL_F32, rows, 1, 4, 6)};
    const struct dcl_operand first[] = {DCL_DATA(DETCL_F32, one, 1, 2, 6)};
    dcl_check_golden(c, "max_output=3", in, 8, all, 1, 0);
    dcl_check_golden(c, "max_output=1", in, 8, first, 1, 0);
}

void dcl_check_detections(struct dcl_check *c)
{
    uint8_t frames[2 * CAPACITY];
    make_frame(frames);
    make_frame(frames + CAPACITY);
    golden(c, frames);
    static const int32_t keep[] = {4, 1, 0, 2, 3, 0, 1, 2, 3, 4}, kept[] = {5, 3}, none[] = {0, 0};
#define LISTS(frame_data, kept_data)                                                               \
    DCL_DATA(DETCL_U8, frame_data, 2, CAPACITY), DCL_RANGE(DETCL_F32, -10, 60, 2, 9, 4),           \
        DCL_RANDOM(DETCL_F32, 2, 5), DCL_RANDOM(DETCL_I32, 2, 5),                                  \
        DCL_RANGE(DETCL_I32, 0, 8, 2, 5), DCL_RANDOM(DETCL_I32, 2),                                \
        DCL_DATA(DETCL_I32, keep, 2, 5), DCL_DATA(DETCL_I32, kept_data, 2)
    DCL_CASE(c, "max_output=4", 1, LISTS(frames, kept));
    DCL_CASE(c, NULL, 1, LISTS(frames, kept));
    DCL_CASE(c, "max_output=4", 1, LISTS(frames, none));
    memset(frames, 0xff, DCL_FRAME_HEADER_BYTES); /* a broken header gives no detections */
    DCL_CASE(c, "max_output=4", 1, LISTS(frames, kept));
    const struct dcl_operand wrong[] = {LISTS(frames, kept)};
    dcl_check_refused(c, "max_output=0", wrong, 8, 1, DETCL_ERROR_ARGUMENT);
}
