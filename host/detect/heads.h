/* Heads: from a network's outputs to candidate boxes. */
#ifndef DCL_DETECT_HEADS_H
#define DCL_DETECT_HEADS_H

#include "detect/spec.h"
#include "graph/ir.h"

/* The network's output of that name, or NULL. */
struct dcl_value *dcl_head_output(const struct dcl_graph *bound, const char *name);

/* Number of classes that the decided head gives on a bound network, the background not counted; 0
 * when its outputs do not tell. */
int dcl_head_classes(const struct dcl_graph *bound, const struct dcl_detect_spec *spec);

/* Append the decoding of the decided head to a bound network whose input is width x height pixels:
 * boxes [1, M, 4] as x1, y1, x2, y2 in pixels of the input, scores [1, M, C]. The outputs that
 * spec->outputs must list, in this order:
 *   ssd         boxes (offsets), scores
 *   retinanet   boxes (deltas), scores; or boxes of all strides 1 x 4A x H x W, then scores
 *               1 x CA x H x W
 *   corner      boxes, scores
 *   yolov2      1 x A(5+C) x H x W
 *   yolov3, v5  1xMx(5+C) when decoded, else one 1 x A(5+C) x H x W a stride
 *   yolov8      1x(4+C)xM
 *   yolox       1xMx(5+C)
 *   yunet       class scores of all strides, then objectness, then boxes
 *   distance    class scores of all strides 1xCxHxW, then distances, then centredness or nothing;
 *               or one 1xMx(C+4*bins)
 *   classifier  1xC, or 1xCx1x1
 * DETCL_ERROR_MODEL names the output that does not fit. */
enum detcl_status dcl_head_attach(struct dcl_graph *bound, const struct dcl_detect_spec *spec,
                                  int width, int height, struct dcl_value **boxes,
                                  struct dcl_value **scores);

#endif
