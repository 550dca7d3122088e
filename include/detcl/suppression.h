/* Suppression: from many scored boxes to few. boxes.h says what holds for every typed operation. */
#ifndef DETCL_SUPPRESSION_H
#define DETCL_SUPPRESSION_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* When the overlap of a pair suppresses the box of lower score. */
enum detcl_boundary {
    DETCL_BOUNDARY_STRICT,        /* intersection > threshold * union: ONNX, torchvision */
    DETCL_BOUNDARY_GREATER_EQUAL, /* >=: OpenVINO, TensorRT */
    DETCL_BOUNDARY_LEGACY         /* >, with extents of x2 - x1 + 1 (inclusive pixels) */
};

struct detcl_nms_params {
    float iou_threshold;   /* 0..1 */
    float score_threshold; /* a candidate's score must be greater; -INFINITY or NAN: any */
    enum detcl_boundary boundary;
    int class_agnostic;    /* not 0: boxes of different classes suppress each other too */
    int64_t max_per_class; /* kept boxes of a class in an image, at most; 0: no limit */
    int64_t max_output;    /* kept boxes of an image, at most; 0: no limit */
};

/* Exact greedy non-maximum suppression of N images at once. Candidates are taken by score, equal
 * scores by position; one is kept unless a kept one (of its class) overlaps it beyond the
 * threshold.
 *   boxes    [N, M, 4] x1, y1, x2, y2 in any unit
 *   scores   [N, K]
 *   classes  [N, K] int32, any values; NULL: one class
 *   anchors  [N, K] int32: candidate k has box anchors[k]; NULL: box k, and K = M
 *   count    [N] int32: candidates of each image, those past it are ignored; NULL: K
 *   keep     [N, K] int32: positions kept, best score first; unspecified past `kept`
 *   kept     [N] int32: how many
 * NaN scores and boxes with a coordinate that is not finite are never kept. `keep` and `kept` are
 * the same on every device. No limit on boxes, classes or images. With DETCL_BOUNDARY_STRICT the
 * result is that of torchvision.ops.batched_nms and, per class, of ONNX NonMaxSuppression. */
DETCL_API enum detcl_status detcl_nms(struct detcl_context *ctx,
                                      const struct detcl_nms_params *params,
                                      struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                      struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                      struct detcl_tensor *count, struct detcl_tensor *keep,
                                      struct detcl_tensor *kept, const struct detcl_sync *sync);

/* How an overlap o lowers a score. */
enum detcl_decay {
    DETCL_DECAY_LINEAR,  /* by 1 - o */
    DETCL_DECAY_GAUSSIAN /* by exp(-o * o / sigma) */
};

struct detcl_soft_nms_params {
    enum detcl_decay decay;
    float iou_threshold;   /* 0..1; linear: smaller overlaps lower nothing */
    float sigma;           /* gaussian; 0: 0.5 */
    float score_threshold; /* 0 or more: the scores of candidates, lowered ones too, must be greater
                            */
    int64_t max_output;    /* kept boxes of an image, at most; 0: no limit */
};

/* Soft-NMS (Bodla et al. 2017) of N images at once: again and again the best score of an image (and
 * class) is chosen, equal scores by position, and the scores of the boxes that overlap it are
 * lowered.
 *   boxes, scores, classes, anchors, count: as detcl_nms
 *   keep        [N, K] int32: positions in the order chosen, that is by lowered score
 *   out_scores  [N, K]: their scores when they were chosen
 *   kept        [N] int32: how many; unspecified past them
 * A linear decay applies from iou_threshold on (>=), as in the paper's equation. Order and scores
 * are the same bits on every device: divisions are rounded to nearest and exp is the library's own
 * polynomial, within 2 units in the last place (areas and scores so small that they are subnormal
 * aside). Each class of an image is one work-group's; work grows with kept * candidates, so a
 * max_output or score_threshold pays. */
DETCL_API enum detcl_status detcl_soft_nms(
    struct detcl_context *ctx, const struct detcl_soft_nms_params *params,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *anchors, struct detcl_tensor *count, struct detcl_tensor *keep,
    struct detcl_tensor *out_scores, struct detcl_tensor *kept, const struct detcl_sync *sync);

