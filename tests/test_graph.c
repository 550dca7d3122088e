/* Graph passes, plans and runs over small graphs built in memory. */
#include "graph/graph.h"
#include "graph/passes.h"
#include "ops/record.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct detcl_context *ctx;
static struct dcl_graph g;

static int open_context(void **state)
{
    (void)state;
    return detcl_context_create(NULL, &ctx, NULL) == DETCL_OK ? 0 : -1;
}

static int close_context(void **state)
{
    (void)state;
    detcl_context_destroy(&ctx);
    return 0;
}

#define OK(x)                                                                                      \
    do {                                                                                           \
        if ((x) != DETCL_OK)                                                                       \
            fail_msg("%s: %s", #x, detcl_context_error(ctx));                                      \
    } while (0)

static struct dcl_value *input(const char *name, int64_t n, int64_t c, int64_t h, int64_t w)
{
    struct dcl_value *v = dcl_graph_value(&g, name);
    v->desc = (struct detcl_desc){DETCL_F32, 4, {n, c, h, w}};
    OK(dcl_graph_add_input(&g, v));
    return v;
}

static float noise(int64_t i)
{
    return sinf((float)i * 12.9898f);
}

/* A constant of pseudo-random values; positive ones where `lift` is not 0. */
static struct dcl_value *constant(const char *name, float lift, int rank, int64_t a, int64_t b,
                                  int64_t c, int64_t d)
{
    const struct detcl_desc desc = {DETCL_F32, rank, {a, b, c, d}};
    const int64_t n = detcl_desc_count(&desc);
    float *data = dcl_arena_array(&g.arena, (size_t)n, sizeof *data);
    for (int64_t i = 0; i < n; i++)
        data[i] = noise(i + rank) + lift;
    return dcl_graph_constant(&g, name, &desc, data);
}

static struct dcl_value *node(const char *op, const char *attrs, int n_in, struct dcl_value **in)
{
    struct dcl_value *out = dcl_graph_value(&g, op);
    OK(dcl_graph_node(&g, op, op, attrs, in, n_in, &out, 1, NULL));
    return out;
}
#define NODE(op, attrs, ...)                                                                       \
    node(op, attrs,                                                                                \
         (int)(sizeof((struct dcl_value *[]){__VA_ARGS__}) / sizeof(struct dcl_value *)),          \
         (struct dcl_value *[]){__VA_ARGS__})

static void output(struct dcl_value *v)
{
    OK(dcl_graph_add_output(&g, v));
}

static int count(const struct dcl_graph *graph, const char *op)
{
    int n = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        n += strcmp(graph->nodes[i]->call.op->name, op) == 0;
    return n;
}

/* Run the graph as built (every node by its twin, nothing fused) and as optimised on the device;
 * both must give the same. Returns the prepared graph. */
static struct detcl_graph *run_both_ways(const char *op, int expected)
{
    struct dcl_graph plain;
    OK(dcl_graph_clone(&g, &plain));
    OK(dcl_graph_infer(&plain));
    OK(dcl_graph_sort(&plain));
    struct detcl_context *cpu = NULL;
    const struct detcl_context_params params = {.device = "cpu"};
    assert_int_equal(detcl_context_create(&params, &cpu, NULL), DETCL_OK);
    struct dcl_exec *reference = NULL;
    const struct dcl_exec_options apart = {.separate = true};
    OK(dcl_exec_create(cpu, &plain, &apart, &reference));

    struct detcl_graph *made = NULL;
    OK(dcl_graph_wrap(ctx, &g, &made));
    OK(detcl_graph_prepare(made, NULL, NULL));
    assert_int_equal(count(&made->exec->graph, op), expected);
    for (int i = 0; i < made->source.n_inputs; i++) {
        const int64_t n = dcl_count(made->source.inputs[i]);
        float *x = calloc((size_t)n, sizeof *x);
        for (int64_t k = 0; k < n; k++)
            x[k] = noise(k + 1000 * i);
        OK(detcl_graph_write_input(made, i, x, (size_t)n * sizeof *x));
        OK(dcl_exec_write(reference, reference->graph.inputs[i], x));
        free(x);
    }
    OK(detcl_graph_run(made, NULL, NULL, NULL));
    OK(dcl_exec_run(reference, NULL));
    for (int i = 0; i < made->source.n_outputs; i++) {
        struct detcl_desc desc;
        OK(detcl_graph_output(made, i, NULL, &desc));
        const size_t n = (size_t)detcl_desc_count(&desc);
        float *found = calloc(n, sizeof *found), *expect = calloc(n, sizeof *expect);
        OK(detcl_graph_read_output(made, i, found, n * sizeof *found));
        OK(dcl_exec_read(reference, reference->graph.outputs[i], expect));
        for (size_t k = 0; k < n; k++)
            if (!(fabsf(found[k] - expect[k]) <= 2e-5f * (1 + fabsf(expect[k]))))
                fail_msg("output %d element %zu: %g, expected %g", i, k, (double)found[k],
                         (double)expect[k]);
        free(found);
        free(expect);
    }
    dcl_exec_destroy(&reference);
    detcl_context_destroy(&cpu);
    OK(detcl_graph_validate(made, NULL, NULL));
    return made;
}

static void finish(struct detcl_graph *made, int nodes)
{
    const bool blocks = ctx->limits.block > 1;
    struct detcl_graph_stats stats;
    OK(detcl_graph_stats(made, &stats));
    const int reorders = count(&made->exec->graph, "reorder");
    assert_true(reorders <= (blocks ? 3 : 0));
    assert_int_equal(stats.nodes - reorders, nodes);
    detcl_graph_destroy(&made);
}

static void constants_fold(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 4, 3, 3);
    struct dcl_value *k = NODE("unary", "kind=exp", constant("k", 0, 4, 1, 4, 1, 1));
    output(NODE("binary", "kind=mul", x,
                NODE("binary", "kind=add", k, constant("l", 0, 4, 1, 4, 3, 3))));
    finish(run_both_ways("unary", 0), 1);
}

