/* Rotated boxes and polygons: overlap, suppression, pooling. boxes.h says what holds for every
 * typed operation.
 *
 * A rotated box is cx, cy, w, h, angle: the box of width w and height h around (cx, cy), turned by
 * the angle. A box with w or h of 0 or less is empty. A polygon is a list of P vertices x, y (3 to
 * 16; repeat one to fill up a list), in either orientation, convex or not; where it crosses itself,
 * areas count with its winding number. Boxes and polygons may have coordinates up to 1e15; others,
 * infinities and NaN are not valid.
 *
 * Overlaps, and so the boxes that suppression keeps, are the same bits on every device. Differences
 * of positions are taken first, so large coordinates cost no precision. The error of an
 * intersection is below 2^-18 of the area of the smallest upright box around both (seen in millions
 * of random pairs: 2^-20). */
#ifndef DETCL_ROTATED_H
#define DETCL_ROTATED_H

#include "detcl/suppression.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Unit and sense of angles, as seen in an image (y pointing down). */
enum detcl_angle {
    DETCL_ANGLE_DEGREES,           /* counter-clockwise: detectron2 */
    DETCL_ANGLE_RADIANS,           /* counter-clockwise: mmcv with clockwise=False */
    DETCL_ANGLE_DEGREES_CLOCKWISE, /* OpenCV's RotatedRect */
    DETCL_ANGLE_RADIANS_CLOCKWISE  /* mmcv with clockwise=True, its default for boxes */
};

enum detcl_overlap {
    DETCL_OVERLAP_IOU, /* intersection / union; 0 where the union is empty */
    DETCL_OVERLAP_IOF  /* intersection / area of a's; 0 where that is empty */
};

struct detcl_overlap_params {
    enum detcl_overlap kind;
    enum detcl_angle angle; /* of boxes */
    int elementwise;        /* not 0: of each a with the b of the same position, not of all pairs */
};

/* Overlap of rotated boxes `a` [N, A, 5] and `b` [N, B, 5]: `out` [N, A, B]; elementwise (A = B)
 * [N, A]. Or all without N. What is not valid gives NaN. As detectron2's pairwise_iou_rotated and
 * mmcv's box_iou_rotated. */
DETCL_API enum detcl_status detcl_iou_rotated(struct detcl_context *ctx,
                                              const struct detcl_overlap_params *params,
                                              struct detcl_tensor *a, struct detcl_tensor *b,
                                              struct detcl_tensor *out,
                                              const struct detcl_sync *sync);

/* The same for polygons [N, A, P, 2] and [N, B, Q, 2]; either operand may also hold rotated boxes.
 */
DETCL_API enum detcl_status detcl_iou_polygon(struct detcl_context *ctx,
                                              const struct detcl_overlap_params *params,
                                              struct detcl_tensor *a, struct detcl_tensor *b,
                                              struct detcl_tensor *out,
                                              const struct detcl_sync *sync);

struct detcl_nms_polygon_params {
    float iou_threshold;          /* 0..1; below 2^-24 it counts as 0 */
    enum detcl_boundary boundary; /* strict or greater-or-equal */
    enum detcl_angle angle;       /* of boxes */
    int class_agnostic;           /* not 0: boxes of different classes suppress each other too */
    int64_t max_per_class;        /* kept boxes of a class in an image, at most; 0: no limit */
    int64_t max_output;           /* kept boxes of an image, at most; 0: no limit */
    int use_score_threshold;      /* not 0: only scores greater than this one are candidates */
    float score_threshold;
};

/* Exact greedy non-maximum suppression of rotated boxes [N, M, 5], N images at once. Candidates are
 * taken by score, equal scores by position; one is kept unless a kept one (of its class) overlaps
 * it beyond the threshold. scores, classes, anchors, count, keep and kept as in detcl_nms
 * (suppression.h). NaN scores and boxes that are not valid are never kept. `keep` and `kept` are
 * the same on every device. With DETCL_BOUNDARY_STRICT as detectron2's batched_nms_rotated and
 * mmcv's nms_rotated. */
DETCL_API enum detcl_status
detcl_nms_rotated(struct detcl_context *ctx, const struct detcl_nms_polygon_params *params,
                  struct detcl_tensor *boxes, struct detcl_tensor *scores,
                  struct detcl_tensor *classes, struct detcl_tensor *anchors,
                  struct detcl_tensor *count, struct detcl_tensor *keep, struct detcl_tensor *kept,
                  const struct detcl_sync *sync);

/* The same for polygons [N, M, P, 2]. */
DETCL_API enum detcl_status
detcl_nms_polygon(struct detcl_context *ctx, const struct detcl_nms_polygon_params *params,
                  struct detcl_tensor *polygons, struct detcl_tensor *scores,
                  struct detcl_tensor *classes, struct detcl_tensor *anchors,
                  struct detcl_tensor *count, struct detcl_tensor *keep, struct detcl_tensor *kept,
                  const struct detcl_sync *sync);

struct detcl_roi_align_rotated_params {
    int64_t pooled_height, pooled_width; /* bins, 1..4096 */
    int64_t
        sampling_ratio; /* samples of a bin in each direction, up to 1024; 0: ceil(extent / bins) */
    float spatial_scale; /* from the RoIs' coordinates to pixels of the map; 0: 1 */
    enum detcl_angle angle;
};

/* RoI align for rotated RoIs, as detectron2's ROIAlignRotated and mmcv's RoIAlignRotated (aligned):
 * `features` [N, C, H, W], `rois` [R, 6] (image, cx, cy, w, h, angle), `out` [R, C, pooled_height,
 * pooled_width]. Pixel centres lie at integers + 1/2; a bin is the mean of bilinear samples, and
 * one that lies more than a pixel outside the map is 0. A RoI of an image that is not there or with
 * a value that is not valid gives zeros, and so does one with an extent of 0 or less where
 * sampling_ratio is 0. */
DETCL_API enum detcl_status
detcl_roi_align_rotated(struct detcl_context *ctx,
                        const struct detcl_roi_align_rotated_params *params,
                        struct detcl_tensor *features, struct detcl_tensor *rois,
                        struct detcl_tensor *out, const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
