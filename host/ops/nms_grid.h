/* Greedy suppression of a long segment through a grid of the kept boxes, for the twin. */
#ifndef DCL_OPS_NMS_GRID_H
#define DCL_OPS_NMS_GRID_H

#include "ops/nms.h"

#define DCL_NMS_GRID_LEAST 4096     /* candidates from which on it pays */
#define DCL_NMS_GRID_THRESHOLD 0.2f /* least overlap threshold that it serves */

/* As dcl_nms_greedy for the one segment [start, end) of the row, whose boxes are all there. */
int64_t dcl_nms_grid(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row, int64_t start,
                     int64_t end);

#endif
