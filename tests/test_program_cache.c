/* The program cache on the device that DETCL_DEVICE names, by default the best OpenCL device. */
#include "detcl/ops.h"
#include "device/disk_cache.h"
#include "device/program_cache.h"
#include "temp_dir.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PROGRAMS 3

static const char source[] = "kernel void fill(global int *out)\n"
                             "{\n"
                             "    out[get_global_id(0)] = VALUE + (int)get_global_id(0);\n"
                             "}\n";
static const char *const options[PROGRAMS] = {"-DVALUE=10", "-DVALUE=20", "-DVALUE=30"};

struct fixture {
    struct temp_dir dir, driver_dir;
    struct detcl_context *ctx; /* NULL: no OpenCL device */
    cl_context context;
    cl_device_id device;
    cl_command_queue queue;
    struct dcl_error error;
    struct dcl_program_cache *cache;
    char log[8192]; /* warnings and errors since the cache was opened */
    int progress_calls;
    pthread_t caller;
};

static void keep_log(void *user, enum detcl_log_level level, const char *text)
{
    struct fixture *f = user;
    const size_t used = strlen(f->log);
    (void)level;
    if (pthread_equal(f->caller, pthread_self()))
        snprintf(f->log + used, sizeof f->log - used, "%s\n", text);
    else
        snprintf(f->log, sizeof f->log, "a log line came on another thread");
}

static void count_progress(void *user, const char *what, int done, int total)
{
    struct fixture *f = user;
    f->progress_calls++;
    if (done == f->progress_calls && total <= PROGRAMS && strncmp(what, "fill", 4) == 0 &&
        pthread_equal(f->caller, pthread_self()))
        return;
    f->progress_calls = -1000;
}

static bool open_device(struct fixture *f)
{
    struct detcl_error why;
    if (detcl_context_create(NULL, &f->ctx, &why) != DETCL_OK)
        return false;
    f->context = detcl_context_opencl(f->ctx);
    f->queue = detcl_context_queue(f->ctx);
    f->caller = pthread_self();
    f->error = (struct dcl_error){.log = keep_log, .log_user = f, .log_level = DETCL_LOG_WARNING};
    return f->context && clGetCommandQueueInfo(f->queue, CL_QUEUE_DEVICE, sizeof f->device,
                                               &f->device, NULL) == CL_SUCCESS;
}

static bool open_cache(struct fixture *f, const char *dir)
{
    const struct dcl_program_cache_params params = {.dir = dir};
    dcl_program_cache_close(&f->cache);
    f->log[0] = '\0';
    f->progress_calls = 0;
    return dcl_program_cache_open(f->context, f->device, &params, &f->error, &f->cache) == DETCL_OK;
}

static enum detcl_status build(struct fixture *f, cl_program programs[PROGRAMS])
{
    static const char *const names[PROGRAMS] = {"fill a", "fill b", "fill c"};
    struct dcl_program_request requests[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++)
        requests[i] = (struct dcl_program_request){names[i], source, options[i], NULL};
    const enum detcl_status status =
        dcl_programs_build(f->cache, requests, PROGRAMS, count_progress, f, &f->error);
    for (int i = 0; i < PROGRAMS; i++)
        programs[i] = requests[i].program;
    return status;
}

/* Run the program's kernel on four items; returns the first item's value, or -1. */
static int run(const struct fixture *f, cl_program program)
{
    const size_t global = 4, local = 1;
    cl_int out[4] = {-1, -1, -1, -1}, code;
    cl_mem mem = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof out, NULL, &code);
    cl_kernel kernel = clCreateKernel(program, "fill", &code);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 0, sizeof mem, &mem);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(f->queue, kernel, 1, NULL, &global, &local, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clEnqueueReadBuffer(f->queue, mem, CL_TRUE, 0, sizeof out, out, 0, NULL, NULL);
    if (kernel)
        clReleaseKernel(kernel);
    clReleaseMemObject(mem);
    return code == CL_SUCCESS && out[3] == out[0] + 3 ? out[0] : -1;
}

