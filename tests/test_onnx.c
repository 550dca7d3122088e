/* What the importer makes of good files, and how it refuses what it does not support. */
#include "onnx_support.h"

static struct pb relu_model(int64_t opset)
{
    struct pb graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "x", "y");
    return onnx_model(&graph, opset);
}

static void a_model_becomes_a_graph(void **state)
{
    (void)state;
    struct pb graph = {0}, node = onnx_node("LeakyRelu", "leaky", "hidden", "y"), entry = {0};
    const int64_t dims[] = {-1, 3, 4};
    onnx_info(&graph, GRAPH_INPUT, "x", FLOAT, dims, 3);
    onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, dims, 3);
    onnx_attribute_float(&node, "alpha", 0.25f);
    pb_message(&graph, GRAPH_NODE, &node); /* the reader before the producer */
    add_node(&graph, "Sigmoid", "", "x", "hidden");
    struct pb model = onnx_model(&graph, 13);
    pb_text(&entry, 1, "stride");
    pb_text(&entry, 2, "32");
    pb_message(&model, 14, &entry);
    pb_text(&model, 2, "writer");

    struct imported i;
    expect_success(&i, &model);
    const struct dcl_graph *g = &i.graph;
    assert_int_equal(g->n_nodes, 2);
    assert_string_equal(g->nodes[0]->call.name, "hidden"); /* without a name: its output's */
    assert_string_equal(g->nodes[0]->call.op->name, "unary");
    assert_string_equal(g->nodes[1]->call.name, "leaky");
    assert_ptr_equal(g->nodes[1]->call.in[0], g->nodes[0]->call.out[0]);
    assert_int_equal(g->n_inputs, 1);
    assert_string_equal(g->inputs[0]->name, "x");
    assert_int_equal(g->inputs[0]->desc.rank, 3);
    assert_int_equal(g->inputs[0]->desc.dims[0], -1);
    assert_int_equal(g->inputs[0]->desc.dims[2], 4);
    assert_int_equal(g->n_outputs, 1);
    assert_ptr_equal(g->outputs[0], g->nodes[1]->call.out[0]);
    assert_int_equal(g->n_metadata, 2);
    assert_string_equal(g->metadata[0].key, "stride");
    assert_string_equal(g->metadata[0].value, "32");
    assert_string_equal(g->metadata[1].key, "producer_name");
    assert_string_equal(g->metadata[1].value, "writer");
    dcl_graph_free(&i.graph);
}

static void opsets_are_bounded(void **state)
{
    (void)state;
    const struct pb low = relu_model(6), first = relu_model(7), last = relu_model(21),
                    high = relu_model(22);
    struct imported i;
    expect_failure(&low, DETCL_ERROR_UNSUPPORTED, "opset 6", "7 to 21", NULL);
    expect_failure(&high, DETCL_ERROR_UNSUPPORTED, "opset 22", "7 to 21", NULL);
    expect_success(&i, &first);
    dcl_graph_free(&i.graph);
    expect_success(&i, &last);
    dcl_graph_free(&i.graph);

    struct pb twice = relu_model(13);
    onnx_opset(&twice, "ai.onnx", 14);
    expect_failure(&twice, DETCL_ERROR_MODEL, "opset", NULL);
    struct pb others = relu_model(13);
    onnx_opset(&others, "ai.onnx.ml", 99); /* imported, not used */
    expect_success(&i, &others);
    dcl_graph_free(&i.graph);
}

static void a_model_needs_an_opset_and_a_graph(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT), no_opset = {0}, no_graph = {0};
    add_node(&graph, "Relu", "r", "x", "y");
    pb_int(&no_opset, 1, 7);
    pb_message(&no_opset, 7, &graph);
    expect_failure(&no_opset, DETCL_ERROR_MODEL, "opset", "'r'", NULL);
    onnx_opset(&no_graph, "", 13);
    expect_failure(&no_graph, DETCL_ERROR_MODEL, "no graph", NULL);
}

static void all_that_is_not_supported_is_listed(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT), node = onnx_node("LeakyRelu", "odd", "x", "c");
    add_node(&graph, "NoSuchOp", "first", "x", "a");
    add_node(&graph, "NoSuchOp", "", "x", "b");
    onnx_attribute_float(&node, "alpha", 0.5f);
    onnx_attribute_int(&node, "colour", 3);
    onnx_attribute_int(&node, "kind", 3); /* the op's own name for the operator */
    pb_message(&graph, GRAPH_NODE, &node);
    struct pb foreign = onnx_node("Relu", "far", "c", "y");
    pb_text(&foreign, 7, "com.example");
    pb_message(&graph, GRAPH_NODE, &foreign);
    const int64_t dims[] = {1};
    const struct pb tensor = onnx_tensor("w", INT8, dims, 1);
    pb_message(&graph, GRAPH_INITIALISER, &tensor);
    onnx_info(&graph, GRAPH_INPUT, "d", DOUBLE, dims, 1);
    const struct pb model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "NoSuchOp", "nodes 'first', 'b'", "'colour'",
                   "'kind'", "'odd'", "com.example", "'far'", "int8", "'w'", "double", "'d'", NULL);
}

