/* What the typed public functions (include/detcl/) are made of: check the operands, find or make
 * the plan of the op for these attributes and shapes, enqueue it. A typed function stands at the
 * end of its op's file:
 *
 *     enum detcl_status detcl_box_iou(struct detcl_context *ctx, enum detcl_iou_kind kind,
 *                                     struct detcl_tensor *a, struct detcl_tensor *b,
 *                                     struct detcl_tensor *out, const struct detcl_sync *sync)
 *     {
 *         const struct attrs attrs = {.kind = (int)kind};
 *         return DCL_CALL_OP(ctx, iou, &attrs, sync, DCL_TENSORS(a, b), DCL_TENSORS(out));
 *     }
 */
#ifndef DCL_OPS_TYPED_H
#define DCL_OPS_TYPED_H

#include "detcl/graph.h"
#include "ops/op.h"

struct dcl_operands {
    struct detcl_tensor *const *list; /* NULL entries: optional operands that are not given */
    int n;
};

#define DCL_TENSORS(...)                                                                           \
    (struct dcl_operands)                                                                          \
    {                                                                                              \
        (struct detcl_tensor *const[]){__VA_ARGS__},                                               \
            (int)(sizeof((struct detcl_tensor *[]){__VA_ARGS__}) / sizeof(struct detcl_tensor *))  \
    }

/* Run `op` with `attrs` (its own struct, every field set) on tensors of the context,
 * asynchronously. A plan is kept for each combination of op, attributes and shapes, the least
 * recently used of 64 dropped, so that a call with known shapes only enqueues. Choices outside
 * their list, tensors of another context and outputs of another shape than the op gives are
 * DETCL_ERROR_ARGUMENT; the rest is the op's infer. */
enum detcl_status dcl_call_op(struct detcl_context *ctx, const struct dcl_op *op, const void *attrs,
                              const struct detcl_sync *sync, struct dcl_operands in,
                              struct dcl_operands out);

#define DCL_CALL_OP(ctx, name, attrs, sync, in, out)                                               \
    dcl_call_op((ctx), &dcl_op_##name, (attrs), (sync), (in), (out))

/* Fails when `ctx` or `params` is NULL; for the first line of a typed function that takes a struct.
 */
enum detcl_status dcl_need_params(struct detcl_context *ctx, const void *params);

/* Return from a typed function when it was given no parameters. */
#define DCL_NEED_PARAMS(ctx, params)                                                               \
    do {                                                                                           \
        if (dcl_need_params((ctx), (params)) != DETCL_OK)                                          \
            return DETCL_ERROR_ARGUMENT;                                                           \
    } while (0)

struct dcl_calls; /* the plans kept by a context */

/* Drop all plans of the context. */
void dcl_calls_free(struct detcl_context *ctx);

#endif