struct detcl_matrix_nms_params {
    enum detcl_decay decay;
    float sigma; /* gaussian, as the paper writes it (1 / sigma in SOLOv2's code); 0: 0.5 */
    float score_threshold; /* 0 or more: a candidate's score must be greater */
    float post_threshold;  /* 0 or more: its score after the decay must be greater */
    int64_t max_output;    /* kept boxes of an image, at most; 0: no limit */
};

/* Matrix NMS (Wang et al. 2020, SOLOv2, section 3.3) on boxes, N images at once: each score decays
 * by the overlap with every better box of its class, discounted by how much that one is suppressed
 * itself. Operands as detcl_soft_nms; `keep` goes by decayed score, equal ones by position. A
 * box that a better one covers exactly (IoU 1) suppresses nothing with a linear decay, where the
 * paper divides by zero. The same bits on every device, as detcl_soft_nms. Tests all pairs of a
 * class, spread over all work-items; memory grows with K. */
DETCL_API enum detcl_status detcl_matrix_nms(
    struct detcl_context *ctx, const struct detcl_matrix_nms_params *params,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *anchors, struct detcl_tensor *count, struct detcl_tensor *keep,
    struct detcl_tensor *out_scores, struct detcl_tensor *kept, const struct detcl_sync *sync);

struct detcl_cluster_nms_params {
    float iou_threshold;   /* 0..1; detcl_diou_nms: -1..1, of the DIoU */
    float score_threshold; /* a candidate's score must be greater; -INFINITY or NAN: any */
    int64_t max_output;    /* kept boxes of an image, at most; 0: no limit */
};

/* Fast NMS (Bolya et al. 2019, YOLACT) of N images at once: a candidate is dropped
 * when any better one of its class overlaps it beyond the threshold, one that is dropped itself,
 * too; so somewhat more is dropped than by detcl_nms. Operands as detcl_nms with its strict
 * boundary; tests pairs of a class up to the first hit, spread over all work-items, without storing
 * any. */
DETCL_API enum detcl_status detcl_fast_nms(struct detcl_context *ctx,
                                           const struct detcl_cluster_nms_params *params,
                                           struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                           struct detcl_tensor *classes,
                                           struct detcl_tensor *anchors, struct detcl_tensor *count,
                                           struct detcl_tensor *keep, struct detcl_tensor *kept,
                                           const struct detcl_sync *sync);

/* Cluster-NMS (Zheng et al. 2021, "Enhancing Geometric Factors ...", algorithm 1) of N images at
 * once: Fast NMS over what the iteration before kept, until nothing changes. The result is exactly
 * that of detcl_nms with its strict boundary; the work is spread over all work-items where
 * detcl_nms gives each class one work-group. Operands as detcl_nms. */
DETCL_API enum detcl_status
detcl_cluster_nms(struct detcl_context *ctx, const struct detcl_cluster_nms_params *params,
                  struct detcl_tensor *boxes, struct detcl_tensor *scores,
                  struct detcl_tensor *classes, struct detcl_tensor *anchors,
                  struct detcl_tensor *count, struct detcl_tensor *keep, struct detcl_tensor *kept,
                  const struct detcl_sync *sync);

/* DIoU-NMS (Zheng et al. 2020, "Distance-IoU Loss") of N images at once: greedy
 * suppression where IoU - d / c is greater than the threshold, d the squared distance of the
 * centres and c the squared diagonal of the smallest box around both. Tested as inter * c - d *
 * union > threshold * (union * c) in single precision, operation by operation as in
 * host/ops/cluster_nms.c, because a division may differ by device: so the result is the same on
 * each. Coordinates below 1e9; two boxes without area never suppress each other. Operands as
 * detcl_nms. */
DETCL_API enum detcl_status detcl_diou_nms(struct detcl_context *ctx,
                                           const struct detcl_cluster_nms_params *params,
                                           struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                           struct detcl_tensor *classes,
                                           struct detcl_tensor *anchors, struct detcl_tensor *count,
                                           struct detcl_tensor *keep, struct detcl_tensor *kept,
                                           const struct detcl_sync *sync);

