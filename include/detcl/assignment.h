/* Assignment of predictions to ground truth for training, and what is trained on. boxes.h says what
 * holds for every typed operation. Matches are int32, one an anchor: the index of a ground truth of
 * the anchor's image, DETCL_MATCH_BELOW (background) or DETCL_MATCH_BETWEEN (left out). */
#ifndef DETCL_ASSIGNMENT_H
#define DETCL_ASSIGNMENT_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DETCL_MATCH_BELOW (-1)
#define DETCL_MATCH_BETWEEN (-2)

/* Which anchors below the thresholds are matched all the same, because for some ground truth no
 * anchor overlaps more; they get the ground truth that they overlap most, which may be another. */
enum detcl_low_quality {
    DETCL_LOW_QUALITY_NONE,
    DETCL_LOW_QUALITY_OVERLAPPING, /* unless that ground truth overlaps no anchor at all */
    DETCL_LOW_QUALITY_ALL          /* even then (all anchors apart from it!), as torchvision does */
};

struct detcl_assign_params {
    float high; /* an overlap from this on is a match; 0..1 */
    float low;  /* one below is background, the rest is left out; 0..high */
    enum detcl_low_quality low_quality;
};

/* Match each anchor with the ground truth of largest IoU, the first of equals
 * (torchvision.models.detection. _utils.Matcher; Ren et al. 2015, "Faster R-CNN", section 3.1.2).
 * anchors [A, 4] or, an own set for each image, [N, A, 4]; truth [N, G, 4]; x1, y1, x2, y2
 * count   [N] int32: ground truths of each image, the rest is ignored; NULL: G
 * classes [N, G] int32: class of each ground truth; NULL: 0
 * matches [N, A] int32
 * labels  [N, A] int32: the class of the match, or the negative number that stands for none; NULL:
 * unwanted Overlaps i / u are compared without division: i1 / u1 > i2 / u2 where i1 * u2 > i2 * u1,
 * and i / u < t where i < t * u, in float32 with each product rounded; so the result is the same on
 * every device, and torchvision's unless two overlaps (or an overlap and a threshold) differ by a
 * rounding. The largest overlap of a ground truth is found among blocks of 256 anchors, then among
 * blocks. A negative extent counts as none; a pair with a coordinate that is not finite or without
 * area overlaps by 0; coordinates beyond 1e9 overflow. */
DETCL_API enum detcl_status
detcl_assign_anchors(struct detcl_context *ctx, const struct detcl_assign_params *params,
                     struct detcl_tensor *anchors, struct detcl_tensor *truth,
                     struct detcl_tensor *count, struct detcl_tensor *classes,
                     struct detcl_tensor *matches, struct detcl_tensor *labels,
                     const struct detcl_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