/* Build all programs, run them, write the entries; true when every result is right. */
static bool build_run_save(struct fixture *f)
{
    cl_program programs[PROGRAMS];
    bool good = build(f, programs) == DETCL_OK;
    for (int i = 0; good && i < PROGRAMS; i++)
        good = run(f, programs[i]) == 10 * (i + 1);
    dcl_program_cache_save(f->cache, INFINITY, &f->error);
    return good;
}

static void expect_stats(const struct fixture *f, int compiled, int loaded, int rejected,
                         int stored)
{
    const struct dcl_program_cache_stats s = dcl_program_cache_stats(f->cache);
    assert_int_equal(s.compiled, compiled);
    assert_int_equal(s.loaded, loaded);
    assert_int_equal(s.rejected, rejected);
    assert_int_equal(s.stored, stored);
    assert_int_equal(s.pending, 0);
}

/* A cache with all programs on disk, opened anew and not used yet. */
static void make_warm(struct fixture *f)
{
    if (!f->context)
        skip();
    temp_dir_remove(f->dir.path);
    assert_true(open_cache(f, f->dir.path));
    assert_true(build_run_save(f));
    expect_stats(f, PROGRAMS, 0, 0, PROGRAMS);
    assert_true(open_cache(f, f->dir.path));
}

static void expect_clean_directory(const struct fixture *f)
{
    assert_int_equal(temp_dir_count(f->dir.path, "", NULL), PROGRAMS);
    assert_int_equal(temp_dir_count(f->dir.path, ".bin", NULL), PROGRAMS);
}

enum child_result { CHILD_GOOD, CHILD_BAD, CHILD_NO_DEVICE };

static int child(struct fixture *f, int start)
{
    char byte;
    if (!open_device(f))
        return CHILD_NO_DEVICE;
    if (!open_cache(f, f->dir.path) || read(start, &byte, 1) != 0)
        return CHILD_BAD;
    const bool good = build_run_save(f);
    const struct dcl_program_cache_stats s = dcl_program_cache_stats(f->cache);
    dcl_program_cache_close(&f->cache);
    return good && s.compiled + s.loaded == PROGRAMS && s.rejected <= 1 ? CHILD_GOOD : CHILD_BAD;
}

/* Runs first: processes are forked before this one uses OpenCL. */
static void test_processes_share_a_directory(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 3; round++) { /* empty, full, one entry damaged */
        char path[512];
        int start[2], results[3];
        if (round == 2) {
            assert_true(temp_dir_count(f->dir.path, ".bin", path) > 0);
            assert_int_equal(truncate(path, 100), 0);
        }
        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < 3; i++) {
            results[i] = fork();
            if (results[i] == 0) {
                close(start[1]); /* the parent's end closes for all at the same time */
                _exit(child(f, start[0]));
            }
        }
        close(start[1]);
        close(start[0]);
        for (int i = 0; i < 3; i++) {
            int status;
            assert_int_equal(waitpid(results[i], &status, 0), results[i]);
            assert_true(WIFEXITED(status));
            results[i] = WEXITSTATUS(status);
        }
        if (results[0] == CHILD_NO_DEVICE)
            skip();
        for (int i = 0; i < 3; i++)
            assert_int_equal(results[i], CHILD_GOOD);
        expect_clean_directory(f);
    }
}

