/* From a model and the caller's parameters to a complete spec. */
#ifndef DCL_DETECT_DECIDE_H
#define DCL_DETECT_DECIDE_H

#include "detcl/detect.h"
#include "detect/spec.h"
#include "graph/ir.h"

/* Networks of open size are examined for an image of that many pixels a side. */
#define DCL_PROBE_SIDE 640

/* Lay options, sidecar, metadata, recognition and conventions over one another, better source
 * first. `network` is the model as loaded. Strings and tables come from `arena`. Errors say what is
 * missing and what gives it. `*classes` gets the number of classes, 0 when unknown. */
enum detcl_status dcl_detect_decide(const struct dcl_graph *network,
                                    const struct detcl_detector_params *params,
                                    struct dcl_arena *arena, struct dcl_error *e,
                                    struct dcl_detect_spec *spec, int *classes);

/* The network's input size for an image. */
void dcl_detect_input_size(const struct dcl_detect_spec *spec, int image_width, int image_height,
                           int *width, int *height);

#endif
