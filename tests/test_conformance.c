/* The conformance runner must notice what is wrong: it is given right and wrong cases. */
#include "conformance.h"
#include "onnx_support.h"
#include "temp_dir.h"

static struct detcl_context *ctx;

static int open_context(void **state)
{
    (void)state;
    const struct detcl_context_params params = {.device = "cpu"};
    return detcl_context_create(&params, &ctx, NULL) != DETCL_OK;
}

static int close_context(void **state)
{
    (void)state;
    detcl_context_destroy(&ctx);
    return 0;
}

static void write_file(const char *folder, const char *name, const struct pb *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(temp_dir_write(path, bytes->data, bytes->n), 0);
}

/* A case of one node on -1, NaN, 2 with the given expected output. */
static struct conformance_result run_case(const char *op, const struct pb *expected)
{
    static const float x[] = {-1, __builtin_nanf(""), 2};
    const int64_t dims[] = {3};
    struct pb graph = {0}, input = onnx_tensor("x", FLOAT, dims, 1);
    onnx_info(&graph, GRAPH_INPUT, "x", FLOAT, dims, 1);
    onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, dims, 1);
    add_node(&graph, op, "n", "x", "y");
    onnx_tensor_raw(&input, x, sizeof x);
    const struct pb model = onnx_model(&graph, 13);

    struct temp_dir dir;
    char set[300];
    assert_int_equal(temp_dir_make(&dir), 0);
    snprintf(set, sizeof set, "%s/test_data_set_0", dir.path);
    assert_int_equal(mkdir(set, 0700), 0);
    write_file(dir.path, "model.onnx", &model);
    write_file(set, "input_0.pb", &input);
    if (expected)
        write_file(set, "output_0.pb", expected);
    struct conformance_result result;
    conformance_run(ctx, dir.path, &result);
    temp_dir_remove(dir.path);
    return result;
}

static struct conformance_result run_values(const char *op, float a, float b, float c)
{
    const float y[] = {a, b, c};
    const int64_t dims[] = {3};
    struct pb t = onnx_tensor("y", FLOAT, dims, 1);
    onnx_tensor_raw(&t, y, sizeof y);
    return run_case(op, &t);
}

static void right_cases_pass(void **state)
{
    (void)state;
    const float nan = __builtin_nanf("");
    assert_int_equal(run_values("Abs", 1, nan, 2).outcome, CONFORMANCE_PASSED);
    assert_int_equal(run_values("Abs", 1.0009f, nan, 2).outcome, CONFORMANCE_PASSED);
}

static void wrong_values_fail(void **state)
{
    (void)state;
    const float nan = __builtin_nanf("");
    assert_int_equal(run_values("Abs", 1.0011f, nan, 2).outcome, CONFORMANCE_FAILED);
    assert_int_equal(run_values("Abs", 1, 0, 2).outcome, CONFORMANCE_FAILED);
    assert_int_equal(run_values("Abs", 1, nan, nan).outcome, CONFORMANCE_FAILED);
    assert_int_equal(run_values("Abs", 1, nan, __builtin_inff()).outcome, CONFORMANCE_FAILED);
    const struct conformance_result r = run_values("Abs", 1, nan, 3);
    assert_int_equal(r.outcome, CONFORMANCE_FAILED);
    assert_non_null(strstr(r.why, "element 2 is 2, expected 3"));
}

static void wrong_shapes_and_types_fail(void **state)
{
    (void)state;
    const int64_t dims[] = {1, 3};
    const float y[] = {1, __builtin_nanf(""), 2};
    struct pb flat = onnx_tensor("y", FLOAT, dims, 2), ints = onnx_tensor("y", INT32, dims + 1, 1);
    onnx_tensor_raw(&flat, y, sizeof y);
    onnx_tensor_raw(&ints, y, sizeof y);
    assert_int_equal(run_case("Abs", &flat).outcome, CONFORMANCE_FAILED);
    assert_int_equal(run_case("Abs", &ints).outcome, CONFORMANCE_FAILED);
    assert_int_equal(run_case("Abs", NULL).outcome, CONFORMANCE_FAILED);
}

static void only_unsupported_is_refused(void **state)
{
    (void)state;
    const struct conformance_result r = run_values("NoSuchOp", 0, 0, 0);
    assert_int_equal(r.outcome, CONFORMANCE_REFUSED);
    assert_non_null(strstr(r.why, "NoSuchOp"));
    assert_int_equal(run_values("", 0, 0, 0).outcome, CONFORMANCE_FAILED); /* malformed */
    struct conformance_result nothing;
    conformance_run(ctx, "/nonexistent", &nothing);
    assert_int_equal(nothing.outcome, CONFORMANCE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_cases_pass),
        cmocka_unit_test(wrong_values_fail),
        cmocka_unit_test(wrong_shapes_and_types_fail),
        cmocka_unit_test(only_unsupported_is_refused),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
