/* Resizing, shared by its files: the row and the CPU twin (resize.c), the tables that say which
 * elements make which (resize_axis.c), the OpenCL launches (resize_cl.c). */
#ifndef DCL_OPS_RESIZE_H
#define DCL_OPS_RESIZE_H

#include "ops/record.h"

enum dcl_resize_mode { DCL_RESIZE_NEAREST, DCL_RESIZE_LINEAR, DCL_RESIZE_CUBIC };

/* ONNX coordinate_transformation_mode. */
enum dcl_resize_coordinates {
    DCL_RESIZE_HALF_PIXEL,
    DCL_RESIZE_HALF_PIXEL_SYMMETRIC,
    DCL_RESIZE_PYTORCH_HALF_PIXEL,
    DCL_RESIZE_ALIGN_CORNERS,
    DCL_RESIZE_ASYMMETRIC,
    DCL_RESIZE_TF_HALF_PIXEL_FOR_NN,
    DCL_RESIZE_TF_CROP_AND_RESIZE
};

/* ONNX nearest_mode; SIMPLE is that of Upsample and of Resize before opset 11. */
enum dcl_resize_rounding {
    DCL_RESIZE_ROUND_PREFER_FLOOR,
    DCL_RESIZE_ROUND_PREFER_CEIL,
    DCL_RESIZE_FLOOR,
    DCL_RESIZE_CEIL,
    DCL_RESIZE_SIMPLE /* up when the axis shrinks, else down */
};

/* How the operand is sampled, the same for all axes. */
struct dcl_resize_rule {
    enum dcl_resize_mode mode;
    enum dcl_resize_coordinates coordinates;
    enum dcl_resize_rounding rounding;
    float cubic_a;
    bool exclude_outside, antialias;
};

struct dcl_resize_axis {
    int64_t in, out;
    bool same;                 /* copied as it is */
    double scale;              /* out / in as the model says it */
    double extent;             /* scale * in, not rounded to a number of elements */
    double roi_begin, roi_end; /* tf_crop_and_resize, in units of in - 1 */
    int64_t taps;              /* input elements that make an output element */
};

struct dcl_resize {
    struct dcl_resize_rule rule;
    float extrapolation;
    int rank;
    struct dcl_resize_axis axis[DETCL_MAX_RANK];
};

/* Check the operands and attributes of the call and describe it. */
enum detcl_status dcl_resize_describe(const struct dcl_call *call, struct dcl_resize *r);

/* Input elements per output element of an axis: 1 where `same`. */
int64_t dcl_resize_taps(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis);

/* Output element i of the axis is the sum over k < taps of weight[i * taps + k] times input element
 * index[i * taps + k]; index -1: the extrapolation value. Both have out * taps entries. The device
 * and the twin read the same tables, so they sample the same elements. */
void dcl_resize_table(const struct dcl_resize_rule *rule, const struct dcl_resize_axis *axis,
                      int32_t *index, float *weight);

enum detcl_status dcl_resize_record_cl(struct dcl_call *call, struct dcl_recorder *recorder);

#endif
