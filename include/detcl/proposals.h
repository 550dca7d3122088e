/* Proposals: anchors, decoders of the detector families, region proposals. boxes.h says what holds
 * for every typed operation.
 *
 * Decoders give boxes as x1, y1, x2, y2 in pixels of the network's input, neither clipped nor
 * ordered; an exponential that overflows gives an infinite box and a NaN stays a NaN. "height" and
 * "width" are the network input's. Lists in parameters are copied. Row decoders (the decode
 * functions with outputs boxes [N, M, 4] and scores [N, M, C]) give a row for every place of the
 * head: levels in order, then anchors, then cells row by row, unless said otherwise. */
#ifndef DETCL_PROPOSALS_H
#define DETCL_PROPOSALS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- anchors ------------------------------------------------------------------------------ */

struct detcl_grid_anchors_params {
    int64_t height, width;  /* pixels */
    const int64_t *strides; /* [n_levels] pixels from cell to cell */
    const int64_t *cells;   /* [n_levels, 2] rows and columns of each level; NULL: height and width
                               over the stride, rounded up */
    int n_levels;           /* 1..16, with cells 1..8 */
    const float *sizes;     /* [n_sizes] pixels, as many for each level; level by level */
    const float *ratios;    /* [n_ratios] height / width; none: 1 */
    const float *scales;    /* [n_scales] factors of every size; none: 1 */
    int n_sizes, n_ratios, n_scales;
    float offset; /* of the first cell's anchors, in strides: 0 (torchvision) or 0.5 */
    int round;    /* not 0: base corners are rounded to pixels, as torchvision does */
};

/* Anchors of several sizes and ratios over the cells of one or more levels: `anchors` [M, 4], x1,
 * y1, x2, y2, levels in order, cells row by row, then ratios, then sizes, then scales. An anchor of
 * size s and ratio r is s / sqrt(r) wide and s * sqrt(r) high around ((column + offset) * stride,
 * (row + offset) * stride). With `cells`, a stride of 0 stands for height / rows and width /
 * columns in whole pixels: torchvision's AnchorGenerator on feature maps of these sizes. RetinaNet:
 * sizes s, s * 2^(1/3), s * 2^(2/3) for s = 32 .. 512 (torchvision truncates them to integers) and
 * ratios 0.5, 1, 2. */
DETCL_API enum detcl_status detcl_grid_anchors(struct detcl_context *ctx,
                                               const struct detcl_grid_anchors_params *params,
                                               struct detcl_tensor *anchors,
                                               const struct detcl_sync *sync);

struct detcl_prior_box_params {
    int64_t height, width;                 /* pixels */
    int64_t feature_height, feature_width; /* cells; 0: the input over the step, rounded up */
    const float *min_sizes;                /* [n_sizes] pixels */
    const float *max_sizes;                /* [n_sizes], or NULL */
    const float *ratios;                   /* [n_ratios]; 1 is always there */
    int n_sizes, n_ratios;
    float step;   /* pixels from cell to cell; 0: the exact quotient of input and cells */
    float offset; /* of the first centre, in steps: 0.5 in SSD */
    int flip;     /* not 0: the reciprocal of each ratio too */
    int clip;     /* not 0: the four numbers are clipped to 0..1 */
    int corners;  /* not 0: x1, y1, x2, y2, else centre and size */
};

/* SSD's default boxes of one feature map (Liu et al. 2016, section 2.2; Caffe's PriorBox): `priors`
 * [M, 4] in 0..1 of the width and height, cells row by row; a cell has, for each min size s, s x s,
 * then with max size t sqrt(s t) squared, then for each ratio r other than 1 s sqrt(r) x s /
 * sqrt(r). */
DETCL_API enum detcl_status detcl_prior_box(struct detcl_context *ctx,
                                            const struct detcl_prior_box_params *params,
                                            struct detcl_tensor *priors,
                                            const struct detcl_sync *sync);

enum detcl_cluster_update { DETCL_CLUSTER_MEAN, DETCL_CLUSTER_MEDIAN };

struct detcl_cluster_params {
    int64_t clusters; /* 1 .. n */
    enum detcl_cluster_update update;
    uint64_t seed;      /* 0: clusters start at the boxes of evenly spaced rank by area; else at
                           boxes drawn without repetition */
    int max_iterations; /* 0: 300 */
};

