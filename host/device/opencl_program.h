/* One program on one device: from source, from a binary, back to a binary. Below the cache. */
#ifndef DCL_DEVICE_OPENCL_PROGRAM_H
#define DCL_DEVICE_OPENCL_PROGRAM_H

#include "detcl/opencl.h"

#include <stdbool.h>
#include <stddef.h>

/* How a platform's compiler behaves, as measured; see README.md in this folder. */
struct dcl_compiler_traits {
    bool one_thread;      /* its compiler fails when two threads build at the same time */
    bool costly_binaries; /* fetching a binary compiles every kernel once more */
};

/* What a binary depends on besides source and options: platform, device and driver by name and
 * version.
 * `*identity` is to be freed by the caller. */
cl_int dcl_compiler_describe(cl_device_id device, struct dcl_compiler_traits *traits,
                             char **identity);

/* Build for `device` alone, whatever other devices the context has. A source with form feeds is
 * several units that are compiled and linked: each a line of options of its own, then its text;
 * `options` are the linker's then. On failure `*program` is
 * untouched and `*log` may get the compiler's text, to be freed by the caller; both functions are
 * thread-safe where the traits do not say otherwise. */
cl_int dcl_build_source(cl_context context, cl_device_id device, const char *source,
                        const char *options, cl_program *program, char **log);
cl_int dcl_build_binary(cl_context context, cl_device_id device, const void *binary, size_t size,
                        const char *options, cl_program *program);

/* The device's binary of a built program, to be freed by the caller. CL_INVALID_BINARY when the
 * driver has none to give. */
cl_int dcl_program_binary(cl_program program, cl_device_id device, void **binary, size_t *size);

#endif
