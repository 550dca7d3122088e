/* Graphs: a network loaded from a file, bound to shapes, and run on the context's device. */
#ifndef DETCL_GRAPH_H
#define DETCL_GRAPH_H

#include "detcl/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct detcl_graph;
struct detcl_sync; /* opencl.h */

/* Load an ONNX file (opsets 7 to 21). Nothing is compiled yet. All unsupported operators and
 * attributes are listed in one error (DETCL_ERROR_UNSUPPORTED); a malformed file gives
 * DETCL_ERROR_MODEL, an unreadable one DETCL_ERROR_IO. Libraries built without ONNX return
 * DETCL_ERROR_UNSUPPORTED. */
DETCL_API enum detcl_status detcl_graph_load_onnx(struct detcl_context *ctx, const char *path,
                                                  struct detcl_graph **out);

/* Accepts NULL and a pointer to NULL; clears `*g`. */
DETCL_API void detcl_graph_destroy(struct detcl_graph **g);

/* Names and shapes. Input extents are -1 where the model leaves them open, until
 * detcl_graph_prepare; output shapes are known only after it. Strings live as long as the graph.
 * `index` out of range: DETCL_ERROR_ARGUMENT. `name` and `desc` may be NULL. */
DETCL_API int detcl_graph_input_count(const struct detcl_graph *g);
DETCL_API int detcl_graph_output_count(const struct detcl_graph *g);
DETCL_API enum detcl_status detcl_graph_input(const struct detcl_graph *g, int index,
                                              const char **name, struct detcl_desc *desc);
DETCL_API enum detcl_status detcl_graph_output(const struct detcl_graph *g, int index,
                                               const char **name, struct detcl_desc *desc);

/* The model's own note under `key` (ONNX metadata_props), or NULL. */
DETCL_API const char *detcl_graph_metadata(const struct detcl_graph *g, const char *key);

/* Make an input a constant from now on: it leaves the list of inputs (indices after it move down).
 * For inputs that say shapes or axes, which must be known before a run. `data` is copied. */
DETCL_API enum detcl_status detcl_graph_bind_constant(struct detcl_graph *g, const char *name,
                                                      const struct detcl_desc *desc,
                                                      const void *data);

struct detcl_graph_options {
    int profile; /* not 0: time each node (detcl_graph_profile) */
};

/* Bind input shapes (`inputs`: one desc an input; NULL: the model's own, which must then be
 * complete), optimise, plan memory, compile. Costly; runs are not. `options` NULL means all
 * defaults. */
DETCL_API enum detcl_status detcl_graph_prepare(struct detcl_graph *g,
                                                const struct detcl_desc *inputs,
                                                const struct detcl_graph_options *options);

/* Enqueue one run; it allocates nothing and does not wait. inputs[i] / outputs[i] NULL, or the
 * whole array NULL, means the graph's own memory (detcl_graph_write_input,
 * detcl_graph_read_output). Inputs of other shapes than prepared for are prepared anew first;
 * outputs must have the shapes that detcl_graph_output gives. `sync` NULL: after everything
 * enqueued so far, no event. */
DETCL_API enum detcl_status detcl_graph_run(struct detcl_graph *g,
                                            struct detcl_tensor *const *inputs,
                                            struct detcl_tensor *const *outputs,
                                            const struct detcl_sync *sync);

/* Copy to / from the graph's own input or output memory; both wait. `bytes` must match the desc. */
DETCL_API enum detcl_status detcl_graph_write_input(struct detcl_graph *g, int index,
                                                    const void *data, size_t bytes);
DETCL_API enum detcl_status detcl_graph_read_output(struct detcl_graph *g, int index, void *data,
                                                    size_t bytes);

/* How many entries along the first axis of an output are valid after a run: its extent, or less for
 * operators whose result depends on the data (NonMaxSuppression). Waits. */
DETCL_API enum detcl_status detcl_graph_valid_rows(struct detcl_graph *g, int index, int64_t *rows);

struct detcl_node_time {
    const char *name, *op; /* live until the next prepare */
    double ms;
};

/* Time of each node in the last run; needs options.profile. Fills up to `capacity` entries and sets
 * `*count` to the number of nodes. Waits. */
DETCL_API enum detcl_status detcl_graph_profile(struct detcl_graph *g, struct detcl_node_time *list,
                                                int capacity, int *count);

/* One node of a validation. error = the largest |device - twin| / (1 + |twin|). */
struct detcl_node_error {
    const char *name, *op;
    double error, limit;
    int passed;
};

/* Run once with the inputs of the last run in the graph's own memory, then compute every node again
 * on its CPU twin from the very inputs that the device used. `report` (may be NULL) hears of each
 * node. Returns DETCL_ERROR_MISMATCH, with the first node beyond its limit in the error text, or
 * DETCL_OK. */
DETCL_API enum detcl_status
detcl_graph_validate(struct detcl_graph *g,
                     void (*report)(void *user, const struct detcl_node_error *node), void *user);

/* Figures of a prepared graph. */
struct detcl_graph_stats {
    int nodes, launches, programs; /* kernels of a run and what they are made from, before the
                                      device puts several together */
    size_t device_bytes;           /* arena, constants, inputs and outputs */
};
DETCL_API enum detcl_status detcl_graph_stats(const struct detcl_graph *g,
                                              struct detcl_graph_stats *out);

#ifdef __cplusplus
}
#endif
#endif
