/* Everything but the OpenCL interoperation (opencl.h), which needs the OpenCL headers. */
#ifndef DETCL_DETCL_H
#define DETCL_DETCL_H

#include "detcl/assignment.h"
#include "detcl/boxes.h"
#include "detcl/context.h"
#include "detcl/detect.h"
#include "detcl/graph.h"
#include "detcl/image.h"
#include "detcl/losses.h"
#include "detcl/ops.h"
#include "detcl/proposals.h"
#include "detcl/regions.h"
#include "detcl/rotated.h"
#include "detcl/sampling.h"
#include "detcl/selective_search.h"
#include "detcl/status.h"
#include "detcl/suppression.h"
#include "detcl/tensor.h"

#endif
