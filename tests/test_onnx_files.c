/* Files: the model itself and external data, which must stay inside the model's folder. */
#include "onnx_support.h"
#include "temp_dir.h"

#include <fcntl.h>
#include <glob.h>

struct place {
    struct temp_dir dir;
    char model[512], data[512];
};

static const float weights[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void open_place(struct place *p)
{
    assert_int_equal(temp_dir_make(&p->dir), 0);
    snprintf(p->model, sizeof p->model, "%s/model.onnx", p->dir.path);
    snprintf(p->data, sizeof p->data, "%s/weights.bin", p->dir.path);
    assert_int_equal(temp_dir_write(p->data, weights, sizeof weights), 0);
}

/* A model with the constant "w" (four floats) at `location`; offset and length may be NULL. */
static struct pb external_model(const char *location, const char *offset, const char *length)
{
    const int64_t dims[] = {4};
    struct pb graph = {0}, t = onnx_tensor("w", FLOAT, dims, 1);
    if (location)
        onnx_tensor_external(&t, "location", location);
    if (offset)
        onnx_tensor_external(&t, "offset", offset);
    if (length)
        onnx_tensor_external(&t, "length", length);
    pb_message(&graph, GRAPH_INITIALISER, &t);
    onnx_info(&graph, GRAPH_OUTPUT, "w", FLOAT, dims, 1);
    return onnx_model(&graph, 13);
}

static enum detcl_status import_file(struct imported *i, const struct place *p,
                                     const struct pb *model)
{
    assert_int_equal(temp_dir_write(p->model, model->data, model->n), 0);
    memset(&i->error, 0, sizeof i->error);
    dcl_graph_init(&i->graph, &i->error);
    return dcl_onnx_import(p->model, &i->graph);
}

static void expect_refused(const struct place *p, const struct pb *model, enum detcl_status status)
{
    struct imported i;
    const enum detcl_status found = import_file(&i, p, model);
    if (found != status)
        print_error("%s: %s\n", detcl_status_text(found), i.error.text);
    assert_int_equal(found, status);
    assert_non_null(strstr(i.error.text, p->model));
    assert_non_null(strstr(i.error.text, "'w'"));
    dcl_graph_free(&i.graph);
}

static void external_data_are_read(void **state)
{
    (void)state;
    struct place p;
    struct imported i;
    open_place(&p);
    struct pb model = external_model("weights.bin", "8", "16");
    assert_int_equal(import_file(&i, &p, &model), DETCL_OK);
    assert_memory_equal(i.graph.outputs[0]->constant, weights + 2, 16);
    dcl_graph_free(&i.graph);

    char folder[600], inner[700];
    snprintf(folder, sizeof folder, "%s/deep", p.dir.path);
    snprintf(inner, sizeof inner, "%s/data", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(temp_dir_write(inner, weights, sizeof weights), 0);
    model = external_model("deep/data", NULL, NULL);
    assert_int_equal(import_file(&i, &p, &model), DETCL_OK);
    assert_memory_equal(i.graph.outputs[0]->constant, weights, 16);
    dcl_graph_free(&i.graph);
    temp_dir_remove(p.dir.path);
}

static void paths_stay_inside(void **state)
{
    (void)state;
    struct place p;
    open_place(&p);
    char outside[600], twice[600];
    snprintf(outside, sizeof outside, "../%s/weights.bin", strrchr(p.dir.path, '/') + 1);
    snprintf(twice, sizeof twice, "/%s", p.data);
    const char *const bad[] = {outside, p.data, twice, "..",    "deep/../weights.bin",
                               "",      "/",    "./.", "deep/", "./weights.bin"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        const struct pb model = external_model(bad[k], NULL, NULL);
        expect_refused(&p, &model, DETCL_ERROR_MODEL);
    }
    temp_dir_remove(p.dir.path);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    struct place p;
    open_place(&p);
    char link_path[600], folder_link[600];
    snprintf(link_path, sizeof link_path, "%s/link", p.dir.path);
    snprintf(folder_link, sizeof folder_link, "%s/folder", p.dir.path);
    assert_int_equal(symlink("weights.bin", link_path), 0);
    assert_int_equal(symlink(".", folder_link), 0);
    struct pb model = external_model("link", NULL, NULL);
    expect_refused(&p, &model, DETCL_ERROR_IO);
    model = external_model("folder/weights.bin", NULL, NULL);
    expect_refused(&p, &model, DETCL_ERROR_IO);
    temp_dir_remove(p.dir.path);
}

static void external_data_must_be_there_and_fit(void **state)
{
    (void)state;
    struct place p;
    open_place(&p);
    const struct {
        const char *location, *offset, *length;
        enum detcl_status status;
    } cases[] = {{"missing.bin", NULL, NULL, DETCL_ERROR_IO},
                 {NULL, "0", NULL, DETCL_ERROR_MODEL},
                 {"weights.bin", "20", NULL, DETCL_ERROR_MODEL},
                 {"weights.bin", "18446744073709551615", NULL, DETCL_ERROR_MODEL},
                 {"weights.bin", "18446744073709551616", NULL, DETCL_ERROR_MODEL},
                 {"weights.bin", "-4", NULL, DETCL_ERROR_MODEL},
                 {"weights.bin", "0", "12", DETCL_ERROR_MODEL},
                 {"weights.bin", "", NULL, DETCL_ERROR_MODEL}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct pb model = external_model(cases[k].location, cases[k].offset, cases[k].length);
        expect_refused(&p, &model, cases[k].status);
    }
    assert_int_equal(truncate(p.data, 15), 0);
    struct pb model = external_model("weights.bin", NULL, NULL);
    expect_refused(&p, &model, DETCL_ERROR_MODEL);
    unlink(p.data);
    assert_int_equal(mkfifo(p.data, 0600), 0); /* must not wait for a writer */
    expect_refused(&p, &model, DETCL_ERROR_IO);
    temp_dir_remove(p.dir.path);

    struct imported i;
    model = external_model("weights.bin", NULL, NULL);
    assert_int_equal(import_model(&i, &model), DETCL_ERROR_MODEL); /* from memory: no folder */
    dcl_graph_free(&i.graph);
}

static void model_files(void **state)
{
    (void)state;
    struct place p;
    open_place(&p);
    char missing[600];
    snprintf(missing, sizeof missing, "%s/none.onnx", p.dir.path);
    const struct {
        const char *path;
        enum detcl_status status;
    } cases[] = {
        {missing, DETCL_ERROR_IO}, {p.dir.path, DETCL_ERROR_IO}, {p.data, DETCL_ERROR_MODEL}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct imported i = {0};
        dcl_graph_init(&i.graph, &i.error);
        assert_int_equal(dcl_onnx_import(cases[k].path, &i.graph), cases[k].status);
        assert_non_null(strstr(i.error.text, cases[k].path));
        dcl_graph_free(&i.graph);
    }
    const int huge = open(missing, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(huge >= 0);
    assert_int_equal(ftruncate(huge, ((off_t)2 << 30) + 1), 0); /* sparse: takes no room */
    close(huge);
    struct imported i = {0};
    dcl_graph_init(&i.graph, &i.error);
    assert_int_equal(dcl_onnx_import(missing, &i.graph), DETCL_ERROR_MODEL);
    assert_non_null(strstr(i.error.text, "2 GiB"));
    dcl_graph_free(&i.graph);
    temp_dir_remove(p.dir.path);
}

/* Trained networks by others: data that lie beside the project, or not. */
static void networks_are_imported(void **state)
{
    (void)state;
    glob_t found;
    if (glob("../shared/models/*.onnx", 0, NULL, &found) != 0)
        skip();
    for (size_t k = 0; k < found.gl_pathc; k++) {
        struct imported i = {0};
        dcl_graph_init(&i.graph, &i.error);
        if (dcl_onnx_import(found.gl_pathv[k], &i.graph) != DETCL_OK)
            fail_msg("%s", i.error.text);
        assert_int_equal(i.graph.n_inputs, 1);
        assert_int_equal(i.graph.inputs[0]->desc.rank, 4);
        assert_true(i.graph.n_nodes > 20);
        dcl_graph_free(&i.graph);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(external_data_are_read),
        cmocka_unit_test(paths_stay_inside),
        cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(external_data_must_be_there_and_fit),
        cmocka_unit_test(model_files),
        cmocka_unit_test(networks_are_imported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
