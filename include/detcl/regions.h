/* Regions: pooling and sampling of feature maps, forward and backward. boxes.h says what holds for
 * every typed operation. */
#ifndef DETCL_REGIONS_H
#define DETCL_REGIONS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What holds for the regions of interest (RoIs) of all functions here:
 *   rois           [R, 4] x1, y1, x2, y2 in any unit that spatial_scale turns into pixels
 *   batch_indices  [R] int32 or int64, the image 0..N-1 of each; NULL: all of image 0
 *   count          one int32, how many RoIs there are; NULL: R
 * A RoI past the count or of an image that does not exist gives zeros, and so does, except in
 * detcl_crop_and_resize, one with a coordinate that is not finite or, scaled, beyond 2^20. */

enum detcl_roi_mode {
    DETCL_ROI_AVERAGE, /* mean of the samples */
    DETCL_ROI_MAX      /* ONNX RoiAlign's "max": the largest weighted corner of all samples; NaN are
                          passed over */
};

struct detcl_roi_align_params {
    int64_t output_height, output_width; /* bins, 1 to 32768 */
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

/* Gradient of detcl_roi_align (DETCL_ROI_AVERAGE) with respect to the features. grad_out [R, C,
 * bins of a column, of a row] tells the bins (params->output_height and _width are not read) and
 * grad_features [N, C, H, W] the shape of the features. The sums run in the order of the RoIs:
 * equal calls give equal bits on a device. */
DETCL_API enum detcl_status
detcl_roi_align_backward(struct detcl_context *ctx, const struct detcl_roi_align_params *params,
                         struct detcl_tensor *grad_out, struct detcl_tensor *rois,
                         struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                         struct detcl_tensor *grad_features, const struct detcl_sync *sync);

#define DETCL_ROI_LEVELS 6

struct detcl_roi_levels_params {
    int64_t min_level, max_level; /* 0..30, such as 2 and 5 */
    int64_t canonical_level;      /* of a RoI of canonical_size; 0: 4 */
    float canonical_size;         /* side of a square in the units of the RoIs; 0: 224 */
};

/* Level of a feature pyramid for each RoI: canonical_level + floor(log2(sqrt(area) /
 * canonical_size)), within min_level..max_level. Lin et al. 2017, "Feature Pyramid Networks",
 * equation 1, with the tolerance of 1e-6 of torchvision.ops.poolers.LevelMapper. Areas are compared
 * with float32 thresholds, so that the result is the same on every device. A RoI without area or
 * with a NaN gets min_level. rois [R, 4]; levels [R] int32. */
DETCL_API enum detcl_status detcl_roi_levels(struct detcl_context *ctx,
                                             const struct detcl_roi_levels_params *params,
                                             struct detcl_tensor *rois, struct detcl_tensor *levels,
                                             const struct detcl_sync *sync);

struct detcl_multi_level_roi_align_params {
    int64_t output_height, output_width, sampling_ratio; /* as in detcl_roi_align_params */
    int aligned;
    float spatial_scales[DETCL_ROI_LEVELS]; /* of each map, such as 1/4, 1/8, 1/16, 1/32; the first
                                               is level -log2(scale), the others follow it */
    int64_t canonical_level;                /* as in detcl_roi_levels_params */
    float canonical_size;
};

/* RoI align on the map that detcl_roi_levels assigns, outputs in the order of the RoIs:
 * torchvision.ops.MultiScaleRoIAlign. `features`: 1 to DETCL_ROI_LEVELS maps [N, C, H, W] with the
 * same N and C, the finest first; out [R, C, output_height, output_width]. */
DETCL_API enum detcl_status detcl_multi_level_roi_align(
    struct detcl_context *ctx, const struct detcl_multi_level_roi_align_params *params,
    struct detcl_tensor *const *features, int n_features, struct detcl_tensor *rois,
    struct detcl_tensor *batch_indices, struct detcl_tensor *count, struct detcl_tensor *out,
    const struct detcl_sync *sync);

struct detcl_roi_pool_params {
    int64_t output_height, output_width; /* bins, 1 to 32768 */
    float spatial_scale;                 /* pixels of the features in a unit of the RoIs; 0: 1 */
};

/* RoI max pooling with rounded bounds: Girshick 2015, "Fast R-CNN", section 2.1, as
 * torchvision.ops.roi_pool defines it. features [N, C, H, W]; out [R, C, output_height,
 * output_width]; argmax [R, C, output_height, output_width] int32, the first largest pixel y * W +
 * x of each bin, or -1; NULL: not wanted. A bin without pixels gives 0 and -1; NaN are passed over,
 * and a bin with nothing above -FLT_MAX gives that and -1. Same bits on every device. */
DETCL_API enum detcl_status detcl_roi_pool(struct detcl_context *ctx,
                                           const struct detcl_roi_pool_params *params,
                                           struct detcl_tensor *features, struct detcl_tensor *rois,
                                           struct detcl_tensor *batch_indices,
                                           struct detcl_tensor *count, struct detcl_tensor *out,
                                           struct detcl_tensor *argmax,
                                           const struct detcl_sync *sync);

/* Gradient of detcl_roi_pool with respect to the features. grad_out and argmax [R, C, bins of a
 * column, of a row]; grad_features [N, C, H, W]. Only the image of a RoI is looked up, not its box;
 * an argmax that is no pixel is passed over. The sums run in the order of the RoIs. */
DETCL_API enum detcl_status
detcl_roi_pool_backward(struct detcl_context *ctx, struct detcl_tensor *grad_out,
                        struct detcl_tensor *rois, struct detcl_tensor *batch_indices,
                        struct detcl_tensor *count, struct detcl_tensor *argmax,
                        struct detcl_tensor *grad_features, const struct detcl_sync *sync);

enum detcl_psroi_kind {
    DETCL_PSROI_POOL, /* mean over pixels; bounds are rounded. As in torchvision, the last row and
                         column of the map are never read */
    DETCL_PSROI_ALIGN /* mean over bilinear samples, as detcl_roi_align with `aligned` */
};

struct detcl_psroi_pool_params {
    enum detcl_psroi_kind kind;
    int64_t output_height, output_width; /* bins, 1 to 32768 */
    int64_t sampling_ratio;              /* DETCL_PSROI_ALIGN: as in detcl_roi_align_params */
    float spatial_scale;                 /* pixels of the features in a unit of the RoIs; 0: 1 */
};

/* Position-sensitive RoI pooling: Dai et al. 2016, "R-FCN", as torchvision.ops.ps_roi_pool and
 * ps_roi_align define it. Bin (i, j) of channel c reads channel (c * output_height + i) *
 * output_width + j of the features [N, C * output_height * output_width, H, W]; out [R, C,
 * output_height, output_width]. A bin without pixels or samples gives 0. */
DETCL_API enum detcl_status
detcl_psroi_pool(struct detcl_context *ctx, const struct detcl_psroi_pool_params *params,
                 struct detcl_tensor *features, struct detcl_tensor *rois,
                 struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                 struct detcl_tensor *out, const struct detcl_sync *sync);

enum detcl_crop_method { DETCL_CROP_BILINEAR, DETCL_CROP_NEAREST };

struct detcl_crop_params {
    int64_t output_height, output_width; /* of each crop, 1 to 32768 */
    enum detcl_crop_method method;
    float extrapolation_value; /* where a sample lies outside of the image */
};

/* Cut boxes out of images and resize them to one size: tf.image.crop_and_resize, with NCHW images
 * and boxes in this library's order. boxes [R, 4]: x1, y1, x2, y2 in units of width - 1 and
 * height - 1, so that 0, 0, 1, 1 is the whole image from the centre of its first to that of its
 * last pixel; x1 > x2 or y1 > y2 mirrors. The outermost samples of a crop lie on the box; a single
 * one in its middle. Nearest rounds halves away from zero. A NaN gives extrapolation_value. images
 * [N, C, H, W]; out [R, C, output_height, output_width]. */
DETCL_API enum detcl_status
detcl_crop_and_resize(struct detcl_context *ctx, const struct detcl_crop_params *params,
                      struct detcl_tensor *images, struct detcl_tensor *boxes,
                      struct detcl_tensor *batch_indices, struct detcl_tensor *count,
                      struct detcl_tensor *out, const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
