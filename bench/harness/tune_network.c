/* The convolutions of a network, as cases. */
#include "graph/graph.h"
#include "harness/network.h"
#include "harness/tune.h"
#include "ops/conv2d.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Networks of any size see a picture of this one. */
#define WIDTH 640
#define HEIGHT 480

static void add_case(struct dcl_suite *suite, const struct dcl_call *call,
                     const struct dcl_conv2d *c)
{
    const struct dcl_window *v = &c->window;
    char attributes[192];
    snprintf(attributes, sizeof attributes,
             "strides=%lld,%lld pads=%lld,%lld,%lld,%lld dilations=%lld,%lld group=%lld",
             (long long)v->stride[1], (long long)v->stride[2], (long long)v->begin[1],
             (long long)v->begin[2], (long long)v->end[1], (long long)v->end[2],
             (long long)v->dilation[1], (long long)v->dilation[2], (long long)c->groups);
    struct dcl_bench_case *made = dcl_suite_add(suite, "convolution", "conv2d", attributes, 1);
    dcl_bench_name(made, "%.79s", call->name);
    DCL_BENCH_IN(made, c->images, c->channels, v->size[1], v->size[2])->blocked =
        call->in[0]->block > 1;
    DCL_BENCH_IN(made, c->out_channels, c->channels / c->groups, v->kernel[1], v->kernel[2])
        ->constant = true;
    DCL_BENCH_IN(made, c->out_channels)->constant = true;
}

/* Each key once: networks repeat their blocks. */
static enum detcl_status add_nodes(struct detcl_context *ctx, const struct dcl_graph *g,
                                   struct dcl_suite *suite)
{
    struct dcl_tuning seen = {0};
    struct dcl_choices choices;
    struct dcl_conv2d c;
    bool good = true;
    for (int i = 0; i < g->n_nodes && good; i++) {
        const struct dcl_call *call = &g->nodes[i]->call;
        if (call->op != &dcl_op_conv2d)
            continue;
        dcl_conv2d_choices(call, &ctx->limits, &choices);
        if (choices.n < 2 || dcl_tuning_find(&seen, choices.key))
            continue;
        good = dcl_tuning_use(&seen, choices.key, choices.text[0], 0, 0);
        if (good && dcl_conv2d_describe(call, &c) == DETCL_OK)
            add_case(suite, call, &c);
    }
    dcl_tuning_free(&seen);
    if (good && !suite->failed)
        return DETCL_OK;
    return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

/* A plan is made with the first frame. */
static enum detcl_status look_once(struct detcl_context *ctx, struct detcl_detector *detector)
{
    const struct detcl_detection *list;
    int count;
    unsigned char *pixels = calloc((size_t)WIDTH * HEIGHT, 3);
    if (!pixels)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    const struct detcl_image image = {.pixels = pixels, .width = WIDTH, .height = HEIGHT};
    enum detcl_status status = detcl_detector_enqueue(detector, &image);
    if (status == DETCL_OK)
        status = detcl_detector_fetch(detector, &list, &count);
    free(pixels);
    return status;
}

enum detcl_status dcl_tune_network(struct detcl_context *ctx,
                                   const struct dcl_bench_network *network, struct dcl_suite *suite)
{
    char sidecar[4096];
    struct detcl_detector_params params;
    struct detcl_detector *detector = NULL;
    detcl_detector_params_init(&params);
    params.model = network->model;
    params.sidecar = dcl_bench_sidecar(network, sidecar, sizeof sidecar);
    DCL_TRY(&ctx->error, detcl_detector_create(ctx, &params, &detector));
    enum detcl_status status = look_once(ctx, detector);
    if (status == DETCL_OK)
        status = add_nodes(ctx, &detcl_detector_graph(detector)->exec->graph, suite);
    detcl_detector_destroy(&detector);
    return status;
}
