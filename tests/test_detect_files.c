/* Files that come with a model: sidecars, labels, and literals in metadata. */
#include "detect/literal.h"
#include "detect/sidecar.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct files {
    struct temp_dir dir;
    char path[512];
    struct dcl_arena arena;
    struct dcl_error error;
};

static enum detcl_status read_sidecar(struct files *f, const char *text,
                                      struct dcl_detect_spec *layer)
{
    snprintf(f->path, sizeof f->path, "%s/m.detcl.json", f->dir.path);
    assert_int_equal(temp_dir_write(f->path, text, strlen(text)), 0);
    *layer = (struct dcl_detect_spec){0};
    return dcl_sidecar_read(f->path, &f->arena, &f->error, layer);
}

static void a_whole_sidecar_is_read(void **state)
{
    struct files *f = *state;
    struct dcl_detect_spec s;
    assert_int_equal(
        read_sidecar(f,
                     "{\"name\":\"m\",\"input\":{\"width\":320,\"height\":240,\"channels\":\"bgr\","
                     "\"resize\":\"crop\",\"shorter\":280,\"anchor\":\"center\",\"pad\":3,"
                     "\"mean\":[1,2.5,3],\"scale\":[4,5,-6]},\"head\":{\"type\":\"ssd\","
                     "\"outputs\":[\"b\",\"s\"],\"strides\":[8,16],\"min_boxes\":[[10,16],[32]],"
                     "\"clip\":true,\"variances\":[0.1,0.2],\"background\":true,"
                     "\"activation\":\"softmax\"},\"score\":0.5,\"iou\":1,\"max\":20,"
                     "\"labels\":[\"a\",\"b\"]}",
                     &s),
        DETCL_OK);
    assert_int_equal(s.size.width, 320);
    assert_int_equal(s.size.height, 240);
    assert_true(s.bgr);
    assert_int_equal(s.resize.mode, DCL_RESIZE_CROP);
    assert_int_equal(s.resize.shorter, 280);
    assert_true(s.centred);
    assert_int_equal(s.pad, 3);
    assert_float_equal(s.mean.v[1], 2.5f, 0);
    assert_float_equal(s.scale.v[2], -6, 0);
    assert_int_equal(s.head, DCL_HEAD_SSD);
    assert_int_equal(s.outputs.n, 2);
    assert_string_equal(s.outputs.v[1], "s");
    assert_int_equal(s.strides.v[1], 16);
    assert_int_equal(s.priors.n_levels, 2);
    assert_int_equal(s.priors.n_min_boxes[0], 2);
    assert_float_equal(s.priors.min_boxes[1][0], 32, 0);
    assert_true(s.priors.clip);
    assert_float_equal(s.variances[1], 0.2f, 0);
    assert_true(s.background);
    assert_int_equal(s.activation, DCL_SCORES_SOFTMAX);
    assert_float_equal(s.iou, 1, 0);
    assert_int_equal(s.max_detections, 20);
    assert_int_equal(s.labels.n, 2);
    assert_false(dcl_spec_has(&s, DCL_SET_ANCHORS));
    assert_true(dcl_spec_has(&s, DCL_SET_PRIORS));
}

static void explicit_priors_are_read(void **state)
{
    struct files *f = *state;
    struct dcl_detect_spec s;
    assert_int_equal(
        read_sidecar(f, "{\"head\":{\"priors\":[[0.5,0.5,1,1],[0.25,0.5,0.1,0.2]]}}", &s),
        DETCL_OK);
    assert_int_equal(s.priors.count, 2);
    assert_float_equal(s.priors.boxes[7], 0.2f, 0);
}

