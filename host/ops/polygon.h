/* Rotated boxes and polygons in one prepared form, and the area that two have in common: the twin's
 * side of kernels/polygon.h, from the same text. */
#ifndef DCL_OPS_POLYGON_H
#define DCL_OPS_POLYGON_H

#include "ops/record.h"

#define DCL_POLYGON_VERTICES 16 /* at most */

/* How an angle turns a box's width axis away from the x axis, y pointing down: the numbers of enum
 * detcl_angle. */
enum dcl_angle { DCL_ANGLE_RADIANS = 1, DCL_ANGLE_CLOCKWISE = 2 };

extern const char *const dcl_angles[]; /* the names of the four, NULL-terminated */

/* An operand: rotated boxes [N, K, 5] or polygons [N, K, P, 2], or without N. */
struct dcl_polygons {
    int64_t images, each; /* images is 1 without N */
    int vertices;         /* 4 for boxes */
    bool boxes, batched;
};

/* Read the shape of input i. */
enum detcl_status dcl_polygons(const struct dcl_call *call, int i, struct dcl_polygons *p);

/* Floats of a prepared polygon. */
int64_t dcl_polygon_floats(const struct dcl_polygons *p);

/* Prepare polygon `index` of those that `data` holds. The area is NaN where it is not valid. */
void dcl_polygon_prepare(const struct dcl_polygons *p, const float *data, int64_t index, int angle,
                         float *out);
float dcl_polygon_area(const float *prepared);

/* The area that two valid ones have in common. */
float dcl_polygon_intersection(const float *a, int n_a, const float *b, int n_b);

/* x / y for 0 <= x <= y, the areas of valid polygons; 0 where y is 0. The same bits everywhere. */
float dcl_polygon_ratio(float x, float y);

/* Prepare all on the device: a new value [images * each, dcl_polygon_floats]. */
const struct dcl_value *dcl_polygon_record(struct dcl_recorder *r, const struct dcl_polygons *p,
                                           const struct dcl_value *data, int angle);

#endif