static void test_cold_then_warm(void **state)
{
    struct fixture *f = *state;
    cl_program first[PROGRAMS], second[PROGRAMS];
    make_warm(f);
    expect_clean_directory(f);
    assert_int_equal(build(f, first), DETCL_OK);
    expect_stats(f, 0, PROGRAMS, 0, 0);
    assert_int_equal(f->progress_calls, PROGRAMS);
    for (int i = 0; i < PROGRAMS; i++)
        assert_int_equal(run(f, first[i]), 10 * (i + 1));

    f->progress_calls = 0;
    assert_int_equal(build(f, second), DETCL_OK); /* from the table in memory */
    assert_memory_equal(first, second, sizeof first);
    expect_stats(f, 0, PROGRAMS, 0, 0);
    assert_int_equal(f->progress_calls, 0);
    assert_string_equal(f->log, "");
    expect_clean_directory(f);
}

static void test_equal_requests_share_a_program(void **state)
{
    struct fixture *f = *state;
    make_warm(f);
    struct dcl_program_request r[4] = {{"x", source, options[0], NULL},
                                       {"y", source, options[0], NULL},
                                       {"z", source, options[1], NULL},
                                       {"none", "kernel void f(void)\n{\n}\n", NULL, NULL}};
    assert_int_equal(dcl_programs_build(f->cache, r, 4, NULL, NULL, &f->error), DETCL_OK);
    assert_ptr_equal(r[0].program, r[1].program);
    assert_ptr_not_equal(r[0].program, r[2].program);
    assert_non_null(r[3].program);
    dcl_program_cache_save(f->cache, INFINITY, &f->error);
    expect_stats(f, 1, 2, 0, 1);
    assert_int_equal(dcl_programs_build(f->cache, r, 0, NULL, NULL, &f->error), DETCL_OK);
}

static void test_kernels_outlive_the_cache(void **state)
{
    struct fixture *f = *state;
    cl_program programs[PROGRAMS];
    cl_int code;
    make_warm(f);
    assert_int_equal(build(f, programs), DETCL_OK);
    cl_kernel kernel = clCreateKernel(programs[0], "fill", &code);
    assert_int_equal(code, CL_SUCCESS);
    dcl_program_cache_close(&f->cache);
    assert_null(f->cache);
    dcl_program_cache_close(&f->cache);
    dcl_program_cache_close(NULL);
    cl_program program = NULL;
    assert_int_equal(clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, NULL),
                     CL_SUCCESS);
    assert_int_equal(run(f, program), 10);
    clReleaseKernel(kernel);
}

/* Put `size` bytes in place of one entry: it is rejected, compiled, replaced, and good again. */
static void expect_repair(struct fixture *f, const char *path, const void *bytes, size_t size,
                          const char *why)
{
    assert_int_equal(temp_dir_write(path, bytes, size), 0);
    assert_true(open_cache(f, f->dir.path));
    assert_true(build_run_save(f));
    expect_stats(f, 1, PROGRAMS - 1, 1, 1);
    assert_non_null(strstr(f->log, why));
    expect_clean_directory(f);
    assert_true(open_cache(f, f->dir.path));
    assert_true(build_run_save(f));
    expect_stats(f, 0, PROGRAMS, 0, 0);
    assert_string_equal(f->log, "");
}

static void test_damaged_entries_are_replaced(void **state)
{
    struct fixture *f = *state;
    char path[512];
    size_t size = 0;
    make_warm(f);
    assert_int_equal(temp_dir_count(f->dir.path, ".bin", path), PROGRAMS);
    unsigned char *bytes = temp_dir_read(path, &size);
    assert_non_null(bytes);
    expect_repair(f, path, bytes, 0, "truncated");
    expect_repair(f, path, bytes, sizeof(struct dcl_disk_header) - 1, "truncated");
    expect_repair(f, path, bytes, size / 2, "wrong length");
    expect_repair(f, path, bytes, size - 1, "wrong length");
    bytes[size - 1] ^= 0x10;
    expect_repair(f, path, bytes, size, "wrong checksum");
    bytes[size - 1] ^= 0x10;
    bytes[sizeof(struct dcl_disk_header)] ^= 1;
    expect_repair(f, path, bytes, size, "made for another key");
    memset(bytes, 0, size);
    expect_repair(f, path, bytes, size, "unknown format");
    free(bytes);
}

