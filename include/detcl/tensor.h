/* Tensors: dense row-major memory on the context's device. */
#ifndef DETCL_TENSOR_H
#define DETCL_TENSOR_H

#include "detcl/context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct detcl_tensor;

/* A tensor that owns uninitialised device memory. `desc` must have no negative extent. */
DETCL_API enum detcl_status detcl_tensor_create(struct detcl_context *ctx,
                                                const struct detcl_desc *desc,
                                                struct detcl_tensor **out);

/* CPU device only: a tensor over the caller's memory, which must hold the whole tensor, be aligned
 * to the element size and outlive the tensor. DETCL_ERROR_ARGUMENT on another device (see
 * detcl_tensor_wrap_opencl in opencl.h). */
DETCL_API enum detcl_status detcl_tensor_wrap_host(struct detcl_context *ctx,
                                                   const struct detcl_desc *desc, void *memory,
                                                   struct detcl_tensor **out);

/* Accepts NULL and a pointer to NULL; clears `*t`. Wrapped memory is left to its owner. */
DETCL_API void detcl_tensor_destroy(struct detcl_tensor **t);

DETCL_API const struct detcl_desc *detcl_tensor_desc(const struct detcl_tensor *t);

/* Copy the whole tensor from / to host memory of exactly `bytes` bytes. Both wait until the copy is
 * finished; on a queue they come after what was enqueued before. */
DETCL_API enum detcl_status detcl_tensor_write(struct detcl_tensor *t, const void *from,
                                               size_t bytes);
DETCL_API enum detcl_status detcl_tensor_read(struct detcl_tensor *t, void *to, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
