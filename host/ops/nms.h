/* The greedy core of nms and non_max_suppression: rows of candidates, each row cut into segments of
 * one class, in the order given. Twin and kernels agree to the last bit: see kernels/overlap.h. */
#ifndef DCL_OPS_NMS_H
#define DCL_OPS_NMS_H

#include "ops/order.h"

#include <math.h>

/* When a pair's overlap suppresses. */
enum dcl_boundary {
    DCL_BOUNDARY_STRICT,        /* intersection > threshold * union: ONNX, torchvision */
    DCL_BOUNDARY_GREATER_EQUAL, /* >=: OpenVINO, TensorRT */
    DCL_BOUNDARY_LEGACY         /* >, with extents of x2 - x1 + 1 (inclusive pixels) */
};

struct dcl_nms_rule {
    float threshold;
    enum dcl_boundary boundary;
    int64_t limit;         /* kept candidates of a segment, at most */
    float score_threshold; /* a score must be greater; NaN: any score will do */
};

#define DCL_NMS_RULE_INTS 5

/* The rule as the kernels read it, DCL_NMS_RULE_INTS int32: limit, threshold, greater_equal, 1 or 0
 * added to extents, score threshold; floats as their bits. */
void dcl_nms_rule_data(const struct dcl_nms_rule *rule, int32_t *data);

/* Arrays of one row for the twin. */
struct dcl_nms_row {
    const float
        *boxes; /* [length, 4] in sorted order; NaN: must not be kept, last of its segment */
    const int32_t *classes; /* in sorted order, or NULL: one segment */
    const int32_t *order;   /* sorted position to candidate */
    int64_t count;
    void *scratch;  /* [count, 6] words of four bytes */
    uint8_t *flags; /* by candidate: 1 when kept */
};

/* Of boxes without NaN. Written this way round, compilers do not make it a branch. */
static inline float dcl_nms_extent(float low, float high, float one)
{
    const float e = high - low + one;
    return e < 0 ? 0 : e;
}

/* The area of a box as the rule counts it. */
static inline float dcl_nms_area(const struct dcl_nms_rule *rule, const float *b)
{
    const float one = rule->boundary == DCL_BOUNDARY_LEGACY ? 1.0f : 0.0f;
    return dcl_nms_extent(b[0], b[2], one) * dcl_nms_extent(b[1], b[3], one);
}

/* True when kept box b suppresses box a; their areas are given. */
static inline bool dcl_nms_suppresses(const struct dcl_nms_rule *rule, const float *a, float a_area,
                                      const float *b, float b_area)
{
    const float one = rule->boundary == DCL_BOUNDARY_LEGACY ? 1.0f : 0.0f;
    const float inter = dcl_nms_extent(a[0] > b[0] ? a[0] : b[0], a[2] < b[2] ? a[2] : b[2], one) *
                        dcl_nms_extent(a[1] > b[1] ? a[1] : b[1], a[3] < b[3] ? a[3] : b[3], one);
    const float all = b_area + a_area - inter, limit = rule->threshold * all;
    const bool over = rule->boundary == DCL_BOUNDARY_GREATER_EQUAL ? inter >= limit : inter > limit;
    return (all > 0) & over;
}

/* Set the flags of the kept candidates; returns how many there are. */
int64_t dcl_nms_greedy(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row);

/* Rows of candidates on the device. */
struct dcl_nms {
    const struct dcl_value *boxes;   /* float32 [rows / per_image, M, 4] */
    const struct dcl_value *scores;  /* float32 [rows, length] */
    const struct dcl_value *classes; /* int32 [rows, length]; NULL: a row is one segment */
    const struct dcl_value *anchors; /* int32 [rows, length]: numbers of boxes; NULL: 0, 1, 2 ... */
    const struct dcl_value *count;   /* int32 [rows]; NULL: length each */
    const struct dcl_value *rule;    /* dcl_nms_rule_data */
    int64_t rows, per_image, n_boxes, length;
    enum dcl_nms_form { DCL_NMS_XYXY, DCL_NMS_CORNERS, DCL_NMS_CENTER } form;

    /* what dcl_nms_record makes, [rows, length] int32 unless said otherwise */
    const struct dcl_value *by_score; /* candidates, best first */
    const struct dcl_value *flags;    /* by candidate: 1 where kept */
    const struct dcl_value *kept;     /* without classes: the kept candidates, best first */
    const struct dcl_value *row_kept; /* [rows]: how many of them */
};

/* Record everything up to the kept candidates. */
enum detcl_status dcl_nms_record(struct dcl_recorder *r, struct dcl_nms *n);

static inline bool dcl_finite_box(const float *box)
{
    return isfinite(box[0]) && isfinite(box[1]) && isfinite(box[2]) && isfinite(box[3]);
}

/* The build options of kernels/nms.cl on the device. */
const char *dcl_nms_options(const struct dcl_recorder *r);

/* A limit attribute (0: none) as a bound on int32 counts. */
int64_t dcl_nms_limit(int64_t value);

#endif
