/* Where labels go. Internal to host/image. */
#ifndef DCL_IMAGE_LABEL_H
#define DCL_IMAGE_LABEL_H

#include <stddef.h>

/* Whole pixels; right and bottom are exclusive. */
struct dcl_rect {
    int left, top, right, bottom;
};

/* A picture of width x height pixels with the frames of all its boxes and the labels placed so
 * far. */
struct dcl_label_scene {
    int width, height;
    const struct dcl_rect *frames;
    size_t frame_count;
    const struct dcl_rect *labels;
    size_t label_count;
};

/* Choose a place for a label of label_width x label_height pixels that belongs to `frame`. The
 * first free one is taken of: above the frame, inside it at the top, below it, beside it, and
 * places moved down or up along its left edge. Free means that it covers no other label and nothing
 * of a box so small that a label would hide it, and touches the frame; when no place is free, the
 * one that covers the least and is nearest. The result lies inside the picture, or at its left or
 * top edge if it is too large for it. */
struct dcl_rect dcl_label_place(const struct dcl_label_scene *scene, struct dcl_rect frame,
                                int label_width, int label_height);

#endif