static struct dcl_value *conv(struct dcl_value *x, int64_t out, int64_t in, const char *attrs)
{
    return NODE("conv2d", attrs, x, constant("w", 0, 4, out, in, 3, 3),
                constant("b", 0, 1, out, 0, 0, 0));
}

static void swish_fuses_into_convolution(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *y = conv(input("x", 1, 3, 9, 7), 20, 3, "pads=1,1,1,1");
    output(NODE("binary", "kind=mul", y, NODE("unary", "kind=sigmoid", y)));
    finish(run_both_ways("conv2d", 1), 1);
}

static void residual_then_relu_fuses(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 2, 17, 8, 8);
    struct dcl_value *y =
        conv(NODE("unary", "kind=relu", conv(x, 17, 17, "pads=1,1,1,1")), 17, 17, "pads=1,1,1,1");
    output(NODE("unary", "kind=relu", NODE("binary", "kind=add", x, y)));
    finish(run_both_ways("conv2d", 2), 2);
}

static void relu_then_residual_fuses(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 32, 5, 6);
    struct dcl_value *y = NODE("unary", "kind=silu", conv(x, 32, 32, "pads=1,1,1,1"));
    output(NODE("unary", "kind=relu", NODE("binary", "kind=add", y, x)));
    finish(run_both_ways("conv2d", 1), 2); /* the relu after the sum stays */
}

static void shared_value_is_not_fused_away(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *y = conv(input("x", 1, 16, 6, 6), 16, 16, "pads=1,1,1,1");
    output(NODE("unary", "kind=relu", y));
    output(y);
    finish(run_both_ways("unary", 1), 2);
}

static void two_convolutions_added(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 16, 6, 6);
    output(NODE("binary", "kind=add", conv(x, 16, 16, "pads=1,1,1,1"),
                conv(x, 16, 16, "pads=1,1,1,1")));
    finish(run_both_ways("conv2d", 2), 2);
}

static void batch_normalization_folds(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *y = conv(input("x", 1, 6, 7, 5), 10, 6, "strides=2,2");
    y = NODE("batch_normalization", "epsilon=0.001", y, constant("s", 0, 1, 10, 0, 0, 0),
             constant("t", 0, 1, 10, 0, 0, 0), constant("m", 0, 1, 10, 0, 0, 0),
             constant("v", 2, 1, 10, 0, 0, 0));
    output(NODE("unary", "kind=relu", y));
    finish(run_both_ways("batch_normalization", 0), 1);
}

static void outputs_own_their_memory(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 2, 3, 4);
    struct dcl_value *y = NODE("unary", "kind=neg", x);
    output(x);
    output(constant("k", 0, 4, 1, 2, 3, 4));
    output(y);
    output(y);
    finish(run_both_ways("copy", 3), 4);
}