static void test_binary_that_the_driver_refuses(void **state)
{
    static const char nonsense[] = "this is no program for any device, however long it looks";
    struct fixture *f = *state;
    struct dcl_disk_reason reason;
    char path[512];
    size_t size = 0;
    make_warm(f);
    if (strcmp(detcl_context_device(f->ctx)->platform, "rusticl") == 0)
        skip(); /* Mesa 22.3 aborts the process on a binary it does not know */
    assert_int_equal(temp_dir_count(f->dir.path, ".bin", path), PROGRAMS);
    unsigned char *bytes = temp_dir_read(path, &size);
    assert_non_null(bytes);
    struct dcl_disk_header head;
    memcpy(&head, bytes, sizeof head);
    struct dcl_disk_cache *disk = dcl_disk_open(f->dir.path, 1 << 20, &reason);
    assert_non_null(disk);
    assert_int_equal(dcl_disk_store(disk, bytes + sizeof head, (size_t)head.key_size, nonsense,
                                    sizeof nonsense, &reason),
                     DCL_DISK_OK);
    dcl_disk_close(&disk);
    free(bytes);
    bytes = temp_dir_read(path, &size);
    assert_non_null(bytes);
    expect_repair(f, path, bytes, size, "refused by the driver");
    free(bytes);
}

static void test_directory_that_cannot_be_used(void **state)
{
    struct fixture *f = *state;
    cl_program programs[PROGRAMS];
    char path[600];
    make_warm(f);
    snprintf(path, sizeof path, "%s/file", f->driver_dir.path);
    assert_int_equal(temp_dir_write(path, "x", 1), 0);
    assert_true(open_cache(f, path));
    assert_non_null(strstr(f->log, path));
    assert_true(build_run_save(f));
    expect_stats(f, PROGRAMS, 0, 0, 0);

    assert_true(open_cache(f, f->dir.path));
    temp_dir_remove(f->dir.path); /* gone while the cache is open: writing fails */
    assert_int_equal(build(f, programs), DETCL_OK);
    dcl_program_cache_save(f->cache, INFINITY, &f->error);
    assert_int_equal(dcl_program_cache_stats(f->cache).stored, 0);
    assert_int_equal(dcl_program_cache_stats(f->cache).compiled, PROGRAMS);
    const char *warning = strstr(f->log, "is not kept");
    assert_non_null(warning);
    assert_null(strstr(warning + 1, "is not kept")); /* once, not for each program */
}

static void test_environment(void **state)
{
    struct fixture *f = *state;
    make_warm(f);
    setenv("DETCL_NO_CACHE", "1", 1);
    assert_true(open_cache(f, f->dir.path));
    assert_true(build_run_save(f));
    expect_stats(f, PROGRAMS, 0, 0, 0);
    assert_string_equal(f->log, "");

    setenv("DETCL_NO_CACHE", "0", 1);
    setenv("DETCL_CACHE_DIR", f->dir.path, 1);
    assert_true(open_cache(f, NULL));
    assert_true(build_run_save(f));
    expect_stats(f, 0, PROGRAMS, 0, 0);
    unsetenv("DETCL_NO_CACHE");
    unsetenv("DETCL_CACHE_DIR");
}

