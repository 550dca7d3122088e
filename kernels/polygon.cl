/* Prepared polygons and their overlaps; the geometry is in polygon.h and polygon_prepare.h.
 * polygon_boxes, polygon_lists: prepared[k] of box [count, 5] or list of vertices [count, P, 2]
 * number k. polygon_iou: y[n, i, j] = overlap of polygon i of a and j of b in image n or,
 * elementwise, y[n, i] of i and i; kind 0: intersection / union, 1: intersection / area of a's. NaN
 * where one is not valid. Mapping: one work-item a polygon; one a pair. */
typedef float real;
typedef int mask;
#define ANY(m) (m)
#define POLYGON_A global const float *
#define POLYGON_B global const float *
#define reciprocal_of reciprocal
#include "polygon_prepare.h"

kernel void polygon_boxes(TENSOR(const float, boxes), TENSOR(float, prepared), const int count,
                          const int angle)
{
    const int k = (int)get_global_id(0);
    if (k >= count)
        return;
    polygon_of_box(prepared + prepared_at + (long)k * (EDGES + 4 * EDGE_FLOATS),
                   boxes + boxes_at + 5 * (long)k, angle & 1, angle & 2);
}

kernel void polygon_lists(TENSOR(const float, lists), TENSOR(float, prepared), const int count,
                          const int vertices)
{
    const int k = (int)get_global_id(0);
    if (k >= count)
        return;
    polygon_of_vertices(prepared + prepared_at + (long)k * (EDGES + vertices * EDGE_FLOATS),
                        lists + lists_at + 2 * (long)k * vertices, vertices);
}

kernel void polygon_iou(TENSOR(const float, a), TENSOR(const float, b), TENSOR(float, y),
                        const int n_a, const int n_b, const int edges_a, const int edges_b,
                        const int kind, const int elementwise)
{
    const int j = (int)get_global_id(0), i = elementwise ? j : (int)get_global_id(1);
    const int n = (int)get_global_id(2);
    if (i >= n_a || j >= n_b)
        return;
    a += a_at + ((long)n * n_a + i) * (EDGES + edges_a * EDGE_FLOATS);
    b += b_at + ((long)n * n_b + j) * (EDGES + edges_b * EDGE_FLOATS);
    const float area_a = a[AREA], area_b = b[AREA];
    const float box = polygon_common_box(a, b);
    const float inter = box > 0 ? polygon_intersection(a, edges_a, b, edges_b, box, 1) : 0;
    const float whole = kind ? area_a : area_a + area_b - inter;
    y[y_at + (elementwise ? (long)n * n_b : ((long)n * n_a + i) * n_b) + j] =
        isnan(area_a) || isnan(area_b) ? NAN : polygon_ratio(inter, whole);
}
