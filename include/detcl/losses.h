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