/* Dimension clusters of training boxes (Redmon & Farhadi 2017, YOLO9000, section 2): k-means on
 * widths and heights with the distance 1 - IoU of boxes that share a corner, on the host. `sizes`
 * [n, 2] width, height, finite and positive; `anchors` [clusters, 2] by rising area, equal areas by
 * width; `mean_iou` (may be NULL) the mean over the boxes of the IoU with their nearest anchor. A
 * box belongs to its nearest cluster, equal distances to the first; a cluster that loses all boxes
 * stays where it is; the run ends when no box changes, or after max_iterations. All arithmetic is
 * double and the same seed gives the same anchors. Errors: DETCL_ERROR_ARGUMENT,
 * DETCL_ERROR_MEMORY. */
DETCL_API enum detcl_status detcl_cluster_anchors(const struct detcl_cluster_params *params,
                                                  const float *sizes, int64_t n, float *anchors,
                                                  double *mean_iou);

/* --- row decoders ------------------------------------------------------------------------- */

/* What turns a head's class numbers into scores. */
enum detcl_score_activation {
    DETCL_SCORES_DEFAULT, /* what the family's heads usually need, named at each function */
    DETCL_SCORES_PLAIN,   /* nothing: they are scores */
    DETCL_SCORES_SIGMOID,
    DETCL_SCORES_SOFTMAX /* over the classes of a row */
};

enum detcl_box_coding { DETCL_CODED_XYXY, DETCL_CODED_CXCYWH, DETCL_CODED_XYWH };

struct detcl_decode_boxes_params {
    enum detcl_box_coding coding;
    enum detcl_score_activation activation; /* default: plain */
    int yx;                                 /* not 0: numbers come as y, x */
    int normalized;                         /* not 0: they are in 0..1 of width and height */
    int64_t height, width;                  /* with normalized */
    int objectness;     /* not 0: a channel before the classes that multiplies them */
    int channels_first; /* not 0: inputs are [N, 4 + C, M], as YOLOv8's exports */
};

/* Heads that are exported with their decoding. `in` [N, M, 4] and `in_scores` [N, M, C], or `in`
 * [N, M, 4 + C] and `in_scores` NULL. */
DETCL_API enum detcl_status
detcl_decode_boxes(struct detcl_context *ctx, const struct detcl_decode_boxes_params *params,
                   struct detcl_tensor *in, struct detcl_tensor *in_scores,
                   struct detcl_tensor *boxes, struct detcl_tensor *scores,
                   const struct detcl_sync *sync);

struct detcl_decode_ssd_params {
    int64_t height, width;
    float center_variance, size_variance;   /* 0: 0.1 and 0.2 */
    enum detcl_score_activation activation; /* default: softmax, background included */
    int pixels;                             /* not 0: priors are in pixels, else in 0..1 */
    int corners; /* not 0: priors are x1, y1, x2, y2, else centre and size */
    int yx;      /* not 0: offsets and priors come as y, x */
    float clip;  /* largest size offset times its variance; 0: none */
};

/* SSD (Liu et al. 2016, eq. 2 solved for the box): `loc` [N, M, 4], `conf` [N, M, C], `priors`
 * M * 4 numbers of any shape; c = prior.c + loc.xy * center_variance * prior.wh, wh = prior.wh *
 * exp(loc.wh * size_variance). */
DETCL_API enum detcl_status
detcl_decode_ssd(struct detcl_context *ctx, const struct detcl_decode_ssd_params *params,
                 struct detcl_tensor *loc, struct detcl_tensor *conf, struct detcl_tensor *priors,
                 struct detcl_tensor *boxes, struct detcl_tensor *scores,
                 const struct detcl_sync *sync);

struct detcl_decode_deltas_params {
    int n_levels;       /* 1..8 */
    float center, size; /* factors of the deltas, 1 / weight of torchvision's BoxCoder; 0: 1 */
    float clip;         /* largest size delta; 0: log(1000 / 16); negative: none */
    enum detcl_score_activation activation; /* default: sigmoid */
};

/* Anchors and a head's deltas and logits (R-CNN, appendix C; RPN, RetinaNet), straight from the
 * head's maps. `logits` and `deltas`: arrays of n_levels tensors [N, A * C, H, W] and [N, A * 4, H,
 * W], or for one level [N, M, C] and [N, M, 4]. `anchors` [M, 4] and the rows of the outputs:
 * levels in order, then cells row by row, then a = 0 .. A - 1. */
