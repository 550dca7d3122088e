/* The network inside a detector, before anything is put around it. */
#ifndef DCL_DETECT_NETWORK_H
#define DCL_DETECT_NETWORK_H

#include "graph/ir.h"

/* Find the network's image input: its only input, float32, 1x3xHxW, where N, H and W may be open
 * (-1). DETCL_ERROR_MODEL or DETCL_ERROR_UNSUPPORTED say what is there instead. */
enum detcl_status dcl_network_input(const struct dcl_graph *network, const char *model,
                                    const struct dcl_value **input);

/* Copy `network` into `out` with its input bound to 1x3xheightxwidth and all shapes inferred.
 * Constants are shared: `network` must outlive `out`. On failure `out` is freed. */
enum detcl_status dcl_network_bind(const struct dcl_graph *network, int width, int height,
                                   struct dcl_graph *out);

#endif
