/* Heads to boxes [N, rows, 4] (x1, y1, x2, y2), scores [N, rows, classes] and points [N, rows,
 * points]; formulas and codes in host/ops/decode.h. A launch covers one level: its anchors * cells
 * rows start at row `first`. Boxes have the same bits on every device: suppression decides on them.
 * Mapping: boxes, softmax and scores_rows one work-item a row, scores and points one a number,
 * scores_columns 16 rows; the bounds are anchors * cells and classes or points. */
#include "deltas.h"
#include "field.h"

static float sigmoid(const float x)
{
    return 1.0f / (1.0f + exp(-x));
}

enum {
    XYXY,
    CXCYWH,
    XYWH,
    PRIOR,
    EXP,
    SIGMOID_EXP,
    SIGMOID_SQUARE,
    CELL_SIZE,
    CELL_SQUARE,
    DISTANCE,
    DFL
};

/* The mean bin number of a softmax over n numbers. */
static float expected_bin(global const float *x, const int channel, const int n)
{
    float top = -INFINITY, sum = 0, mean = 0;
    for (int j = 0; j < n; j++)
        top = fmax(top, x[(long)j * channel]);
    for (int j = 0; j < n; j++) {
        const float e = exact_exp(x[(long)j * channel] - top);
        sum += e;
        mean += (float)j * e;
    }
    return exact_divide(mean, sum);
}

KERNEL void CHAINED(decode_boxes_f32)(FIELD(box), TENSOR(const float, table), TENSOR(float, boxes),
                                      const int anchors, const int cells, const int first,
                                      const int rows, const int columns, const int code,
                                      const int swap, const int bins, const float stride_x,
                                      const float stride_y, const float scale_x,
                                      const float scale_y, const float parameter0,
                                      const float parameter1, const int corner_priors,
                                      const float max_log_size PLACED)
{
    OPEN(boxes);
    const int i = ID(0), n = ID(1);
    if (i >= anchors * cells)
        return;
    SEEK(box);
    float b[4];
    for (int k = 0; k < 4; k++) {
        const long from = swap ? k ^ 1 : k;
        b[k] = code == DFL ? expected_bin(box + from * bins * box_channel, box_channel, bins)
                           : box[from * box_channel];
    }
    float x = 0, y = 0, cx = 0, cy = 0, w = 0, h = 0;
    if (code != XYXY && code != XYWH && code != CXCYWH && code != PRIOR) {
        const int cell = i - anchor_of(i, cells) * cells;
        x = (float)modulo(cell, columns);
        y = (float)(cell / columns);
    }
    boxes += 4 * ((long)n * rows + first + i);
    if (code == XYXY || code == XYWH) {
        boxes[0] = b[0] * scale_x;
        boxes[1] = b[1] * scale_y;
        boxes[2] = (code == XYWH ? b[0] + b[2] : b[2]) * scale_x;
        boxes[3] = (code == XYWH ? b[1] + b[3] : b[3]) * scale_y;
        return;
    }
    if (code >= DISTANCE) {
        cx = (x + parameter0) * stride_x;
        cy = (y + parameter0) * stride_y;
        boxes[0] = cx - b[0] * parameter1;
        boxes[1] = cy - b[1] * parameter1;
        boxes[2] = cx + b[2] * parameter1;
        boxes[3] = cy + b[3] * parameter1;
        return;
    }
    if (code == CXCYWH) {
        cx = b[0] * scale_x;
        cy = b[1] * scale_y;
        w = b[2] * scale_x;
        h = b[3] * scale_y;
    } else if (code == PRIOR) {
        table += table_at + 4 * (long)(first + i);
        float centre[2], size[2];
        for (int k = 0; k < 2; k++) {
            const float low = table[k ^ swap], high = table[2 + (k ^ swap)];
            const float extent = corner_priors ? high - low : high;
            const float middle = corner_priors ? low + 0.5f * extent : low;
            from_deltas(middle, extent, b[k] * parameter0, b[2 + k] * parameter1, max_log_size,
                        &centre[k], &size[k]);
        }
        cx = centre[0] * scale_x;
        cy = centre[1] * scale_y;
        w = size[0] * scale_x;
        h = size[1] * scale_y;
    } else if (code == EXP) {
        cx = (x + b[0]) * stride_x;
        cy = (y + b[1]) * stride_y;
        w = exact_exp(b[2]) * stride_x;
        h = exact_exp(b[3]) * stride_y;
    } else if (code == CELL_SIZE || code == CELL_SQUARE) {
        cx = (x + b[0]) * stride_x;
        cy = (y + b[1]) * stride_y;
        w = (code == CELL_SQUARE ? b[2] * b[2] : b[2]) * scale_x;
        h = (code == CELL_SQUARE ? b[3] * b[3] : b[3]) * scale_y;
    } else {
        table += table_at + 2 * anchor_of(i, cells);
        const float shift = 0.5f * (parameter0 - 1.0f);
        const float u = 2.0f * exact_sigmoid(b[2]), v = 2.0f * exact_sigmoid(b[3]);
        cx = (x + parameter0 * exact_sigmoid(b[0]) - shift) * stride_x;
        cy = (y + parameter0 * exact_sigmoid(b[1]) - shift) * stride_y;
        w = (code == SIGMOID_EXP ? exact_exp(b[2]) : u * u) * table[0];
        h = (code == SIGMOID_EXP ? exact_exp(b[3]) : v * v) * table[1];
    }
    boxes[0] = cx - 0.5f * w;
    boxes[1] = cy - 0.5f * h;
    boxes[2] = cx + 0.5f * w;
    boxes[3] = cy + 0.5f * h;
}

