/* The greedy core of nms and non_max_suppression: rows of candidates, each row cut into segments of
 * one class, in the order given. Twin and kernels agree to the last bit: see kernels/overlap.h. */
#ifndef DCL_OPS_NMS_H
#define DCL_OPS_NMS_H

#include "ops/order.h"

/* When a pair's overlap suppresses. */
enum dcl_boundary {
    DCL_BOUNDARY_STRICT,        /* intersection > threshold * union: ONNX, torchvision */
    DCL_BOUNDARY_GREATER_EQUAL, /* >=: OpenVINO, TensorRT */
    DCL_BOUNDARY_LEGACY         /* >, with extents of x2 - x1 + 1 (inclusive pixels) */
};

struct dcl_nms_rule {
    float threshold;
    enum dcl_boundary boundary;
    int64_t limit; /* kept candidates of a segment, at most */
};

/* Arrays of one row for the twin. */
struct dcl_nms_row {
    const float
        *boxes; /* [length, 4] in sorted order; NaN: must not be kept, last of its segment */
    const int32_t *classes; /* in sorted order, or NULL: one segment */
    const int32_t *order;   /* sorted position to candidate */
    int64_t count;
    float *kept_boxes; /* [count, 4]: scratch */
    uint8_t *flags;    /* by candidate: 1 when kept */
};

/* Set the flags of the kept candidates; returns how many there are. */
int64_t dcl_nms_greedy(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row);

/* One row on the device; all [rows, length] unless said otherwise. */
struct dcl_nms {
    struct dcl_nms_rule rule;
    const struct dcl_value *boxes;   /* float32 [rows, length, 4], sorted, NaN as above */
    const struct dcl_value *classes; /* int32, sorted, or NULL */
    const struct dcl_value *order, *count;
    const struct dcl_value *kept;     /* int32: from a segment's start on its kept candidates */
    const struct dcl_value *flags;    /* int32, by candidate: becomes 1 where kept */
    const struct dcl_value *row_kept; /* int32 [rows]: kept candidates, without classes */
    int64_t rows, length;
};

enum detcl_status dcl_nms_record(struct dcl_recorder *r, const struct dcl_nms *n);

/* The build options of kernels/nms.cl on the device. */
const char *dcl_nms_options(const struct dcl_recorder *r);

/* A limit attribute (0: none) as a bound on int32 counts. */
int64_t dcl_nms_limit(int64_t value);

#endif
