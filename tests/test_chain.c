/* Chains of launches: the same bits as one launch after the other, run after run, with outputs
 * bound elsewhere, and with two chains on the device at once. */
#include "device/device.h"
#include "graph/exec.h"
#include "graph/passes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 40, SIDE = 19, RUNS = 200, COUNT = CHANNELS * SIDE * SIDE };

static float noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(int32_t)*seed * (1.0f / 2147483648.0f);
}

static struct dcl_value *node(struct dcl_graph *g, const char *op, const char *attrs,
                              struct dcl_value **in, int n_in)
{
    struct dcl_value *out = dcl_graph_value(g, op);
    if (dcl_graph_node(g, op, op, attrs, in, n_in, &out, 1, NULL) != DETCL_OK)
        fail_msg("%s", g->error->text);
    return out;
}

static struct dcl_value *convolution(struct dcl_graph *g, struct dcl_value *x, int side,
                                     uint32_t *seed)
{
    const struct detcl_desc desc = {DETCL_F32, 4, {CHANNELS, CHANNELS, side, side}};
    const size_t n = (size_t)detcl_desc_count(&desc);
    float *data = dcl_arena_array(&g->arena, n, sizeof *data);
    for (size_t i = 0; i < n; i++)
        data[i] = noise(seed) / (float)(CHANNELS * side);
    struct dcl_value *in[] = {x, dcl_graph_constant(g, "weight", &desc, data)};
    return node(g, "conv2d", side == 3 ? "pads=1,1,1,1" : NULL, in, 2);
}

/* Two layers in three branches that do not wait for each other: pointwise, 3 x 3 and pooling;
 * joined by concatenation, whose parts are written in place. Nothing is dense but the ends. */
static struct dcl_exec *make(struct detcl_context *ctx)
{
    struct dcl_graph g;
    uint32_t seed = 7;
    dcl_graph_init(&g, &ctx->error);
    struct dcl_value *x = dcl_graph_value(&g, "x");
    x->desc = (struct detcl_desc){DETCL_F32, 4, {1, CHANNELS, SIDE, SIDE}};
    assert_int_equal(dcl_graph_add_input(&g, x), DETCL_OK);
    struct dcl_value *ends[3];
    for (int i = 0; i < 3; i++) {
        struct dcl_value *v = i == 2 ? x : convolution(&g, x, i ? 3 : 1, &seed);
        v = i ? node(&g, "pool", "kind=max kernel_shape=3,3 pads=1,1,1,1", &v, 1)
              : node(&g, "unary", "kind=relu", &v, 1);
        ends[i] = convolution(&g, v, i ? 1 : 3, &seed);
    }
    struct dcl_value *y = node(&g, "concat", "axis=1", ends, 3);
    assert_int_equal(dcl_graph_add_output(&g, y), DETCL_OK);
    assert_int_equal(dcl_graph_add_output(&g, node(&g, "unary", "kind=sigmoid", &ends[1], 1)),
                     DETCL_OK);
    if (dcl_graph_infer(&g) != DETCL_OK || dcl_graph_optimise(&g, &ctx->limits) != DETCL_OK)
        fail_msg("%s", ctx->error.text);
    struct dcl_exec *exec = NULL;
    if (dcl_exec_create(ctx, &g, NULL, &exec) != DETCL_OK)
        fail_msg("%s", ctx->error.text);
    return exec;
}

static int chained(const struct dcl_exec *x)
{
    int n = 0;
    for (int i = 0; i < x->recorder.n_launches; i++)
        n += x->recorder.launches[i]->chained;
    return n;
}

static struct detcl_context *open_context(void)
{
    struct detcl_context *ctx = NULL;
    const struct detcl_context_params params = {.device = "opencl"};
    if (detcl_context_create(&params, &ctx, NULL) != DETCL_OK)
        return NULL;
    if (!ctx->limits.chain)
        detcl_context_destroy(&ctx);
    return ctx;
}

static enum detcl_status run(struct dcl_exec *x, const float *in, float *joined, float *other)
{
    enum detcl_status status = dcl_exec_write(x, x->graph.inputs[0], in);
    if (status == DETCL_OK)
        status = dcl_exec_run(x, NULL);
    if (status == DETCL_OK)
        status = dcl_exec_read(x, x->graph.outputs[0], joined);
    return status == DETCL_OK ? dcl_exec_read(x, x->graph.outputs[1], other) : status;
}

struct results {
    float in[COUNT], joined[3 * COUNT], other[COUNT], again[3 * COUNT], other_again[COUNT];
};

/* One thread's part: a context, and the plan as a chain and as launches. */
struct racer {
    struct detcl_context *ctx;
    struct dcl_exec *chain, *single;
    struct results *results;
    uint32_t seed;
    int differed;
};

/* No assertions here: cmocka's belong to the main thread. */
static void *race(void *racer)
{
    struct racer *it = racer;
    struct results *r = it->results;
    for (int i = 0; i < RUNS; i++) {
        for (int k = 0; k < COUNT; k++)
            r->in[k] = noise(&it->seed);
        it->differed += run(it->single, r->in, r->joined, r->other) != DETCL_OK ||
                        run(it->chain, r->in, r->again, r->other_again) != DETCL_OK ||
                        memcmp(r->joined, r->again, sizeof r->joined) != 0 ||
                        memcmp(r->other, r->other_again, sizeof r->other) != 0;
    }
    return NULL;
}

static void chains_are_the_same_as_launches(void **state)
{
    (void)state;
    struct racer racers[2];
    pthread_t threads[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct racer *it = &racers[i];
        *it = (struct racer){.ctx = open_context(), .seed = i};
        if (!it->ctx)
            skip();
        it->results = malloc(sizeof *it->results);
        it->chain = make(it->ctx);
        it->ctx->limits.chain = false;
        it->single = make(it->ctx);
        assert_true(chained(it->chain) > 5);
        assert_int_equal(chained(it->single), 0);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (int i = 0; i < 2; i++) {
        struct racer *it = &racers[i];
        pthread_join(threads[i], NULL);
        assert_int_equal(it->differed, 0);
        free(it->results);
        dcl_exec_destroy(&it->chain);
        dcl_exec_destroy(&it->single);
        detcl_context_destroy(&it->ctx);
    }
}

/* What is bound to an output changes from run to run. */
static void outputs_are_bound_anew(void **state)
{
    (void)state;
    struct detcl_context *ctx = open_context();
    if (!ctx)
        skip();
    struct dcl_exec *x = make(ctx);
    struct results *r = malloc(sizeof *r);
    uint32_t seed = 3;
    for (int k = 0; k < COUNT; k++)
        r->in[k] = noise(&seed);
    assert_int_equal(run(x, r->in, r->joined, r->other), DETCL_OK);
    struct dcl_buffer elsewhere = {.bytes = sizeof r->other + 64};
    assert_int_equal(ctx->device->alloc(ctx, &elsewhere), DETCL_OK);
    for (size_t offset = 0; offset <= 64; offset += 4) {
        dcl_exec_bind_output(x, 1, &elsewhere, offset);
        memset(r->other_again, 0, sizeof r->other_again);
        assert_int_equal(run(x, r->in, r->again, r->other_again), DETCL_OK);
        assert_memory_equal(r->joined, r->again, sizeof r->joined);
        assert_memory_equal(r->other, r->other_again, sizeof r->other);
    }
    ctx->device->release(ctx, &elsewhere);
    free(r);
    dcl_exec_destroy(&x);
    detcl_context_destroy(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_are_the_same_as_launches),
        cmocka_unit_test(outputs_are_bound_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
