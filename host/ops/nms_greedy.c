#include "core/simd.h"
#include "ops/nms_grid.h"
#include "ops/scan.h"

#include <math.h>
#include <string.h>

int64_t dcl_nms_limit(int64_t value)
{
    return value > 0 && value < INT32_MAX ? value : INT32_MAX;
}

#define LANES 16

/* Kept boxes side by side, as loops over them vectorise. */
struct block {
    float x1[LANES], y1[LANES], x2[LANES], y2[LANES], area[LANES];
};

static inline bool block_suppresses(const struct dcl_nms_rule *rule, const float *box, float area,
                                    const struct block *b)
{
    int hit = 0;
    for (int k = 0; k < LANES; k++) {
        const float other[] = {b->x1[k], b->y1[k], b->x2[k], b->y2[k]};
        hit |= dcl_nms_suppresses(rule, box, area, other, b->area[k]);
    }
    return hit;
}

DCL_VECTORISED static bool kept_suppress(const struct dcl_nms_rule *rule, const float *box,
                                         float area, const struct block *last,
                                         const struct block *blocks, int64_t n)
{
    const struct dcl_nms_rule own = *rule;
    bool gone = block_suppresses(&own, box, area, last);
    for (int64_t i = 0; i < n && !gone; i++)
        gone = block_suppresses(&own, box, area, blocks + i);
    return gone;
}

/* Boxes without a union suppress nothing. */
static void clear_block(struct block *b)
{
    *b = (struct block){{0}, {0}, {0}, {0}, {0}};
    for (int k = 0; k < LANES; k++)
        b->area[k] = -INFINITY;
}

/* Every kept box is tested. */
static int64_t greedy_segment(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row,
                              int64_t start, int64_t end)
{
    struct block *blocks = row->scratch, last;
    int64_t kept = 0;
    clear_block(&last);
    for (int64_t i = start; i < end && kept < rule->limit; i++) {
        const float *box = row->boxes + 4 * i;
        const float area = dcl_nms_area(rule, box);
        if (kept_suppress(rule, box, area, &last, blocks, kept / LANES))
            continue;
        const int64_t k = kept++ % LANES;
        last.x1[k] = box[0];
        last.y1[k] = box[1];
        last.x2[k] = box[2];
        last.y2[k] = box[3];
        last.area[k] = area;
        row->flags[row->order[i]] = 1;
        if (k < LANES - 1)
            continue;
        blocks[kept / LANES - 1] = last;
        clear_block(&last);
    }
    return kept;
}

int64_t dcl_nms_greedy(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row)
{
    int64_t kept = 0, end;
    for (int64_t start = 0; start < row->count; start = end) {
        end = row->classes ? start + 1 : row->count;
        while (end < row->count && row->classes[end] == row->classes[start])
            end++;
        int64_t there = end; /* what must not be kept comes last */
        while (there > start && isnan(row->boxes[4 * (there - 1)]))
            there--;
        const bool grid =
            there - start >= DCL_NMS_GRID_LEAST && rule->threshold >= DCL_NMS_GRID_THRESHOLD;
        kept += (grid ? dcl_nms_grid : greedy_segment)(rule, row, start, there);
    }
    return kept;
}

const char *dcl_nms_options(const struct dcl_recorder *r)
{
    static const char *const options[] = {"-DW=1",  "-DW=2",  "-DW=4",   "-DW=8",  "-DW=16",
                                          "-DW=32", "-DW=64", "-DW=128", "-DW=256"};
    int i = 0;
    while (1 << i < dcl_scan_width(dcl_limits(r)))
        i++;
    return options[i];
}

void dcl_nms_rule_data(const struct dcl_nms_rule *rule, int32_t *data)
{
    const float one = rule->boundary == DCL_BOUNDARY_LEGACY ? 1.0f : 0.0f;
    data[0] = (int32_t)rule->limit;
    memcpy(&data[1], &rule->threshold, 4);
    data[2] = rule->boundary == DCL_BOUNDARY_GREATER_EQUAL;
    memcpy(&data[3], &one, 4);
    memcpy(&data[4], &rule->score_threshold, 4);
}

/* Working arrays, [rows, length] each. */
struct arrays {
    const struct dcl_value *keys, *class_keys, *by_class;
    const struct dcl_value *sorted_boxes, *sorted_classes;
};

static struct dcl_launch *candidate_launch(struct dcl_recorder *r, const struct dcl_nms *n,
                                           const char *kernel)
{
    struct dcl_launch *l = dcl_launch(r, "nms", dcl_nms_options(r), kernel);
    dcl_arg_value(l, n->boxes);
    return l;
}

/* The last argument, and the grid. Most of the capacity is usually empty: on processors a work-item
 * skips 64 candidates at once. */
static enum detcl_status grid_candidates(struct dcl_recorder *r, const struct dcl_nms *n,
                                         struct dcl_launch *l)
{
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const int64_t share = simd ? 64 : 1;
    dcl_arg_int(l, share);
    return dcl_grid(l, 2, (size_t[]){(size_t)((n->length + share - 1) / share), (size_t)n->rows},
                    simd ? (size_t[]){1, 1} : NULL);
}

