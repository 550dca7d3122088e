/* A foreign OpenCL program: its own context, queue, buffers at odd offsets, wait lists and events.
 */
#include "detcl/detcl.h"
#include "detcl/opencl.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

struct foreign {
    cl_device_id device;
    cl_context context;
    cl_command_queue queue;
};

static int open_foreign(struct foreign *f, cl_command_queue_properties properties)
{
    cl_platform_id platforms[8];
    cl_uint n = 0;
    memset(f, 0, sizeof *f);
    if (clGetPlatformIDs(8, platforms, &n) != CL_SUCCESS)
        return 0;
    for (cl_uint i = 0; i < n && i < 8 && !f->device; i++)
        if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, &f->device, NULL) != CL_SUCCESS)
            f->device = NULL;
    if (!f->device)
        return 0;
    cl_int code;
    f->context = clCreateContext(NULL, 1, &f->device, NULL, NULL, &code);
    assert_int_equal(code, CL_SUCCESS);
    f->queue = clCreateCommandQueue(f->context, f->device, properties, &code);
    assert_int_equal(code, CL_SUCCESS);
    return 1;
}

static void close_foreign(struct foreign *f)
{
    clReleaseCommandQueue(f->queue);
    clReleaseContext(f->context);
}

enum { N = 37, OFFSET = 5 };

/* y = relu(x) with x and y in one buffer of the caller's, at element offsets 5 and 5 + 37 + 3,
 * behind a user event, waited for through the event that comes out. */
static void run_relu(cl_command_queue_properties properties)
{
    struct foreign f;
    if (!open_foreign(&f, properties))
        skip();
    struct detcl_context *ctx = NULL;
    assert_int_equal(
        detcl_context_create_from_opencl(f.context, f.device, f.queue, NULL, &ctx, NULL), DETCL_OK);
    float host[2 * N + OFFSET + 3 + 4];
    const int total = (int)(sizeof host / sizeof *host), y_at = OFFSET + N + 3;
    for (int i = 0; i < total; i++)
        host[i] = (float)(i % 7) - 3.0f;
    cl_int code;
    cl_mem buffer = clCreateBuffer(f.context, CL_MEM_READ_WRITE, sizeof host, NULL, &code);
    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(
        clEnqueueWriteBuffer(f.queue, buffer, CL_TRUE, 0, sizeof host, host, 0, NULL, NULL),
        CL_SUCCESS);

    const struct detcl_desc desc = {DETCL_F32, 1, {N}};
    struct detcl_tensor *x = NULL, *y = NULL;
    assert_int_equal(detcl_tensor_wrap_opencl(ctx, &desc, buffer, OFFSET * 4, &x), DETCL_OK);
    assert_int_equal(detcl_tensor_wrap_opencl(ctx, &desc, buffer, (size_t)y_at * 4, &y), DETCL_OK);
    const struct detcl_operand operand = {.desc = desc};
    struct detcl_graph *relu = NULL;
    assert_int_equal(detcl_op_create(ctx, "unary", "kind=relu", &operand, 1, 1, &relu), DETCL_OK);

    cl_event gate = clCreateUserEvent(f.context, &code), done = NULL;
    const struct detcl_sync sync = {1, &gate, &done};
    assert_int_equal(detcl_graph_run(relu, &x, &y, &sync), DETCL_OK);
    assert_non_null(done);
    cl_int state = CL_COMPLETE;
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
    assert_int_not_equal(state, CL_COMPLETE); /* the gate is still closed */
    assert_int_equal(clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);

    float found[sizeof host / sizeof *host];
    assert_int_equal(
        clEnqueueReadBuffer(f.queue, buffer, CL_TRUE, 0, sizeof found, found, 1, &done, NULL),
        CL_SUCCESS);
    for (int i = 0; i < total; i++) {
        const int k = i - y_at;
        const float expected = k < 0 || k >= N        ? host[i]
                               : host[OFFSET + k] < 0 ? 0
                                                      : host[OFFSET + k];
        assert_true(found[i] == expected);
    }
    clReleaseEvent(gate);
    clReleaseEvent(done);
    detcl_graph_destroy(&relu);
    detcl_tensor_destroy(&x);
    detcl_tensor_destroy(&y);
    detcl_context_destroy(&ctx);
    clReleaseMemObject(buffer);
    close_foreign(&f);
}