static void shapes_bind_at_a_call(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", -1, 3, -1, -1);
    output(NODE("unary", "kind=relu", conv(x, 8, 3, "pads=1,1,1,1")));
    struct detcl_graph *made = NULL;
    OK(dcl_graph_wrap(ctx, &g, &made));
    assert_int_equal(detcl_graph_prepare(made, NULL, NULL), DETCL_ERROR_ARGUMENT);
    assert_non_null(strstr(detcl_context_error(ctx), "'x'"));
    for (int64_t size = 4; size < 7; size++) {
        const struct detcl_desc desc = {DETCL_F32, 4, {size - 3, 3, size, size + 1}};
        struct detcl_tensor *t = NULL;
        OK(detcl_tensor_create(ctx, &desc, &t));
        float *zero = calloc((size_t)detcl_desc_count(&desc), sizeof *zero);
        OK(detcl_tensor_write(t, zero, (size_t)detcl_desc_count(&desc) * sizeof *zero));
        OK(detcl_graph_run(made, &t, NULL, NULL));
        struct detcl_desc out;
        OK(detcl_graph_output(made, 0, NULL, &out));
        assert_int_equal(out.dims[0], size - 3);
        assert_int_equal(out.dims[1], 8);
        assert_int_equal(out.dims[3], size + 1);
        OK(detcl_context_finish(ctx));
        free(zero);
        detcl_tensor_destroy(&t);
    }
    const struct detcl_desc wrong = {DETCL_F32, 4, {1, 4, 8, 8}};
    assert_int_equal(detcl_graph_prepare(made, &wrong, NULL), DETCL_ERROR_ARGUMENT);
    detcl_graph_destroy(&made);
}

static void broken_graphs_are_refused(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *a = dcl_graph_value(&g, "a"), *b = dcl_graph_value(&g, "b");
    OK(dcl_graph_node(&g, "unary", "first", "kind=relu", &a, 1, &b, 1, NULL));
    OK(dcl_graph_node(&g, "unary", "second", "kind=relu", &b, 1, &a, 1, NULL));
    assert_int_equal(dcl_graph_sort(&g), DETCL_ERROR_MODEL);
    assert_non_null(strstr(ctx->error.text, "cycle"));
    assert_non_null(strstr(ctx->error.text, "first"));
    dcl_graph_free(&g);

    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *orphan = dcl_graph_value(&g, "orphan"), *y = dcl_graph_value(&g, "y");
    OK(dcl_graph_node(&g, "unary", "reader", "kind=relu", &orphan, 1, &y, 1, NULL));
    assert_int_equal(dcl_graph_sort(&g), DETCL_ERROR_MODEL);
    assert_non_null(strstr(ctx->error.text, "orphan"));
    dcl_graph_free(&g);
}

/* A row whose kernel is wrong by design: it copies where the twin doubles. */
static enum detcl_status wrong_infer(struct dcl_call *call)
{
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static enum detcl_status doubling_twin(struct dcl_call *call)
{
    for (int64_t i = 0; i < dcl_count(call->in[0]); i++)
        ((float *)call->out[0]->data)[i] = 2 * ((const float *)call->in[0]->data)[i];
    return DETCL_OK;
}

static enum detcl_status copying_kernel(struct dcl_call *call, struct dcl_recorder *r)
{
    const int64_t n = dcl_count(call->in[0]);
    struct dcl_launch *l = dcl_launch(r, "copy", "-DT=uint", "copy");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, NULL);
}

static const struct dcl_op wrong_row = {.name = "wrong",
                                        .min_in = 1,
                                        .max_in = 1,
                                        .max_out = 1,
                                        .tolerance = 1e-5f,
                                        .infer = wrong_infer,
                                        .run_cpu = doubling_twin,
                                        .record_cl = copying_kernel};

static int reported;

static void on_node(void *user, const struct detcl_node_error *n)
{
    (void)user;
    reported++;
    assert_int_equal(n->passed, strcmp(n->name, "culprit") != 0);
}