/* Sidecars that must be refused, and what the error must name. */
static const char *const broken[][2] = {
    {"", "m.detcl.json:1"},
    {"[1]", "must be one JSON object"},
    {"{\"input\":{\"width\":1}", "m.detcl.json:1"},
    {"{\"score\":0.5,\"score\":0.6}", "duplicate"},
    {"{\"scores\":0.5}", "unknown key 'scores'"},
    {"{\"input\":{\"widht\":5}}", "unknown key 'input.widht'"},
    {"{\"head\":{\"anchor\":5}}", "unknown key 'head.anchor'"},
    {"{\"input\":5}", "input: must be an object"},
    {"{\"name\":5}", "name: must be text"},
    {"{\"score\":\"high\"}", "score: must be a number"},
    {"{\"score\":1.5}", "score: 1.5 is outside 0..1"},
    {"{\"iou\":-0.1}", "iou: -0.1 is outside 0..1"},
    {"{\"max\":0}", "max: 0 is outside 1..1e+06"},
    {"{\"max\":1.5}", "max: must be a whole number"},
    {"{\"input\":{\"width\":320}}", "input: width and height go together"},
    {"{\"input\":{\"width\":0,\"height\":0}}", "a size of 0 needs multiple and max_side"},
    {"{\"input\":{\"width\":99999,\"height\":1}}", "input.width: 99999 is outside 0..16384"},
    {"{\"input\":{\"width\":32,\"height\":32,\"multiple\":8}}", "input.multiple"},
    {"{\"input\":{\"multiple\":64,\"max_side\":32}}", "input.max_side: smaller"},
    {"{\"input\":{\"channels\":\"RGB\"}}", "input.channels: must be rgb or bgr"},
    {"{\"input\":{\"resize\":7}}", "input.resize: must be letterbox, stretch, pad-square or crop"},
    {"{\"input\":{\"resize\":\"stretch\",\"shorter\":7}}", "input.shorter"},
    {"{\"input\":{\"pad\":256}}", "input.pad: 256 is outside 0..255"},
    {"{\"input\":{\"mean\":[1,2]}}", "input.mean: must be a list of 3..3 numbers"},
    {"{\"input\":{\"scale\":[1,0,1]}}", "input.scale: must not be 0"},
    {"{\"input\":{\"scale\":1}}", "input.scale"},
    {"{\"head\":{\"type\":\"yolo\"}}", "head.type: must be ssd, retinanet, yolov2"},
    {"{\"head\":{\"strides\":[]}}", "head.strides"},
    {"{\"head\":{\"strides\":[8.5]}}", "head.strides: must be a whole number"},
    {"{\"head\":{\"strides\":[0]}}", "head.strides: 0 is outside 1..4096"},
    {"{\"head\":{\"anchors\":[1,2,3]}}", "head.anchors: must hold pairs"},
    {"{\"head\":{\"anchors\":[1,-2]}}", "head.anchors: -2 is outside"},
    {"{\"head\":{\"ratios\":[1,0]}}", "head.ratios: 0 is outside"},
    {"{\"head\":{\"sizes\":[]}}", "head.sizes: must be a list of 1..16 numbers"},
    {"{\"head\":{\"outputs\":[1]}}", "head.outputs: must hold names"},
    {"{\"head\":{\"decoded\":1}}", "head.decoded: must be true or false"},
    {"{\"head\":{\"top\":0}}", "head.top: 0 is outside 1..1000"},
    {"{\"head\":{\"min_boxes\":[[8],[]],\"strides\":[8,16]}}", "head.min_boxes"},
    {"{\"head\":{\"min_boxes\":[[8],[16]],\"strides\":[8]}}", "as many strides as levels"},
    {"{\"head\":{\"min_boxes\":[[8]],\"strides\":[8],\"priors\":[[0,0,1,1]]}}", "exclude"},
    {"{\"head\":{\"priors\":[[0,0,1]]}}", "head.priors: must be a list of 4..4 numbers"},
    {"{\"labels\":[\"a\",1]}", "labels: must hold names"},
    {"{\"labels\":[]}", "labels: must be a list"},
    {"{\"labels_file\":\"../secret\"}", "labels_file: must be the name of a file"},
    {"{\"labels_file\":\"/etc/passwd\"}", "labels_file: must be the name of a file"},
};