static void a_long_list_is_cut(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT);
    for (int i = 0; i < 70; i++) {
        char type[16], out[16];
        snprintf(type, sizeof type, "NoSuchOp%d", i);
        snprintf(out, sizeof out, "%d", i);
        add_node(&graph, type, "", "x", out);
    }
    add_node(&graph, "Relu", "r", "x", "y");
    const struct pb model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "NoSuchOp0:", "and ", " more problems", NULL);
}

static void local_functions_are_refused(void **state)
{
    (void)state;
    struct pb model = relu_model(13), function = {0};
    pb_text(&function, 1, "Relu");
    pb_message(&model, 25, &function);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "functions", "'r'", NULL);
}

/* --- operands -------------------------------------------------------------------------------- */

static void absent_operands(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "x,", "y,"); /* empty names at the end */
    add_node(&graph, "Relu", "unseen", "x", "");
    struct pb model = onnx_model(&graph, 13);
    struct imported i;
    expect_success(&i, &model);
    assert_int_equal(i.graph.n_nodes, 1);
    assert_int_equal(i.graph.nodes[0]->call.n_in, 1);
    assert_int_equal(i.graph.nodes[0]->call.n_out, 1);
    dcl_graph_free(&i.graph);

    graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "", "y");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "'r'", NULL);
    graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "x,x", "y");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'r'", "2 inputs", NULL);
}

static void names_must_be_defined_once(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT), model;
    add_node(&graph, "Relu", "r", "nowhere", "y");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "'r'", "'nowhere'", NULL);

    graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "one", "x", "y");
    add_node(&graph, "Relu", "two", "x", "y");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "'y'", "twice", "'one'", "'two'", NULL);

    graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "x", "x");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "'x'", "twice", "input", NULL);

    graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "r", "x", "z");
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "output 'y'", NULL);
}

static void cycles_are_found(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT);
    add_node(&graph, "Relu", "a", "q", "p");
    add_node(&graph, "Relu", "b", "p", "q");
    add_node(&graph, "Relu", "c", "x", "y");
    const struct pb model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "cycle", "'a'", NULL);
}

static void attributes_are_checked(void **state)
{
    (void)state;
    struct pb graph = simple_graph(FLOAT), node = onnx_node("LeakyRelu", "n", "x", "y");
    struct pb list = onnx_attribute("alpha", 6);
    pb_float(&list, 7, 1);
    pb_float(&list, 7, 2);
    pb_message(&node, 5, &list);
    pb_message(&graph, GRAPH_NODE, &node);
    struct pb model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'alpha'", "'n'", NULL);

    graph = simple_graph(FLOAT);
    node = onnx_node("LeakyRelu", "n", "x", "y");
    onnx_attribute_float(&node, "alpha", 1);
    onnx_attribute_float(&node, "alpha", 2);
    pb_message(&graph, GRAPH_NODE, &node);
    model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_MODEL, "'alpha'", "twice", NULL);
}

/* --- tensors --------------------------------------------------------------------------------- */

/* A graph whose output "y" is the constant `tensor` ("w") itself. */
static struct pb constant_model(const struct pb *tensor, int32_t type)
{
    struct pb graph = {0};
    pb_message(&graph, GRAPH_INITIALISER, tensor);
    onnx_info(&graph, GRAPH_OUTPUT, "w", type, NULL, 0);
    return onnx_model(&graph, 13);
}

/* The first output is a constant of `n` elements, equal to `expected`. */
static void expect_constant(const struct pb *model, enum detcl_dtype dtype, int64_t n,
                            const void *expected)
{
    struct imported i;
    expect_success(&i, model);
    const struct dcl_value *v = i.graph.outputs[0];
    assert_int_equal(v->desc.dtype, dtype);
    assert_int_equal(detcl_desc_count(&v->desc), n);
    assert_non_null(v->constant);
    if (n)
        assert_memory_equal(v->constant, expected, (size_t)n * detcl_dtype_size(dtype));
    dcl_graph_free(&i.graph);
}

