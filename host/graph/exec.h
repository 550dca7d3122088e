/* An executable plan: a specialised graph (all shapes known) with its memory and, on OpenCL, its
 * recorded launches. Running it allocates nothing. */
#ifndef DCL_GRAPH_EXEC_H
#define DCL_GRAPH_EXEC_H

#include "device/device.h"
#include "graph/ir.h"

#define DCL_MAX_ARGS 40
/* What fills guarded buffer i: buffers differ, so that guard copied onto guard is noticed. */
#define DCL_GUARD_BYTE(i) ((unsigned char)(0xa5 + 29 * (i)))

enum dcl_arg_kind { DCL_ARG_VALUE, DCL_ARG_INT, DCL_ARG_FLOAT };

struct dcl_arg {
    enum dcl_arg_kind kind;
    const struct dcl_value *value;
    int32_t i;
    float f;
};

/* CLBlast is called instead of a kernel of ours. */
struct dcl_gemm {
    bool active, transpose_a, transpose_b;
    size_t m, n, k;
    float alpha, beta;
};

struct dcl_launch {
    struct dcl_recorder *recorder;
    int node;
    int program; /* index into the recorder's programs; -1 for a gemm */
    const char *kernel;
    struct dcl_arg args[DCL_MAX_ARGS];
    int n_args;
    int dims;
    size_t global[3], local[3];
    struct dcl_gemm gemm;
    bool transformed; /* dcl_transformed */
    bool chained;     /* a step of a chain */
    bool external;    /* some argument is bound at each run */
    void *handle;     /* cl_kernel */
};

struct dcl_program_use {
    const char *stem, *options;
    bool wanted;  /* some launch is not part of a chain */
    void *handle; /* cl_program, of the context's program cache */
};

struct dcl_recorder {
    struct dcl_exec *exec;
    struct dcl_launch **launches;
    int n_launches, cap_launches;
    struct dcl_program_use *programs;
    int n_programs, cap_programs;
    int node;
    enum detcl_status status;
    struct dcl_launch sink; /* absorbs calls after a failure */
};

struct dcl_exec_options {
    bool separate; /* every value has a buffer of its own that lives through the run: validation,
                      checkers */
    size_t guard;  /* with `separate`: bytes before and after each value */
    bool profile;  /* time each node */
    bool chained;  /* every kernel that can be a step of a chain is one: checkers */
    bool unbound;  /* inputs and outputs have no memory of their own: all are bound before a run */
};

struct dcl_binding {
    struct dcl_buffer *buffer;
    size_t offset; /* bytes */
};

struct dcl_exec {
    struct detcl_context *ctx;
    struct dcl_exec_options options;
    struct dcl_graph graph;
    struct dcl_recorder recorder;
    struct dcl_value **temporaries; /* workspaces */
    int n_temporaries, cap_temporaries;
    struct dcl_buffer **buffers;
    int n_buffers, cap_buffers;
    struct dcl_binding *bindings; /* inputs, then outputs */
    void *state;                  /* the device's own */
};

/* Take over `graph` (already inferred and optimised) and make it runnable on the context. On
 * failure the graph is freed. Inputs and outputs get memory of their own, bound by default. */
enum detcl_status dcl_exec_create(struct detcl_context *ctx, struct dcl_graph *graph,
                                  const struct dcl_exec_options *options, struct dcl_exec **out);
void dcl_exec_destroy(struct dcl_exec **x);

/* Bind input i / output i to other memory for the runs that follow; NULL = the exec's own. */
void dcl_exec_bind_input(struct dcl_exec *x, int i, struct dcl_buffer *buffer, size_t offset);
void dcl_exec_bind_output(struct dcl_exec *x, int i, struct dcl_buffer *buffer, size_t offset);

/* Enqueue one run. `sync` may be NULL. */
enum detcl_status dcl_exec_run(struct dcl_exec *x, const struct detcl_sync *sync);

/* Blocking copy of the stored elements of any value of the exec (separate mode) or of an
 * input/output. */
enum detcl_status dcl_exec_write(struct dcl_exec *x, const struct dcl_value *v, const void *from);
enum detcl_status dcl_exec_read(struct dcl_exec *x, const struct dcl_value *v, void *to);

/* The same as dense data, whatever the exec stores. */
enum detcl_status dcl_exec_read_dense(struct dcl_exec *x, const struct dcl_value *v, void *to);

/* Bytes of the arena and of constants, for reports. */
size_t dcl_exec_bytes(const struct dcl_exec *x);

/* The buffer and byte offset where a value lives in the coming run. */
struct dcl_binding dcl_exec_place(const struct dcl_exec *x, const struct dcl_value *v);

/* Bytes that a value's storage takes. */
size_t dcl_stored_bytes(const struct dcl_value *v);

/* Add a buffer of `bytes` to the exec (allocated on its device). */
struct dcl_buffer *dcl_exec_buffer(struct dcl_exec *x, size_t bytes);

/* Find the values that lie in the storage of others: reshaped ones, and parts that are written
 * straight into a concatenation. Recording looks at it, so it comes first (graph/memory.c). */
void dcl_exec_alias(struct dcl_exec *x);

/* Lay out all values: lifetimes, arena, constants (graph/memory.c). */
enum detcl_status dcl_exec_plan_memory(struct dcl_exec *x);

#endif
