/* The caller's parameters as a layer of settings. */
#ifndef DCL_DETECT_OPTIONS_H
#define DCL_DETECT_OPTIONS_H

#include "detcl/detect.h"
#include "detect/spec.h"

/* Fill the zeroed `layer` with what `params` gives. DETCL_ERROR_ARGUMENT names the field that is
 * out of its range; the labels file's own errors are those of dcl_labels_read. */
enum detcl_status dcl_options_read(const struct detcl_detector_params *params,
                                   struct dcl_arena *arena, struct dcl_error *e,
                                   struct dcl_detect_spec *layer);

#endif