static void initialisers_of_every_type(void **state)
{
    (void)state;
    const int64_t dims[] = {3};
    const float f[] = {1.5f, -2, 0};
    const int32_t i32[] = {-1, 70000, 3};
    const int64_t i64[] = {-1, INT64_C(1) << 40, 3};
    const uint8_t u8[] = {0, 255, 7}, odd_bools[] = {0, 2, 1}, bools[] = {0, 1, 1};
    const struct {
        int32_t type;
        enum detcl_dtype dtype;
        const void *raw, *expected;
    } cases[] = {{FLOAT, DETCL_F32, f, f},
                 {INT32, DETCL_I32, i32, i32},
                 {INT64, DETCL_I64, i64, i64},
                 {UINT8, DETCL_U8, u8, u8},
                 {BOOL, DETCL_BOOL, odd_bools, bools}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct pb raw = onnx_tensor("w", cases[c].type, dims, 1);
        onnx_tensor_raw(&raw, cases[c].raw, 3 * detcl_dtype_size(cases[c].dtype));
        const struct pb model = constant_model(&raw, cases[c].type);
        expect_constant(&model, cases[c].dtype, 3, cases[c].expected);
    }
}

static void initialisers_in_typed_fields(void **state)
{
    (void)state;
    const int64_t dims[] = {3};
    const float f[] = {1.5f, -2, 0};
    const int64_t i64[] = {-1, INT64_C(1) << 40, 3};
    const uint8_t u8[] = {0, 255, 7};
    struct pb t = onnx_tensor("w", FLOAT, dims, 1), model, packed = {0};
    pb_bytes(&t, 4, f, sizeof f); /* packed */
    model = constant_model(&t, FLOAT);
    expect_constant(&model, DETCL_F32, 3, f);

    t = onnx_tensor("w", INT64, dims, 1);
    for (int i = 0; i < 3; i++)
        pb_int(&t, 7, i64[i]); /* not packed */
    model = constant_model(&t, INT64);
    expect_constant(&model, DETCL_I64, 3, i64);

    t = onnx_tensor("w", UINT8, dims, 1);
    for (int i = 0; i < 3; i++)
        pb_varint(&packed, u8[i]);
    pb_message(&t, 5, &packed);
    model = constant_model(&t, UINT8);
    expect_constant(&model, DETCL_U8, 3, u8);

    t = onnx_tensor("w", UINT8, dims, 1);
    for (int i = 0; i < 3; i++)
        pb_int(&t, 5, 256);
    model = constant_model(&t, UINT8);
    expect_failure(&model, DETCL_ERROR_MODEL, "'w'", "256", NULL);
}

static void empty_and_scalar_initialisers(void **state)
{
    (void)state;
    const int64_t none[] = {0};
    const float one = 42;
    struct pb t = onnx_tensor("w", FLOAT, none, 1);
    struct pb model = constant_model(&t, FLOAT);
    expect_constant(&model, DETCL_F32, 0, NULL);
    t = onnx_tensor("w", FLOAT, NULL, 0);
    onnx_tensor_raw(&t, &one, sizeof one);
    model = constant_model(&t, FLOAT);
    expect_constant(&model, DETCL_F32, 1, &one);
}

