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

#endif
