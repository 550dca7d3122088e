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

#ifdef __cplusplus
}
#endif
#endif
