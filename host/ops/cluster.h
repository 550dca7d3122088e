/* The parallel form of greedy suppression: what cluster_nms and weighted_nms share. */
#ifndef DCL_OPS_CLUSTER_H
#define DCL_OPS_CLUSTER_H

#include "ops/candidates.h"

struct dcl_cluster_rule {
    float threshold;
    int diou; /* not 0: the DIoU must be greater than the threshold, not the IoU */
    int fast; /* not 0: boxes that are suppressed themselves suppress, too (Fast NMS) */
};

/* Decide every candidate and give the kept ones their score in c->final. Returns int32 [N, stride]
 * in c->order: 1 where kept, 2 where not. */
const struct dcl_value *dcl_cluster_record(struct dcl_recorder *r, const struct dcl_candidates *c,
                                           const struct dcl_cluster_rule *rule);

/* The twin, for a segment [start, end) of candidates that can be kept: the first kept candidate
 * that suppresses candidate i goes to leaders[i]; a kept one leads itself. Fast: -1 for what is
 * gone. */
void dcl_cluster_cpu(const struct dcl_cluster_rule *rule, struct dcl_candidate_row *row,
                     int64_t start, int64_t end, int32_t *leaders);

#endif
