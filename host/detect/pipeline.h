/* A detector as one graph: frame -> letterbox -> network -> decode -> select -> nms -> detections.
 */
#ifndef DCL_DETECT_PIPELINE_H
#define DCL_DETECT_PIPELINE_H

#include "detect/spec.h"
#include "graph/ir.h"

/* Put the rest of the detector around a bound network: its input is replaced by "frame" (uint8, one
 * dimension, left open: the capacity in bytes), its outputs by "detections" (ops/detections.c).
 * DETCL_ERROR_MODEL when the outputs do not fit the head. */
enum detcl_status dcl_pipeline_attach(struct dcl_graph *bound, const struct dcl_detect_spec *spec);

/* Rows of "detections": one that counts and one a box. */
int dcl_pipeline_rows(const struct dcl_detect_spec *spec);

/* How images are fitted into a network input of width x height pixels. */
struct dcl_fit dcl_pipeline_fit(const struct dcl_detect_spec *spec, int width, int height);

#endif
