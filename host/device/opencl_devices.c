/* Discovery: which OpenCL devices there are and what they can do. */
#include "device/opencl_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLATFORMS 16
#define MAX_DEVICES 64

int dcl_opencl_enumerate(cl_platform_id *platforms, cl_device_id *devices, int capacity)
{
    cl_platform_id all[MAX_PLATFORMS];
    cl_uint n_platforms = 0;
    int n = 0;
    if (clGetPlatformIDs(MAX_PLATFORMS, all, &n_platforms) != CL_SUCCESS)
        return 0;
    n_platforms = n_platforms < MAX_PLATFORMS ? n_platforms : MAX_PLATFORMS;
    for (cl_uint p = 0; p < n_platforms; p++) {
        cl_device_id found[MAX_DEVICES];
        cl_uint n_found = 0;
        if (clGetDeviceIDs(all[p], CL_DEVICE_TYPE_ALL, MAX_DEVICES, found, &n_found) != CL_SUCCESS)
            continue;
        for (cl_uint d = 0; d < n_found && d < MAX_DEVICES && n < capacity; d++, n++) {
            platforms[n] = all[p];
            devices[n] = found[d];
        }
    }
    return n;
}

static void device_text(cl_device_id device, cl_device_info what, char *out, size_t size)
{
    char text[1024] = "";
    clGetDeviceInfo(device, what, sizeof text - 1, text, NULL);
    snprintf(out, size, "%.*s", (int)size - 1, text);
}

static uint64_t device_number(cl_device_id device, cl_device_info what)
{
    /* The same code reads 32- and 64-bit answers: both are little-endian or written whole. */
    union {
        uint64_t wide;
        cl_uint narrow;
    } v = {0};
    size_t size = 0;
    if (clGetDeviceInfo(device, what, sizeof v, &v, &size) != CL_SUCCESS)
        return 0;
    return size == sizeof(cl_uint) ? v.narrow : v.wide;
}

/* CPUs with vectors of some width get the register-tiled kernels; everything else, software GPUs
 * included, gets the local-memory ones. DETCL_PROFILE overrides, for tests on one machine. */
static bool wants_simd(cl_device_type type, int width)
{
    const char *forced = getenv("DETCL_PROFILE");
    if (forced && strcmp(forced, "gpu") == 0)
        return false;
    if (forced && strcmp(forced, "simd") == 0)
        return true;
    return (type & CL_DEVICE_TYPE_CPU) && !(type & CL_DEVICE_TYPE_GPU) && width >= 4;
}

static void describe_profile(cl_device_id device, cl_device_type type,
                             struct detcl_device_info *info)
{
    const int width = (int)device_number(device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
    const bool simd = wants_simd(type, width);
    snprintf(info->profile, sizeof info->profile, simd ? "simd" : "gpu");
    info->channel_block = !simd ? 4 : width >= 16 ? 16 : 8;
}

void dcl_opencl_describe(cl_platform_id platform, cl_device_id device, int index,
                         struct detcl_device_info *info)
{
    *info = (struct detcl_device_info){0};
    snprintf(info->id, sizeof info->id, "opencl:%d", index);
    device_text(device, CL_DEVICE_NAME, info->name, sizeof info->name);
    device_text(device, CL_DRIVER_VERSION, info->driver, sizeof info->driver);
    device_text(device, CL_DEVICE_VERSION, info->version, sizeof info->version);
    clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof info->platform - 1, info->platform, NULL);
    cl_device_type type = 0;
    clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    snprintf(info->type, sizeof info->type, "%s",
             type & CL_DEVICE_TYPE_GPU   ? "gpu"
             : type & CL_DEVICE_TYPE_CPU ? "cpu"
                                         : "accelerator");
    info->compute_units = (int)device_number(device, CL_DEVICE_MAX_COMPUTE_UNITS);
    info->clock_mhz = (int)device_number(device, CL_DEVICE_MAX_CLOCK_FREQUENCY);
    info->global_bytes = device_number(device, CL_DEVICE_GLOBAL_MEM_SIZE);
    info->max_alloc_bytes = device_number(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    info->local_bytes = device_number(device, CL_DEVICE_LOCAL_MEM_SIZE);
    info->max_work_group = device_number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    describe_profile(device, type, info);
}

int dcl_opencl_devices(struct detcl_device_info *list, int capacity)
{
    cl_platform_id platforms[MAX_DEVICES];
    cl_device_id devices[MAX_DEVICES];
    const int n = dcl_opencl_enumerate(platforms, devices, MAX_DEVICES);
    for (int i = 0; i < n && i < capacity; i++)
        dcl_opencl_describe(platforms[i], devices[i], i, &list[i]);
    return n;
}