static void validation_names_the_first_wrong_node(void **state)
{
    (void)state;
    if (strcmp(ctx->info.id, "cpu") == 0)
        skip();
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 4, 4, 4), *wrong = dcl_graph_value(&g, "wrong");
    struct dcl_value *y = NODE("unary", "kind=sigmoid", x);
    OK(dcl_graph_node_of(&g, &wrong_row, "culprit", NULL, &y, 1, &wrong, 1, NULL));
    output(NODE("unary", "kind=exp", wrong));
    struct detcl_graph *made = NULL;
    OK(dcl_graph_wrap(ctx, &g, &made));
    OK(detcl_graph_prepare(made, NULL, NULL));
    float zero[64] = {0};
    OK(detcl_graph_write_input(made, 0, zero, sizeof zero));
    OK(detcl_graph_run(made, NULL, NULL, NULL));
    reported = 0;
    assert_int_equal(detcl_graph_validate(made, on_node, NULL), DETCL_ERROR_MISMATCH);
    assert_int_equal(reported, 3);
    assert_non_null(strstr(detcl_context_error(ctx), "'culprit'"));
    detcl_graph_destroy(&made);
}

/* Parts of its own, a part that is used elsewhere too, one that comes twice, an input of the graph,
 * a reshaped one, and a concatenation inside of another. Only the repeated part and the input are
 * copied. */
static void concatenations_are_written_in_place(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 16, 3, 5), *y = input("y", 1, 16, 3, 5);
    struct dcl_value *a = NODE("unary", "kind=abs", x), *b = NODE("unary", "kind=exp", y);
    struct dcl_value *flat = NODE("reshape", "shape=1,16,15,1", b);
    struct dcl_value *inner = NODE("concat", "axis=1", a, b, a, x);
    struct dcl_value *back = NODE("reshape", "shape=1,64,15,1", inner);
    struct dcl_value *outer = NODE("concat", "axis=1", flat, back);
    output(NODE("unary", "kind=neg", outer));
    output(NODE("unary", "kind=sin", a));
    struct detcl_graph *made = run_both_ways("concat", 2);
    const struct dcl_recorder *r = &made->exec->recorder;
    int copies = 0;
    for (int i = 0; i < r->n_launches; i++)
        copies +=
            strcmp(made->exec->graph.nodes[r->launches[i]->node]->call.op->name, "concat") == 0;
    if (strcmp(detcl_context_device(ctx)->id, "cpu") != 0)
        assert_int_equal(copies, 3); /* a again, x, and b, which already lies in the inner one */
    detcl_graph_destroy(&made);
}

/* A depthwise and a 1 x 1 convolution, then a transposition that the heads of detectors have: one
 * node on processors with vectors. */
static void separable_convolutions_join(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 20, 9, 7);
    struct dcl_value *y = NODE("conv2d", "group=20 pads=1,1,1,1", x,
                               constant("w", 0, 4, 20, 1, 3, 3), constant("b", 0, 1, 20, 0, 0, 0));
    y = NODE("conv2d", "", NODE("unary", "kind=relu", y), constant("k", 0, 4, 18, 20, 1, 1));
    output(NODE("transpose", "perm=0,2,3,1", y));
    const bool joins = ctx->limits.profile == DCL_PROFILE_SIMD && ctx->limits.block > 1;
    finish(run_both_ways("separable_conv2d", joins), joins ? 1 : 3);
}

/* Centres and sizes to corners, as the tail of an SSD has it; the last column is read elsewhere. */
static void tails_of_decoders_join(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = NODE("reshape", "shape=1,37,5", input("x", 1, 1, 37, 5));
    struct dcl_value *priors = constant("priors", 1, 3, 1, 37, 2, 0);
    struct dcl_value *centre = NODE("slice", "starts=0 ends=2 axes=2", x);
    struct dcl_value *size = NODE("slice", "starts=2 ends=4 axes=2", x);
    centre = NODE("binary", "kind=mul", centre, constant("variance", 0, 1, 1, 0, 0, 0));
    centre = NODE("binary", "kind=add", centre, priors);
    size = NODE("binary", "kind=mul", NODE("unary", "kind=exp", size), priors);
    struct dcl_value *both = NODE("concat", "axis=2", centre, size);
    struct dcl_value *low = NODE("slice", "starts=0 ends=2 axes=2", both);
    struct dcl_value *extent = NODE("slice", "starts=2 ends=4 axes=-1", both);
    output(NODE("concat", "axis=-1", NODE("binary", "kind=sub", low, extent),
                NODE("binary", "kind=add", low, extent)));
    struct dcl_value *last = NODE("slice", "starts=4 ends=5 axes=2", x);
    output(NODE("unary", "kind=sigmoid", last));
    output(last);
    const bool joins = strcmp(detcl_context_device(ctx)->id, "cpu") != 0;
    detcl_graph_destroy(&(struct detcl_graph *){run_both_ways("fused_elementwise", joins)});
}