static void broken_sidecars_are_refused_by_key(void **state)
{
    struct files *f = *state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct dcl_detect_spec s;
        const enum detcl_status status = read_sidecar(f, broken[i][0], &s);
        if (status != DETCL_ERROR_MODEL || !strstr(f->error.text, broken[i][1]))
            print_error("%s: %s\n", broken[i][0], f->error.text);
        assert_int_equal(status, DETCL_ERROR_MODEL);
        assert_non_null(strstr(f->error.text, broken[i][1]));
        assert_non_null(strstr(f->error.text, f->path));
    }
}

/* Every prefix of a good sidecar is an error, never a crash. */
static void truncated_sidecars_are_refused(void **state)
{
    struct files *f = *state;
    static const char whole[] = "{\"input\":{\"mean\":[1,2,3],\"channels\":\"bgr\"},\"iou\":0.5}";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char text[sizeof whole];
        struct dcl_detect_spec s;
        memcpy(text, whole, n);
        text[n] = 0;
        assert_int_equal(read_sidecar(f, text, &s), DETCL_ERROR_MODEL);
    }
}

static void a_sidecar_may_name_a_labels_file(void **state)
{
    struct files *f = *state;
    struct dcl_detect_spec s;
    snprintf(f->path, sizeof f->path, "%s/names.txt", f->dir.path);
    assert_int_equal(temp_dir_write(f->path, "one\ntwo\n", 8), 0);
    assert_int_equal(read_sidecar(f, "{\"labels_file\":\"names.txt\"}", &s), DETCL_OK);
    assert_int_equal(s.labels.n, 2);
    assert_string_equal(s.labels.names[1], "two");
    assert_int_equal(read_sidecar(f, "{\"labels_file\":\"none.txt\"}", &s), DETCL_ERROR_IO);
}

static void the_sidecars_name_follows_the_models(void **state)
{
    struct files *f = *state;
    assert_string_equal(dcl_sidecar_name("a/b.onnx", &f->arena), "a/b.detcl.json");
    assert_string_equal(dcl_sidecar_name("a.onnx.gz", &f->arena), "a.onnx.gz.detcl.json");
    assert_string_equal(dcl_sidecar_name(".onnx", &f->arena), ".detcl.json");
    assert_string_equal(dcl_sidecar_name("m", &f->arena), "m.detcl.json");
}

/* --- labels ------------------------------------------------------------------------------ */

static enum detcl_status read_labels(struct files *f, const void *bytes, size_t size,
                                     struct dcl_labels *labels)
{
    snprintf(f->path, sizeof f->path, "%s/labels.txt", f->dir.path);
    assert_int_equal(temp_dir_write(f->path, bytes, size), 0);
    return dcl_labels_read(f->path, &f->arena, &f->error, labels);
}

static void label_files_are_read(void **state)
{
    struct files *f = *state;
    struct dcl_labels labels;
    static const char text[] = "\xef\xbb\xbfperson\r\n\r\n  traffic light \t\ncaf\xc3\xa9";
    assert_int_equal(read_labels(f, text, sizeof text - 1, &labels), DETCL_OK);
    assert_int_equal(labels.n, 4);
    assert_string_equal(labels.names[0], "person");
    assert_null(labels.names[1]);
    assert_string_equal(labels.names[2], "traffic light");
    assert_string_equal(labels.names[3], "caf\xc3\xa9");
}

static void labels_are_fit_to_be_printed(void **state)
{
    struct files *f = *state;
    struct dcl_labels labels;
    assert_int_equal(read_labels(f, "a\x1b[31mred", 9, &labels), DETCL_OK);
    assert_string_equal(labels.names[0], "a?[31mred");
    char wide[301];
    for (int i = 0; i < 300; i += 2)
        memcpy(wide + i, "\xc3\xa9", 2);
    wide[300] = 0;
    assert_int_equal(read_labels(f, wide, 300, &labels), DETCL_OK);
    assert_int_equal(strlen(labels.names[0]), 254);
}

