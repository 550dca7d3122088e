/* A program with OpenCL objects of its own - context, two queues, one buffer - that uses the
 * library for the chain of chain.h. Copies run on one queue and the chain on the other; events
 * order them, and the program waits once, for its results. */
#include "chain.h"
#include "detcl/opencl.h"

#define SKIPPED 77 /* what CTest takes for "nothing to run on" */

struct program {
    cl_device_id device;
    cl_context context;
    cl_command_queue compute, copies;
    cl_mem buffer;
    struct detcl_context *ctx;
    struct detcl_tensor *tensors[VIEWS];
};

static int fail(const char *what, cl_int code)
{
    fprintf(stderr, "%s failed: %d\n", what, code);
    return 0;
}

/* The first device there is. */
static int find_device(cl_device_id *out)
{
    cl_platform_id platforms[16];
    cl_uint n = 0;
    if (clGetPlatformIDs(16, platforms, &n) != CL_SUCCESS)
        return 0;
    for (cl_uint i = 0; i < n && i < 16; i++)
        if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, out, NULL) == CL_SUCCESS)
            return 1;
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
    struct detcl_error error;
    if (detcl_context_create_from_opencl(p->context, p->device, p->compute, NULL, &p->ctx,
                                         &error) != DETCL_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 0;
    }
    for (int i = 0; i < VIEWS; i++)
        if (detcl_tensor_wrap_opencl(p->ctx, &views[i].desc, p->buffer, views[i].offset,
                                     &p->tensors[i]) != DETCL_OK) {
            fprintf(stderr, "%s\n", detcl_context_error(p->ctx));
            return 0;
        }
    return 1;
}

static void destroy(struct program *p)
{
    for (int i = 0; i < VIEWS; i++)
        detcl_tensor_destroy(&p->tensors[i]);
    detcl_context_destroy(&p->ctx);
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
    cl_int code = clEnqueueWriteBuffer(p->copies, p->buffer, CL_FALSE, 0, INPUT_END, memory, 0,
                                       NULL, &uploaded);
    int good = code == CL_SUCCESS || fail("clEnqueueWriteBuffer", code);
    if (good) {
        const struct detcl_sync first = {1, &uploaded, NULL}, last = {0, NULL, &computed};
        clFlush(p->copies);
        good = enqueue_chain(p->ctx, p->tensors, &first, &last) == DETCL_OK;
        if (!good)
            fprintf(stderr, "%s\n", detcl_context_error(p->ctx));
    }
    if (good) {
        clFlush(p->compute);
        code =
            clEnqueueReadBuffer(p->copies, p->buffer, CL_FALSE, INPUT_END, MEMORY_BYTES - INPUT_END,
                                memory + INPUT_END, 1, &computed, &downloaded);
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

/* What the device found is what the CPU device finds: the same decisions. */
static int agree(const unsigned char *found, const unsigned char *expected)
{
    const int32_t *keep = (const int32_t *)(const void *)(found + KEEP_AT);
    int32_t kept, wanted;
    memcpy(&kept, found + KEPT_AT, sizeof kept);
    memcpy(&wanted, expected + KEPT_AT, sizeof wanted);
    printf("%d of %d boxes kept, box %d first\n", kept, BOXES, keep[0]);
    return kept == wanted && kept > 1 &&
           memcmp(found + KEEP_AT, expected + KEEP_AT, (size_t)kept * sizeof *keep) == 0;
}

int main(void)
{
    static uint32_t found[MEMORY_BYTES / 4], expected[MEMORY_BYTES / 4];
    struct program p = {0};
    if (!find_device(&p.device)) {
        fprintf(stderr, "no OpenCL device\n");
        return SKIPPED;
    }
    fill_inputs((unsigned char *)found);
    fill_inputs((unsigned char *)expected);
    int good = create(&p);
    for (int i = 0; i < 2 && good; i++) /* the second time nothing is compiled */
        good = run(&p, (unsigned char *)found);
    destroy(&p);
    good = good && run_on_cpu((unsigned char *)expected) == DETCL_OK &&
           agree((const unsigned char *)found, (const unsigned char *)expected);
    if (!good)
        fprintf(stderr, "failed\n");
    return !good;
}