struct detcl_weighted_nms_params {
    float iou_threshold;   /* 0..1 */
    float score_threshold; /* 0 or more: a candidate's score must be greater */
    int64_t max_output;    /* kept boxes of an image, at most; 0: no limit */
};

/* Weighted NMS of N images at once, as BlazeFace blends (Bazarevsky et al. 2019, "Post-processing";
 * MediaPipe's WEIGHTED): greedy suppression with detcl_nms's strict boundary, and each kept box
 * becomes the mean, weighted by score, of itself and the boxes that it was the first to suppress.
 *   boxes, scores, classes, anchors, count: as detcl_nms
 *   out_boxes   [N, K, 4]: the means, by falling score of the kept box
 *   out_scores  [N, K]: the score of the kept box
 *   keep        [N, K] int32: its position
 *   kept        [N] int32: how many; unspecified past them
 * All are the same bits on every device: sums run by falling score in single precision. Boxes not
 * over score_threshold are no part of a mean. */
DETCL_API enum detcl_status
detcl_weighted_nms(struct detcl_context *ctx, const struct detcl_weighted_nms_params *params,
                   struct detcl_tensor *boxes, struct detcl_tensor *scores,
                   struct detcl_tensor *classes, struct detcl_tensor *anchors,
                   struct detcl_tensor *count, struct detcl_tensor *out_boxes,
                   struct detcl_tensor *out_scores, struct detcl_tensor *keep,
                   struct detcl_tensor *kept, const struct detcl_sync *sync);

/* The confidence of a fused box. With its n boxes' weighted scores s, and T models' weights w: */
enum detcl_fusion_confidence {
    DETCL_FUSION_AVG, /* mean(s) * min(T, n) / sum(w) */
    DETCL_FUSION_MAX  /* max(s) / max(w) */
};

struct detcl_weighted_boxes_fusion_params {
    enum detcl_fusion_confidence confidence;
    float iou_threshold;   /* 0..1; the paper takes 0.55 */
    float score_threshold; /* 0 or more: a box's score, not weighted yet, must be greater */
};

/* Weighted boxes fusion (Solovyev et al. 2021) of the boxes of several models for the same N
 * images, as the reference code (ensemble-boxes: weighted_boxes_fusion) defines it: by falling
 * weighted score, score * weight of the model, each box joins the cluster of its class whose fused
 * box overlaps it most, beyond the threshold, or starts one; a cluster's box is the mean of its
 * boxes weighted by their weighted scores.
 * - boxes [N, M, 4]: x1, y1, x2, y2 in any unit, the models' lists one after the other, or mixed
 * - scores [N, M]
 * - classes [N, M] int32, any values; NULL: one class
 * - count [N] int32: boxes of each image, those past it are ignored; NULL: M
 * - weights [T]: of the models, positive
 * - models [N, M] int32: the model of each box, 0..T-1; NULL: all of model 0
 * - out_boxes [N, M, 4], out_scores [N, M], out_classes [N, M] int32: fused boxes, greatest
 *   confidence first, equal ones by the position of the box that started the cluster; class 0 where
 *   `classes` is NULL
 * - out_count [N] int32: how many; unspecified past them
 *
 * A box takes no part if its coordinates are not finite, its area is 0 (corners in the wrong
 * order count as that), its model is out of range or its weight is not positive. Equal IoUs go to
 * the older cluster. Single precision in the order of the definition, divisions rounded to nearest:
 * the same bits on every device (subnormal numbers aside). Each class of an image is one
 * work-group's. */
DETCL_API enum detcl_status detcl_weighted_boxes_fusion(
    struct detcl_context *ctx, const struct detcl_weighted_boxes_fusion_params *params,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *count, struct detcl_tensor *weights, struct detcl_tensor *models,
    struct detcl_tensor *out_boxes, struct detcl_tensor *out_scores,
    struct detcl_tensor *out_classes, struct detcl_tensor *out_count,
    const struct detcl_sync *sync);