static void every_second_pixel_folds_into_convolution(void **state)
{
    (void)state;
    static const char *const rows[] = {"starts=0 ends=99 axes=2", "starts=1 ends=99 axes=2"};
    static const char *const columns[] = {"starts=0 ends=99 axes=3", "starts=1 ends=99 axes=3"};
    const struct detcl_desc desc = {DETCL_I64, 1, {1}};
    dcl_graph_init(&g, &ctx->error);
    int64_t *two = dcl_arena_array(&g.arena, 1, sizeof *two);
    *two = 2;
    struct dcl_value *step = dcl_graph_constant(&g, "step", &desc, two);
    struct dcl_value *x = input("x", 1, 3, 14, 18), *parts[4];
    for (int i = 0; i < 4; i++) {
        struct dcl_value *half = NODE("slice", rows[i % 2], x, NULL, NULL, NULL, step);
        parts[i] = NODE("slice", columns[i / 2], half, NULL, NULL, NULL, step);
    }
    struct dcl_value *y = conv(node("concat", "axis=1", 4, parts), 20, 12, "pads=1,1,1,1");
    output(NODE("unary", "kind=relu", y));
    finish(run_both_ways("slice", 0), 1);
}

static void pyramid_pooling_cascades(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 16, 13, 11);
    struct dcl_value *thirteen = NODE("pool", "kind=max kernel_shape=13,13 pads=6,6,6,6", x);
    struct dcl_value *five = NODE("pool", "kind=max kernel_shape=5,5 pads=2,2,2,2", x);
    struct dcl_value *nine = NODE("pool", "kind=max kernel_shape=9,9 pads=4,4,4,4", x);
    output(NODE("concat", "axis=1", x, five, nine, thirteen));
    struct detcl_graph *made = run_both_ways("pool", 3);
    for (int i = 0; i < made->exec->graph.n_nodes; i++) {
        const struct dcl_node *n = made->exec->graph.nodes[i];
        if (strcmp(n->call.op->name, "pool") == 0)
            assert_int_equal(dcl_attrs_ints(n->call.op->attrs, n->attrs, "kernel_shape")->v[0], 5);
    }
    detcl_graph_destroy(&made);
}

/* Two levels of two heads each, as YOLOX ends. */
static void heads_become_rows(void **state)
{
    (void)state;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = input("x", 1, 20, 6, 5);
    struct dcl_value *small = NODE("pool", "kind=max kernel_shape=2,2 strides=2,2", x);
    struct dcl_value *a =
        NODE("concat", "axis=1", conv(x, 4, 20, "pads=1,1,1,1"), conv(x, 17, 20, "pads=1,1,1,1"));
    struct dcl_value *b = NODE("concat", "axis=1", conv(small, 4, 20, "pads=1,1,1,1"),
                               conv(small, 17, 20, "pads=1,1,1,1"));
    output(NODE("unary", "kind=exp",
                NODE("transpose", "perm=0,2,1",
                     NODE("concat", "axis=2", NODE("reshape", "shape=1,21,30", a),
                          NODE("reshape", "shape=1,21,6", b)))));
    finish(run_both_ways("join_channels_last", 2), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_fold),
        cmocka_unit_test(swish_fuses_into_convolution),
        cmocka_unit_test(residual_then_relu_fuses),
        cmocka_unit_test(relu_then_residual_fuses),
        cmocka_unit_test(shared_value_is_not_fused_away),
        cmocka_unit_test(two_convolutions_added),
        cmocka_unit_test(batch_normalization_folds),
        cmocka_unit_test(outputs_own_their_memory),
        cmocka_unit_test(concatenations_are_written_in_place),
        cmocka_unit_test(separable_convolutions_join),
        cmocka_unit_test(tails_of_decoders_join),
        cmocka_unit_test(every_second_pixel_folds_into_convolution),
        cmocka_unit_test(pyramid_pooling_cascades),
        cmocka_unit_test(heads_become_rows),
        cmocka_unit_test(shapes_bind_at_a_call),
        cmocka_unit_test(broken_graphs_are_refused),
        cmocka_unit_test(validation_names_the_first_wrong_node),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
