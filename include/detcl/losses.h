/* Losses, forward and backward in one call. boxes.h says what holds for every typed operation.
 *
 * What holds for every loss: `prediction` and `target` hold rows, the extents before the last
 * counting them. `weight` (one a row; NULL: 1) multiplies the row's losses; a row of weight 0 is
 * left out, whatever its values, with gradient 0. `reduction` says what `loss` is: one number each,
 * or a scalar (rank 0). The mean is the sum of the weighted losses over the sum of the weights of
 * those that count, as in torch.nn.functional.cross_entropy; where nothing counts it is 0.
 * `gradient` (of the prediction's shape; NULL: not wanted) is the derivative of the loss with
 * respect to the prediction, times `upstream`, the derivative of what comes after with respect to
 * the loss (of the loss's shape; NULL: 1). What has an upstream gradient of 0 gets a gradient of 0.
 * Sums are taken in one order on every device, so that a device repeats its results to the bit;
 * devices agree to 1e-5 of 1 + |value|. */
#ifndef DETCL_LOSSES_H
#define DETCL_LOSSES_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum detcl_reduction { DETCL_REDUCTION_NONE, DETCL_REDUCTION_SUM, DETCL_REDUCTION_MEAN };

enum detcl_classification_kind { DETCL_CLASSIFICATION_SOFTMAX, DETCL_CLASSIFICATION_SIGMOID };

struct detcl_classification_loss_params {
    enum detcl_classification_kind kind;
    enum detcl_reduction reduction;
    float gamma;          /* focusing parameter; 0: plain cross entropy */
    float alpha;          /* sigmoid: weight of y = 1, 1 - alpha that of y = 0; 0: both 1 */
    int32_t ignore_index; /* rows with this target are left out; 0: -100, as in torch (to leave out
                             class 0 give it a class weight of 0) */
};

/* Cross entropy and focal losses of logits x, with p = softmax(x) or sigmoid(x):
 * - SOFTMAX: target [...] int32; loss [...]: -(1 - p_t)^gamma log p_t, p_t of the target class.
 * With gamma 0 torch.nn.functional.cross_entropy
 * - SIGMOID: target [..., C] float32 y in 0..1, or [...] int32: y = 1 for that class, else 0 (a
 *   target outside 0..C-1, such as the -1 of detcl_assign_anchors, is of no class); loss [..., C]:
 *   alpha_t (1 - p_t)^gamma CE(p, y), which is torchvision.ops.sigmoid_focal_loss (Lin et al. 2017,
 *   "Focal Loss for Dense Object Detection", equation 5) and with gamma and alpha 0
 *   torch.nn.functional.binary_cross_entropy_with_logits
 * - prediction [..., C] logits; weight [...]; gradient [..., C]
 * - class_weight [C] or NULL (1): multiplies the losses of a class and counts in the mean as
 *   `weight` does
 *
 * Loss and gradient stay exact for large logits. An infinite logit has its limit in a sigmoid; in a
 * softmax minus infinity is p = 0, and a row with plus infinity is NaN. NaN gives NaN, and so does
 * a softmax target that is no class. */
DETCL_API enum detcl_status detcl_classification_loss(
    struct detcl_context *ctx, const struct detcl_classification_loss_params *params,
    struct detcl_tensor *prediction, struct detcl_tensor *target, struct detcl_tensor *weight,
    struct detcl_tensor *class_weight, struct detcl_tensor *upstream, struct detcl_tensor *loss,
    struct detcl_tensor *gradient, const struct detcl_sync *sync);

struct detcl_heatmap_loss_params {
    enum detcl_reduction reduction;
    float alpha; /* focusing exponent; 0: 2 */
    float beta;  /* exponent of the reduction near centres; 0: 4 */
};

/* The penalty-reduced focal loss of heatmaps (Law and Deng 2018, "CornerNet", equation 1; Zhou et
 * al. 2019, "Objects as Points", equation 1), with p = sigmoid(x):
 * - where y = 1: -(1 - p)^alpha log p
 * - else: -(1 - y)^beta p^alpha log(1 - p)
 *
 * prediction [...] logits (not clamped: logarithms are exact), target [...] y in 0..1, weight [...]
 * one an element; loss [...] or scalar; gradient [...]; of any rank but 0. The mean divides by the
 * sum of the weights where y = 1 (the number of objects), but not by less than 1. Infinite logits
 * have their limit, NaN gives NaN. */
DETCL_API enum detcl_status
detcl_heatmap_loss(struct detcl_context *ctx, const struct detcl_heatmap_loss_params *params,
                   struct detcl_tensor *prediction, struct detcl_tensor *target,
                   struct detcl_tensor *weight, struct detcl_tensor *upstream,
                   struct detcl_tensor *loss, struct detcl_tensor *gradient,
                   const struct detcl_sync *sync);

enum detcl_box_loss {
    DETCL_BOX_LOSS_IOU,  /* 1 - IoU */
    DETCL_BOX_LOSS_GIOU, /* Rezatofighi et al. 2019, "Generalized Intersection over Union" */
    DETCL_BOX_LOSS_DIOU, /* Zheng et al. 2020, "Distance-IoU Loss" */
    DETCL_BOX_LOSS_CIOU  /* the same paper; alpha is held constant in the gradient */
};

struct detcl_box_loss_params {
    enum detcl_box_loss kind;
    enum detcl_reduction reduction;
};

/* IoU losses of pairs of boxes x1, y1, x2, y2, row by row; definitions and epsilon (1e-7, added to
 * each denominator) as torchvision.ops.generalized_box_iou_loss, distance_box_iou_loss and
 * complete_box_iou_loss; the IoU loss is 1 - intersection / (union + epsilon).
 * prediction, target [..., 4]; weight [...]; loss [...] or scalar; gradient [..., 4].
 * As there, the extents of a box may be negative and count so. Where coordinates of both boxes tie,
 * a minimum's or maximum's slope is half, so that equal boxes have gradient 0. In the CIoU a box of
 * no extent has the aspect ratio 0. A coordinate that is not finite gives NaN in the loss and in
 * the whole row of the gradient; coordinates beyond 1e18 overflow. */
DETCL_API enum detcl_status detcl_box_loss(struct detcl_context *ctx,
                                           const struct detcl_box_loss_params *params,
                                           struct detcl_tensor *prediction,
                                           struct detcl_tensor *target, struct detcl_tensor *weight,
                                           struct detcl_tensor *upstream, struct detcl_tensor *loss,
                                           struct detcl_tensor *gradient,
                                           const struct detcl_sync *sync);

struct detcl_regression_loss_params {
    enum detcl_reduction reduction;
    float beta; /* differences below are squared; 0: none (L1) */
};

/* Smooth L1 loss, element by element (torch.nn.functional.smooth_l1_loss and, with beta 0, l1_loss;
 * Girshick 2015, "Fast R-CNN", section 2.3): with d = prediction - target, d^2 / (2 beta) where
 * |d| < beta, else |d| - beta / 2.
 * prediction, target [..., D] float32; weight [...]; loss [..., D] or scalar; gradient [..., D].
 * The slope at d = 0 is 0. NaN gives NaN; an infinite difference gives an infinite loss with
 * slope 1. */
DETCL_API enum detcl_status
detcl_regression_loss(struct detcl_context *ctx, const struct detcl_regression_loss_params *params,
                      struct detcl_tensor *prediction, struct detcl_tensor *target,
                      struct detcl_tensor *weight, struct detcl_tensor *upstream,
                      struct detcl_tensor *loss, struct detcl_tensor *gradient,
                      const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
