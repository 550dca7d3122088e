/* Selective search: class-independent object locations from segmentation. boxes.h says what holds
 * for every typed operation. */
#ifndef DETCL_SELECTIVE_SEARCH_H
#define DETCL_SELECTIVE_SEARCH_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
