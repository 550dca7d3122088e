/* rows[n, 0] = (number of detections, number of candidates, 0 ...); rows[n, 1 + i] = x1, y1, x2,
 * y2, score, class of the i-th kept candidate, in pixels of the image and clipped to it; zeros past
 * the last. frame: N frames of `capacity` bytes; a box coordinate maps back by image = (network -
 * pad) * scale. boxes [N, anchors, 4]; scores, classes, anchor_of, keep [N, candidates]; count,
 * kept [N]. Mapping: id 0 = row (bound `rows` = 1 + maximum), id 1 = image. */
#include "frame.h"

static float mapped(const float v, const int pad, const float scale, const int extent)
{
    return fmin(fmax((v - (float)pad) * scale, 0.0f), (float)extent);
}

KERNEL void CHAINED(detections)(TENSOR(const uchar, frame), TENSOR(const float, boxes),
                                TENSOR(const float, scores), TENSOR(const int, classes),
                                TENSOR(const int, anchor_of), TENSOR(const int, count),
                                TENSOR(const int, keep), TENSOR(const int, kept),
                                TENSOR(float, out), const int capacity, const int anchors,
                                const int candidates, const int rows PLACED)
{
    OPEN(frame);
    OPEN(boxes);
    OPEN(scores);
    OPEN(classes);
    OPEN(anchor_of);
    OPEN(count);
    OPEN(keep);
    OPEN(kept);
    OPEN(out);
    const int row = ID(0), n = ID(1);
    if (row >= rows)
        return;
    frame += (long)n * capacity;
    out += ((long)n * rows + row) * 6;
    for (int i = 0; i < 6; i++)
        out[i] = 0.0f;
    struct frame h;
    read_header(frame, &h);
    const int total = valid(&h, capacity) ? min(kept[n], rows - 1) : 0;
    if (row == 0) {
        out[0] = (float)total;
        out[1] = (float)count[n];
        return;
    }
    if (row > total)
        return;
    const int at = n * candidates + keep[n * candidates + row - 1];
    global const float *box = boxes + ((long)n * anchors + anchor_of[at]) * 4;
    out[0] = mapped(box[0], h.pad_x, h.scale_x, h.width);
    out[1] = mapped(box[1], h.pad_y, h.scale_y, h.height);
    out[2] = mapped(box[2], h.pad_x, h.scale_x, h.width);
    out[3] = mapped(box[3], h.pad_y, h.scale_y, h.height);
    out[4] = scores[at];
    out[5] = (float)classes[at];
}
