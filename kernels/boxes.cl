/* Boxes one by one: conversion of coordinates, clipping and area; formulas in host/ops/box_*.c. `sizes` [N, 2]
 * (width, height) has a row for each `per_image` boxes; without it `width` and `height` hold for all.
 * Mapping: one work-item a box; the bound is n. */

/* Width, height, width, height of box i's image. */
float4 size_of(global const float *sizes, const int i, const int per_image, const float width,
               const float height)
{
    const float2 size = sizes ? vload2(i / per_image, sizes) : (float2)(width, height);
    return (float4)(size, size);
}

#define BOX_ARGS                                                                                   \
    TENSOR(const float, boxes), TENSOR(const float, sizes), TENSOR(float, y), const int n,         \
        const int per_image, const float width, const float height
/* Declares the work-item's number i, its box b and the size of its image. */
#define BOX_OPEN                                                                                   \
    const int i = (int)get_global_id(0);                                                           \
    if (i >= n)                                                                                    \
        return;                                                                                    \
    const float4 b = vload4(i, boxes + boxes_at);                                                  \
    const float4 size = size_of(sizes ? sizes + sizes_at : sizes, i, per_image, width, height)

/* from, to: 0 corners, 1 corner and size, 2 centre and size. scale: 1 times, 2 divided by the size. */
kernel void box_convert_f32(BOX_ARGS, const int from, const int to, const int scale)
{
    BOX_OPEN;
    const float4 scaled = scale == 1 ? b * size : scale == 2 ? b / size : b;
    float2 low = scaled.lo, high = scaled.hi;
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
    vstore4((float4)(low, high), i, y + y_at);
}

/* x in 0..most; NaN stays. */
float clip(const float x, const float most)
{
    const float positive = x < 0 ? 0 : x;
    return positive > most ? most : positive;
}

kernel void box_clip_f32(BOX_ARGS)
{
    BOX_OPEN;
    vstore4((float4)(clip(b.x, size.x), clip(b.y, size.y), clip(b.z, size.x), clip(b.w, size.y)), i,
            y + y_at);
}

kernel void box_area_f32(TENSOR(const float, boxes), TENSOR(float, y), const int n)
{
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const float4 b = vload4(i, boxes + boxes_at);
    y[y_at + i] = (b.z - b.x) * (b.w - b.y);
}
