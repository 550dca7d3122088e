#include "device/opencl_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text property of a device or of its platform. */
struct property {
    bool of_platform;
    cl_uint name;
};

static cl_int read_property(cl_device_id device, cl_platform_id platform, struct property p,
                            size_t size, void *value, size_t *needed)
{
    return p.of_platform ? clGetPlatformInfo(platform, p.name, size, value, needed)
                         : clGetDeviceInfo(device, p.name, size, value, needed);
}

/* Append a property and a line end to `*text`. */
static cl_int append_property(cl_device_id device, cl_platform_id platform, struct property p,
                              char **text)
{
    size_t size = 0;
    const cl_int code = read_property(device, platform, p, 0, NULL, &size);
    if (code != CL_SUCCESS)
        return code;
    const size_t used = strlen(*text);
    char *larger = realloc(*text, used + size + 2);
    if (!larger)
        return CL_OUT_OF_HOST_MEMORY;
    *text = larger;
    memset(larger + used, 0, size + 2);
    if (size) {
        const cl_int read = read_property(device, platform, p, size, larger + used, NULL);
        if (read != CL_SUCCESS)
            return read;
    }
    strcat(larger + used, "\n");
    return CL_SUCCESS;
}

cl_int dcl_compiler_describe(cl_device_id device, struct dcl_compiler_traits *traits,
                             char **identity)
{
    static const struct property properties[] = {
        {true, CL_PLATFORM_NAME},
        {true, CL_PLATFORM_VERSION},
        {false, CL_DEVICE_NAME},
        {false, CL_DEVICE_VENDOR},
        {false, CL_DEVICE_VERSION},
        {false, CL_DRIVER_VERSION},
        {false, CL_DEVICE_OPENCL_C_VERSION},
    };
    cl_platform_id platform;
    cl_int code = clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof platform, &platform, NULL);
    char *text = calloc(1, 1);
    if (code == CL_SUCCESS && !text)
        code = CL_OUT_OF_HOST_MEMORY;
    for (size_t i = 0; code == CL_SUCCESS && i < sizeof properties / sizeof properties[0]; i++)
        code = append_property(device, platform, properties[i], &text);
    if (code != CL_SUCCESS) {
        free(text);
        return code;
    }
    const size_t platform_name = strcspn(text, "\n");
    traits->one_thread = strncmp(text, "Oclgrind", platform_name) == 0;
    traits->costly_binaries = strncmp(text, "Portable Computing Language", platform_name) == 0;
    *identity = text;
    return CL_SUCCESS;
}

static char *build_log(cl_program program, cl_device_id device)
{
    size_t size = 0;
    if (clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) != CL_SUCCESS)
        return NULL;
    char *log = calloc(1, size + 1);
    if (log && size)
        clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    return log;
}

/* Compile one unit of a text: a line of options, then the source up to the next unit. */
static cl_int compile_unit(cl_context context, cl_device_id device, const char *text, size_t size,
                           cl_program *program, char **log)
{
    const char *source = strchr(text, '\n');
    char *options = strndup(text, (size_t)(source - text));
    const size_t source_size = size - (size_t)(source - text);
    cl_int code = CL_OUT_OF_HOST_MEMORY;
    *program = options ? clCreateProgramWithSource(context, 1, &source, &source_size, &code) : NULL;
    if (code == CL_SUCCESS) {
        code = clCompileProgram(*program, 1, &device, options, 0, NULL, NULL, NULL, NULL);
        if (code != CL_SUCCESS)
            *log = build_log(*program, device);
    }
    free(options);
    return code;
}

#define MOST_UNITS 80