DETCL_API enum detcl_status
detcl_decode_deltas(struct detcl_context *ctx, const struct detcl_decode_deltas_params *params,
                    struct detcl_tensor *anchors, struct detcl_tensor *const *logits,
                    struct detcl_tensor *const *deltas, struct detcl_tensor *boxes,
                    struct detcl_tensor *scores, const struct detcl_sync *sync);

struct detcl_decode_yolov1_params {
    int64_t height, width;
    int64_t side;  /* S, cells a side; 0: 7 */
    int64_t boxes; /* B, boxes a cell; 0: 2 */
    int linear;    /* not 0: the network gives width and height, not their square roots */
    int grouped;   /* not 0: Darknet's order, else the paper's */
};

/* YOLOv1's fully connected output (Redmon et al. 2016, section 2): `x` [N, S * S * (B * 5 + C)],
 * or any shape of as many numbers an image. The paper's order is cell by cell: B times x, y, w, h,
 * confidence, then C classes; Darknet's: S * S * C classes, S * S * B confidences, then S * S * B
 * boxes. x, y are in cells from the cell's corner, w, h in images. score = confidence *
 * class, without classes the confidence alone. */
DETCL_API enum detcl_status detcl_decode_yolov1(struct detcl_context *ctx,
                                                const struct detcl_decode_yolov1_params *params,
                                                struct detcl_tensor *x, struct detcl_tensor *boxes,
                                                struct detcl_tensor *scores,
                                                const struct detcl_sync *sync);

enum detcl_yolo {
    DETCL_YOLO_V2, /* anchors in cells */
    DETCL_YOLO_V3, /* anchors in pixels; YOLOv4 too, with its scale_xy */
    DETCL_YOLO_V5  /* wh = anchor * (2 sigmoid)^2; YOLOv7 and Scaled-YOLOv4 too */
};

struct detcl_decode_yolo_params {
    enum detcl_yolo kind;
    enum detcl_score_activation activation; /* default: softmax for DETCL_YOLO_V2, else sigmoid */
    int n_levels;                           /* 1..8 */
    const int64_t *strides;                 /* [n_levels] */
    const float *anchors;                   /* [n_anchors, 2] width, height; level by level */
    int n_anchors;                          /* of all levels together, at most 32 */
    const float *scale_xy; /* [n_levels] reach g of a centre in cells (Darknet's scale_x_y): c =
                              (cell + g sigmoid(xy) - (g - 1) / 2) * stride; NULL: 1, of
                              DETCL_YOLO_V5 2 */
};

/* Anchor-based YOLO heads: `maps`, an array of n_levels tensors [N, A * (5 + C), H, W], channels of
 * an anchor x, y, w, h, objectness, classes. Without classes the objectness is the one score. */
DETCL_API enum detcl_status
detcl_decode_yolo(struct detcl_context *ctx, const struct detcl_decode_yolo_params *params,
                  struct detcl_tensor *const *maps, struct detcl_tensor *boxes,
                  struct detcl_tensor *scores, const struct detcl_sync *sync);

struct detcl_decode_yolox_params {
    int64_t height, width;
    const int64_t *strides; /* [n_levels], each divides height and width; NULL: 8, 16, 32 */
    int n_levels;
    enum detcl_score_activation activation; /* of objectness and classes; default: plain */
};

/* YOLOX (Ge et al. 2021): `x` [N, M, 5 + C], rows x, y, w, h, objectness, classes of all levels;
 * c = (cell + xy) * stride, wh = exp(wh) * stride. Not DETCL_SCORES_SOFTMAX. */
DETCL_API enum detcl_status detcl_decode_yolox(struct detcl_context *ctx,
                                               const struct detcl_decode_yolox_params *params,
                                               struct detcl_tensor *x, struct detcl_tensor *boxes,
                                               struct detcl_tensor *scores,
                                               const struct detcl_sync *sync);

struct detcl_decode_distance_params {
    int64_t height, width;
    const int64_t *strides; /* [n_levels], each divides height and width; NULL: 8, 16, 32 */
    int n_levels;           /* at most 8 */
    int64_t bins;           /* numbers a side in joint maps and rows; 0: 1 */
    int boxes_first;        /* not 0: joint maps and rows have the distances first */
    float offset;           /* of a cell's point, in strides: 0.5, or 0 as NanoDet */
    int pixels;             /* not 0: distances are in pixels, else in strides */
    enum detcl_score_activation activation; /* default: sigmoid */
};