struct detcl_select_params {
    float score_threshold;
    int greater_equal;  /* not 0: a score at the threshold passes, too; 0: it must be greater */
    int best_class;     /* not 0: the best class of each box only; 0: every class that passes */
    int has_background; /* not 0: class `background` never counts */
    int64_t background;
};

/* Candidates for the operations above: the scores that pass the threshold, compacted. `boxes`
 * [N, M, 4] and `scores` [N, M, C], as the decoders of detections give them. With
 * K = M * C, or M with best_class (the lowest class among equal scores):
 *   out_scores   [N, K]
 *   classes      [N, K] int32: numbered as in `scores`, the background included
 *   anchors      [N, K] int32: the box of each candidate
 *   count        [N] int32: how many; unspecified past them
 * in order of the box, then the class. NaN scores and boxes with a coordinate that is not finite
 * give none. The same on every device. */
DETCL_API enum detcl_status detcl_select(struct detcl_context *ctx,
                                         const struct detcl_select_params *params,
                                         struct detcl_tensor *boxes, struct detcl_tensor *scores,
                                         struct detcl_tensor *out_scores,
                                         struct detcl_tensor *classes, struct detcl_tensor *anchors,
                                         struct detcl_tensor *count, const struct detcl_sync *sync);

/* Each row of `x` [..., K] sorted by value: `values` [..., K] and the int32 `indices` [..., K] that
 * sort it; `descending` not 0: largest first. Stable: equal values, zeros of both signs too, keep
 * the order of their index; NaN comes last either way. `count` (int32, for x [K] a scalar, for x
 * [N, K] [N]; NULL: K): only the first `count` entries of a row are there, the outputs past it are
 * unspecified; a count below 0 is none, one over K all. The same on every device. */
DETCL_API enum detcl_status detcl_sort(struct detcl_context *ctx, int descending,
                                       struct detcl_tensor *x, struct detcl_tensor *count,
                                       struct detcl_tensor *values, struct detcl_tensor *indices,
                                       const struct detcl_sync *sync);

/* The k largest (`largest` not 0) or smallest entries of each row of `x` [..., n], best first, as
 * ONNX TopK over the last axis with sorted = 1: `values` [..., k] of x's type and `indices` [...,
 * k] int64; either may be NULL. x is float32, int32, int64 or uint8; 0 <= k <= n. Equal values come
 * by index; NaN counts as the largest. The same on every device. */
DETCL_API enum detcl_status detcl_topk(struct detcl_context *ctx, int64_t k, int largest,
                                       struct detcl_tensor *x, struct detcl_tensor *values,
                                       struct detcl_tensor *indices, const struct detcl_sync *sync);

/* ONNX NonMaxSuppression (opset 11) on the device: greedy, every class by itself.
 * - boxes [N, M, 4]: two opposite corners in any order (y1, x1, y2, x2 or x1, y1, x2, y2 alike);
 *   with center_point_box not 0: x centre, y centre, width, height
 * - scores [N, C, M]
 * - max_output_boxes_per_class: one int64 (a tensor of one element); NULL or 0: nothing is selected
 * - iou_threshold, score_threshold: one float32 each; NULL: 0, and any score. A score must be
 *   greater; a box is dropped when intersection > iou_threshold * union
 * - selected [N * C * M, 3] int64: image, class, box; by image, class, falling score, then box;
 *   zeros past the count
 * - count: int32, a scalar (rank 0): how many
 *
 * NaN scores and boxes with a coordinate that is not finite are never selected. The same on every
 * device; ONNX Runtime divides by the union, so it can differ where that rounds across the
 * threshold. */
DETCL_API enum detcl_status detcl_non_max_suppression(
    struct detcl_context *ctx, int center_point_box, struct detcl_tensor *boxes,
    struct detcl_tensor *scores, struct detcl_tensor *max_output_boxes_per_class,
    struct detcl_tensor *iou_threshold, struct detcl_tensor *score_threshold,
    struct detcl_tensor *selected, struct detcl_tensor *count, const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
