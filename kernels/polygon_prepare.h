/* Prepared polygons (polygon.h) from rotated boxes and from lists of vertices; text for kernels and
 * twin. */
#include "polygon.h"

#define POLYGON_VERTICES 16 /* at most */

/* Coordinates whose products of two do not overflow; false for NaN. */
SHARED int polygon_sane(const float x)
{
    return x >= -1e15f && x <= 1e15f;
}

/* The edge from (x0, y0) to (x1, y1); returns twice its signed shadow down to y = 0. */
SHARED float polygon_edge(global float *edge, const float x0, const float y0, const float x1,
                          const float y1)
{
    const int right = x0 < x1;
    const float width = right ? x1 - x0 : x0 - x1, rise = right ? y1 - y0 : y0 - y1;
    const float most = width * 0x1p30f;
    const int vertical = !(width > 0x1p-100f && rise <= most && -rise <= most);
    edge[LEFT] = right ? x0 : x1;
    edge[LEFT_Y] = right ? y0 : y1;
    edge[RIGHT] = right ? x1 : x0;
    edge[SLOPE] = vertical ? 0 : rise * reciprocal(width);
    edge[SIGN] = vertical ? 0 : right ? 1 : -1;
    return edge[SIGN] * width * (y0 + y1);
}

/* Fill `out` from n vertices relative to (origin_x, origin_y). `area` is that of a box; below 0: of
 * the vertices, of whatever orientation. NaN: no valid polygon. */
SHARED void polygon_fill(global float *out, const float origin_x, const float origin_y,
                         const float *x, const float *y, const int n, const float area)
{
    float sum = 0;
    for (int k = 0; k < EDGES; k++)
        out[k] = 0;
    out[ORIGIN_X] = origin_x;
    out[ORIGIN_Y] = origin_y;
    for (int i = 0; i < n; i++) {
        const int next = i + 1 < n ? i + 1 : 0;
        sum += polygon_edge(out + EDGES + i * EDGE_FLOATS, x[i], y[i], x[next], y[next]);
        out[LOW_X] = x[i] < out[LOW_X] || i == 0 ? x[i] : out[LOW_X];
        out[LOW_Y] = y[i] < out[LOW_Y] || i == 0 ? y[i] : out[LOW_Y];
        out[HIGH_X] = x[i] > out[HIGH_X] || i == 0 ? x[i] : out[HIGH_X];
        out[HIGH_Y] = y[i] > out[HIGH_Y] || i == 0 ? y[i] : out[HIGH_Y];
    }
    const float own = area < 0 ? 0.5f * (sum < 0 ? -sum : sum) : area;
    out[AREA] = own <= 0x1p-100f ? 0 : own;
    for (int i = 0; i < n && sum < 0 && area < 0; i++)
        out[EDGES + i * EDGE_FLOATS + SIGN] = -out[EDGES + i * EDGE_FLOATS + SIGN];
}

/* box: cx, cy, w, h, angle. Its vertices in an order that makes the area positive. */
SHARED void polygon_of_box(global float *out, global const float *box, const int radians,
                           const int clockwise)
{
    float x[4], y[4], sine = 0, cosine = 1;
    int sane = 1;
    for (int k = 0; k < 5; k++)
        sane &= polygon_sane(box[k]);
    const float w = sane && box[2] > 0 && box[3] > 0 ? box[2] : 0, h = w > 0 ? box[3] : 0;
    if (sane)
        sine_cosine(box[4], radians, &sine, &cosine);
    sine = clockwise ? sine : -sine;
    const float ux = 0.5f * w * cosine, uy = 0.5f * w * sine;
    const float vx = -0.5f * h * sine, vy = 0.5f * h * cosine;
    x[0] = ux - vx;
    y[0] = uy - vy;
    x[1] = -ux - vx;
    y[1] = -uy - vy;
    x[2] = -x[0];
    y[2] = -y[0];
    x[3] = -x[1];
    y[3] = -y[1];
    polygon_fill(out, sane ? box[0] : 0, sane ? box[1] : 0, x, y, 4, sane ? w * h : NAN);
}

/* vertices: x, y of n. */
SHARED void polygon_of_vertices(global float *out, global const float *vertices, const int n)
{
    float x[POLYGON_VERTICES], y[POLYGON_VERTICES];
    int sane = n > 0;
    for (int k = 0; k < 2 * n; k++)
        sane &= polygon_sane(vertices[k]);
    for (int i = 0; i < n; i++) {
        x[i] = sane ? vertices[2 * i] - vertices[0] : 0;
        y[i] = sane ? vertices[2 * i + 1] - vertices[1] : 0;
    }
    polygon_fill(out, sane ? vertices[0] : 0, sane ? vertices[1] : 0, x, y, n, sane ? -1.0f : NAN);
}

/* x / y for 0 <= x <= y, at most 1; 0 where y is 0. y < 2^110 and, if not 0, more than 2^-110. */
SHARED float polygon_ratio(const float x, const float y)
{
    const float q = x == y ? 1 : x * reciprocal(y);
    return y > 0 ? (q < 1 ? q : 1) : 0;
}
