/* Peaks of heatmaps [N, C, H, W]: numbers that none of their eight neighbours exceeds, as keys for
 * ops/top.h. NaN is never a peak and hides none. */
#ifndef DCL_OPS_PEAKS_H
#define DCL_OPS_PEAKS_H

#include "ops/top.h"

/* Whether a heatmap holds logits, for attributes: "none", "sigmoid". */
extern const char *const dcl_peak_activations[];

/* Of one image, channels x height x width. */
void dcl_peak_keys_cpu(const float *heat, int64_t channels, int64_t height, int64_t width,
                       uint32_t *keys);

/* All images, to `keys` from number `first` on. */
enum detcl_status dcl_peak_keys_record(struct dcl_recorder *r, const struct dcl_value *heat,
                                       const struct dcl_value *keys, int64_t first);

/* Outputs boxes [N, k, 4], scores [N, k], classes [N, k] and count [N]. */
enum detcl_status dcl_detections_shape(struct dcl_call *call, int64_t n, int64_t k);

/* Entry `at` of those outputs to zero, its class to -1. */
void dcl_detections_clear(const struct dcl_call *call, int64_t at);

#endif
