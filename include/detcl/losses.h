/* Assignment and losses, forward and backward. boxes.h says what holds for every typed operation.
 */
#ifndef DETCL_LOSSES_H
#define DETCL_LOSSES_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
