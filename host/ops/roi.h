/* Regions of interest (RoIs): what the ops that pool feature maps over them share. A RoI is a box
 * x1, y1, x2, y2 in units of its own; times `scale` it lies on the map. One with a coordinate that
 * is not finite or, scaled, beyond 2^20 has no samples, and neither has one whose image does not
 * exist or that lies past the count: its output is 0. */
#ifndef DCL_OPS_ROI_H
#define DCL_OPS_ROI_H

#include "detcl/tensor.h"
#include "ops/record.h"

struct dcl_rois {
    const struct dcl_value *boxes; /* [R, 4] */
    const struct dcl_value *batch; /* [R] int32 or int64; NULL: all of image 0 */
    const struct dcl_value *count; /* one int32; NULL: R */
    int64_t n, images;
};

/* Inputs at, at + 1 and at + 2 as RoIs of `images` images; the last two are optional. */
enum detcl_status dcl_rois_of(const struct dcl_call *call, int at, int64_t images,
                              struct dcl_rois *out);

/* The scalar that counts the RoIs, for the count of an output [R, ...]; NULL without one. */
struct dcl_value *dcl_rois_count(const struct dcl_call *call, int at);

/* The image of RoI r, or -1. */
int64_t dcl_roi_image(const struct dcl_rois *rois, int64_t r);

/* Append the arguments ROIS of kernels/roi.h. */
void dcl_arg_rois(struct dcl_launch *l, const struct dcl_rois *rois);

/* How RoIs are cut into bins, and bins sampled. */
struct dcl_roi_rule {
    int64_t height, width; /* bins */
    int64_t ratio;         /* samples along an axis of a bin; 0: as many as it has pixels */
    float scale;
    bool aligned; /* pixel centres at half-integers */
};

/* Fail unless the rule is within its ranges. */
enum detcl_status dcl_roi_rule_check(const struct dcl_call *call, const struct dcl_roi_rule *rule);

/* For gradients: in[0] [R, C, bins] goes with the RoIs; out[0] becomes [images, C, height, width].
 */
enum detcl_status dcl_roi_gradient_of(struct dcl_call *call, const struct dcl_rois *rois,
                                      int64_t images, int64_t height, int64_t width);

/* The extents that a typed function's `grad_features` tells. */
enum detcl_status dcl_roi_gradient_shape(struct detcl_context *ctx,
                                         const struct detcl_tensor *grad_features,
                                         const int64_t **shape);

/* A typed function's scale, where 0 stands for 1. */
static inline float dcl_roi_scale(float scale)
{
    return scale == 0 ? 1 : scale;
}

/* Which level of a feature pyramid a RoI is pooled from. */
struct dcl_level_rule {
    int64_t min, max;
    float first; /* RoIs of this area or more are above `min`; four times as large, a level more */
};

/* Lin et al. 2017, equation 1, as a comparison of areas. Levels are 0..30, min <= max. */
struct dcl_level_rule dcl_level_rule_of(int64_t min, int64_t max, int64_t canonical_level,
                                        float canonical_size);

int64_t dcl_roi_level(const struct dcl_level_rule *rule, const float *box);

/* y [R] int32 = the level of each RoI. */
enum detcl_status dcl_record_roi_levels(struct dcl_recorder *r, const struct dcl_level_rule *rule,
                                        const struct dcl_value *rois, const struct dcl_value *y);

/* --- the twin --------------------------------------------------------------------------------- */

/* A RoI along one axis of the map. */
struct dcl_roi_axis {
    float start, bin; /* pixels */
    int64_t grid;     /* samples in a bin */
    int64_t extent;   /* of the map */
    bool adaptive;
};

struct dcl_roi_axes {
    struct dcl_roi_axis y, x;
};

/* From x0, y0 to before x1, y1. */
struct dcl_roi_pixels {
    int64_t y0, y1, x0, x1;
};

/* Two neighbouring elements and the weight of the second; the first has 1 - weight. */
struct dcl_roi_sample {
    int64_t low, high;
    float weight;
};

/* False when a RoI is not finite or too far away. */
bool dcl_roi_within(const struct dcl_roi_rule *rule, const float *box);