/* Anchor-free heads that give the distances to the four sides (FCOS, Generalized Focal Loss,
 * NanoDet, YOLOv8 without its decoding). `in`, an array of n_in tensors, with L levels one of
 *   classes x L [N, C, H, W], distances x L [N, 4 * R, H, W], or not centredness x L [N, 1, H, W]
 *   joint maps x L [N, C + 4 * R, H, W]
 *   rows [N, M, C + 4 * R] of all levels
 * R > 1: a side is the mean bin number of a softmax (Li et al. 2020, eq. 4). With centredness the
 * score is sqrt(class * sigmoid(centredness)). */
DETCL_API enum detcl_status
detcl_decode_distance(struct detcl_context *ctx, const struct detcl_decode_distance_params *params,
                      struct detcl_tensor *const *in, int n_in, struct detcl_tensor *boxes,
                      struct detcl_tensor *scores, const struct detcl_sync *sync);

struct detcl_decode_yunet_params {
    int64_t height, width;
    const int64_t *strides; /* [n_levels], each divides height and width; NULL: 8, 16, 32 */
    int n_levels;           /* at most 6 */
};

/* YuNet's faces: arrays of n_levels tensors, `cls` [N, cells, C], `object` [N, cells, 1], `box` [N,
 * cells, 4] and `keypoints` [N, cells, P] or NULL; scores are sigmoids already. score = sqrt(cls *
 * object); `points` [N, M, P] x, y pairs in pixels, or NULL. */
DETCL_API enum detcl_status
detcl_decode_yunet(struct detcl_context *ctx, const struct detcl_decode_yunet_params *params,
                   struct detcl_tensor *const *cls, struct detcl_tensor *const *object,
                   struct detcl_tensor *const *box, struct detcl_tensor *const *keypoints,
                   struct detcl_tensor *boxes, struct detcl_tensor *scores,
                   struct detcl_tensor *points, const struct detcl_sync *sync);

/* --- detectors of points and queries ------------------------------------------------------ */

/* These give a fixed number K of detections an image: boxes [N, K, 4], scores [N, K], classes [N,
 * K] int32 and count [N] int32, how many there are; past it boxes and scores are 0, classes -1.
 * All outputs are the same bits on every device. */

struct detcl_decode_centernet_params {
    int64_t k;                              /* detections an image; 0: 100 */
    float stride;                           /* pixels a cell; 0: 4 */
    enum detcl_score_activation activation; /* of the heatmap; default: sigmoid. Not softmax */
};

/* CenterNet (Zhou et al. 2019, Objects as Points, section 4): peaks of `heatmap` [N, C, H, W], at
 * which none of the eight neighbours is greater, with `size` [N, 2, H, W] width, height and
 * `offset` [N, 2, H, W] x, y there, in cells; NULL: 0.5. The k best peaks, K = k; equal ones by
 * class, row, column. NaN is never a peak. */
DETCL_API enum detcl_status detcl_decode_centernet(
    struct detcl_context *ctx, const struct detcl_decode_centernet_params *params,
    struct detcl_tensor *heatmap, struct detcl_tensor *size, struct detcl_tensor *offset,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *count, const struct detcl_sync *sync);

/* Which side of an object: a running maximum from the far side of the map up to each place. */
enum detcl_corner_pool {
    DETCL_CORNER_TOP,    /* over the places at and below */
    DETCL_CORNER_BOTTOM, /* at and above */
    DETCL_CORNER_LEFT,   /* at and to the right */
    DETCL_CORNER_RIGHT   /* at and to the left */
};

/* CornerNet's corner pooling (Law & Deng 2018, section 3.2), `x` and `y` [N, C, H, W]. A NaN makes
 * everything after it NaN. */
DETCL_API enum detcl_status detcl_corner_pool(struct detcl_context *ctx,
                                              enum detcl_corner_pool kind, struct detcl_tensor *x,
                                              struct detcl_tensor *y,
                                              const struct detcl_sync *sync);

/* A head for one kind of corner. */
struct detcl_corner_maps {
    struct detcl_tensor *heatmap; /* [N, C, H, W] */
    struct detcl_tensor *tag;     /* [N, 1, H, W] embedding */
    struct detcl_tensor *offset;  /* [N, 2, H, W] x, y in cells, or NULL for both kinds */
};

