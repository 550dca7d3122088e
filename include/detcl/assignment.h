/* Assignment of predictions to ground truth for training, and what is trained on. boxes.h says what
 * holds for every typed operation. Matches are int32, one an anchor: the index of a ground truth of
 * the anchor's image, DETCL_MATCH_BELOW (background) or DETCL_MATCH_BETWEEN (left out). */
#ifndef DETCL_ASSIGNMENT_H
#define DETCL_ASSIGNMENT_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DETCL_MATCH_BELOW (-1)
#define DETCL_MATCH_BETWEEN (-2)

/* Which anchors below the thresholds are matched all the same, because for some ground truth no
 * anchor overlaps more; they get the ground truth that they overlap most, which may be another. */
enum detcl_low_quality {
    DETCL_LOW_QUALITY_NONE,
    DETCL_LOW_QUALITY_OVERLAPPING, /* unless that ground truth overlaps no anchor at all */
    DETCL_LOW_QUALITY_ALL          /* even then (all anchors apart from it!), as torchvision does */
};

struct detcl_assign_params {
    float high; /* an overlap from this on is a match; 0..1 */
    float low;  /* one below is background, the rest is left out; 0..high */
    enum detcl_low_quality low_quality;
};

/* Match each anchor with the ground truth of largest IoU, the first of equals
 * (torchvision.models.detection. _utils.Matcher; Ren et al. 2015, "Faster R-CNN", section 3.1.2).
 * - anchors [A, 4] or, an own set for each image, [N, A, 4]; truth [N, G, 4]; x1, y1, x2, y2
 * - count [N] int32: ground truths of each image, the rest is ignored; NULL: G
 * - classes [N, G] int32: class of each ground truth; NULL: 0
 * - matches [N, A] int32
 * - labels [N, A] int32: the class of the match, or the negative number that stands for none;
 *   NULL: unwanted
 *
 * Overlaps i / u are compared without division: i1 / u1 > i2 / u2 where i1 * u2 > i2 * u1, and
 * i / u < t where i < t * u, in float32 with each product rounded; so the result is the same on
 * every device, and torchvision's unless two overlaps (or an overlap and a threshold) differ by a
 * rounding. The largest overlap of a ground truth is found among blocks of 256 anchors, then among
 * blocks. A negative extent counts as none; a pair with a coordinate that is not finite or without
 * area overlaps by 0; coordinates beyond 1e9 overflow. */
DETCL_API enum detcl_status
detcl_assign_anchors(struct detcl_context *ctx, const struct detcl_assign_params *params,
                     struct detcl_tensor *anchors, struct detcl_tensor *truth,
                     struct detcl_tensor *count, struct detcl_tensor *classes,
                     struct detcl_tensor *matches, struct detcl_tensor *labels,
                     const struct detcl_sync *sync);

struct detcl_mining_params {
    int64_t ratio;         /* negatives for each positive; 0: 3 */
    int64_t min_negatives; /* but at least these many in an image */
};

/* Hard negative mining (Liu et al. 2016, "SSD", section 2.2; torchvision's SSD): all positives of
 * an image, and its negatives of largest loss, equal losses by index. A negative whose loss is NaN
 * is never taken. The same on every device.
 * - matches [N, A] int32: 0 or more a positive, DETCL_MATCH_BELOW a negative, others are never
 * taken
 * - losses [N, A]
 * - samples [N, A] int32: the match where taken, else DETCL_MATCH_BETWEEN
 * - indices [N, A] int32: the anchors taken, positives by index, then negatives by loss, then -1;
 *   NULL: unwanted
 * - counts [N, 2] int32: positives and negatives taken; NULL: unwanted */
DETCL_API enum detcl_status
detcl_mine_negatives(struct detcl_context *ctx, const struct detcl_mining_params *params,
                     struct detcl_tensor *matches, struct detcl_tensor *losses,
                     struct detcl_tensor *samples, struct detcl_tensor *indices,
                     struct detcl_tensor *counts, const struct detcl_sync *sync);

struct detcl_sampling_params {
    int64_t batch_size;    /* anchors taken in an image, at most; 0: 256 */
    int64_t max_positives; /* positives among them, at most; 0: half */
};

