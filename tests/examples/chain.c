#include "chain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REAL(...)                                                                                  \
    {                                                                                              \
        DETCL_F32, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t),                             \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const struct view_place views[VIEWS] = {
    [VIEW_ANCHORS] = {ANCHORS_AT, REAL(ANCHORS, 4)},
    [VIEW_LOGITS] = {LOGITS_AT, REAL(1, CELL_ANCHORS, GRID, GRID)},
    [VIEW_DELTAS] = {DELTAS_AT, REAL(1, 4 * CELL_ANCHORS, GRID, GRID)},
    [VIEW_FEATURES] = {FEATURES_AT, REAL(1, CHANNELS, SIDE, SIDE)},
    [VIEW_LOGIT_WEIGHTS] = {LOGIT_WEIGHTS_AT, REAL(POOLED, 1)},
    [VIEW_DELTA_WEIGHTS] = {DELTA_WEIGHTS_AT, REAL(POOLED, 4)},
    [VIEW_PROPOSALS] = {PROPOSALS_AT, REAL(1, PROPOSALS, 4)},
    [VIEW_ROIS] = {PROPOSALS_AT, REAL(PROPOSALS, 4)},
    [VIEW_OBJECTNESS] = {OBJECTNESS_AT, REAL(1, PROPOSALS)},
    [VIEW_COUNT] = {COUNT_AT, {DETCL_I32, 1, {1}}},
    [VIEW_POOLED] = {POOLED_AT, REAL(PROPOSALS, CHANNELS, BINS, BINS)},
    [VIEW_POOLED_ROWS] = {POOLED_AT, REAL(PROPOSALS, POOLED)},
    [VIEW_ROI_LOGIT_ROWS] = {ROI_LOGITS_AT, REAL(PROPOSALS, 1)},
    [VIEW_ROI_DELTA_ROWS] = {ROI_DELTAS_AT, REAL(PROPOSALS, 4)},
    [VIEW_ROI_LOGITS] = {ROI_LOGITS_AT, REAL(1, PROPOSALS, 1)},
    [VIEW_ROI_DELTAS] = {ROI_DELTAS_AT, REAL(1, PROPOSALS, 4)},
    [VIEW_BOXES] = {BOXES_AT, REAL(1, PROPOSALS, 4)},
    [VIEW_CLASS_SCORES] = {SCORES_AT, REAL(1, PROPOSALS, 1)},
    [VIEW_SCORES] = {SCORES_AT, REAL(1, PROPOSALS)},
    [VIEW_KEEP] = {KEEP_AT, {DETCL_I32, 2, {1, PROPOSALS}}},
    [VIEW_KEPT] = {KEPT_AT, {DETCL_I32, 1, {1}}},
};

static enum detcl_status create_product(struct detcl_context *ctx, enum view weights,
                                        struct detcl_graph **out)
{
    const struct detcl_operand operands[] = {{.desc = views[VIEW_POOLED_ROWS].desc},
                                             {.desc = views[weights].desc}};
    return detcl_op_create(ctx, "gemm", NULL, operands, 2, 1, out);
}

enum detcl_status chain_create(struct chain *c)
{
    const enum detcl_status status = create_product(c->ctx, VIEW_LOGIT_WEIGHTS, &c->to_logits);
    return status == DETCL_OK ? create_product(c->ctx, VIEW_DELTA_WEIGHTS, &c->to_deltas) : status;
}

static enum detcl_status propose(struct chain *c, const struct detcl_sync *sync)
{
    const struct detcl_rpn_params params = {.n_levels = 1,
                                            .pre_nms_top_n = 100,
                                            .post_nms_top_n = PROPOSALS,
                                            .height = IMAGE,
                                            .width = IMAGE,
                                            .iou_threshold = 0.7f};
    return detcl_rpn_proposals(c->ctx, &params, c->t[VIEW_ANCHORS], NULL, &c->t[VIEW_LOGITS],
                               &c->t[VIEW_DELTAS], c->t[VIEW_PROPOSALS], c->t[VIEW_OBJECTNESS],
                               c->t[VIEW_COUNT], sync);
}

static enum detcl_status pool(struct chain *c)
{
    const struct detcl_roi_align_params params = {.output_height = BINS,
                                                  .output_width = BINS,
                                                  .sampling_ratio = 2,
                                                  .spatial_scale = (float)SIDE / IMAGE,
                                                  .aligned = 1};
    return detcl_roi_align(c->ctx, &params, c->t[VIEW_FEATURES], c->t[VIEW_ROIS], NULL,
                           c->t[VIEW_COUNT], c->t[VIEW_POOLED], NULL);
}

static enum detcl_status multiply(struct chain *c, struct detcl_graph *product, enum view weights,
                                  enum view out)
{
    struct detcl_tensor *const in[] = {c->t[VIEW_POOLED_ROWS], c->t[weights]};
    return detcl_graph_run(product, in, &c->t[out], NULL);
}

static enum detcl_status decode(struct chain *c)
{
    const struct detcl_decode_deltas_params params = {.n_levels = 1};
    return detcl_decode_deltas(c->ctx, &params, c->t[VIEW_ROIS], &c->t[VIEW_ROI_LOGITS],
                               &c->t[VIEW_ROI_DELTAS], c->t[VIEW_BOXES], c->t[VIEW_CLASS_SCORES],
                               NULL);
}