/* False when the RoI has no samples. */
bool dcl_roi_axes_of(const struct dcl_roi_rule *rule, const float *box, int64_t height,
                     int64_t width, struct dcl_roi_axes *out);

/* The samples of a bin that can lie on the map: from *first to before *end. */
void dcl_roi_range(const struct dcl_roi_axis *a, int64_t bin, int64_t *first, int64_t *end);

/* False when the sample lies outside of the map. */
bool dcl_roi_sample_at(const struct dcl_roi_axis *a, int64_t bin, int64_t i,
                       struct dcl_roi_sample *out);

/* The pixels that a bin of a RoI with rounded bounds covers, within 0..limit. `one` is 1 where RoIs
 * end with their last pixel, else 0. */
void dcl_roi_rounded_bin(const struct dcl_roi_rule *rule, const float *box, int64_t bin, int one,
                         int64_t height, int64_t width, struct dcl_roi_pixels *out);

/* The corners of sample (iy, ix) of a bin: where they are in a plane, and their weights. False when
 * the sample is off the map. */
bool dcl_roi_corners(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, int64_t iy,
                     int64_t ix, int64_t at[4], double weight[4]);

/* Mean of the samples of a bin of `plane`. */
float dcl_roi_average(const struct dcl_roi_axes *axes, int64_t ph, int64_t pw, const float *plane);

/* A copy of x [N, C, H, W] with its channels last, and its size. */
size_t dcl_roi_last_bytes(const struct dcl_value *x);
void dcl_roi_channels_last(const struct dcl_value *x, float *to);

/* y [C, bins] = RoI r pooled from x, whose copy is `last`; 0 where it has no samples. */
void dcl_roi_align_cpu(const struct dcl_rois *rois, const struct dcl_roi_rule *rule, int64_t r,
                       const struct dcl_value *x, const float *last, float *y);

/* --- OpenCL ----------------------------------------------------------------------------------- */

/* For each RoI its image and, for each row and column of bins, which rows and columns of the map
 * take part with which weights (the layout is told in kernels/roi_align.cl). */
struct dcl_roi_taps {
    struct dcl_value *head, *at, *weight;
    int64_t rows, columns; /* room for entries of a RoI */
};

/* Room for the taps of RoIs on maps of up to height x width. */
enum detcl_status dcl_roi_taps_make(struct dcl_recorder *r, const struct dcl_rois *rois,
                                    const struct dcl_roi_rule *rule, int64_t height, int64_t width,
                                    struct dcl_roi_taps *out);

/* Record how they are computed; with `levels` [R], of the RoIs of that level only. */
enum detcl_status dcl_record_roi_taps(struct dcl_recorder *r, const struct dcl_rois *rois,
                                      const struct dcl_roi_rule *rule, int64_t height,
                                      int64_t width, const struct dcl_value *levels, int level,
                                      const struct dcl_roi_taps *taps);

/* y [R, C, bins] = the mean over each bin, of the RoIs that the taps were computed of. Position
 * sensitive: bin b of channel c reads channel c * bins + b of x. */
enum detcl_status dcl_record_roi_align(struct dcl_recorder *r, const struct dcl_rois *rois,
                                       const struct dcl_roi_rule *rule,
                                       const struct dcl_roi_taps *taps, const struct dcl_value *x,
                                       bool sensitive, const struct dcl_value *y);

/* The pixels of each bin of RoIs with rounded bounds (kernels/roi_pool.cl); the arguments are those
 * of dcl_roi_rounded_bin. NULL when recording failed. */
const struct dcl_value *dcl_record_roi_bins(struct dcl_recorder *r, const struct dcl_rois *rois,
                                            const struct dcl_roi_rule *rule, int one,
                                            int64_t height, int64_t width, int lanes);

/* The same values in blocks of the device's channel block. */
const struct dcl_value *dcl_record_blocked(struct dcl_recorder *r, const struct dcl_value *x);

/* And back from such blocks to y. */
enum detcl_status dcl_record_dense(struct dcl_recorder *r, const struct dcl_value *x,
                                   const struct dcl_value *y);

/* Append the arguments head, at and weight. */
void dcl_arg_taps(struct dcl_launch *l, const struct dcl_roi_taps *taps);

/* "-DLANES=...". */
void dcl_lanes_options(int lanes, char options[32]);

#endif
