/* nms_greedy for one work-item a group (see nms.cl): candidates one by one. A segment of less than
 * GRID_LEAST, or with a threshold below GRID_THRESHOLD, tests 16 kept boxes at a time. They lie in
 * kept_boxes as blocks of 64 floats, 16 of each coordinate, from the segment's start on; the last,
 * unfinished block is a private copy whose free lanes hold NaN, which suppress nothing, because a
 * block may only be stored whole. Longer segments look kept boxes up in a grid. */
#include "any.h"
DEFINE_OVERLAP(float16, int16, wide)
#include "nms_grid.h"

#define GRID_LEAST 256

int suppressed(const float *p, const float area, const float16 x1, const float16 y1,
               const float16 x2, const float16 y2, const float threshold, const int or_equal,
               const float one)
{
    const float16 inter =
        wide_inter((float16)p[0], (float16)p[1], (float16)p[2], (float16)p[3], x1, y1, x2, y2, one);
    const float16 both = wide_area(x1, y1, x2, y2, one) + (float16)area;
    return any16(wide_suppress(inter, both, threshold, or_equal));
}

kernel void nms_greedy(GREEDY_ARGS)
{
    GREEDY_OPEN;
    grid += grid_at + 2 * at;
    const int16 lanes = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        const int end = valid_end(boxes, start, next);
        global float *blocks = kept_boxes + kept_boxes_at + 4 * (at + start);
        int total = 0;
        if (end - start >= GRID_LEAST && threshold >= GRID_THRESHOLD) {
            const struct grid g = {boxes + 4 * (long)start,
                                   (global int *)blocks,
                                   grid + 2 * start,
                                   grid + start + end,
                                   end - start,
                                   or_equal,
                                   threshold,
                                   one};
            total = grid_greedy(&g, order + start, flags, kept + start, limit);
            if (!classes)
                row_kept[row_kept_at + row] = total;
            start = next;
            continue;
        }
        float16 last[4];
        for (int k = 0; k < 4; k++)
            last[k] = NAN;
        for (int i = start; i < end && total < limit; i++) {
            float p[4];
            for (int k = 0; k < 4; k++)
                p[k] = boxes[4 * (long)i + k];
            const float area = box_area(p[0], p[1], p[2], p[3], one);
            int gone =
                suppressed(p, area, last[0], last[1], last[2], last[3], threshold, or_equal, one);
            for (int b = 0; b < total / 16 && !gone; b++) {
                global const float *x = blocks + 64 * (long)b;
                gone = suppressed(p, area, vload16(0, x), vload16(1, x), vload16(2, x),
                                  vload16(3, x), threshold, or_equal, one);
            }
            if (gone)
                continue;
            kept[start + total] = order[i];
            flags[order[i]] = 1;
            const int16 here = lanes == (int16)(total % 16);
            for (int k = 0; k < 4; k++)
                last[k] = here ? (float16)p[k] : last[k];
            if (++total % 16)
                continue;
            for (int k = 0; k < 4; k++) {
                vstore16(last[k], k, blocks + 4 * (long)(total - 16));
                last[k] = NAN;
            }
        }
        if (!classes)
            row_kept[row_kept_at + row] = total;
        start = next;
    }
}
