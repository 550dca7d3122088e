/* What all three consumers do: one operation on the CPU device. Valid C and C++. */
#ifndef CONSUMERS_RELU_H
#define CONSUMERS_RELU_H

#include "detcl/ops.h"

#include <stdio.h>
#include <string.h>

/* 0 when relu of -1, 0, 2 is 0, 0, 2. */
static int relu_on(struct detcl_context *ctx)
{
    const float in[3] = {-1, 0, 2}, expected[3] = {0, 0, 2};
    float out[3] = {9, 9, 9};
    struct detcl_operand operand;
    struct detcl_graph *relu = NULL;
    memset(&operand, 0, sizeof operand);
    operand.desc.dtype = DETCL_F32;
    operand.desc.rank = 1;
    operand.desc.dims[0] = 3;
    const int good =
        detcl_op_create(ctx, "unary", "kind=relu", &operand, 1, 1, &relu) == DETCL_OK &&
        detcl_graph_write_input(relu, 0, in, sizeof in) == DETCL_OK &&
        detcl_graph_run(relu, NULL, NULL, NULL) == DETCL_OK &&
        detcl_graph_read_output(relu, 0, out, sizeof out) == DETCL_OK &&
        memcmp(out, expected, sizeof out) == 0;
    detcl_graph_destroy(&relu);
    return !good;
}

static int relu(void)
{
    struct detcl_context_params params;
    struct detcl_context *ctx = NULL;
    struct detcl_error error;
    memset(&params, 0, sizeof params);
    params.device = "cpu";
    if (detcl_context_create(&params, &ctx, &error) != DETCL_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    const int bad = relu_on(ctx);
    if (bad)
        fprintf(stderr, "relu failed: %s\n", detcl_context_error(ctx));
    detcl_context_destroy(&ctx);
    return bad;
}

#endif
