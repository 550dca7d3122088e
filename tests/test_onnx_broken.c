/* Broken bytes: every cut, every flipped byte of a small model, absurd lengths, deep nesting. Run
 * under a sanitizer this also proves that nothing is read beyond the end or leaked. */
#include "onnx_support.h"

/* A model that uses every message that the importer reads. */
static struct pb rich_model(void)
{
    const int64_t dims[] = {2, 3};
    const float f[6] = {1, 2, 3, 4, 5, 6};
    struct pb graph = simple_graph(FLOAT), node = onnx_node("LeakyRelu", "leaky", "w", "a");
    struct pb t = onnx_tensor("w", FLOAT, dims, 2), constant = onnx_node("Constant", "c", "", "k");
    struct pb value = onnx_attribute("value", 4), inner = onnx_tensor("", FLOAT, dims, 2);
    onnx_tensor_raw(&t, f, sizeof f);
    pb_message(&graph, GRAPH_INITIALISER, &t);
    onnx_attribute_float(&node, "alpha", 0.5f);
    pb_message(&graph, GRAPH_NODE, &node);
    pb_bytes(&inner, 4, f, sizeof f);
    pb_message(&value, 5, &inner);
    pb_message(&constant, 5, &value);
    pb_message(&graph, GRAPH_NODE, &constant);
    add_node(&graph, "Relu", "r", "x", "y");
    onnx_info(&graph, GRAPH_OUTPUT, "k", FLOAT, dims, 2);
    onnx_info(&graph, GRAPH_OUTPUT, "a", FLOAT, dims, 2);
    return onnx_model(&graph, 13);
}

static void every_cut_is_an_error(void **state)
{
    (void)state;
    const struct pb model = rich_model();
    struct imported i;
    expect_success(&i, &model);
    dcl_graph_free(&i.graph);
    for (size_t n = 0; n < model.n; n++) {
        assert_int_equal(import_bytes(&i, model.data, n, NULL), DETCL_ERROR_MODEL);
        assert_true(strlen(i.error.text) > 0);
        dcl_graph_free(&i.graph);
    }
}

/* Any result will do but a crash; a failure must say why. */
static void survives(const struct pb *model)
{
    struct imported i;
    if (import_model(&i, model) != DETCL_OK)
        assert_true(strlen(i.error.text) > 0);
    dcl_graph_free(&i.graph);
}

static void every_changed_byte_is_survived(void **state)
{
    (void)state;
    const struct pb model = rich_model();
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < model.n; at++)
        for (size_t k = 0; k < sizeof values + 8; k++) {
            struct pb changed = model;
            changed.data[at] =
                k < sizeof values ? values[k] : (uint8_t)(model.data[at] ^ 1u << (k - 5));
            survives(&changed);
        }
}

static void random_changes_are_survived(void **state)
{
    (void)state;
    const struct pb model = rich_model();
    uint32_t seed = 2463534242;
    for (int round = 0; round < 20000; round++) {
        struct pb changed = model;
        for (int k = 0; k < 4; k++) {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            changed.data[(seed >> 8) % model.n] = (uint8_t)seed;
        }
        survives(&changed);
    }
}

/* --- the wire format ------------------------------------------------------------------------- */

static void wire(const void *bytes, size_t n, const char *word)
{
    struct pb model = {0};
    pb_raw(&model, bytes, n);
    expect_failure(&model, DETCL_ERROR_MODEL, word, NULL);
}