/* Balanced sampling (Ren et al. 2015, "Faster R-CNN", section 3.1.3; torchvision's
 * BalancedPositiveNegativeSampler): up to max_positives positives, filled up with negatives. Each
 * anchor has a random key, the upper 30 bits of pcg(anchor + pcg(image + pcg(seed))) in 32-bit
 * arithmetic, pcg the PCG-RXS-M-XS hash (Jarzynski and Olano 2020, "Hash Functions for GPU
 * Rendering"); the lowest keys are taken, equal keys by index. So one seed samples alike on every
 * device.
 * - matches, samples, counts as above
 * - seed [1] int32, any value; NULL: 0. A tensor, so that a new seed needs no new plan
 * - indices [N, batch_size] int32: the anchors taken, positives by key, then negatives by key, then
 *   -1; NULL: unwanted */
DETCL_API enum detcl_status
detcl_sample_balanced(struct detcl_context *ctx, const struct detcl_sampling_params *params,
                      struct detcl_tensor *matches, struct detcl_tensor *seed,
                      struct detcl_tensor *samples, struct detcl_tensor *indices,
                      struct detcl_tensor *counts, const struct detcl_sync *sync);

enum detcl_match_cost_kind { DETCL_MATCH_COST_SOFTMAX, DETCL_MATCH_COST_FOCAL };

struct detcl_match_cost_params {
    enum detcl_match_cost_kind kind;
    float class_weight, l1_weight, giou_weight; /* 0: the term is left out; DETR: 1, 5, 2;
                                                   Deformable DETR: 2, 5, 2 */
    float alpha, gamma;                         /* FOCAL; 0: 0.25 and 2 */
};

/* What it costs to match each query with each ground truth, for detcl_hungarian:
 * class_weight * class cost + l1_weight * |box - truth|_1 - giou_weight * GIoU(box, truth), where
 * the class cost is with SOFTMAX -softmax(x)[class] (Carion et al. 2020, "End-to-End Object
 * Detection with Transformers", section 3.1) and with FOCAL, p = sigmoid(x[class]), -alpha (1 -
 * p)^gamma log p + (1 - alpha) p^gamma log(1 - p) (Zhu et al. 2021, "Deformable DETR"; its 1e-8
 * inside the logarithms is not needed here).
 * - logits [N, Q, C]
 * - boxes [N, Q, 4], truth [N, T, 4]: centre x, y, width, height, in one unit
 * - classes [N, T] int32
 * - count [N] int32: ground truths of each image; NULL: T
 * - cost [N, Q, T]; 0 past the count: pass it to detcl_hungarian_f32 with count columns and stride
 * T
 *
 * NaN where a box or the logits hold a NaN, or the class is outside 0..C-1 (unless class_weight is
 * 0). A negative extent counts as none. */
DETCL_API enum detcl_status
detcl_match_cost(struct detcl_context *ctx, const struct detcl_match_cost_params *params,
                 struct detcl_tensor *logits, struct detcl_tensor *boxes,
                 struct detcl_tensor *classes, struct detcl_tensor *truth,
                 struct detcl_tensor *count, struct detcl_tensor *cost,
                 const struct detcl_sync *sync);

/* Exact assignment on the host: rows to columns, one to one, as many as the shorter side has, with
 * the least sum of costs (shortest augmenting paths with potentials, O(rows * columns * shorter
 * side): Jonker and Volgenant 1987; Crouse 2016, "On Implementing 2D Rectangular Assignment
 * Algorithms"). The total is that of scipy.optimize.linear_sum_assignment; among solutions of one
 * total the choice is fixed but unspecified.
 * - cost: rows x columns numbers, row-major, rows `stride` numbers apart (0: columns)
 * - col_of_row [rows]: the column of each row, or -1; may be NULL
 * - row_of_col [columns]: the row of each column, or -1; may be NULL
 * - total: the sum of costs; may be NULL
 *
 * Plus infinity forbids a pair. DETCL_ERROR_ARGUMENT when a cost is NaN or minus infinity, when no
 * complete assignment is left, or when an extent is negative or beyond 2^31 - 1; `error` (NULL:
 * nobody asks) says which. Thread-safe; nothing is written on failure. The _f32 form takes costs as
 * the device gives them and computes in double all the same. */
DETCL_API enum detcl_status detcl_hungarian(const double *cost, int64_t rows, int64_t columns,
                                            int64_t stride, int32_t *col_of_row,
                                            int32_t *row_of_col, double *total,
                                            struct detcl_error *error);
DETCL_API enum detcl_status detcl_hungarian_f32(const float *cost, int64_t rows, int64_t columns,
                                                int64_t stride, int32_t *col_of_row,
                                                int32_t *row_of_col, double *total,
                                                struct detcl_error *error);

#ifdef __cplusplus
}
#endif
#endif
