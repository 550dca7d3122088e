/* Regions: pooling and sampling of feature maps, forward and backward. boxes.h says what holds for
 * every typed operation. */
#ifndef DETCL_REGIONS_H
#define DETCL_REGIONS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
