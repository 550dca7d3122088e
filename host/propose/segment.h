/* Graph-based segmentation: Felzenszwalb and Huttenlocher 2004. */
#ifndef DCL_PROPOSE_SEGMENT_H
#define DCL_PROPOSE_SEGMENT_H

#include "propose/colour.h"

/* Forward neighbours of a pixel: right, below left, below, below right. */
#define DCL_DIRECTIONS 4

/* Whether there is one, and how far it is in a plane of pixels. */
static inline int dcl_has_neighbour(int width, int height, int x, int y, int direction)
{
    return direction == 0   ? x + 1 < width
           : direction == 1 ? x > 0 && y + 1 < height
           : direction == 2 ? y + 1 < height
                            : x + 1 < width && y + 1 < height;
}

static inline int dcl_neighbour_offset(int width, int direction)
{
    return direction == 0 ? 1 : width - 2 + direction;
}

/* The graph of a smoothed picture, its edges in order of their weights, and room to segment it. */
struct dcl_edge {
    uint32_t weight; /* the bits of a float, which order as the numbers do */
    uint32_t id;     /* pixel * DCL_DIRECTIONS + direction */
};
struct dcl_pixel_graph {
    int width, height;
    struct dcl_edge *edges;
    size_t edge_count;
    int *parent, *size, *number;
    float *limit; /* the heaviest edge that may still join the segment to another */
};

/* Smooth the planes in place and make the graph. `sigma` 0: no smoothing. 0 when memory ran out. */
int dcl_pixel_graph_create(struct dcl_arena *arena, struct dcl_planes *planes, double sigma,
                           struct dcl_pixel_graph *out);

/* Segment; may be called again with other parameters. Returns the number of segments. */
int dcl_pixel_graph_segment(struct dcl_pixel_graph *g, float k, int min_size, int32_t *labels);

#endif
