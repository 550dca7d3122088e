/* Proposals: anchors, decoders of the detector families, region proposals. boxes.h says what holds
 * for every typed operation. */
#ifndef DETCL_PROPOSALS_H
#define DETCL_PROPOSALS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