static cl_int link_units(cl_context context, cl_device_id device, const char *source,
                         const char *options, cl_program *program, char **log)
{
    cl_program units[MOST_UNITS];
    cl_uint n = 0;
    cl_int code = CL_SUCCESS;
    while (code == CL_SUCCESS && *source) {
        const size_t size = strcspn(source, "\f");
        code = n == MOST_UNITS ? CL_OUT_OF_RESOURCES
                               : compile_unit(context, device, source, size, &units[n], log);
        n += code == CL_SUCCESS;
        source += size + (source[size] == '\f');
    }
    if (code == CL_SUCCESS) {
        cl_program p = clLinkProgram(context, 1, &device, options, n, units, NULL, NULL, &code);
        if (code == CL_SUCCESS) {
            *program = p;
        } else if (p) {
            *log = build_log(p, device);
            clReleaseProgram(p);
        }
    }
    for (cl_uint i = 0; i < n; i++)
        clReleaseProgram(units[i]);
    return code;
}

cl_int dcl_build_source(cl_context context, cl_device_id device, const char *source,
                        const char *options, cl_program *program, char **log)
{
    cl_int code;
    if (strchr(source, '\f'))
        return link_units(context, device, source, options, program, log);
    cl_program p = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    if (code != CL_SUCCESS)
        return code;
    code = clBuildProgram(p, 1, &device, options, NULL, NULL);
    if (code != CL_SUCCESS) {
        *log = build_log(p, device);
        clReleaseProgram(p);
        return code;
    }
    *program = p;
    return CL_SUCCESS;
}

cl_int dcl_build_binary(cl_context context, cl_device_id device, const void *binary, size_t size,
                        const char *options, cl_program *program)
{
    const unsigned char *bytes = binary;
    cl_int code, status = CL_SUCCESS;
    cl_program p = clCreateProgramWithBinary(context, 1, &device, &size, &bytes, &status, &code);
    if (code != CL_SUCCESS)
        return code;
    code = status == CL_SUCCESS ? clBuildProgram(p, 1, &device, options, NULL, NULL) : status;
    if (code != CL_SUCCESS) {
        clReleaseProgram(p);
        return code;
    }
    *program = p;
    return CL_SUCCESS;
}

/* The per-device properties of a program come as arrays over all devices of its context. */
struct binaries {
    cl_device_id *devices;
    size_t *sizes;
    unsigned char **bytes;
};

static cl_int fetch(cl_program program, cl_device_id device, cl_uint count, struct binaries *b,
                    void **binary, size_t *size)
{
    cl_int code =
        clGetProgramInfo(program, CL_PROGRAM_DEVICES, count * sizeof *b->devices, b->devices, NULL);
    if (code == CL_SUCCESS)
        code = clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, count * sizeof *b->sizes,
                                b->sizes, NULL);
    if (code != CL_SUCCESS)
        return code;
    cl_uint at = 0;
    while (at < count && b->devices[at] != device)
        at++;
    if (at == count || b->sizes[at] == 0)
        return CL_INVALID_BINARY;
    b->bytes[at] = malloc(b->sizes[at]); /* the others stay NULL: not wanted */
    if (!b->bytes[at])
        return CL_OUT_OF_HOST_MEMORY;
    unsigned char *const ours = b->bytes[at];
    code = clGetProgramInfo(program, CL_PROGRAM_BINARIES, count * sizeof *b->bytes, b->bytes, NULL);
    if (code != CL_SUCCESS) {
        free(ours);
        return code;
    }
    *binary = ours;
    *size = b->sizes[at];
    return CL_SUCCESS;
}

cl_int dcl_program_binary(cl_program program, cl_device_id device, void **binary, size_t *size)
{
    cl_uint count = 0;
    cl_int code = clGetProgramInfo(program, CL_PROGRAM_NUM_DEVICES, sizeof count, &count, NULL);
    if (code != CL_SUCCESS)
        return code;
    struct binaries b = {calloc(count, sizeof *b.devices), calloc(count, sizeof *b.sizes),
                         calloc(count, sizeof *b.bytes)};
    if (!b.devices || !b.sizes || !b.bytes)
        code = CL_OUT_OF_HOST_MEMORY;
    else
        code = fetch(program, device, count, &b, binary, size);
    free(b.devices);
    free(b.sizes);
    free(b.bytes);
    return code;
}