static void in_order_queue(void **state)
{
    (void)state;
    run_relu(0);
}

static void out_of_order_queue(void **state)
{
    (void)state;
    run_relu(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
}

static void bad_wraps_are_refused(void **state)
{
    (void)state;
    struct foreign f, other;
    if (!open_foreign(&f, 0) || !open_foreign(&other, 0))
        skip();
    struct detcl_context *ctx = NULL;
    assert_int_equal(detcl_context_create_from_opencl(f.context, f.device, NULL, NULL, &ctx, NULL),
                     DETCL_OK);
    cl_mem buffer = clCreateBuffer(f.context, CL_MEM_READ_WRITE, 64, NULL, NULL);
    cl_mem foreign = clCreateBuffer(other.context, CL_MEM_READ_WRITE, 64, NULL, NULL);
    const struct detcl_desc desc = {DETCL_F32, 1, {16}};
    struct detcl_tensor *t = NULL;
    assert_int_equal(detcl_tensor_wrap_opencl(ctx, &desc, buffer, 4, &t), DETCL_ERROR_ARGUMENT);
    assert_non_null(strstr(detcl_context_error(ctx), "64"));
    assert_int_equal(detcl_tensor_wrap_opencl(ctx, &desc, foreign, 0, &t), DETCL_ERROR_ARGUMENT);
    const struct detcl_desc three = {DETCL_F32, 1, {3}};
    assert_int_equal(detcl_tensor_wrap_opencl(ctx, &three, buffer, 2, &t), DETCL_ERROR_ARGUMENT);
    float host[16];
    assert_int_equal(detcl_tensor_wrap_host(ctx, &desc, host, &t), DETCL_ERROR_ARGUMENT);
    assert_null(t);
    clReleaseMemObject(buffer);
    clReleaseMemObject(foreign);
    detcl_context_destroy(&ctx);
    close_foreign(&f);
    close_foreign(&other);
}

static void profile_and_validate(void **state)
{
    (void)state;
    struct foreign f;
    if (!open_foreign(&f, CL_QUEUE_PROFILING_ENABLE))
        skip();
    struct detcl_context *ctx = NULL;
    assert_int_equal(
        detcl_context_create_from_opencl(f.context, f.device, f.queue, NULL, &ctx, NULL), DETCL_OK);
    const struct detcl_operand operand = {.desc = {DETCL_F32, 4, {1, 3, 8, 8}}};
    struct detcl_graph *g = NULL;
    assert_int_equal(detcl_op_create(ctx, "unary", "kind=sigmoid", &operand, 1, 1, &g), DETCL_OK);
    float x[192];
    for (int i = 0; i < 192; i++)
        x[i] = (float)i / 20.0f - 4.0f;
    const struct detcl_graph_options options = {.profile = 1};
    assert_int_equal(detcl_graph_prepare(g, NULL, &options), DETCL_OK);
    assert_int_equal(detcl_graph_write_input(g, 0, x, sizeof x), DETCL_OK);
    assert_int_equal(detcl_graph_run(g, NULL, NULL, NULL), DETCL_OK);
    struct detcl_node_time times[4];
    int count = 0;
    assert_int_equal(detcl_graph_profile(g, times, 4, &count), DETCL_OK);
    assert_int_equal(count, 1);
    assert_string_equal(times[0].op, "unary");
    assert_true(times[0].ms > 0);
    assert_int_equal(detcl_graph_validate(g, NULL, NULL), DETCL_OK);
    detcl_graph_destroy(&g);
    detcl_context_destroy(&ctx);
    close_foreign(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_queue),
        cmocka_unit_test(out_of_order_queue),
        cmocka_unit_test(bad_wraps_are_refused),
        cmocka_unit_test(profile_and_validate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