static enum detcl_status record_keys(struct dcl_recorder *r, const struct dcl_nms *n,
                                     const struct arrays *v)
{
    struct dcl_launch *l = candidate_launch(r, n, "nms_keys");
    dcl_arg_value(l, n->scores);
    dcl_arg_value(l, n->classes);
    dcl_arg_value(l, n->anchors);
    dcl_arg_value(l, n->count);
    dcl_arg_value(l, n->rule);
    dcl_arg_value(l, v->keys);
    dcl_arg_value(l, v->class_keys);
    dcl_arg_value(l, n->flags);
    dcl_arg_int(l, n->n_boxes);
    dcl_arg_int(l, n->length);
    dcl_arg_int(l, n->per_image);
    return grid_candidates(r, n, l);
}

/* By score, then, stably, by class: segments of one class, each by score. */
static enum detcl_status record_orders(struct dcl_recorder *r, const struct dcl_nms *n,
                                       const struct arrays *v)
{
    const int64_t size = n->rows * n->length;
    struct dcl_order order = {
        .keys = v->keys,
        .count = n->count,
        .out = n->by_score,
        .spare = {dcl_workspace(r, DETCL_I64, size), dcl_workspace(r, DETCL_I64, size)},
        .segments = n->rows,
        .length = n->length};
    const enum detcl_status status = dcl_order_record(r, &order);
    if (status != DETCL_OK || !n->classes)
        return status;
    order.keys = v->class_keys;
    order.in = n->by_score;
    order.out = v->by_class;
    return dcl_order_record(r, &order);
}

static enum detcl_status record_gather(struct dcl_recorder *r, const struct dcl_nms *n,
                                       const struct arrays *v)
{
    struct dcl_launch *l = candidate_launch(r, n, "nms_gather");
    dcl_arg_value(l, v->keys);
    dcl_arg_value(l, n->classes);
    dcl_arg_value(l, n->anchors);
    dcl_arg_value(l, n->count);
    dcl_arg_value(l, v->by_class);
    dcl_arg_value(l, v->sorted_boxes);
    dcl_arg_value(l, v->sorted_classes);
    dcl_arg_int(l, n->n_boxes);
    dcl_arg_int(l, n->length);
    dcl_arg_int(l, n->per_image);
    dcl_arg_int(l, n->form);
    return grid_candidates(r, n, l);
}

static enum detcl_status record_greedy(struct dcl_recorder *r, const struct dcl_nms *n,
                                       const struct arrays *v)
{
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    /* Without classes a row is one segment: one group. Else enough tiles to spread the classes. */
    int64_t tile = n->classes ? 64 : n->length;
    while (n->classes && tile * 1024 < n->length)
        tile *= 2;
    const size_t tiles = n->length ? (size_t)((n->length + tile - 1) / tile) : 0;
    struct dcl_launch *l = dcl_launch(r, "nms", dcl_nms_options(r), "nms_greedy");
    dcl_arg_value(l, v->sorted_boxes);
    dcl_arg_value(l, v->sorted_classes);
    dcl_arg_value(l, v->by_class);
    dcl_arg_value(l, n->count);
    dcl_arg_value(l, dcl_workspace(r, DETCL_F32, 4 * n->rows * n->length));
    dcl_arg_value(l, n->kept);
    dcl_arg_value(l, n->flags);
    dcl_arg_value(l, n->row_kept);
    dcl_arg_value(l, n->rule);
    dcl_arg_value(l, width == 1 ? dcl_workspace(r, DETCL_I32, 2 * n->rows * n->length) : NULL);
    dcl_arg_int(l, n->length);
    dcl_arg_int(l, tile);
    return dcl_grid(l, 2, (size_t[]){tiles * width, (size_t)n->rows}, (size_t[]){width, 1});
}

enum detcl_status dcl_nms_record(struct dcl_recorder *r, struct dcl_nms *n)
{
    const int64_t size = n->rows * n->length;
    struct arrays v = {.keys = dcl_workspace(r, DETCL_I32, size),
                       .sorted_boxes = dcl_workspace(r, DETCL_F32, 4 * size)};
    n->by_score = dcl_workspace(r, DETCL_I32, size);
    n->flags = dcl_workspace(r, DETCL_I32, size);
    n->kept = dcl_workspace(r, DETCL_I32, size);
    n->row_kept = dcl_workspace(r, DETCL_I32, n->rows);
    v.by_class = n->by_score;
    if (n->classes) {
        v.class_keys = dcl_workspace(r, DETCL_I32, size);
        v.by_class = dcl_workspace(r, DETCL_I32, size);
        v.sorted_classes = dcl_workspace(r, DETCL_I32, size);
    }
    enum detcl_status status = record_keys(r, n, &v);
    if (status == DETCL_OK)
        status = record_orders(r, n, &v);
    if (status == DETCL_OK)
        status = record_gather(r, n, &v);
    return status == DETCL_OK ? record_greedy(r, n, &v) : status;
}