/* object_code < 0: the head has no objectness. */
static float combine(const float s, const float o, const int object_code, const int root)
{
    const float v = s * (object_code == 1 ? sigmoid(o) : o);
    return root ? sqrt(v) : v;
}

#define SCORES_ARGS                                                                                \
    FIELD(cls), FIELD(object), TENSOR(float, scores), const int anchors, const int cells,          \
        const int first, const int rows, const int classes, const int cls_code,                    \
        const int object_code, const int root
/* Moves to the numbers and the scores of row i of image n; o is its objectness as given. */
#define OPEN_ROW                                                                                   \
    SEEK(cls);                                                                                     \
    float o = 1;                                                                                   \
    if (object_code >= 0) {                                                                        \
        SEEK(object);                                                                              \
        o = object[0];                                                                             \
    }                                                                                              \
    scores += ((long)n * rows + first + i) * classes

KERNEL void CHAINED(decode_scores_f32)(SCORES_ARGS PLACED)
{
    OPEN(scores);
    const int c = ID(0), i = ID(1), n = ID(2);
    if (c >= classes || i >= anchors * cells)
        return;
    SEEK(cls);
    float o = 1;
    if (object_code >= 0) {
        SEEK(object);
        o = object[0];
    }
    const float x = cls[(long)c * cls_channel];
    scores[((long)n * rows + first + i) * classes + c] =
        combine(cls_code == 1 ? sigmoid(x) : x, o, object_code, root);
}

KERNEL void CHAINED(decode_softmax_f32)(SCORES_ARGS PLACED)
{
    OPEN(scores);
    const int i = ID(0), n = ID(1);
    if (i >= anchors * cells)
        return;
    OPEN_ROW;
    float top = -INFINITY, sum = 0;
    for (int c = 0; c < classes; c++)
        top = fmax(top, cls[(long)c * cls_channel]);
    for (int c = 0; c < classes; c++)
        sum += exp(cls[(long)c * cls_channel] - top);
    for (int c = 0; c < classes; c++)
        scores[c] = combine(exp(cls[(long)c * cls_channel] - top) / sum, o, object_code, root);
}

#ifdef SIMD
#include "decode_vector.h"

#include "decode_boxes_vector.h"
#endif

KERNEL void CHAINED(decode_points_f32)(FIELD(x), TENSOR(float, points), const int anchors,
                                       const int cells, const int first, const int rows,
                                       const int columns, const int count, const float stride_x,
                                       const float stride_y PLACED)
{
    OPEN(points);
    const int k = ID(0), i = ID(1), n = ID(2);
    if (k >= count || i >= anchors * cells)
        return;
    SEEK(x);
    const float cell = (float)(k & 1 ? i % cells / columns : i % cells % columns);
    points[((long)n * rows + first + i) * count + k] =
        (cell + x[(long)k * x_channel]) * (k & 1 ? stride_y : stride_x);
}
