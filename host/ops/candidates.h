/* What soft_nms, matrix_nms, cluster_nms, weighted_nms and weighted_boxes_fusion share: candidates
 * of N images are sorted into segments of one class, the op gives each a final score or drops it,
 * and what is left is written in order. kernels/candidates.cl, pairs.h; twin here. */
#ifndef DCL_OPS_CANDIDATES_H
#define DCL_OPS_CANDIDATES_H

#include "ops/order.h"

#include <math.h>

/* The first operands of all these ops, as nms has them. */
enum {
    DCL_IN_BOXES,   /* float32 [N, M, 4], x1, y1, x2, y2 */
    DCL_IN_SCORES,  /* float32 [N, K] */
    DCL_IN_CLASSES, /* int32 [N, K]; absent: one class */
    DCL_IN_ANCHORS, /* int32 [N, K]: candidate k has box anchors[k]; absent: box k, and K = M */
    DCL_IN_COUNT,   /* int32 [N]: candidates of each image; absent: K */
    DCL_IN_REST
};

/* Fail unless those operands go together and are not too many. */
enum detcl_status dcl_candidates_check(const struct dcl_call *call);

/* Shape output i: [N, K], [N, K, 4] or, for the count of the others, [N]. */
enum dcl_candidates_shape { DCL_EACH, DCL_EACH_BOX, DCL_EACH_IMAGE };
void dcl_candidates_shape(struct dcl_call *call, int i, enum detcl_dtype dtype,
                          enum dcl_candidates_shape shape);

/* A limit attribute is 0 (none) or more. */
enum detcl_status dcl_candidates_limit(const struct dcl_call *call, int64_t value);

/* An overlap threshold is low to 1; a score threshold that is also a bound of products 0 or more.
 */
enum detcl_status dcl_candidates_overlap(const struct dcl_call *call, float threshold, float low);
enum detcl_status dcl_candidates_positive(const struct dcl_call *call, const char *name,
                                          float value);

struct dcl_candidates {
    const struct dcl_value *boxes, *scores, *classes, *anchors, *count;
    float score_threshold; /* a score must be greater; NaN: any */
    bool by_position; /* the order within a segment: by position instead of by score; what cannot be
                         kept is then anywhere in it */
    int64_t images, n_boxes, length;

    const float
        *weighted; /* for the twin: scores of the image in place of the operand's, or NULL */

    /* what dcl_candidates_record makes */
    int64_t stride;               /* of a row of `planes` and `sorted_scores` */
    const struct dcl_value *keys; /* int32 [N, K] */
    const struct dcl_value
        *order; /* int32 [N, K]: by class, then score or position; NULL: 0, 1 .. */
    const struct dcl_value *ranking;        /* int32 [N, K]: by score; only without by_position */
    const struct dcl_value *planes;         /* float32 [N, 4, stride] in `order` */
    const struct dcl_value *sorted_scores;  /* float32 [N, stride] in `order` */
    const struct dcl_value *sorted_classes; /* int32 [N, K] in `order`; NULL without classes */
    const struct dcl_value *final; /* float32 [N, K] by candidate, NaN: what the op fills in */
    const struct dcl_value *spare[2];
};

/* The candidates among the operands of a call. */
struct dcl_candidates dcl_candidates_of(const struct dcl_call *call, float score_threshold,
                                        bool by_position);

enum detcl_status dcl_candidates_record(struct dcl_recorder *r, struct dcl_candidates *c);

/* A launch from kernels/<stem>.cl, built for groups that suit so many candidates. */
struct dcl_launch *dcl_candidates_launch(struct dcl_recorder *r, const struct dcl_candidates *c,
                                         const char *stem, const char *kernel);

/* Close a launch: one work-item a sorted position, rounded up to the stride; or one group for the
 * segments that start in each tile of positions (the kernel takes the tile). */
enum detcl_status dcl_candidates_grid(struct dcl_launch *l, const struct dcl_candidates *c);
int64_t dcl_candidates_tile(const struct dcl_candidates *c);
enum detcl_status dcl_candidates_segment_grid(struct dcl_recorder *r, struct dcl_launch *l,
                                              const struct dcl_candidates *c);

/* Write the candidates that have a final score, best first. NULL values are not written. */
struct dcl_candidates_out {
    const struct dcl_value *keep, *kept, *scores, *boxes, *classes;
    const struct dcl_value *fused; /* float32 [N, K, 4] by candidate, for `boxes` */
    int64_t most;                  /* 0: no limit */
    bool rescored;                 /* the final scores give the order, not the ones at first */
};
enum detcl_status dcl_candidates_emit(struct dcl_recorder *r, const struct dcl_candidates *c,
                                      const struct dcl_candidates_out *out);

/* What the ops that lower scores share: for infer, check sigma, give the outputs keep, scores and
 * kept their shapes and ask for the twin's workspace; and where the results go. */
enum detcl_status dcl_candidates_rescored(struct dcl_call *call, float sigma, int words);
struct dcl_candidates_out dcl_candidates_rescored_out(const struct dcl_call *call, int64_t most);

/* --- the twin ---------------------------------------------------------------------------- */

/* One image: as the device has it, but boxes as [K, 4]. */
struct dcl_candidate_row {
    uint32_t *keys, *class_keys;
    int32_t *ranking, *order, *classes, *spare;
    float *boxes, *scores, *final;
    float *fused;  /* [K, 4] by candidate, for ops that fuse */
    int32_t *more; /* the op's own words */
    int64_t count;
};

/* Workspace of one image, `words` int32 a candidate of the op's own behind it. */
size_t dcl_candidates_workspace(const struct dcl_call *call, int words);

/* Lay the row's arrays out in the call's workspace; dcl_candidates_cpu does so, too. */
void dcl_candidates_carve(const struct dcl_call *call, struct dcl_candidate_row *row);

void dcl_candidates_cpu(const struct dcl_call *call, const struct dcl_candidates *c, int64_t image,
                        struct dcl_candidate_row *row);

/* Where the segment that starts at `start` ends, and where those of it that can be kept end. */
int64_t dcl_segment_end(const struct dcl_candidates *c, const struct dcl_candidate_row *row,
                        int64_t start);
int64_t dcl_valid_end(const struct dcl_candidate_row *row, int64_t start, int64_t end);

void dcl_candidates_emit_cpu(const struct dcl_candidates *c, struct dcl_candidate_row *row,
                             int64_t image, const struct dcl_candidates_out *out);

/* Areas, and IoU: 0 where the union is empty. */
static inline float dcl_box_area(const float *b)
{
    const float w = b[2] - b[0], h = b[3] - b[1];
    return (w > 0 ? w : 0) * (h > 0 ? h : 0);
}

static inline float dcl_box_inter(const float *a, const float *b)
{
    const float common[] = {a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1],
                            a[2] < b[2] ? a[2] : b[2], a[3] < b[3] ? a[3] : b[3]};
    return dcl_box_area(common);
}

static inline float dcl_box_iou(const float *a, const float *b)
{
    const float inter = dcl_box_inter(a, b), joint = dcl_box_area(a) + dcl_box_area(b) - inter;
    return joint > 0 ? inter / joint : 0;
}

#endif
