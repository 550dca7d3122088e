/* Overlap of two boxes, x1, y1, x2, y2; kinds and formulas in host/ops/iou.h. DEFINE_IOU(V, M,
 * name) makes, for V = float and M = int or a vector of them: struct name: boxes with what depends
 * on one box only; `nan` is 0, or NaN where a coordinate is NaN name_make(kind, x1, y1, x2, y2)
 *   name_iou(kind, crowd, a, b): crowd is true where b is a crowd */
#include "overlap.h"
#define DEFINE_IOU(V, M, name)                                                                     \
    DEFINE_OVERLAP(V, M, name)                                                                     \
    struct name {                                                                                  \
        V x1, y1, x2, y2, area, angle, nan;                                                        \
    };                                                                                             \
    struct name name##_make(const int kind, const V x1, const V y1, const V x2, const V y2)        \
    {                                                                                              \
        struct name b = {x1, y1, x2, y2, name##_area(x1, y1, x2, y2, 0), (V)0, (V)0};              \
        b.nan = ((x1 != x1) | (y1 != y1) | (x2 != x2) | (y2 != y2)) ? (V)NAN : (V)0;               \
        if (kind == 4)                                                                             \
            b.angle = atan2(x2 - x1, y2 - y1);                                                     \
        return b;                                                                                  \
    }                                                                                              \
    static V name##_squared(const V x)                                                             \
    {                                                                                              \
        return x * x;                                                                              \
    }                                                                                              \
    static V name##_iou(const int kind, const M crowd, const struct name *a, const struct name *b) \
    {                                                                                              \
        const V inter = name##_inter(a->x1, a->y1, a->x2, a->y2, b->x1, b->y1, b->x2, b->y2, 0);   \
        const V all = a->area + b->area - inter;                                                   \
        const V whole = kind == 1 ? a->area : crowd ? a->area : all;                               \
        V v = whole > (V)0 ? inter / whole : (V)0;                                                 \
        if (kind < 2)                                                                              \
            return v + (a->nan + b->nan);                                                          \
        const V width = fmax(a->x2, b->x2) - fmin(a->x1, b->x1);                                   \
        const V height = fmax(a->y2, b->y2) - fmin(a->y1, b->y1), hull = width * height;           \
        if (kind == 2)                                                                             \
            return v - (hull > (V)0 ? (hull - all) / hull : (V)0) + (a->nan + b->nan);             \
        const V aspect =                                                                           \
            0.40528473456935109f * name##_squared(b->angle - a->angle); /* 4 / pi^2 */             \
        const V alpha = kind == 4 ? aspect / (1.0f - v + aspect + 1e-7f) : (V)0;                   \
        const V apart = name##_squared((a->x1 + a->x2) * 0.5f - (b->x1 + b->x2) * 0.5f) +          \
                        name##_squared((a->y1 + a->y2) * 0.5f - (b->y1 + b->y2) * 0.5f);           \
        v -= apart / (name##_squared(width) + name##_squared(height) + 1e-7f);                     \
        return v - alpha * aspect + (a->nan + b->nan);                                             \
    }
