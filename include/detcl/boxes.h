/* Boxes: overlaps, conversions and deltas on the caller's tensors.
 *
 * What holds for every typed operation (boxes.h, proposals.h, suppression.h, regions.h,
 * assignment.h, losses.h): a call checks its operands, finds the plan for these parameters and
 * shapes (the first call of each combination compiles and allocates workspace; the context keeps
 * the last 64) and enqueues it on the context's queue without waiting. Tensors are dense float32
 * unless said otherwise, of the same context, and no output overlaps an input or another output.
 * `sync` (opencl.h) orders the call against the caller's own commands; NULL: after everything
 * enqueued so far, no event. Errors: DETCL_ERROR_ARGUMENT for a parameter out of its range or an
 * output of another shape than the inputs give, DETCL_ERROR_MODEL or DETCL_ERROR_UNSUPPORTED for
 * inputs that do not go together, with the text in detcl_context_error. One thread at a time a
 * context. An extent of zero is allowed everywhere. */
#ifndef DETCL_BOXES_H
#define DETCL_BOXES_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum detcl_iou_kind {
    DETCL_IOU,  /* intersection / union; 0 where the union is empty */
    DETCL_IOF,  /* intersection / area of the box of a; 0 where that is empty */
    DETCL_GIOU, /* Rezatofighi et al. 2019, "Generalized Intersection over Union" */
    DETCL_DIOU, /* Zheng et al. 2020, "Distance-IoU Loss" */
    DETCL_CIOU  /* the same paper; epsilon 1e-7 as torchvision.ops.complete_box_iou */
};

/* Overlap of every box of `a` [N, A, 4] with every box of `b` [N, B, 4], x1, y1, x2, y2 in any
 * unit: `out` [N, A, B]; or [A, 4], [B, 4] and [A, B]. A negative extent counts as none; a box with
 * a NaN gives NaN. Definitions as torchvision.ops (box_iou and its relatives). */
DETCL_API enum detcl_status detcl_box_iou(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                          struct detcl_tensor *a, struct detcl_tensor *b,
                                          struct detcl_tensor *out, const struct detcl_sync *sync);

/* The same of image batches whose images have different numbers of boxes.
 * - crowd [N, B] (or [B]) bool or uint8, NULL: no crowds. Where it is set, the overlap is that of
 *   DETCL_IOF: COCO's for detections `a` and crowd ground truths `b`. With kind DETCL_IOU only.
 * - count_a, count_b [N] int32, NULL: all. Boxes of each image; overlaps of those past it are 0.
 *   Counts below 0 are 0, counts past A and B are A and B. */
DETCL_API enum detcl_status
detcl_box_iou_padded(struct detcl_context *ctx, enum detcl_iou_kind kind, struct detcl_tensor *a,
                     struct detcl_tensor *b, struct detcl_tensor *crowd,
                     struct detcl_tensor *count_a, struct detcl_tensor *count_b,
                     struct detcl_tensor *out, const struct detcl_sync *sync);

/* Overlap of box i of `a` with box i of `b`, both [..., 4] of one shape: `out` is that shape
 * without the 4. `crowd` as above, of the shape of `out`. */
DETCL_API enum detcl_status detcl_box_iou_each(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                               struct detcl_tensor *a, struct detcl_tensor *b,
                                               struct detcl_tensor *crowd, struct detcl_tensor *out,
                                               const struct detcl_sync *sync);

/* The same of many images whose boxes lie packed, one image after the other.
 * - a [A, 4], b [B, 4]; crowd [B] as above.
 * - a_offsets, b_offsets [N + 1] int32: image n has boxes offsets[n] to offsets[n + 1] - 1. Offsets
 *   outside the boxes are brought to their ends; where offsets descend, the image is empty.
 * - out [capacity]: pair (i, j) of image n lies at out_offsets[n] + i * (boxes of b in n) + j.
 *   Zeros past the last pair.
 * - out_offsets [N + 1] int32. When out_offsets[N] is more than the capacity, the pairs past the
 *   capacity were left out; 2^31 - 1 stands for that many and more. */
DETCL_API enum detcl_status
detcl_box_iou_ragged(struct detcl_context *ctx, enum detcl_iou_kind kind, struct detcl_tensor *a,
                     struct detcl_tensor *a_offsets, struct detcl_tensor *b,
                     struct detcl_tensor *b_offsets, struct detcl_tensor *crowd,
                     struct detcl_tensor *out, struct detcl_tensor *out_offsets,
                     const struct detcl_sync *sync);

enum detcl_box_form {
    DETCL_BOX_XYXY,  /* x1, y1, x2, y2 */
    DETCL_BOX_XYWH,  /* x1, y1, width, height */
    DETCL_BOX_CXCYWH /* centre x, centre y, width, height */
};

struct detcl_box_convert_params {
    enum detcl_box_form from, to;
    int from_normalized, to_normalized; /* not 0: x and width are divided by the width of the image,
                                           y and height by its height; 0: pixels */
    float width, height; /* of all images, where `sizes` is NULL; 0 when nothing is rescaled */
};

/* Boxes in another form, as torchvision.ops.box_convert, with normalised coordinates on top.
 * - boxes, out [..., 4].
 * - sizes [N, 2]: width and height of each image, for boxes [N, ..., 4]; NULL: as `params` say.
 *   A size of 0 gives infinities or NaN. */
