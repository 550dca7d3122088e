/* A set of base boxes repeated over the cells of a grid: what grid_anchors and prior_box share. */
#ifndef DCL_OPS_ANCHORS_H
#define DCL_OPS_ANCHORS_H

#include "ops/record.h"

#define DCL_MAX_BASE_ANCHORS 256
#define DCL_MAX_ANCHOR_SIDE (1 << 20) /* of the input in pixels, of the grid in cells */

/* Box a of cell (column, row) is base[a], moved by (column + offset) * step_x, (row + offset) *
 * step_y: all four numbers of corners, the first two of centre and size. */
struct dcl_anchor_grid {
    float base[4 * DCL_MAX_BASE_ANCHORS];
    int64_t n_base, columns, rows;
    float step_x, step_y, offset;
    bool corners; /* x1, y1, x2, y2, else centre and size */
    bool clip;    /* to 0..1 */
};

/* n_base * columns * rows, row by row, cell by cell. */
int64_t dcl_anchor_count(const struct dcl_anchor_grid *g);

/* Write [count, 4], on the device from box `first` of `out` on. */
void dcl_anchors_cpu(const struct dcl_anchor_grid *g, float *out);
enum detcl_status dcl_anchors_record(struct dcl_recorder *r, const struct dcl_anchor_grid *g,
                                     const struct dcl_value *out, int64_t first);

#endif