static void test_build_error(void **state)
{
    static const char bad[] = "kernel void f(global int *p)\n{\n    *p = no_such_name;\n}\n";
    struct fixture *f = *state;
    make_warm(f);
    struct dcl_program_request r[3] = {{"good", source, options[0], NULL},
                                       {"wrong", bad, "-DANY=1", NULL},
                                       {"worse", "not OpenCL C", "", NULL}};
    assert_int_equal(dcl_programs_build(f->cache, r, 3, NULL, NULL, &f->error), DETCL_ERROR_OPENCL);
    for (int i = 0; i < 3; i++)
        assert_null(r[i].program);
    assert_non_null(strstr(f->error.text, "program wrong"));
    assert_non_null(strstr(f->error.text, "-DANY=1"));
    assert_non_null(strstr(f->log, "no_such_name"));

    r[1].source = r[2].source = source;
    r[1].options = options[1];
    r[2].options = options[2];
    assert_int_equal(dcl_programs_build(f->cache, r, 3, NULL, NULL, &f->error), DETCL_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(run(f, r[i].program), 10 * (i + 1));
    expect_stats(f, 0, PROGRAMS, 0, 0);
}

/* One process of the public interface: y = relu(x) once, programs saved; the log is left in f->log.
 */
static void run_operation(struct fixture *f)
{
    const struct detcl_context_params params = {
        .log = keep_log, .log_user = f, .log_level = DETCL_LOG_DEBUG};
    const struct detcl_operand operand = {.desc = {DETCL_F32, 1, {3}}};
    const float x[3] = {-1.0f, 0.5f, 2.0f};
    float y[3] = {9.0f, 9.0f, 9.0f};
    struct detcl_context *ctx = NULL;
    struct detcl_graph *relu = NULL;
    f->log[0] = '\0';
    assert_int_equal(detcl_context_create(&params, &ctx, NULL), DETCL_OK);
    assert_int_equal(detcl_op_create(ctx, "unary", "kind=relu", &operand, 1, 1, &relu), DETCL_OK);
    assert_int_equal(detcl_graph_write_input(relu, 0, x, sizeof x), DETCL_OK);
    assert_int_equal(detcl_graph_run(relu, NULL, NULL, NULL), DETCL_OK);
    assert_int_equal(detcl_graph_read_output(relu, 0, y, sizeof y), DETCL_OK);
    assert_true(y[0] == 0.0f && y[1] == 0.5f && y[2] == 2.0f);
    detcl_context_save_programs(ctx, 0.0);
    detcl_context_save_programs(ctx, INFINITY);
    detcl_graph_destroy(&relu);
    detcl_context_destroy(&ctx);
}

static void test_public_interface(void **state)
{
    struct fixture *f = *state;
    make_warm(f);
    temp_dir_remove(f->dir.path);
    setenv("DETCL_CACHE_DIR", f->dir.path, 1);
    run_operation(f);
    assert_non_null(strstr(f->log, "): compiled"));
    assert_null(strstr(f->log, "): loaded"));
    assert_int_equal(temp_dir_count(f->dir.path, ".bin", NULL), 1);
    run_operation(f);
    assert_non_null(strstr(f->log, "): loaded"));
    assert_null(strstr(f->log, "): compiled"));
    unsetenv("DETCL_CACHE_DIR");
    detcl_context_save_programs(NULL, INFINITY);
}

static int setup(void **state)
{
    static struct fixture f;
    if (temp_dir_make(&f.dir) != 0 || temp_dir_make(&f.driver_dir) != 0)
        return -1;
    unsetenv("DETCL_NO_CACHE");
    setenv("POCL_CACHE_DIR", f.driver_dir.path, 1); /* so that cold is cold */
    *state = &f;
    return 0;
}

static int open_for_this_process(void **state)
{
    struct fixture *f = *state;
    if (!f->ctx && !open_device(f))
        f->context = NULL;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    dcl_program_cache_close(&f->cache);
    detcl_context_destroy(&f->ctx);
    temp_dir_remove(f->dir.path);
    temp_dir_remove(f->driver_dir.path);
    return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, open_for_this_process)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_share_a_directory),
        CASE(test_cold_then_warm),
        CASE(test_equal_requests_share_a_program),
        CASE(test_kernels_outlive_the_cache),
        CASE(test_damaged_entries_are_replaced),
        CASE(test_binary_that_the_driver_refuses),
        CASE(test_directory_that_cannot_be_used),
        CASE(test_environment),
        CASE(test_build_error),
        CASE(test_public_interface),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