struct detcl_decode_cornernet_params {
    int64_t k;                              /* corners of each kind; 0: 100, at most 4096 */
    int64_t max_output;                     /* K; 0: 1000 */
    float stride;                           /* pixels a cell; 0: 4 */
    float tag_threshold;                    /* largest difference of the tags of a pair; 0: 0.5 */
    enum detcl_score_activation activation; /* of the heatmaps; default: sigmoid. Not softmax */
};

/* CornerNet (Law & Deng 2018, sections 3.3 and 4.2): the k best peaks of each kind, every top left
 * one paired with every bottom right one of the same class, of a similar tag, and not left of or
 * above it; score = mean of the two. The max_output best pairs, equal ones by the rank of the top
 * left, then the bottom right corner. */
DETCL_API enum detcl_status detcl_decode_cornernet(
    struct detcl_context *ctx, const struct detcl_decode_cornernet_params *params,
    const struct detcl_corner_maps *top_left, const struct detcl_corner_maps *bottom_right,
    struct detcl_tensor *boxes, struct detcl_tensor *scores, struct detcl_tensor *classes,
    struct detcl_tensor *count, const struct detcl_sync *sync);

enum detcl_detr_kind {
    DETCL_DETR_SOFTMAX, /* Carion et al. 2020: the last class is "no object"; K = Q, every query
                           with its largest other class, in their order */
    DETCL_DETR_SIGMOID  /* Zhu et al. 2021 (Deformable DETR): all classes are objects; K = k, the
                           best of queries x classes, equal logits by query, then class */
};

/* A detection transformer's queries: `logits` [N, Q, C], `in` [N, Q, 4] centre and size in 0..1,
 * `sizes` [N, 2] height, width of each image (NULL: boxes stay in 0..1). `k` (0: 100) is of
 * DETCL_DETR_SIGMOID, where NaN logits are left out; with DETCL_DETR_SOFTMAX they are the smallest
 * and make the score NaN. */
DETCL_API enum detcl_status
detcl_decode_detr(struct detcl_context *ctx, enum detcl_detr_kind kind, int64_t k,
                  struct detcl_tensor *logits, struct detcl_tensor *in, struct detcl_tensor *sizes,
                  struct detcl_tensor *boxes, struct detcl_tensor *scores,
                  struct detcl_tensor *classes, struct detcl_tensor *count,
                  const struct detcl_sync *sync);

/* --- region proposals --------------------------------------------------------------------- */

struct detcl_rpn_params {
    int n_levels;                          /* 1..8 tensors of logits and of deltas */
    const int64_t *level_sizes;            /* [n_level_sizes] with rows: anchors of each level */
    int n_level_sizes;                     /* 0 (one level) to 16 */
    int64_t pre_nms_top_n, post_nms_top_n; /* of a level before, of an image after; 0: 1000 */
    int64_t height, width;                 /* of all images where `sizes` is NULL */
    float iou_threshold;                   /* 0..1; 0: 0.7 */
    float score_threshold;                 /* probability, at least */
    float min_size;                        /* of both sides after clipping; 0: 0.001 */
    float center, size, clip;              /* of the deltas: detcl_decode_deltas_params */
};

/* A region proposal network's output to proposals in one call (Ren et al. 2015, section 3.3; with
 * levels Lin et al. 2017), as torchvision's RegionProposalNetwork.filter_proposals: per image and
 * level the pre_nms_top_n largest logits, decoded, clipped, the small and improbable ones dropped,
 * non-maximum suppression within each level, then the post_nms_top_n best of all.
 *   anchors  [M, 4] all levels, as detcl_decode_deltas
 *   sizes    [N, 2] height, width of each image; NULL: height, width
 *   logits   n_levels tensors [N, A, H, W], or one [N, M, 1]
 *   deltas   n_levels tensors [N, 4 * A, H, W], or one [N, M, 4]
 *   boxes    [N, post_nms_top_n, 4], scores [N, post_nms_top_n] probabilities, best first
 *   count    [N] int32; boxes and scores past it are 0
 * Equal logits come by level, then anchor; NaN logits and boxes are dropped; the score threshold is
 * compared as a logit. All outputs are the same bits on every device. */
DETCL_API enum detcl_status
detcl_rpn_proposals(struct detcl_context *ctx, const struct detcl_rpn_params *params,
                    struct detcl_tensor *anchors, struct detcl_tensor *sizes,
                    struct detcl_tensor *const *logits, struct detcl_tensor *const *deltas,
                    struct detcl_tensor *boxes, struct detcl_tensor *scores,
                    struct detcl_tensor *count, const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
