#include "image/label.h"

#include <stdint.h>

/* Places at the frame's corners, then places along its left edge, one label apart. */
#define CORNERS 10
#define SHIFTS 16

/* A frame of less than this many times the label's area counts as small. To cover it is a fault
 * like covering another label, but a lesser one. */
#define SMALL 4
#define LABEL_WEIGHT 4

static int clamp_start(int start, int length, int limit)
{
    if (start > limit - length)
        start = limit - length;
    return start < 0 ? 0 : start;
}

/* Candidate number `i`, best first, moved into the picture. */
static struct dcl_rect candidate(const struct dcl_label_scene *scene, struct dcl_rect frame, int w,
                                 int h, int i)
{
    const int corners[CORNERS][2] = {
        {frame.left, frame.top - h},    {frame.left, frame.top},
        {frame.left, frame.bottom},     {frame.right - w, frame.top - h},
        {frame.right - w, frame.top},   {frame.right - w, frame.bottom},
        {frame.right, frame.top},       {frame.left - w, frame.top},
        {frame.left, frame.bottom - h}, {frame.right - w, frame.bottom - h},
    };
    int left = frame.left, top;
    if (i < CORNERS) {
        left = corners[i][0];
        top = corners[i][1];
    } else {
        const int step = (i - CORNERS) / 2 + 1;
        top = (i - CORNERS) % 2 == 0 ? frame.top + step * h : frame.top - (step + 1) * h;
    }
    left = clamp_start(left, w, scene->width);
    top = clamp_start(top, h, scene->height);
    return (struct dcl_rect){left, top, left + w, top + h};
}

static int64_t area(struct dcl_rect r)
{
    return (int64_t)(r.right - r.left) * (r.bottom - r.top);
}

static int64_t overlap(struct dcl_rect a, struct dcl_rect b)
{
    const struct dcl_rect common = {
        a.left > b.left ? a.left : b.left, a.top > b.top ? a.top : b.top,
        a.right < b.right ? a.right : b.right, a.bottom < b.bottom ? a.bottom : b.bottom};
    return common.left < common.right && common.top < common.bottom ? area(common) : 0;
}

/* Pixels between two rectangles along the axis that separates them most; at most 0 when they
 * touch or overlap. */
static int gap(struct dcl_rect a, struct dcl_rect b)
{
    const int gaps[4] = {a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom};
    int widest = gaps[0];
    for (int i = 1; i < 4; i++)
        widest = gaps[i] > widest ? gaps[i] : widest;
    return widest;
}

/* How bad a place is: pixels covered, and how far it is from the frame it belongs to. Some number
 * not below `enough` as soon as that is certain. */
static int64_t cost_of(const struct dcl_label_scene *scene, struct dcl_rect frame,
                       struct dcl_rect rect, int64_t enough)
{
    const int64_t small = SMALL * area(rect);
    const int apart = gap(rect, frame);
    int64_t cost = apart > 0 ? (int64_t)apart * (rect.bottom - rect.top) : 0;
    for (size_t k = 0; k < scene->label_count && cost < enough; k++)
        cost += LABEL_WEIGHT * overlap(rect, scene->labels[k]);
    for (size_t k = 0; k < scene->frame_count && cost < enough; k++)
        if (area(scene->frames[k]) < small)
            cost += overlap(rect, scene->frames[k]);
    return cost;
}

struct dcl_rect dcl_label_place(const struct dcl_label_scene *scene, struct dcl_rect frame,
                                int label_width, int label_height)
{
    struct dcl_rect best = candidate(scene, frame, label_width, label_height, 0);
    int64_t best_cost = cost_of(scene, frame, best, INT64_MAX);
    for (int i = 1; i < CORNERS + SHIFTS && best_cost > 0; i++) {
        const struct dcl_rect rect = candidate(scene, frame, label_width, label_height, i);
        const int64_t cost = cost_of(scene, frame, rect, best_cost);
        if (cost < best_cost) {
            best_cost = cost;
            best = rect;
        }
    }
    return best;
}