static void absurd_lengths(void **state)
{
    (void)state;
    wire("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "longer than"); /* graph of 2^64 - 1 */
    wire("\x3a\xff\xff\xff\x7f", 5, "longer than");
    wire("\x3a\x05\x0a\x7f", 4, "longer than");                             /* inside the graph */
    wire("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, "number"); /* eleven bytes */
    wire("\x08", 1, "number");
}

static void wrong_wire_types(void **state)
{
    (void)state;
    wire("\x38\x01", 2, "wire type");                          /* the graph as a number */
    wire("\x0a\x01\x01", 3, "wire type");                      /* ir_version as bytes */
    wire("\x3b\x3c", 2, "wire type");                          /* groups */
    wire("\x00\x00", 2, "number");                             /* field 0 */
    wire("\x3a\x00\x3a\x00", 4, "twice");                      /* two graphs */
    wire("\x12\x02\x61\x00", 4, "control");                    /* a NUL in a name */
    wire("\x12\x02\x61\x1b", 4, "control");                    /* an escape sequence */
    wire("\x3a\x07\x2a\x05\x22\x03\x00\x00\x00", 9, "packed"); /* float_data of three bytes */
}

static void depth_costs_no_stack(void **state)
{
    (void)state;
    /* Subgraphs in subgraphs: AttributeProto.g (6) > GraphProto.node (1) > NodeProto.attribute (5).
     */
    const size_t levels = 100000, step = 6;
    const size_t n = levels * 3 * step;
    uint8_t *bytes = malloc(n);
    assert_non_null(bytes);
    size_t left = n;
    static const uint8_t tags[] = {0x0a, 0x2a, 0x32}; /* node, attribute, g */
    for (size_t i = 0; i < levels * 3; i++) {
        uint8_t *at = bytes + i * step;
        left -= step;
        at[0] = i ? tags[(i - 1) % 3] : 0x3a;
        for (int k = 0; k < 5; k++)
            at[1 + k] = (uint8_t)((left >> (7 * k) & 0x7f) | (k < 4 ? 0x80 : 0));
    }
    struct imported i;
    assert_int_not_equal(import_bytes(&i, bytes, n, NULL), DETCL_OK);
    dcl_graph_free(&i.graph);
    free(bytes);
}

/* Two bytes each, but hundreds in memory: the budget ends it. */
static void tiny_messages_cannot_take_all_memory(void **state)
{
    (void)state;
    const size_t nodes = 4 << 20;
    uint8_t *bytes = malloc(2 * nodes + 6);
    assert_non_null(bytes);
    bytes[0] = 0x3a;
    for (int k = 0; k < 5; k++)
        bytes[1 + k] = (uint8_t)((2 * nodes >> (7 * k) & 0x7f) | (k < 4 ? 0x80 : 0));
    for (size_t k = 0; k < nodes; k++) {
        bytes[6 + 2 * k] = 0x0a;
        bytes[7 + 2 * k] = 0;
    }
    struct imported i;
    assert_int_equal(import_bytes(&i, bytes, 2 * nodes + 6, NULL), DETCL_ERROR_MEMORY);
    assert_true(i.graph.arena.used < (size_t)512 << 20);
    dcl_graph_free(&i.graph);
    free(bytes);
}

/* A few bytes that ask for gigabytes are refused before anything is allocated. */
static void absurd_constants_are_not_computed(void **state)
{
    (void)state;
    const int64_t shape[] = {1 << 15, 1 << 15}, dims[] = {2};
    struct pb graph = {0}, t = onnx_tensor("shape", INT64, dims, 1);
    onnx_tensor_raw(&t, shape, sizeof shape);
    pb_message(&graph, GRAPH_INITIALISER, &t);
    add_node(&graph, "ConstantOfShape", "huge", "shape", "y");
    onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, shape, 2);
    const struct pb model = onnx_model(&graph, 13);
    struct imported i;
    expect_success(&i, &model);
    assert_int_equal(dcl_graph_infer(&i.graph), DETCL_ERROR_UNSUPPORTED);
    assert_non_null(strstr(i.error.text, "'huge'"));
    assert_true(i.graph.arena.used < 1 << 20);
    dcl_graph_free(&i.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_is_an_error),
        cmocka_unit_test(every_changed_byte_is_survived),
        cmocka_unit_test(random_changes_are_survived),
        cmocka_unit_test(absurd_lengths),
        cmocka_unit_test(wrong_wire_types),
        cmocka_unit_test(depth_costs_no_stack),
        cmocka_unit_test(tiny_messages_cannot_take_all_memory),
        cmocka_unit_test(absurd_constants_are_not_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
