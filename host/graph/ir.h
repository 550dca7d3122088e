/* The intermediate representation: values and the nodes between them, in topological order. A graph
 * owns all it refers to through its arena. Not thread-safe; one graph belongs to one context. */
#ifndef DCL_GRAPH_IR_H
#define DCL_GRAPH_IR_H

#include "ops/op.h"

struct dcl_node {
    struct dcl_call call;
    void *attrs; /* what call.attrs points to, writable */
    uint64_t seen;
};

struct dcl_pair {
    const char *key, *value;
};

struct dcl_graph {
    struct dcl_arena arena;
    struct dcl_error *error;
    struct dcl_node **nodes;
    int n_nodes, cap_nodes;
    struct dcl_value **values;
    int n_values, cap_values;
    struct dcl_value **inputs;
    int n_inputs, cap_inputs;
    struct dcl_value **outputs;
    int n_outputs, cap_outputs;
    struct dcl_pair *metadata; /* the model's own notes; not cloned */
    int n_metadata;
};

void dcl_graph_init(struct dcl_graph *g, struct dcl_error *e);
void dcl_graph_free(struct dcl_graph *g);

/* A new value with a copy of `name` and dims unknown (rank 0 until inferred); NULL = out of memory.
 */
struct dcl_value *dcl_graph_value(struct dcl_graph *g, const char *name);

/* A constant. `data` is borrowed and must outlive the graph (allocate it in the graph's arena). */
struct dcl_value *dcl_graph_constant(struct dcl_graph *g, const char *name,
                                     const struct detcl_desc *desc, const void *data);

enum detcl_status dcl_graph_add_input(struct dcl_graph *g, struct dcl_value *v);
enum detcl_status dcl_graph_add_output(struct dcl_graph *g, struct dcl_value *v);

/* Append a node of op `op` with default attributes, then set those of `attrs` ("axis=1 ..."; may be
 * NULL). Entries of in/out may be NULL (absent). Arrays are copied. `*made` may be NULL. */
enum detcl_status dcl_graph_node(struct dcl_graph *g, const char *op, const char *name,
                                 const char *attrs, struct dcl_value *const *in, int n_in,
                                 struct dcl_value *const *out, int n_out, struct dcl_node **made);

/* The same with the op's row, which need not be in the registry. */
enum detcl_status dcl_graph_node_of(struct dcl_graph *g, const struct dcl_op *op, const char *name,
                                    const char *attrs, struct dcl_value *const *in, int n_in,
                                    struct dcl_value *const *out, int n_out,
                                    struct dcl_node **made);

/* Deep copy of nodes and values; constants' data is shared, so `from` must outlive `to`. */
enum detcl_status dcl_graph_clone(const struct dcl_graph *from, struct dcl_graph *to);

/* Infer every node's outputs and fold what is known before the run (constants, shapes). Inputs must
 * have their final desc. Folded nodes are removed. */
enum detcl_status dcl_graph_infer(struct dcl_graph *g);

/* Drop nodes whose outputs nobody reads. */
void dcl_graph_prune(struct dcl_graph *g);

/* Sort nodes so that producers come first. Fails with DETCL_ERROR_MODEL on a cycle or on a value
 * without a producer, naming the node. */
enum detcl_status dcl_graph_sort(struct dcl_graph *g);

/* Number of nodes that read v, plus one if it is a graph output. */
int dcl_graph_uses(const struct dcl_graph *g, const struct dcl_value *v);

/* Let every reader of `from` (nodes and graph outputs) read `to`. */
void dcl_graph_replace(struct dcl_graph *g, struct dcl_value *from, struct dcl_value *to);

/* The node that writes v, or NULL (after nodes were added or moved: searched, not cached). */
struct dcl_node *dcl_graph_producer(const struct dcl_graph *g, const struct dcl_value *v);

/* Remove node at index i (its outputs must be unused or rewired). */
void dcl_graph_remove(struct dcl_graph *g, int i);

/* Move the last node to index i (after dcl_graph_node appended it). */
void dcl_graph_move_last(struct dcl_graph *g, int i);

#endif
