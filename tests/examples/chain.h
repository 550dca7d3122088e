/* What the two programs compute, on any device: the second half of a two-stage detector (Ren et al.
 * 2015, "Faster R-CNN", with RoI align). From a region proposal network's logits and deltas:
 * proposals, RoI align of the features, a fully connected head, decoding of its deltas, NMS. One
 * operation's output is the next one's input where it lies; nothing visits the host on the way. */
#ifndef EXAMPLES_CHAIN_H
#define EXAMPLES_CHAIN_H

#include "detcl/detcl.h"

enum {
    IMAGE = 128,      /* pixels a side */
    GRID = 8,         /* cells a side of the proposal network */
    CELL_ANCHORS = 3, /* anchors of a cell */
    ANCHORS = GRID * GRID * CELL_ANCHORS,
    PROPOSALS = 16, /* at most */
    CHANNELS = 4,
    SIDE = 16, /* of the features */
    BINS = 3,  /* a side, of RoI align */
    POOLED = CHANNELS * BINS * BINS,
};

/* Everything lies in one piece of the caller's memory, an element apart: at byte offsets that are
 * multiples of the element size and of nothing else. Results come last. */
#define AFTER(at, count) ((at) + 4 * (count) + 4)
enum {
    ANCHORS_AT = 3 * 4,
    LOGITS_AT = AFTER(ANCHORS_AT, 4 * ANCHORS),
    DELTAS_AT = AFTER(LOGITS_AT, ANCHORS),
    FEATURES_AT = AFTER(DELTAS_AT, 4 * ANCHORS),
    LOGIT_WEIGHTS_AT = AFTER(FEATURES_AT, CHANNELS *SIDE *SIDE),
    DELTA_WEIGHTS_AT = AFTER(LOGIT_WEIGHTS_AT, POOLED),
    PROPOSALS_AT = AFTER(DELTA_WEIGHTS_AT, 4 * POOLED),
    OBJECTNESS_AT = AFTER(PROPOSALS_AT, 4 * PROPOSALS),
    POOLED_AT = AFTER(OBJECTNESS_AT, PROPOSALS),
    ROI_LOGITS_AT = AFTER(POOLED_AT, PROPOSALS *POOLED),
    ROI_DELTAS_AT = AFTER(ROI_LOGITS_AT, PROPOSALS),
    COUNT_AT = AFTER(ROI_DELTAS_AT, 4 * PROPOSALS),
    BOXES_AT = AFTER(COUNT_AT, 1),
    SCORES_AT = AFTER(BOXES_AT, 4 * PROPOSALS),
    KEEP_AT = AFTER(SCORES_AT, PROPOSALS),
    KEPT_AT = AFTER(KEEP_AT, PROPOSALS),
    MEMORY_BYTES = AFTER(KEPT_AT, 1),
    INPUT_BYTES = PROPOSALS_AT, /* from the start of the memory */
    RESULTS_AT = COUNT_AT,      /* to its end */
};

/* Tensors over that memory. Operations differ in the shapes that they want of the same numbers. */
enum view {
    VIEW_ANCHORS,
    VIEW_LOGITS,
    VIEW_DELTAS,
    VIEW_FEATURES,
    VIEW_LOGIT_WEIGHTS,
    VIEW_DELTA_WEIGHTS,
    VIEW_PROPOSALS, /* a batch of one image */
    VIEW_ROIS,      /* the same as a list */
    VIEW_OBJECTNESS,
    VIEW_COUNT,
    VIEW_POOLED,      /* RoIs, channels, bins */
    VIEW_POOLED_ROWS, /* a row a RoI */
    VIEW_ROI_LOGIT_ROWS,
    VIEW_ROI_DELTA_ROWS,
    VIEW_ROI_LOGITS,
    VIEW_ROI_DELTAS,
    VIEW_BOXES,
    VIEW_CLASS_SCORES, /* of one class */
    VIEW_SCORES,
    VIEW_KEEP,
    VIEW_KEPT,
    VIEWS
};

struct view_place {
    size_t offset;
    struct detcl_desc desc;
};
extern const struct view_place views[VIEWS];

/* The chain on one device: made once, enqueued any number of times. */
struct chain {
    struct detcl_context *ctx;
    struct detcl_tensor *t[VIEWS];
    struct detcl_graph *to_logits, *to_deltas; /* the head's two matrix products */
};

/* `ctx` and the tensors are there; make the rest. */
enum detcl_status chain_create(struct chain *c);

/* Enqueue all of it. `first` orders its first operation against the caller's commands, `last` its
 * last one; both may be NULL. */
enum detcl_status chain_enqueue(struct chain *c, const struct detcl_sync *first,
                                const struct detcl_sync *last);

/* The context too. */
void chain_destroy(struct chain *c);

/* The chain on the CPU device, over `memory`, MEMORY_BYTES of it. Prints what fails. */
enum detcl_status chain_run_on_cpu(void *memory);

/* Inputs that depend on nothing but a formula, into `memory`. */
void chain_fill_inputs(void *memory);

/* The results in `memory` are those of torchvision 0.14: RegionProposalNetwork.filter_proposals,
 * ops.roi_align, BoxCoder.decode_single and ops.nms. Prints them. */
int chain_good(const void *memory);

#endif
