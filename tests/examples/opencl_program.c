/* A program with OpenCL objects of its own - context, two queues, one buffer - that uses the
 * library for the chain of chain.h. Copies run on one queue and the chain on the other; events
 * order them, and the program waits once, for its results. An argument is a part of the platform's
 * name. */
#include "chain.h"
#include "detcl/opencl.h"

#include <stdio.h>
#include <string.h>

#define SKIPPED 77 /* what CTest takes for "nothing to run on" */

struct program {
    cl_device_id device;
    cl_context context;
    cl_command_queue compute, copies;
    cl_mem buffer;
    struct chain chain;
};

static int fail(const char *what, cl_int code)
{
    fprintf(stderr, "%s failed: %d\n", what, code);
    return 0;
}

/* The first device of the platforms whose name holds `part`. */
static int find_device(const char *part, cl_device_id *out)
{
    cl_platform_id platforms[16];
    cl_uint n = 0;
    if (clGetPlatformIDs(16, platforms, &n) != CL_SUCCESS)
        return 0;
    for (cl_uint i = 0; i < n && i < 16; i++) {
        char name[256] = "";
        clGetPlatformInfo(platforms[i], CL_PLATFORM_NAME, sizeof name, name, NULL);
        if (strstr(name, part) &&
            clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, out, NULL) == CL_SUCCESS)
            return 1;
    }
    return 0;
}

static int create(struct program *p)
{
    cl_int code;
    if (!(p->context = clCreateContext(NULL, 1, &p->device, NULL, NULL, &code)))
        return fail("clCreateContext", code);
    if (!(p->compute = clCreateCommandQueue(p->context, p->device, 0, &code)) ||
        !(p->copies = clCreateCommandQueue(p->context, p->device, 0, &code)))
        return fail("clCreateCommandQueue", code);
    if (!(p->buffer = clCreateBuffer(p->context, CL_MEM_READ_WRITE, MEMORY_BYTES, NULL, &code)))
        return fail("clCreateBuffer", code);
    return 1;
}

/* The library's context and tensors on the program's own objects. */
static int create_chain(struct program *p)
{
    struct chain *c = &p->chain;
    struct detcl_error error;
    if (detcl_context_create_from_opencl(p->context, p->device, p->compute, NULL, &c->ctx,
                                         &error) != DETCL_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 0;
    }
    enum detcl_status s = DETCL_OK;
    for (int i = 0; i < VIEWS && s == DETCL_OK; i++)
        s = detcl_tensor_wrap_opencl(c->ctx, &views[i].desc, p->buffer, views[i].offset, &c->t[i]);
    if (s == DETCL_OK)
        s = chain_create(c);
    if (s != DETCL_OK)
        fprintf(stderr, "%s\n", detcl_context_error(c->ctx));
    return s == DETCL_OK;
}

static void destroy(struct program *p)
{
    chain_destroy(&p->chain);
    if (p->buffer)
        clReleaseMemObject(p->buffer);
    if (p->copies)
        clReleaseCommandQueue(p->copies);
    if (p->compute)
        clReleaseCommandQueue(p->compute);
    if (p->context)
        clReleaseContext(p->context);
}

/* Upload, chain, download: three steps in flight before the first is waited for. */
static int run(struct program *p, unsigned char *memory)
{
    cl_event uploaded = NULL, computed = NULL, downloaded = NULL;
    cl_int code = clEnqueueWriteBuffer(p->copies, p->buffer, CL_FALSE, 0, INPUT_BYTES, memory, 0,
                                       NULL, &uploaded);
    int good = code == CL_SUCCESS || fail("clEnqueueWriteBuffer", code);
    if (good) {
        const struct detcl_sync first = {1, &uploaded, NULL}, last = {0, NULL, &computed};
        clFlush(p->copies);
        good = chain_enqueue(&p->chain, &first, &last) == DETCL_OK;
        if (!good)
            fprintf(stderr, "%s\n", detcl_context_error(p->chain.ctx));
    }
    if (good) {
        clFlush(p->compute);
        code = clEnqueueReadBuffer(p->copies, p->buffer, CL_FALSE, RESULTS_AT,
                                   MEMORY_BYTES - RESULTS_AT, memory + RESULTS_AT, 1, &computed,
                                   &downloaded);
        good = code == CL_SUCCESS || fail("clEnqueueReadBuffer", code);
    }
    if (good) {
        code = clWaitForEvents(1, &downloaded);
        good = code == CL_SUCCESS || fail("clWaitForEvents", code);
    }
    clFinish(p->copies); /* the memory is the caller's again, whatever happened */
    const cl_event events[] = {uploaded, computed, downloaded};
    for (int i = 0; i < 3; i++)
        if (events[i])
            clReleaseEvent(events[i]);
    return good;
}

/* The results of the device and of the CPU device: the same decisions. */
static int agree(const unsigned char *found, const unsigned char *expected)
{
    int32_t kept;
    memcpy(&kept, found + KEPT_AT, sizeof kept);
    return memcmp(found + COUNT_AT, expected + COUNT_AT, 4) == 0 &&
           memcmp(found + KEPT_AT, expected + KEPT_AT, 4) == 0 &&
           memcmp(found + KEEP_AT, expected + KEEP_AT, 4 * (size_t)kept) == 0;
}

int main(int argc, char **argv)
{
    static float found[MEMORY_BYTES / 4], expected[MEMORY_BYTES / 4];
    struct program p = {0};
    if (!find_device(argc > 1 ? argv[1] : "", &p.device)) {
        fprintf(stderr, "no OpenCL device\n");
        return SKIPPED;
    }
    chain_fill_inputs(found);
    chain_fill_inputs(expected);
    int good = create(&p) && create_chain(&p);
    for (int i = 0; i < 2 && good; i++) /* the second time nothing is compiled */
        good = run(&p, (unsigned char *)found);
    destroy(&p);
    good = good && chain_good(found) && chain_run_on_cpu(expected) == DETCL_OK &&
           agree((const unsigned char *)found, (const unsigned char *)expected);
    if (!good)
        fprintf(stderr, "failed\n");
    return !good;
}
