/* The common area of two polygons, the same bits on every device and in the twin
 * (host/ops/polygon.c), which compiles this text as C: see trig.h.
 *
 * A polygon is, at each x, a sum of its edges' shadows { y < edge(x) }, plus one for an edge that
 * runs to the right and minus one for one that runs to the left, the orientation being such that
 * the area is positive. So area(a and b) = sum over edges i of a and j of b of s_i s_j * integral
 * of min(y_i(x), y_j(x)) dx over the x that both edges span; the lower end of the shadows cancels.
 * That asks for no convexity, no order of vertices and no clipped polygon to be stored; where a
 * polygon crosses itself, winding numbers count. Every term is a continuous function of the
 * vertices, so that edges which nearly coincide need no special case: the error is below 2^-18 of
 * the area of the smallest upright box around both (seen: 2^-20). Vertices are relative to an
 * origin in their polygon, and the pair is computed relative to a's: how far from zero both lie
 * costs nothing but the rounding of one difference.
 *
 * The text that includes this defines `real` (float or a vector of it, one polygon b a lane),
 * `mask` (what comparing two gives), ANY(mask), reciprocal_of (trig.h), POLYGON_B (how b is
 * passed: a pointer to const real) and POLYGON_A (to const float). Shapes are valid as
 * polygon_prepare.h makes them: then nothing overflows, and what is below 2^-100 is taken as 0, so
 * that devices which flush subnormal numbers agree. */
#ifndef POLYGON_H
#define POLYGON_H
#include "trig.h"

/* A prepared polygon: floats by these numbers, then EDGE_FLOATS for each edge. */
enum {
    ORIGIN_X,
    ORIGIN_Y,
    AREA,  /* 0 or more than 2^-100; NaN: not a valid polygon */
    LOW_X, /* the bounding box, relative to the origin */
    LOW_Y,
    HIGH_X,
    HIGH_Y,
    EDGES
};
/* An edge from its left end to its right one; SIGN 0: vertical, it has no shadow. */
enum { LEFT, LEFT_Y, RIGHT, SLOPE, SIGN, EDGE_FLOATS };

/* Twice s_i times the integral of min(y_i, y_j), where `wanted`. */
SHARED real polygon_term(POLYGON_A a, const real left_b, const real y_b, const real right_b,
                         const real slope_b, const mask wanted)
{
    const real left_a = (real)a[LEFT], right_a = (real)a[RIGHT];
    const real left = left_a > left_b ? left_a : left_b;
    const real right = right_a < right_b ? right_a : right_b;
    if (!ANY((right > left) & wanted))
        return (real)0;
    const real b0 = y_b + (left - left_b) * slope_b, b1 = y_b + (right - left_b) * slope_b;
    const real d0 = a[LEFT_Y] + (left - left_a) * a[SLOPE] - b0;
    const real d1 = a[LEFT_Y] + (right - left_a) * a[SLOPE] - b1;
    /* The part of d = y_i - y_j that is negative: all of it, nothing, or a triangle. */
    const real n0 = d0 < (real)0 ? d0 : (real)0, n1 = d1 < (real)0 ? d1 : (real)0, n = n0 + n1;
    const real turn = d0 < d1 ? d1 - d0 : d0 - d1;
    const real base = ((d0 < (real)0) != (d1 < (real)0)) & (turn > (real)0x1p-100f)
                          ? -n * reciprocal_of(turn)
                          : (real)1;
    return right > left ? a[SIGN] * ((right - left) * ((b0 + b1) + n * base)) : (real)0;
}

/* The area that the bounding boxes of valid polygons a and b have in common. */
SHARED real polygon_common_box(POLYGON_A a, POLYGON_B b)
{
    const real dx = b[ORIGIN_X] - (real)a[ORIGIN_X], dy = b[ORIGIN_Y] - (real)a[ORIGIN_Y];
    const real left = b[LOW_X] + dx > a[LOW_X] ? b[LOW_X] + dx : (real)a[LOW_X];
    const real right = b[HIGH_X] + dx < a[HIGH_X] ? b[HIGH_X] + dx : (real)a[HIGH_X];
    const real low = b[LOW_Y] + dy > a[LOW_Y] ? b[LOW_Y] + dy : (real)a[LOW_Y];
    const real high = b[HIGH_Y] + dy < a[HIGH_Y] ? b[HIGH_Y] + dy : (real)a[HIGH_Y];
    return (right > left) & (high > low) ? (right - left) * (high - low) : (real)0;
}

/* The area that valid polygons a (n_a edges) and b (n_b) have in common, where `wanted`: at most
 * that of either and `box`, their polygon_common_box. What is within the rounding of a sum that
 * should be 0 counts as none, so that disjoint polygons give 0. */
SHARED real polygon_intersection(POLYGON_A a, const int n_a, POLYGON_B b, const int n_b,
                                 const real box, const mask wanted)
{
    const real dx = b[ORIGIN_X] - (real)a[ORIGIN_X], dy = b[ORIGIN_Y] - (real)a[ORIGIN_Y];
    real sum = (real)0;
    for (int j = 0; j < n_b; j++) {
        POLYGON_B edge = b + EDGES + j * EDGE_FLOATS;
        real part = (real)0;
        for (int i = 0; i < n_a; i++)
            part += polygon_term(a + EDGES + i * EDGE_FLOATS, edge[LEFT] + dx, edge[LEFT_Y] + dy,
                                 edge[RIGHT] + dx, edge[SLOPE], wanted);
        sum += edge[SIGN] * part;
    }
    const real high = b[HIGH_Y] + dy > a[HIGH_Y] ? b[HIGH_Y] + dy : (real)a[HIGH_Y];
    const real low = b[LOW_Y] + dy < a[LOW_Y] ? b[LOW_Y] + dy : (real)a[LOW_Y];
    const real right = b[HIGH_X] + dx < a[HIGH_X] ? b[HIGH_X] + dx : (real)a[HIGH_X];
    const real left = b[LOW_X] + dx > a[LOW_X] ? b[LOW_X] + dx : (real)a[LOW_X];
    const real rounding = (right - left) * (high - low) * (real)0x1p-20f + (real)0x1p-100f;
    const real area = a[AREA] < b[AREA] ? (real)a[AREA] : b[AREA];
    const real most = area < box ? area : box, inter = (real)0.5f * sum;
    return (box > (real)0x1p-100f) & (inter > rounding) ? inter < most ? inter : most : (real)0;
}

#endif
