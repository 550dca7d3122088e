/* Overlap of two boxes x1, y1, x2, y2: the twin of kernels/iou.h.
 *   iou   intersection / union; 0 where the union is empty
 *   iof   intersection / area of a's box; 0 where that is empty
 *   giou  iou - (hull - union) / hull, hull = the smallest box around both
 *         (Rezatofighi et al. 2019)
 *   diou  iou - d^2 / (c^2 + 1e-7), d = distance of the centres, c = diagonal of the hull
 *         (Zheng et al. 2020)
 *   ciou  diou - alpha v, v = 4 / pi^2 (atan(w_b / h_b) - atan(w_a / h_a))^2,
 *         alpha = v / (1 - iou + v + 1e-7)                                    (Zheng et al. 2020)
 * A negative extent counts as none in intersection and area. A NaN in either box gives NaN. */
#ifndef DCL_OPS_IOU_H
#define DCL_OPS_IOU_H

#include "detcl/boxes.h"

/* The names of enum detcl_iou_kind, for attributes. */
extern const char *const dcl_iou_kinds[];

float dcl_iou(enum detcl_iou_kind kind, const float a[4], const float b[4]);

/* y[j] = that of box a with box j of b [n, 4]; iof where `crowd`, a flag a box of b or NULL, is
 * set. */
void dcl_iou_row(enum detcl_iou_kind kind, const float *a, const float *b, const uint8_t *crowd,
                 int64_t n, float *y);

#endif
