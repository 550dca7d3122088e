/* What the two programs compute, on any device: how much each of BOXES boxes overlaps a reference,
 * then the best of those that lie apart. One operation's output is the next one's input where it
 * lies; nothing visits the host on the way. */
#ifndef EXAMPLES_CHAIN_H
#define EXAMPLES_CHAIN_H

#include "detcl/detcl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOXES = 200 };

/* Everything lies in one piece of the caller's memory, at byte offsets that are multiples of the
 * element size and of nothing else. */
enum {
    BOXES_AT = 3 * 4,
    REFERENCE_AT = BOXES_AT + BOXES * 16 + 4,
    INPUT_END = REFERENCE_AT + 16,
    OVERLAPS_AT = INPUT_END + 5 * 4,
    KEEP_AT = OVERLAPS_AT + BOXES * 4 + 4,
    KEPT_AT = KEEP_AT + BOXES * 4,
    MEMORY_BYTES = KEPT_AT + 4
};

/* Tensors over that memory. Operations differ in the shapes that they want of the same numbers. */
enum view { BOX_ROWS, BOX_BATCH, REFERENCE, OVERLAP_ROWS, OVERLAP_SCORES, KEEP, KEPT, VIEWS };

static const struct {
    size_t offset;
    struct detcl_desc desc;
} views[VIEWS] = {
    [BOX_ROWS] = {BOXES_AT, {DETCL_F32, 2, {BOXES, 4}}},
    [BOX_BATCH] = {BOXES_AT, {DETCL_F32, 3, {1, BOXES, 4}}},
    [REFERENCE] = {REFERENCE_AT, {DETCL_F32, 2, {1, 4}}},
    [OVERLAP_ROWS] = {OVERLAPS_AT, {DETCL_F32, 2, {BOXES, 1}}},
    [OVERLAP_SCORES] = {OVERLAPS_AT, {DETCL_F32, 2, {1, BOXES}}},
    [KEEP] = {KEEP_AT, {DETCL_I32, 2, {1, BOXES}}},
    [KEPT] = {KEPT_AT, {DETCL_I32, 1, {1}}},
};

/* Enqueue the chain. `first` orders its first operation against the caller's commands, `last` its
 * last one; both may be NULL. */
static enum detcl_status enqueue_chain(struct detcl_context *ctx,
                                       struct detcl_tensor *const t[VIEWS],
                                       const struct detcl_sync *first,
                                       const struct detcl_sync *last)
{
    const struct detcl_nms_params nms = {.iou_threshold = 0.3f, .max_output = 20};
    const enum detcl_status status =
        detcl_box_iou(ctx, DETCL_IOU, t[BOX_ROWS], t[REFERENCE], t[OVERLAP_ROWS], first);
    if (status != DETCL_OK)
        return status;
    return detcl_nms(ctx, &nms, t[BOX_BATCH], t[OVERLAP_SCORES], NULL, NULL, NULL, t[KEEP], t[KEPT],
                     last);
}

/* Boxes strewn around the reference. */
static void fill_inputs(unsigned char *memory)
{
    const float reference[4] = {40, 40, 100, 90};
    for (int i = 0; i < BOXES; i++) {
        const float x = (float)(i * 37 % 101), y = (float)(i * 53 % 97);
        const float box[4] = {x, y, x + 30 + (float)(i % 7) * 5, y + 25 + (float)(i % 5) * 8};
        memcpy(memory + BOXES_AT + i * 16, box, sizeof box);
    }
    memcpy(memory + REFERENCE_AT, reference, sizeof reference);
}

/* The chain on the CPU device, over `memory`. */
static enum detcl_status run_on_cpu(unsigned char *memory)
{
    const struct detcl_context_params params = {.device = "cpu"};
    struct detcl_context *ctx = NULL;
    struct detcl_tensor *t[VIEWS] = {NULL};
    struct detcl_error error;
    enum detcl_status status = detcl_context_create(&params, &ctx, &error);
    if (status != DETCL_OK)
        fprintf(stderr, "%s\n", error.text);
    for (int i = 0; i < VIEWS && status == DETCL_OK; i++)
        status = detcl_tensor_wrap_host(ctx, &views[i].desc, memory + views[i].offset, &t[i]);
    if (status == DETCL_OK)
        status = enqueue_chain(ctx, t, NULL, NULL);
    if (status == DETCL_OK)
        status = detcl_context_finish(ctx);
    if (ctx && status != DETCL_OK)
        fprintf(stderr, "%s\n", detcl_context_error(ctx));
    for (int i = 0; i < VIEWS; i++)
        detcl_tensor_destroy(&t[i]);
    detcl_context_destroy(&ctx);
    return status;
}

#endif
