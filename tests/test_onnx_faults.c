/* Every allocation of the importer fails once: an error, or the right graph, and no leak. */
#include "failing_alloc.h"
#include "onnx_support.h"
#include "temp_dir.h"

static const float weights[] = {1, 2, 3, 4};

/* An input, an external and an inline constant, two nodes, metadata. */
static struct pb make_model(void)
{
    struct pb graph = simple_graph(FLOAT), entry = {0};
    const int64_t dims[] = {4};
    struct pb outside = onnx_tensor("w", FLOAT, dims, 1), inside = onnx_tensor("v", BOOL, dims, 1);
    onnx_tensor_external(&outside, "location", "weights.bin");
    onnx_tensor_raw(&inside, weights, 4);
    pb_message(&graph, GRAPH_INITIALISER, &outside);
    pb_message(&graph, GRAPH_INITIALISER, &inside);
    add_node(&graph, "Relu", "a", "x", "y");
    add_node(&graph, "Relu", "b", "w", "z");
    onnx_info(&graph, GRAPH_OUTPUT, "w", FLOAT, dims, 1);
    struct pb model = onnx_model(&graph, 13);
    pb_text(&entry, 1, "key");
    pb_text(&entry, 2, "value");
    pb_message(&model, 14, &entry);
    return model;
}

static enum detcl_status import_once(const char *path)
{
    struct imported i = {0};
    dcl_graph_init(&i.graph, &i.error);
    const enum detcl_status status = dcl_onnx_import(path, &i.graph);
    if (status == DETCL_OK) {
        assert_int_equal(i.graph.n_nodes, 2);
        assert_memory_equal(i.graph.outputs[1]->constant, weights, sizeof weights);
    } else {
        assert_int_equal(status, DETCL_ERROR_MEMORY);
        assert_true(strlen(i.error.text) > strlen(path));
    }
    dcl_graph_free(&i.graph);
    return status;
}

static void each_allocation_fails(void **state)
{
    (void)state;
    struct temp_dir dir;
    char path[300], data[300];
    const struct pb model = make_model();
    assert_int_equal(temp_dir_make(&dir), 0);
    snprintf(path, sizeof path, "%s/model.onnx", dir.path);
    snprintf(data, sizeof data, "%s/weights.bin", dir.path);
    assert_int_equal(temp_dir_write(path, model.data, model.n), 0);
    assert_int_equal(temp_dir_write(data, weights, sizeof weights), 0);
    int failed = 0;
    for (long n = 0;; n++) {
        countdown = n;
        const enum detcl_status status = import_once(path);
        const long left = countdown;
        countdown = -1;
        failed += status != DETCL_OK;
        if (left >= 0) { /* fewer than n + 1 allocations: every one has failed once */
            assert_int_equal(status, DETCL_OK);
            break;
        }
    }
    assert_true(failed >= 5);
    temp_dir_remove(dir.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
