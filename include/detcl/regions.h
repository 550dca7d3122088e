/* Regions: pooling and sampling of feature maps, forward and backward. boxes.h says what holds for
 * every typed operation. */
#ifndef DETCL_REGIONS_H
#define DETCL_REGIONS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What holds for the regions of interest (RoIs) of all functions here:
 *   rois           [R, 4] x1, y1, x2, y2
 *   batch_indices  [R] int32 or int64, the image 0..N-1 of each; NULL: all of image 0
 *   count          one int32, how many RoIs there are; NULL: R
 * A RoI past the count, of an image that does not exist, with a coordinate that is not finite or,
 * after scaling, beyond 2^20 in size gives zeros (and takes no part in gradients). */

enum detcl_roi_mode {
    DETCL_ROI_AVERAGE, /* mean of the samples */
    DETCL_ROI_MAX      /* ONNX RoiAlign's "max": the largest weighted corner of all samples; NaN are
                          passed over */
};

struct detcl_roi_align_params {
    int64_t output_height, output_width; /* bins, 1 or more */
    int64_t sampling_ratio; /* samples along each axis of a bin, up to 1024; 0 or less: as many as
                               it has pixels, rounded up */
    float spatial_scale;    /* pixels of the features in a unit of the RoIs; 0: 1 */
    int aligned;            /* not 0: pixel centres at half-integers (Detectron2; ONNX half_pixel);
                               0: RoIs not shifted and at least a pixel wide and high */
    enum detcl_roi_mode mode;
};

/* RoI align: each RoI is cut into bins, each bin is the mean of bilinear samples. He et al. 2017,
 * "Mask R-CNN", section 3, as torchvision.ops.roi_align defines it.
 * features [N, C, H, W]; out [R, C, output_height, output_width]. */
DETCL_API enum detcl_status
detcl_roi_align(struct detcl_context *ctx, const struct detcl_roi_align_params *params,
                struct detcl_tensor *features, struct detcl_tensor *rois,
                struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                struct detcl_tensor *out, const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