static enum detcl_status suppress(struct chain *c, const struct detcl_sync *sync)
{
    const struct detcl_nms_params params = {.iou_threshold = 0.3f};
    return detcl_nms(c->ctx, &params, c->t[VIEW_BOXES], c->t[VIEW_SCORES], NULL, NULL,
                     c->t[VIEW_COUNT], c->t[VIEW_KEEP], c->t[VIEW_KEPT], sync);
}

enum detcl_status chain_enqueue(struct chain *c, const struct detcl_sync *first,
                                const struct detcl_sync *last)
{
    enum detcl_status s = propose(c, first);
    if (s == DETCL_OK)
        s = pool(c);
    if (s == DETCL_OK)
        s = multiply(c, c->to_logits, VIEW_LOGIT_WEIGHTS, VIEW_ROI_LOGIT_ROWS);
    if (s == DETCL_OK)
        s = multiply(c, c->to_deltas, VIEW_DELTA_WEIGHTS, VIEW_ROI_DELTA_ROWS);
    if (s == DETCL_OK)
        s = decode(c);
    return s == DETCL_OK ? suppress(c, last) : s;
}

void chain_destroy(struct chain *c)
{
    detcl_graph_destroy(&c->to_logits);
    detcl_graph_destroy(&c->to_deltas);
    for (int i = 0; i < VIEWS; i++)
        detcl_tensor_destroy(&c->t[i]);
    detcl_context_destroy(&c->ctx);
}

enum detcl_status chain_run_on_cpu(void *memory)
{
    const struct detcl_context_params params = {.device = "cpu"};
    struct chain c = {NULL};
    struct detcl_error error;
    enum detcl_status s = detcl_context_create(&params, &c.ctx, &error);
    if (s != DETCL_OK) {
        fprintf(stderr, "%s\n", error.text);
        return s;
    }
    for (int i = 0; i < VIEWS && s == DETCL_OK; i++)
        s = detcl_tensor_wrap_host(c.ctx, &views[i].desc, (char *)memory + views[i].offset,
                                   &c.t[i]);
    if (s == DETCL_OK)
        s = chain_create(&c);
    if (s == DETCL_OK)
        s = chain_enqueue(&c, NULL, NULL);
    if (s == DETCL_OK)
        s = detcl_context_finish(c.ctx);
    if (s != DETCL_OK)
        fprintf(stderr, "%s\n", detcl_context_error(c.ctx));
    chain_destroy(&c);
    return s;
}

/* `count` numbers of low..high from their places. */
static void strew(void *memory, size_t at, int count, uint32_t seed, float low, float high)
{
    for (int i = 0; i < count; i++) {
        uint32_t h = ((uint32_t)i + seed * 10007u) * 2654435761u;
        h = (h ^ h >> 15) * 2246822519u;
        const float v = low + (float)(h >> 16) / 65536 * (high - low);
        memcpy((char *)memory + at + (size_t)i * 4, &v, 4);
    }
}

void chain_fill_inputs(void *memory)
{
    for (int i = 0; i < ANCHORS; i++) {
        static const float half[CELL_ANCHORS] = {12, 20, 32};
        const int cell = i / CELL_ANCHORS;
        const float x = (float)(cell % GRID * 16 + 8), y = (float)(cell / GRID * 16 + 8);
        const float h = half[i % CELL_ANCHORS], anchor[4] = {x - h, y - h, x + h, y + h};
        memcpy((char *)memory + ANCHORS_AT + (size_t)i * sizeof anchor, anchor, sizeof anchor);
    }
    strew(memory, LOGITS_AT, ANCHORS, 1, -3, 3);
    strew(memory, DELTAS_AT, 4 * ANCHORS, 2, -0.3f, 0.3f);
    strew(memory, FEATURES_AT, CHANNELS * SIDE * SIDE, 3, -1, 1);
    strew(memory, LOGIT_WEIGHTS_AT, POOLED, 4, -1, 1);
    strew(memory, DELTA_WEIGHTS_AT, 4 * POOLED, 5, -0.2f, 0.2f);
}

int chain_good(const void *memory)
{
    static const int32_t expected[] = {6, 8, 1, 3, 0, 14, 12, 15, 9, 11, 4, 10, 13};
    static const float best[5] = {29.302595f, 36.444557f, 90.625107f, 94.484062f,
                                  0.90598f}; /* x1, y1, x2, y2, score */
    enum { KEPT = sizeof expected / sizeof *expected };
    int32_t keep[PROPOSALS], kept, count;
    float boxes[4 * PROPOSALS], scores[PROPOSALS];
    memcpy(&count, (const char *)memory + COUNT_AT, sizeof count);
    memcpy(boxes, (const char *)memory + BOXES_AT, sizeof boxes);
    memcpy(scores, (const char *)memory + SCORES_AT, sizeof scores);
    memcpy(keep, (const char *)memory + KEEP_AT, sizeof keep);
    memcpy(&kept, (const char *)memory + KEPT_AT, sizeof kept);
    printf("%d of %d proposals kept\n", kept, count);
    for (int i = 0; i < kept && i < PROPOSALS; i++) {
        const float *b = boxes + 4 * keep[i];
        printf("%3d  %.3f  %7.2f %7.2f %7.2f %7.2f\n", keep[i], (double)scores[keep[i]],
               (double)b[0], (double)b[1], (double)b[2], (double)b[3]);
    }
    int good = count == PROPOSALS && kept == KEPT && memcmp(keep, expected, sizeof expected) == 0;
    for (int i = 0; i < 4 && good; i++)
        good = fabsf(boxes[4 * keep[0] + i] - best[i]) < 1e-3f;
    return good && fabsf(scores[keep[0]] - best[4]) < 1e-5f;
}
