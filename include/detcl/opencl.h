/* Working inside an OpenCL program: contexts and tensors from the caller's own objects, wait lists
 * in and events out. Include it only where the OpenCL headers are there. */
#ifndef DETCL_OPENCL_H
#define DETCL_OPENCL_H

#include "detcl/tensor.h"

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#include <CL/cl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Order of a run against the caller's own commands. */
struct detcl_sync {
    cl_uint wait_count; /* events that must be complete before the run starts */
    const cl_event *wait;
    cl_event *event; /* not NULL: gets an event of the run's last command, owned by the caller */
};

/* A context on the caller's objects. All three are retained and released with the context. `queue`
 * may be in-order or out-of-order (then the library orders its own commands); NULL makes a queue of
 * its own. `params->device` is ignored. Errors as detcl_context_create. */
DETCL_API enum detcl_status
detcl_context_create_from_opencl(cl_context context, cl_device_id device, cl_command_queue queue,
                                 const struct detcl_context_params *params,
                                 struct detcl_context **out, struct detcl_error *error);

/* A tensor over the caller's buffer, from `offset` bytes on (a multiple of the element size; no
 * other alignment is needed). The buffer is retained until the tensor is destroyed.
 * DETCL_ERROR_ARGUMENT when the buffer is too small or of another OpenCL context. */
DETCL_API enum detcl_status detcl_tensor_wrap_opencl(struct detcl_context *ctx,
                                                     const struct detcl_desc *desc, cl_mem buffer,
                                                     size_t offset, struct detcl_tensor **out);

/* The context's objects, not retained for the caller. NULL on the CPU device. */
DETCL_API cl_context detcl_context_opencl(const struct detcl_context *ctx);
DETCL_API cl_command_queue detcl_context_queue(const struct detcl_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
