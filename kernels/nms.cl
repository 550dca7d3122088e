/* Greedy non-maximum suppression over rows of candidates, for nms and non_max_suppression.
 * Arrays are [rows, length] unless said otherwise; counts [rows] or NULL (length each). `per_image`
 * rows share the boxes of an image; nms_keys and nms_gather take `share` candidates a work-item.
 * rule: the RULE_ numbers below, floats as their bits.
 *
 * nms_keys: keys[i] of candidate i's score (order.cl's: descending), UINT_MAX for one that must not
 * be kept (NaN score or one not over RULE_SCORE, box not finite or not there); class_keys[i] its
 * class; flags[i] = 0. nms_gather: boxes and classes in the order given; a candidate not to be kept
 * gets a NaN box. form: 0 x1, y1, x2, y2; 1 two opposite corners; 2 centre and size. nms_greedy:
 * work-group (tile, row) takes the segments (runs of one class, best score first) that start in its
 * `tile` positions; kept [rows, length] gets, from a segment's start on, its kept candidates, and
 * their flags become 1. nms_group.h has it for groups of W work-items, nms_vector.h for one.
 * nms_keep: one group a row; the flagged candidates in the given order, at most `most`. */
#include "finite.h"
#include "overlap.h"
#include "scan.h"
#include "segments.h"
DEFINE_OVERLAP(float, int, box)

enum { RULE_LIMIT, RULE_THRESHOLD, RULE_OR_EQUAL, RULE_ONE, RULE_SCORE }; /* dcl_nms_rule_data */

KERNEL void CHAINED(nms_keys)(TENSOR(const float, boxes), TENSOR(const uint, scores),
                              TENSOR(const int, classes), TENSOR(const int, anchors),
                              TENSOR(const int, counts), TENSOR(const int, rule),
                              TENSOR(uint, keys), TENSOR(int, class_keys), TENSOR(int, flags),
                              const int n_boxes, const int length, const int per_image,
                              const int share PLACED)
{
    const int row = ID(1), first = ID(0) * share;
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long image = row / per_image;
    for (int i = first; i < min(first + share, count); i++) {
        const long at = (long)row * length + i;
        const int anchor = anchors ? anchors[anchors_at + at] : i;
        const uint bits = scores[scores_at + at], magnitude = bits & 0x7fffffffu;
        const uint u = magnitude == 0 ? 0 : bits;
        const bool good = magnitude <= 0x7f800000u &&
                          !(as_float(bits) <= as_float(rule[rule_at + RULE_SCORE])) &&
                          anchor >= 0 && anchor < n_boxes &&
                          finite4(vload4(image * n_boxes + anchor, boxes + boxes_at));
        keys[keys_at + at] = !good ? UINT_MAX : u >> 31 ? u : ~(u | 0x80000000u);
        flags[flags_at + at] = 0;
        if (classes)
            class_keys[class_keys_at + at] = classes[classes_at + at];
    }
}

KERNEL void CHAINED(nms_gather)(TENSOR(const float, boxes), TENSOR(const uint, keys),
                                TENSOR(const int, classes), TENSOR(const int, anchors),
                                TENSOR(const int, counts), TENSOR(const int, order),
                                TENSOR(float, sorted), TENSOR(int, sorted_classes),
                                const int n_boxes, const int length, const int per_image,
                                const int form, const int share PLACED)
{
    const int row = ID(1), first = ID(0) * share;
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length, image = row / per_image;
    for (int i = first; i < min(first + share, count); i++) {
        const int c = order[order_at + at + i];
        global float *to = sorted + sorted_at + 4 * (at + i);
        if (classes)
            sorted_classes[sorted_classes_at + at + i] = classes[classes_at + at + c];
        const bool good = keys[keys_at + at + c] != UINT_MAX;
        const int anchor = !good ? 0 : anchors ? anchors[anchors_at + at + c] : c;
        global const float *box = boxes + boxes_at + 4 * (image * n_boxes + anchor);
        for (int k = 0; k < 2; k++) {
            const float a = good ? box[k] : NAN, b = good ? box[k + 2] : NAN;
            to[k] = form == 2 ? a - b * 0.5f : form == 1 && b < a ? b : a;
            to[k + 2] = form == 2 ? a + b * 0.5f : form == 1 && b < a ? a : b;
        }
    }
}

/* The first position in [low, high) without a box: candidates not to be kept come last. */
static int valid_end(global const float *boxes, int low, int high)
{
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (isnan(boxes[4 * (long)middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

#define GREEDY_ARGS                                                                                \
    TENSOR(const float, boxes), TENSOR(const int, classes), TENSOR(const int, order),              \
        TENSOR(const int, counts), TENSOR(float, kept_boxes), TENSOR(int, kept),                   \
        TENSOR(int, flags), TENSOR(int, row_kept), TENSOR(const int, rule), TENSOR(int, grid),     \
        const int length, const int tile
/* Moves to the row and declares the bounds of this group: segments that start in [start, stop). */
#define GREEDY_OPEN                                                                                \
    OPEN(rule);                                                                                    \
    const int limit = rule[RULE_LIMIT], or_equal = rule[RULE_OR_EQUAL];                            \
    const float threshold = as_float(rule[RULE_THRESHOLD]), one = as_float(rule[RULE_ONE]);        \
    const int row = ID(1);                                                                         \
    const int count = count_of(counts ? counts + counts_at : counts, row, length);                 \
    const long at = (long)row * length;                                                            \
    boxes += boxes_at + 4 * at;                                                                    \
    order += order_at + at;                                                                        \
    flags += flags_at + at;                                                                        \
    kept += kept_at + at;                                                                          \
    if (classes)                                                                                   \
        classes += classes_at + at;                                                                \
    const int stop = (int)min((long)(GROUP_ID(0) + 1) * tile, (long)count);                        \
    int start = first_start(classes, GROUP_ID(0) * tile, stop, count)

#if W > 1
#include "nms_group.h"
#else
#include "nms_vector.h"
#endif

#define KEEP CHAINED(nms_keep)
#include "nms_keep.h"
