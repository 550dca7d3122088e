/* Single operations on the caller's tensors: made once for its shapes (programs compiled, weights
 * packed), then run any number of times. An operation is a graph of one node, so detcl_graph_run,
 * _profile and _validate work on it. host/ops/README.md lists the operations. */
#ifndef DETCL_OPS_H
#define DETCL_OPS_H

#include "detcl/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One input of an operation. */
struct detcl_operand {
    struct detcl_desc desc;
    const void
        *constant; /* not NULL: known now (weights, axes); copied, not an input of the runs */
    int absent;    /* not 0: an optional input that is not given */
};

/* Make operation `op` ("nms", "iou", "conv2d" ...) with attributes as text ("strides=2,2
 * pads=1,1,1,1"; NULL: all defaults) and `n_outputs` outputs. Inputs of the runs are the operands
 * that are neither absent nor constant, in order. DETCL_ERROR_ARGUMENT: no such operation;
 * DETCL_ERROR_UNSUPPORTED or DETCL_ERROR_MODEL: the text says which attribute, type or shape does
 * not fit. */
DETCL_API enum detcl_status detcl_op_create(struct detcl_context *ctx, const char *op,
                                            const char *attributes,
                                            const struct detcl_operand *inputs, int n_inputs,
                                            int n_outputs, struct detcl_graph **out);

/* Names of the operations, in the order of the registry; NULL past the last. */
DETCL_API const char *detcl_op_name(int index);

/* What is known of an operation. */
struct detcl_op_info {
    const char *name;
    const char *source; /* whose definition it follows: a paper or a library; "" for ONNX's own */
    const char *limits; /* what it does not take; "" when nothing but sizes of 2^31 - 1 */
    float tolerance;    /* largest |device - twin| / (1 + |twin|); 0: identical bits */
    int onnx_count;     /* ONNX operators that it serves */
};

/* Fill `*out` for the operation at `index`, with strings that live as long as the program;
 * DETCL_ERROR_ARGUMENT past the last. Thread-safe. */
DETCL_API enum detcl_status detcl_op_describe(int index, struct detcl_op_info *out);

/* The ONNX operator number `k` of the operation at `index`, or NULL. Thread-safe. */
DETCL_API const char *detcl_op_onnx(int index, int k);

#ifdef __cplusplus
}
#endif
#endif