static void label_files_without_names_are_refused(void **state)
{
    struct files *f = *state;
    struct dcl_labels labels;
    assert_int_equal(read_labels(f, "", 0, &labels), DETCL_ERROR_INPUT);
    assert_int_equal(read_labels(f, " \n\n", 3, &labels), DETCL_ERROR_INPUT);
    assert_int_equal(read_labels(f, "a\0b", 3, &labels), DETCL_ERROR_INPUT);
    assert_non_null(strstr(f->error.text, "not a text file"));
    assert_int_equal(dcl_labels_read("/nonexistent/x", &f->arena, &f->error, &labels),
                     DETCL_ERROR_IO);
    char *many = malloc(2 * (DCL_MAX_LABELS + 1));
    assert_non_null(many);
    for (int i = 0; i <= DCL_MAX_LABELS; i++)
        memcpy(many + 2 * i, "x\n", 2);
    assert_int_equal(read_labels(f, many, 2 * (DCL_MAX_LABELS + 1), &labels), DETCL_ERROR_INPUT);
    free(many);
}

/* --- literals ---------------------------------------------------------------------------- */

static void name_literals_are_read(void **state)
{
    struct files *f = *state;
    struct dcl_labels labels;
    static const struct {
        const char *text;
        int n;
        const char *last;
    } good[] = {
        {"{0: 'person', 1: 'bicycle'}", 2, "bicycle"},
        {"{1: 'b', 0: 'a'}", 2, "b"},
        {"{\"0\": \"a\", \"2\": \"c\"}", 3, "c"},
        {"['a', \"it's\"]", 2, "it's"},
        {"('a', 'b',)", 2, "b"},
        {" [ 'x\\'y' ] ", 1, "x'y"},
        {"['\\u00e9\\x41']", 1,
         "\xc3\xa9"
         "A"},
        {"{0: 'a, b: {c}'}", 1, "a, b: {c}"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(dcl_literal_names(good[i].text, &f->arena, &labels));
        assert_int_equal(labels.n, good[i].n);
        assert_string_equal(labels.names[labels.n - 1], good[i].last);
    }
    static const char *const bad[] = {"",          "{}",           "[]",         "person",
                                      "['a'",      "['a' 'b']",    "{0 'a'}",    "{'a': 'b'}",
                                      "{-1: 'a'}", "{70000: 'a'}", "['a'] x",    "['a\\']",
                                      "['\\u12']", "{0: a}",       "{0: 'a', 1", "['a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dcl_literal_names(bad[i], &f->arena, &labels));
}

static void pair_literals_are_read(void **state)
{
    (void)state;
    int a, b;
    assert_true(dcl_literal_pair("[480, 640]", &a, &b));
    assert_int_equal(a, 480);
    assert_int_equal(b, 640);
    assert_true(dcl_literal_pair("(480,640)", &a, &b));
    assert_true(dcl_literal_pair(" 320 ", &a, &b));
    assert_int_equal(b, 320);
    assert_true(dcl_literal_pair("[320]", &a, &b));
    static const char *const bad[] = {"", "[480, 640", "480, 640", "[a]", "[1, 2, 3]", "[-1, 5]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dcl_literal_pair(bad[i], &a, &b));
}

static int open_files(void **state)
{
    struct files *f = calloc(1, sizeof *f);
    *state = f;
    return f ? temp_dir_make(&f->dir) : -1;
}

static int close_files(void **state)
{
    struct files *f = *state;
    temp_dir_remove(f->dir.path);
    dcl_arena_free(&f->arena);
    free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_sidecar_is_read),
        cmocka_unit_test(explicit_priors_are_read),
        cmocka_unit_test(broken_sidecars_are_refused_by_key),
        cmocka_unit_test(truncated_sidecars_are_refused),
        cmocka_unit_test(a_sidecar_may_name_a_labels_file),
        cmocka_unit_test(the_sidecars_name_follows_the_models),
        cmocka_unit_test(label_files_are_read),
        cmocka_unit_test(labels_are_fit_to_be_printed),
        cmocka_unit_test(label_files_without_names_are_refused),
        cmocka_unit_test(name_literals_are_read),
        cmocka_unit_test(pair_literals_are_read),
    };
    return cmocka_run_group_tests_name("detect files", tests, open_files, close_files);
}
