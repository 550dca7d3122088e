/* Everything but the OpenCL interoperation (opencl.h), which needs the OpenCL headers. */
#ifndef DETCL_DETCL_H
#define DETCL_DETCL_H

#include "detcl/context.h"
#include "detcl/detect.h"
#include "detcl/graph.h"
#include "detcl/ops.h"
#include "detcl/status.h"
#include "detcl/tensor.h"

#endif
