/* nms_greedy for one work-item a group (see nms.cl): candidates one by one. A segment of less than
 * GRID_LEAST, or with a threshold below GRID_THRESHOLD, tests 16 kept boxes at a time. They lie in
 * kept_boxes as blocks of 64 floats, 16 of each coordinate, from the segment's start on; the last,
 * unfinished one is private, because a block may only be stored whole. Longer segments look kept
 * boxes up in a grid. */
#include "any.h"
DEFINE_OVERLAP(float16, int16, wide)
#include "nms_grid.h"

#define GRID_LEAST 4096

/* Does one of the boxes b that are there suppress p? */
static int suppressed(const float4 p, const float area, const float16 *b, const int16 there,
                      const float threshold, const int or_equal, const float one)
{
    const float16 inter = wide_inter((float16)p.x, (float16)p.y, (float16)p.z, (float16)p.w, b[0],
                                     b[1], b[2], b[3], one);
    const float16 both = wide_area(b[0], b[1], b[2], b[3], one) + (float16)area;
    return any16(wide_suppress(inter, both, threshold, or_equal) & there);
}

KERNEL void CHAINED(nms_greedy)(GREEDY_ARGS PLACED)
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
            last[k] = 0;
        for (int i = start; i < end && total < limit; i++) {
            const float4 p = vload4(i, boxes);
            const float coordinates[] = {p.x, p.y, p.z, p.w};
            const float area = box_area(p.x, p.y, p.z, p.w, one);
            const int16 before = lanes < (int16)(total % 16);
            int gone = suppressed(p, area, last, before, threshold, or_equal, one);
            for (int b = 0; b < total / 16 && !gone; b++) {
                global const float *x = blocks + 64 * (long)b;
                const float16 block[] = {vload16(0, x), vload16(1, x), vload16(2, x),
                                         vload16(3, x)};
                gone = suppressed(p, area, block, (int16)(-1), threshold, or_equal, one);
            }
            if (gone)
                continue;
            kept[start + total] = order[i];
            flags[order[i]] = 1;
            const int16 here = lanes == (int16)(total % 16);
            for (int k = 0; k < 4; k++)
                last[k] = here ? (float16)coordinates[k] : last[k];
            if (++total % 16)
                continue;
            for (int k = 0; k < 4; k++)
                vstore16(last[k], k, blocks + 4 * (long)(total - 16));
        }
        if (!classes)
            row_kept[row_kept_at + row] = total;
        start = next;
    }
}
