/* Shared by the OpenCL device's files. */
#ifndef DCL_DEVICE_OPENCL_PRIVATE_H
#define DCL_DEVICE_OPENCL_PRIVATE_H

#include "detcl/opencl.h"
#include "device/device.h"
#include "device/program_cache.h"

struct dcl_opencl {
    cl_context context;
    cl_device_id device;
    cl_command_queue queue; /* in-order; where commands go */
    bool profiling;         /* `queue` records event times */
    struct dcl_program_cache *programs;
};

#define DCL_CL(ctx, call) dcl_cl_at((ctx), (call), #call, __FILE__, __LINE__)

/* DETCL_OK for CL_SUCCESS; otherwise an error text with the call's name and code. */
enum detcl_status dcl_cl_at(struct detcl_context *ctx, cl_int code, const char *call,
                            const char *file, int line);

/* "CL_INVALID_VALUE" and so on, or "unknown". */
const char *dcl_cl_name(cl_int code);

void dcl_opencl_describe(cl_platform_id platform, cl_device_id device, int index,
                         struct detcl_device_info *info);

/* All devices of all platforms, in the loader's order; returns how many. */
int dcl_opencl_enumerate(cl_platform_id *platforms, cl_device_id *devices, int capacity);

/* Plans (opencl_exec.c). */
enum detcl_status dcl_opencl_record(struct dcl_exec *x);
enum detcl_status dcl_opencl_prepare(struct dcl_exec *x);
enum detcl_status dcl_opencl_run(struct dcl_exec *x, const struct detcl_sync *sync);
enum detcl_status dcl_opencl_node_time(struct dcl_exec *x, int node, double *ns);
void dcl_opencl_unprepare(struct dcl_exec *x);

struct dcl_launch;

/* Whether CLBlast is in the build and worth calling on the device; DETCL_GEMM=clblast or =own
 * decides instead where it is set. */
bool dcl_opencl_wants_gemm(const struct detcl_device_info *info);

/* Enqueue the matrix product of a launch made by dcl_record_gemm. `event` may be NULL. */
enum detcl_status dcl_opencl_gemm(struct dcl_exec *x, const struct dcl_launch *l, cl_event *event);

/* The text of kernels/<stem>.cl, or NULL (made at build time from kernels/). */
const char *dcl_kernel_source(const char *stem);

#endif
