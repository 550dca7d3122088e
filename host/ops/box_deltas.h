/* Deltas: boxes relative to anchors (proposals, priors), as regression heads learn them; what
 * box_encode, box_decode and, for its priors, decode_ssd share.
 *
 * An anchor spans low..high on an axis, extent = high - low, and the box p..q. The axis' deltas:
 * - center_size: ((p + q) / 2 - (low + high) / 2) / extent and log((q - p) / extent)
 *   (Girshick et al. 2014, "Rich feature hierarchies", appendix C; SSD, eq. 2)
 * - corner: p - low and q - high; Caffe's SSD, CodeType CORNER
 * - corner_size: the same divided by extent; Caffe's SSD, CodeType CORNER_SIZE
 *
 * Each is multiplied by its weight, or divided by its variance, the other way to say it. An anchor
 * without extent gives the infinities and NaNs of the arithmetic.
 *
 * in: boxes [N, M, 4] (encode) or deltas [N, M, 4 * C] (decode); anchors [M, 4] or [N, M, 4];
 * optional variances [M, 4] on top of the weights. */
#ifndef DCL_OPS_BOX_DELTAS_H
#define DCL_OPS_BOX_DELTAS_H

#include "detcl/boxes.h"
#include "ops/exact.h"
#include "ops/record.h"

enum { DCL_DELTAS_X, DCL_DELTAS_ANCHORS, DCL_DELTAS_VARIANCES, DCL_DELTAS_INPUTS };

/* The names of enum detcl_box_code, for attributes. */
extern const char *const dcl_box_codes[];

/* For infer: check the operands and the weights, and give the output input 0's shape. */
enum detcl_status dcl_deltas_infer(struct dcl_call *call, const struct dcl_floats *weights);

/* For the twin: the anchor of box i of input 0 (`classes` of them a row), and by how much each of
 * its deltas was divided. */
const float *dcl_deltas_anchor(const struct dcl_call *call, const struct dcl_floats *weights,
                               int64_t i, int64_t classes, float unit[4]);

/* Boxes in a row of input 0. */
int64_t dcl_deltas_classes(const struct dcl_call *call);

/* Add a launch of a kernel of box_deltas.cl with the arguments that they share. */
struct dcl_launch *dcl_deltas_launch(const struct dcl_call *call, struct dcl_recorder *r,
                                     const char *kernel, const struct dcl_floats *weights,
                                     int code);

/* Centre and size of a box on one axis from its two deltas (center_size) to an anchor of that
 * middle and extent; `limit` is the largest logarithm of a relative size. */
static inline void dcl_from_deltas(float middle, float extent, float first, float second,
                                   float limit, float *centre, float *size)
{
    *centre = middle + first * extent;
    *size = extent * dcl_exact_exp(second > limit ? limit : second);
}

/* Four weights of a typed call: all zero stands for 1, 1, 1, 1. */
struct dcl_floats dcl_deltas_weights(const float weights[4]);

#endif
