/* Boxes to deltas and back; codes and formulas in host/ops/box_deltas.h. anchors: [rows, 4] or one set of `m` for
 * every image; variances [m, 4] or NULL. Mapping: one work-item a box; the bound is n. Deltas of one row are
 * `classes` boxes. */
#include "deltas.h"

/* The factor that deltas k of anchor `at` are divided by when encoded. */
static float unit_of(global const float *weights, global const float *variances, const int at, const int k)
{
    const float unit = 1.0f / weights[k];
    return variances ? unit * variances[4 * (long)at + k] : unit;
}

#define DELTA_ARGS                                                                                 \
    TENSOR(const float, x), TENSOR(const float, anchors), TENSOR(const float, variances),          \
        TENSOR(const float, weights), TENSOR(float, y), const int n, const int m,                  \
        const int classes, const int shared_anchors, const int code
/* Declares the work-item's number i and its anchor's number in an image, and moves to them. */
#define DELTA_OPEN                                                                                 \
    const int i = (int)get_global_id(0);                                                           \
    if (i >= n)                                                                                    \
        return;                                                                                    \
    const int row = i / classes, at = modulo(row, m);                                              \
    x += x_at + 4 * (long)i;                                                                       \
    y += y_at + 4 * (long)i;                                                                       \
    anchors += anchors_at + 4 * (long)(shared_anchors ? at : row);                                 \
    weights += weights_at;                                                                         \
    variances += variances_at /* a null buffer comes with 0 */

kernel void box_encode_f32(DELTA_ARGS)
{
    DELTA_OPEN;
    for (int k = 0; k < 2; k++) {
        const float low = anchors[k], extent = anchors[2 + k] - low;
        float first, second;
        if (code == 0) {
            const float size = x[2 + k] - x[k];
            first = (x[k] + 0.5f * size - (low + 0.5f * extent)) / extent;
            second = log(size / extent);
        } else {
            const float scale = code == 2 ? extent : 1.0f;
            first = (x[k] - low) / scale;
            second = (x[2 + k] - anchors[2 + k]) / scale;
        }
        y[k] = first / unit_of(weights, variances, at, k);
        y[2 + k] = second / unit_of(weights, variances, at, 2 + k);
    }
}

kernel void box_decode_f32(DELTA_ARGS, const float limit)
{
    DELTA_OPEN;
    for (int k = 0; k < 2; k++) {
        const float low = anchors[k], extent = anchors[2 + k] - low;
        const float first = x[k] * unit_of(weights, variances, at, k);
        const float second = x[2 + k] * unit_of(weights, variances, at, 2 + k);
        if (code == 0) {
            float centre, size;
            from_deltas(low + 0.5f * extent, extent, first, second, limit, &centre, &size);
            y[k] = centre - 0.5f * size;
            y[2 + k] = centre + 0.5f * size;
        } else {
            const float scale = code == 2 ? extent : 1.0f;
            y[k] = low + first * scale;
            y[2 + k] = anchors[2 + k] + second * scale;
        }
    }
}
