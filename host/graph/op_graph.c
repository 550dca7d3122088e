/* A single operation as a graph of one node. */
#include "detcl/ops.h"
#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

#define MAX_OPERANDS 64

static const struct dcl_op *row_at(int index)
{
    for (int i = 0; index >= 0 && dcl_ops[i]; i++)
        if (i == index)
            return dcl_ops[i];
    return NULL;
}

const char *detcl_op_name(int index)
{
    const struct dcl_op *op = row_at(index);
    return op ? op->name : NULL;
}

const char *detcl_op_onnx(int index, int k)
{
    const struct dcl_op *op = row_at(index);
    for (int i = 0; op && op->onnx && op->onnx[i].type; i++)
        if (i == k)
            return op->onnx[i].type;
    return NULL;
}

enum detcl_status detcl_op_describe(int index, struct detcl_op_info *out)
{
    const struct dcl_op *op = row_at(index);
    if (!op || !out)
        return DETCL_ERROR_ARGUMENT;
    *out = (struct detcl_op_info){op->name, op->source ? op->source : "",
                                  op->limits ? op->limits : "", op->tolerance, 0};
    while (detcl_op_onnx(index, out->onnx_count))
        out->onnx_count++;
    return DETCL_OK;
}

static enum detcl_status no_memory(struct dcl_graph *g)
{
    return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
}

static enum detcl_status add_operand(struct detcl_context *ctx, struct dcl_graph *g, int index,
                                     const struct detcl_operand *operand, struct dcl_value **out)
{
    if (operand->absent)
        return DETCL_OK;
    size_t bytes;
    DCL_TRY(g->error, dcl_desc_bytes(ctx, &operand->desc, &bytes));
    void *copy = NULL;
    if (operand->constant) {
        copy = dcl_arena_alloc(&g->arena, bytes);
        if (!copy)
            return no_memory(g);
        memcpy(copy, operand->constant, bytes);
    }
    char name[32];
    snprintf(name, sizeof name, "input%d", index);
    *out = dcl_graph_constant(g, name, &operand->desc, copy);
    if (!*out)
        return no_memory(g);
    return copy ? DETCL_OK : dcl_graph_add_input(g, *out);
}

enum detcl_status dcl_graph_of_op(struct detcl_context *ctx, struct dcl_graph *g,
                                  const struct dcl_op *op, const char *attributes,
                                  const struct detcl_operand *inputs, int n_inputs, int n_outputs,
                                  struct dcl_node **node)
{
    struct dcl_value *in[MAX_OPERANDS] = {0}, *out[MAX_OPERANDS] = {0};
    for (int i = 0; i < n_inputs; i++)
        DCL_TRY(g->error, add_operand(ctx, g, i, &inputs[i], &in[i]));
    for (int i = 0; i < n_outputs; i++) {
        char name[32];
        snprintf(name, sizeof name, "output%d", i);
        out[i] = dcl_graph_value(g, name);
        if (!out[i])
            return no_memory(g);
        DCL_TRY(g->error, dcl_graph_add_output(g, out[i]));
    }
    return dcl_graph_node_of(g, op, op->name, attributes, in, n_inputs, out, n_outputs, node);
}

enum detcl_status detcl_op_create(struct detcl_context *ctx, const char *op, const char *attributes,
                                  const struct detcl_operand *inputs, int n_inputs, int n_outputs,
                                  struct detcl_graph **out)
{
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    if (!op || !out || n_inputs < 0 || n_inputs > MAX_OPERANDS || (n_inputs > 0 && !inputs) ||
        n_outputs < 1 || n_outputs > MAX_OPERANDS)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "an operation takes a name, 0 to %d inputs and 1 to %d outputs",
                        MAX_OPERANDS, MAX_OPERANDS);
    const struct dcl_op *row = dcl_op_find(op);
    if (!row)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "no operation '%s'", op);
    struct dcl_graph g;
    dcl_graph_init(&g, &ctx->error);
    enum detcl_status status =
        dcl_graph_of_op(ctx, &g, row, attributes, inputs, n_inputs, n_outputs, NULL);
    if (status != DETCL_OK) {
        dcl_graph_free(&g);
        return status;
    }
    struct detcl_graph *made = NULL;
    DCL_TRY(&ctx->error, dcl_graph_wrap(ctx, &g, &made));
    status = detcl_graph_prepare(made, NULL, NULL);
    if (status != DETCL_OK)
        detcl_graph_destroy(&made);
    else
        *out = made;
    return status;
}
