/* Boxes one by one: conversion of coordinates, clipping and area; formulas in host/ops/box_*.c. `sizes` [N, 2]
 * (width, height) has a row for each `per_image` boxes; without it `width` and `height` hold for all.
 * Mapping: one work-item a box; the bound is n. */

#define BOX_ARGS                                                                                   \
    TENSOR(const float, boxes), TENSOR(const float, sizes), TENSOR(float, y), const int n,         \
        const int per_image, const float width, const float height
/* Declares the work-item's number i, its box b and the size w x h of its image. */
#define BOX_OPEN                                                                                   \
    const int i = (int)get_global_id(0);                                                           \
    if (i >= n)                                                                                    \
        return;                                                                                    \
    const float4 b = vload4(i, boxes + boxes_at);                                                  \
    const long image = i / per_image;                                                              \
    const float w = sizes ? sizes[sizes_at + 2 * image] : width;                                   \
    const float h = sizes ? sizes[sizes_at + 2 * image + 1] : height

/* from, to: 0 corners, 1 corner and size, 2 centre and size. scale: 1 times, 2 divided by the size. */
kernel void box_convert_f32(BOX_ARGS, const int from, const int to, const int scale)
{
    BOX_OPEN;
    const float2 size = (float2)(w, h);
    float2 low = (float2)(b.x, b.y), high = (float2)(b.z, b.w);
    if (scale == 1) {
        low *= size;
        high *= size;
    } else if (scale == 2) {
        low /= size;
        high /= size;
    }
    if (from == 1 && to != 1)
        high = low + high;
    if (from == 2 && to != 2) {
        const float2 half_size = 0.5f * high;
        high = low + half_size;
        low = low - half_size;
    }
    if (to == 1 && from != 1)
        high = high - low;
    if (to == 2 && from != 2) {
        const float2 centre = (low + high) * 0.5f;
        high = high - low;
        low = centre;
    }
    vstore4((float4)(low.x, low.y, high.x, high.y), i, y + y_at);
}

/* x in 0..most; NaN stays. */
static float clip(const float x, const float most)
{
    const float positive = x < 0 ? 0 : x;
    return positive > most ? most : positive;
}

kernel void box_clip_f32(BOX_ARGS)
{
    BOX_OPEN;
    vstore4((float4)(clip(b.x, w), clip(b.y, h), clip(b.z, w), clip(b.w, h)), i, y + y_at);
}

kernel void box_area_f32(TENSOR(const float, boxes), TENSOR(float, y), const int n)
{
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const float4 b = vload4(i, boxes + boxes_at);
    y[y_at + i] = (b.z - b.x) * (b.w - b.y);
}
