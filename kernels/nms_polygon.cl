/* Greedy non-maximum suppression of rotated boxes and polygons. Arrays are [rows, length] unless
 * said otherwise; counts [rows] or NULL (length each); prepared [rows * n_boxes, EDGES + edges *
 * EDGE_FLOATS].
 *
 * nms_polygon_keys: keys[i] of candidate i's score (order.cl's: descending), UINT_MAX for one that
 * must not be kept (NaN score or one not over the threshold, polygon not valid or not there);
 * class_keys[i] its class; flags[i] = 0. nms_polygon_gather: in the order given, the candidates'
 * polygons (-1: not to be kept) and classes. nms_polygon_greedy: work-group (tile, row) takes the
 * segments (runs of one class, best score first) that start in its `tile` positions; kept gets,
 * from a segment's start on, its kept polygons, and their flags become 1. A segment goes by:
 * candidates, TILE at a time, are tested against the kept ones, then among themselves in order.
 * That is exact, since one depends only on kept ones before it: O(kept * candidates) work,
 * O(candidates) memory, no waiting between groups. With one work-item a group (W = 1) a tile is the
 * 16 lanes of a vector; else nms_polygon_group.h. nms_polygon_keep: one group a row; the flagged
 * candidates in the given order, at most `most`. */
#include "trig.h"
#if W > 1
typedef float real;
typedef int mask;
#define ANY(m) (m)
#define POLYGON_B global const float *
#define reciprocal_of reciprocal
#else
typedef float16 real;
typedef int16 mask;
#define ANY(m) any(m)
#define POLYGON_B const real *
#define reciprocal_of wide_reciprocal
DEFINE_RECIPROCAL(float16, as_int16, as_float16, wide_reciprocal)
#endif
#define POLYGON_A global const float *
#include "polygon.h"
#include "scan.h"
#include "segments.h"

mask beyond(const real inter, const real both, const float threshold, const int or_equal)
{
    const real all = both - inter, limit = threshold * all;
    return (all > (real)0) & (or_equal ? inter >= limit : inter > limit);
}

/* True where kept polygon a suppresses b. Rounding keeps order, so a bounding box beyond the
 * threshold is needed for an intersection, which is not larger, to be. */
mask suppresses(POLYGON_A a, POLYGON_B b, const int edges, const float threshold,
                const int or_equal)
{
    const real box = polygon_common_box(a, b), both = a[AREA] + b[AREA];
    const mask wanted = (box >= both) | beyond(box, both, threshold, or_equal);
    if (!ANY(wanted))
        return wanted;
    const real inter = polygon_intersection(a, edges, b, edges, box, wanted);
    return wanted & beyond(inter, both, threshold, or_equal);
}

kernel void nms_polygon_keys(TENSOR(const float, prepared), TENSOR(const uint, scores),
                             TENSOR(const int, classes), TENSOR(const int, anchors),
                             TENSOR(const int, counts), TENSOR(uint, keys), TENSOR(int, class_keys),
                             TENSOR(int, flags), const int n_boxes, const int length,
                             const int edges, const int scored, const float score_threshold)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= length || i >= count_of(counts ? counts + counts_at : counts, row, length))
        return;
    const long at = (long)row * length + i;
    const int box = anchors ? anchors[anchors_at + at] : i;
    const uint bits = scores[scores_at + at], magnitude = bits & 0x7fffffffu;
    const uint u = magnitude == 0 ? 0 : bits;
    const long place = ((long)row * n_boxes + box) * (EDGES + edges * EDGE_FLOATS);
    const bool good = magnitude <= 0x7f800000u && (!scored || as_float(bits) > score_threshold) &&
                      box >= 0 && box < n_boxes && !isnan(prepared[prepared_at + place + AREA]);
    keys[keys_at + at] = !good ? UINT_MAX : u >> 31 ? u : ~(u | 0x80000000u);
    flags[flags_at + at] = 0;
    if (classes)
        class_keys[class_keys_at + at] = classes[classes_at + at];
}