static void sizes_must_match_the_data(void **state)
{
    (void)state;
    const float f[] = {1, 2, 3};
    const int64_t cases[][2] = {{2, 1},         {4, 1},          {-1, 3},
                                {INT64_MAX, 2}, {1 << 30, 1024}, {INT64_C(1) << 31, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct pb t = onnx_tensor("w", FLOAT, cases[c], 2);
        onnx_tensor_raw(&t, f, sizeof f);
        const struct pb model = constant_model(&t, FLOAT);
        expect_failure(&model, DETCL_ERROR_MODEL, "'w'", NULL);
    }
    const int64_t many[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct pb t = onnx_tensor("w", FLOAT, many, 9);
    onnx_tensor_raw(&t, f, sizeof *f);
    struct pb model = constant_model(&t, FLOAT);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'w'", "rank 9", NULL);
    t = onnx_tensor("w", FLOAT, many, 1); /* no data at all */
    model = constant_model(&t, FLOAT);
    expect_failure(&model, DETCL_ERROR_MODEL, "'w'", NULL);
}

static void absurd_inputs_are_refused(void **state)
{
    (void)state;
    const int64_t cases[][2] = {{INT64_MAX, 1}, {1 << 20, 1 << 20}, {INT64_C(1) << 31, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct pb graph = {0};
        onnx_info(&graph, GRAPH_INPUT, "x", FLOAT, cases[c], 2);
        onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, cases[c], 2);
        add_node(&graph, "Relu", "r", "x", "y");
        const struct pb model = onnx_model(&graph, 13);
        expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'x'", "elements", NULL);
    }
}

static void an_initialiser_that_is_an_input_is_a_constant(void **state)
{
    (void)state;
    const int64_t dims[] = {2, 3};
    const float f[6] = {0};
    struct pb graph = simple_graph(FLOAT), t = onnx_tensor("x", FLOAT, dims, 2);
    onnx_tensor_raw(&t, f, sizeof f);
    pb_message(&graph, GRAPH_INITIALISER, &t);
    add_node(&graph, "Relu", "r", "x", "y");
    struct pb model = onnx_model(&graph, 9);
    struct imported i;
    expect_success(&i, &model);
    assert_int_equal(i.graph.n_inputs, 0);
    assert_non_null(i.graph.nodes[0]->call.in[0]->constant);
    dcl_graph_free(&i.graph);
    pb_message(&graph, GRAPH_INITIALISER, &t);
    model = onnx_model(&graph, 9);
    expect_failure(&model, DETCL_ERROR_MODEL, "'x'", "twice", NULL);
}

static void constants_of_every_form(void **state)
{
    (void)state;
    const float f[] = {2.5f, 4};
    const int64_t n[] = {7, -8};
    const int64_t dims[] = {2};
    struct pb forms[5] = {onnx_attribute("value_float", 1), onnx_attribute("value_int", 2),
                          onnx_attribute("value_floats", 6), onnx_attribute("value_ints", 7),
                          onnx_attribute("value", 4)};
    struct pb t = onnx_tensor("inner", FLOAT, dims, 1);
    onnx_tensor_raw(&t, f, sizeof f);
    pb_float(&forms[0], 2, f[0]);
    pb_int(&forms[1], 3, n[0]);
    for (int i = 0; i < 2; i++) {
        pb_float(&forms[2], 7, f[i]);
        pb_int(&forms[3], 8, n[i]);
    }
    pb_message(&forms[4], 5, &t);
    const enum detcl_dtype types[] = {DETCL_F32, DETCL_I64, DETCL_F32, DETCL_I64, DETCL_F32};
    const int64_t counts[] = {1, 1, 2, 2, 2};
    for (int c = 0; c < 5; c++) {
        struct pb graph = {0}, node = onnx_node("Constant", "c", "", "y");
        pb_message(&node, 5, &forms[c]);
        pb_message(&graph, GRAPH_NODE, &node);
        onnx_info(&graph, GRAPH_OUTPUT, "y", types[c] == DETCL_F32 ? FLOAT : INT64, NULL, 0);
        const struct pb model = onnx_model(&graph, 13);
        expect_constant(&model, types[c], counts[c],
                        types[c] == DETCL_F32 ? (const void *)f : (const void *)n);
    }
    struct pb graph = {0}, node = onnx_node("Constant", "c", "", "y");
    struct pb text = onnx_attribute("value_string", 3);
    pb_text(&text, 4, "words");
    pb_message(&node, 5, &text);
    pb_message(&graph, GRAPH_NODE, &node);
    onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, NULL, 0);
    const struct pb model = onnx_model(&graph, 13);
    expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "value_string", "'c'", NULL);
}

/* float16 and double constants are for Cast alone. */
static void narrow_constants_are_refused_by_name(void **state)
{
    (void)state;
    const int64_t dims[] = {1};
    const double d = 1;
    const uint16_t h = 0x3c00;
    const struct {
        int32_t type;
        const void *data;
        size_t bytes;
        const char *name;
    } cases[] = {{DOUBLE, &d, sizeof d, "double"}, {FLOAT16, &h, sizeof h, "float16"}};
    for (size_t c = 0; c < 2; c++) {
        struct pb graph = {0}, t = onnx_tensor("w", cases[c].type, dims, 1);
        onnx_tensor_raw(&t, cases[c].data, cases[c].bytes);
        pb_message(&graph, GRAPH_INITIALISER, &t);
        onnx_info(&graph, GRAPH_OUTPUT, "y", FLOAT, dims, 1);
        add_node(&graph, "Relu", "r", "w", "y");
        struct pb model = onnx_model(&graph, 13);
        expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'r'", cases[c].name, NULL);
        model = constant_model(&t, FLOAT);
        expect_failure(&model, DETCL_ERROR_UNSUPPORTED, "'w'", cases[c].name, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_becomes_a_graph),
        cmocka_unit_test(opsets_are_bounded),
        cmocka_unit_test(a_model_needs_an_opset_and_a_graph),
        cmocka_unit_test(all_that_is_not_supported_is_listed),
        cmocka_unit_test(a_long_list_is_cut),
        cmocka_unit_test(local_functions_are_refused),
        cmocka_unit_test(absent_operands),
        cmocka_unit_test(names_must_be_defined_once),
        cmocka_unit_test(cycles_are_found),
        cmocka_unit_test(attributes_are_checked),
        cmocka_unit_test(initialisers_of_every_type),
        cmocka_unit_test(initialisers_in_typed_fields),
        cmocka_unit_test(empty_and_scalar_initialisers),
        cmocka_unit_test(sizes_must_match_the_data),
        cmocka_unit_test(absurd_inputs_are_refused),
        cmocka_unit_test(an_initialiser_that_is_an_input_is_a_constant),
        cmocka_unit_test(constants_of_every_form),
        cmocka_unit_test(narrow_constants_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