DETCL_API enum detcl_status detcl_box_convert(struct detcl_context *ctx,
                                              const struct detcl_box_convert_params *params,
                                              struct detcl_tensor *boxes,
                                              struct detcl_tensor *sizes, struct detcl_tensor *out,
                                              const struct detcl_sync *sync);

/* Boxes [..., 4] (x1, y1, x2, y2) cut at the borders of their image, as
 * torchvision.ops.clip_boxes_to_image: x to 0..width, y to 0..height. `sizes` as above; NULL:
 * `width` and `height` hold for all images. NaN stays NaN. The same bits on every device. */
DETCL_API enum detcl_status detcl_box_clip(struct detcl_context *ctx, float width, float height,
                                           struct detcl_tensor *boxes, struct detcl_tensor *sizes,
                                           struct detcl_tensor *out, const struct detcl_sync *sync);

/* `out` [...] = (x2 - x1) * (y2 - y1) of boxes [..., 4], as torchvision.ops.box_area. */
DETCL_API enum detcl_status detcl_box_area(struct detcl_context *ctx, struct detcl_tensor *boxes,
                                           struct detcl_tensor *out, const struct detcl_sync *sync);

/* Which boxes have both sides of at least `min_size`, as torchvision.ops.remove_small_boxes.
 * - boxes [N, M, 4] x1, y1, x2, y2; count [N] int32, boxes of each image, NULL: M.
 * - keep [N, M] int32: their numbers, ascending, then -1; kept [N] int32: how many.
 * A box with a NaN is removed. The same on every device. */
DETCL_API enum detcl_status
detcl_remove_small_boxes(struct detcl_context *ctx, float min_size, struct detcl_tensor *boxes,
                         struct detcl_tensor *count, struct detcl_tensor *keep,
                         struct detcl_tensor *kept, const struct detcl_sync *sync);

/* What an axis' two deltas say of the box p..q relative to the anchor low..high. */
enum detcl_box_code {
    DETCL_CODE_CENTER_SIZE, /* offset of the centres / (high - low), log((q - p) / (high - low)) */
    DETCL_CODE_CORNER,      /* p - low, q - high: Caffe's SSD, CORNER */
    DETCL_CODE_CORNER_SIZE  /* the same / (high - low): Caffe's SSD, CORNER_SIZE */
};

struct detcl_box_code_params {
    enum detcl_box_code code;
    float weights[4]; /* each delta times its weight, over 0; all 0: 1, 1, 1, 1. The 10, 10, 5, 5 of
                         R-CNN's heads are the variances 0.1, 0.1, 0.2, 0.2 of SSD */
    float max_log_size; /* decoding: the largest log of a relative size; 0: log(1000 / 16),
                           INFINITY: no limit */
};

/* Boxes to the deltas that a head learns: Girshick et al. 2014, "Rich feature hierarchies",
 * appendix C, as torchvision's BoxCoder; Liu et al. 2016, "SSD", eq. 2, as Caffe's SSD.
 * - boxes, out [N, M, 4]; anchors (proposals, priors) [M, 4] or [N, M, 4]; x1, y1, x2, y2.
 * - variances [M, 4] of each anchor, by which deltas are divided on top of the weights; NULL: none.
 * An anchor or box without extent gives the infinities and NaNs of the arithmetic. */
DETCL_API enum detcl_status
detcl_box_encode(struct detcl_context *ctx, const struct detcl_box_code_params *params,
                 struct detcl_tensor *boxes, struct detcl_tensor *anchors,
                 struct detcl_tensor *variances, struct detcl_tensor *out,
                 const struct detcl_sync *sync);

/* Deltas [N, M, 4 * C] back to boxes: `out` [N, M, 4 * C] x1, y1, x2, y2, neither clipped nor
 * ordered. C is 1 for class-agnostic heads, else row m holds a box of each class. The rest as
 * above. */
DETCL_API enum detcl_status
detcl_box_decode(struct detcl_context *ctx, const struct detcl_box_code_params *params,
                 struct detcl_tensor *deltas, struct detcl_tensor *anchors,
                 struct detcl_tensor *variances, struct detcl_tensor *out,
                 const struct detcl_sync *sync);

/* The smallest box around each mask [N, H, W] (uint8 or bool, not 0: inside), as
 * torchvision.ops.masks_to_boxes: `out` [N, 4] first column, first row, last column, last row. A
 * mask without pixels gives zeros. */
DETCL_API enum detcl_status detcl_masks_to_boxes(struct detcl_context *ctx,
                                                 struct detcl_tensor *masks,
                                                 struct detcl_tensor *out,
                                                 const struct detcl_sync *sync);

struct detcl_paste_masks_params {
    int64_t height, width; /* of the image, in pixels */
    float threshold; /* 0: probabilities come out; else 1 where they are at least that, or 0 */
};

/* Masks of boxes brought to their places in the image, as Mask R-CNN's are; the definition is that
 * of torchvision's paste_masks_in_image with a padding of 1 (integer corners), not detectron2's.
 * - masks [N, M, M] or [N, 1, M, M] probabilities, boxes [N, 4] x1, y1, x2, y2 in pixels.
 * - out [N, height, width], zero outside the boxes: float32; with a threshold over 0 uint8, and
 *   then the same on every device.
 * A box that is not finite has no pixels. */
DETCL_API enum detcl_status detcl_paste_masks(struct detcl_context *ctx,
                                              const struct detcl_paste_masks_params *params,
                                              struct detcl_tensor *masks,
                                              struct detcl_tensor *boxes, struct detcl_tensor *out,
                                              const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