kernel void nms_polygon_gather(TENSOR(const uint, keys), TENSOR(const int, classes),
                               TENSOR(const int, anchors), TENSOR(const int, counts),
                               TENSOR(const int, order), TENSOR(int, sorted),
                               TENSOR(int, sorted_classes), const int length)
{
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= length || i >= count_of(counts ? counts + counts_at : counts, row, length))
        return;
    const long at = (long)row * length;
    const int c = order[order_at + at + i];
    const bool good = keys[keys_at + at + c] != UINT_MAX;
    sorted[sorted_at + at + i] = !good ? -1 : anchors ? anchors[anchors_at + at + c] : c;
    if (classes)
        sorted_classes[sorted_classes_at + at + i] = classes[classes_at + at + c];
}

/* The first position in [low, high) without a polygon: candidates not to be kept come last. */
static int valid_end(global const int *sorted, int low, int high)
{
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (sorted[middle] == -1)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

#define GREEDY_ARGS                                                                                \
    TENSOR(const float, prepared), TENSOR(const int, sorted), TENSOR(const int, classes),          \
        TENSOR(const int, order), TENSOR(const int, counts), TENSOR(int, kept),                    \
        TENSOR(int, flags), const int n_boxes, const int length, const int edges, const int tile,  \
        const float threshold, const int or_equal, const int limit
/* Moves to the row and declares the bounds of this group: segments that start in [start, stop). */
#define GREEDY_OPEN                                                                                \
    const int row = (int)get_global_id(1), floats = EDGES + edges * EDGE_FLOATS;                   \
    const int count = count_of(counts ? counts + counts_at : counts, row, length);                 \
    const long at = (long)row * length;                                                            \
    prepared += prepared_at + (long)row * n_boxes * floats;                                        \
    sorted += sorted_at + at;                                                                      \
    order += order_at + at;                                                                        \
    kept += kept_at + at;                                                                          \
    flags += flags_at + at;                                                                        \
    if (classes)                                                                                   \
        classes += classes_at + at;                                                                \
    const int first = (int)get_group_id(0) * tile;                                                 \
    const int stop = (int)min((long)first + tile, (long)count);                                    \
    int start = first;                                                                             \
    if (first > 0 && first < stop)                                                                 \
    start = !classes                               ? stop                                          \
            : classes[first - 1] == classes[first] ? class_end(classes, first, count)              \
                                                   : first
#define POLYGON(k) (prepared + (long)(k)*floats)

#if W > 1
#include "nms_polygon_group.h"
#else
kernel void nms_polygon_greedy(GREEDY_ARGS)
{
    GREEDY_OPEN;
    real lanes[EDGES + 16 * EDGE_FLOATS];
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        const int end = valid_end(sorted, start, next);
        int total = 0;
        for (int b = start; b < end && total < limit; b += 16) {
            const int n = min(16, end - b);
            int gone_of[16];
            for (int c = 0; c < 16; c++) {
                gone_of[c] = c < n ? 0 : -1;
                global const float *p = POLYGON(sorted[b + (c < n ? c : 0)]);
                for (int k = 0; k < floats; k++)
                    ((float *)lanes)[16 * k + c] = p[k];
            }
            int16 gone = vload16(0, gone_of);
            for (int k = 0; k < total && !all(gone); k++)
                gone |= suppresses(POLYGON(kept[start + k]), lanes, edges, threshold, or_equal);
            for (int c = 0; c < n && total < limit; c++) {
                vstore16(gone, 0, gone_of);
                if (gone_of[c])
                    continue;
                const int box = sorted[b + c];
                kept[start + total++] = box;
                flags[order[b + c]] = 1;
                gone |= suppresses(POLYGON(box), lanes, edges, threshold, or_equal);
            }
        }
        start = next;
    }
}
#endif

#define KEEP nms_polygon_keep
#include "nms_keep.h"
