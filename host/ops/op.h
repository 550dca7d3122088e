/* The registry: one row an op. A row says what the op accepts, which shapes it gives, how the CPU
 * twin computes it and which OpenCL launches compute it. Nothing here depends on OpenCL headers. */
#ifndef DCL_OPS_OP_H
#define DCL_OPS_OP_H

#include "core/arena.h"
#include "core/attrs.h"
#include "core/error.h"

/* One operand. Ops read and, in infer, write the first part; the rest belongs to the planner. */
struct dcl_value {
    const char *name;
    struct detcl_desc desc; /* logical: NCHW for images */
    int block; /* 1: dense row-major. b > 1: stored as N, ceil(C/b), H, W, b (rank 4 only,
                  float32); lanes of channels >= C are unspecified and may hold NaN */
    const void *constant;    /* dense host data when the value is known before the run, else NULL */
    void *data;              /* CPU device: where the value lives during run_cpu */
    struct dcl_value *count; /* when not NULL, how many entries are valid (NMS and other
                                data-dependent outputs), int32: a scalar counts along dims[0]; one
                                of shape [N] counts, for each index of dims[0], along dims[1]. What
                                lies past the count is unspecified */

    /* planner and executor only */
    int producer;            /* node index, or -1 */
    int first, last;         /* node indices of the first and last use */
    struct dcl_value *alias; /* lies in this value's storage, or NULL */
    size_t alias_at;         /* where in it, in bytes */
    size_t offset;           /* bytes into `buffer` */
    struct dcl_buffer *buffer;
    int external;           /* index + 1 in the bindings of a run, or 0 */
    struct dcl_value *twin; /* the same value in the other layout, once a reorder exists */
};

#define DCL_DIM(value, i) ((value)->desc.dims[i])

/* One node as its op sees it. Absent optional inputs are NULL; absent optional outputs are NULL. */
struct dcl_call {
    const struct dcl_op *op;
    const char *name;  /* node name, for messages */
    const void *attrs; /* the op's own struct */
    int n_in, n_out;
    struct dcl_value **in, **out;
    size_t cpu_workspace; /* infer sets how many bytes run_cpu needs in `workspace` */
    void *workspace;
    struct dcl_error *error;
};

/* How a node's rank-4 float32 operands may be stored. Bit i of `in`/`out` = operand i is blocked.
 */
enum dcl_layout_wish {
    DCL_LAYOUT_PLAIN,  /* dense operands only */
    DCL_LAYOUT_FOLLOW, /* works blocked too: follow the producers */
    DCL_LAYOUT_PREFER  /* insert a reorder to get blocked operands */
};

struct dcl_layout {
    enum dcl_layout_wish wish;
    uint32_t in, out;
};

/* ONNX operator types that map to an op one to one; attributes have ONNX's names. */
struct dcl_onnx_name {
    const char *type;
    const char *preset; /* attribute text that tells the type apart, e.g. "kind=relu" */
};

enum dcl_op_flags {
    DCL_OP_ALIAS = 1, /* out[0] is in[0] with another shape: same storage (dense only). run_cpu and
                         record_cl are called for further outputs only, and for folding */
    DCL_OP_SHAPE_ONLY = 2, /* the result depends on shapes only: always folded */
    DCL_OP_CONTRACTS = 4,  /* long sums: validation measures them by the largest of the output */
    DCL_OP_COUNTED = 8 /* the last output is the count of the others, which ONNX does not list */
};

struct dcl_recorder;
struct dcl_limits;
struct dcl_choices;

struct dcl_op {
    const char *name;
    const struct dcl_attr_spec *attrs;
    size_t attrs_size;
    int min_in, max_in, max_out; /* max_in may be DCL_MANY */
    unsigned flags;
    float tolerance;    /* largest |device - twin| / (1 + |twin|) that validation accepts; 0 =
                           identical bits */
    const char *source; /* whose definition it follows: paper or library; NULL: ONNX's, by `onnx` */
    const char *limits; /* what it does not take, in words; NULL: int32 sizes, no other */
    const struct dcl_onnx_name *onnx; /* ends with { NULL, NULL }; may be NULL */

    /* Check operands and fill the outputs' desc (and count). Inputs that must be known before the
     * run are read with dcl_const_ints and friends. */
    enum detcl_status (*infer)(struct dcl_call *call);
    /* Plain readable C over dense operands; the reference and the fallback. */
    enum detcl_status (*run_cpu)(struct dcl_call *call);
    /* Append launches to the recorder (ops/record.h). */
    enum detcl_status (*record_cl)(struct dcl_call *call, struct dcl_recorder *r);
    /* NULL = plain only. `block` is the device's channel block. */
    struct dcl_layout (*layout)(const struct dcl_call *call, int block);
    /* Where out[0], as stored, holds input i in one piece: an element offset, or -1. The planner
     * may then let the input's producer write there, and the op has nothing to do for it
     * (dcl_lies_in). NULL = never. */
    int64_t (*part)(const struct dcl_call *call, int i);
    /* The ways that record_cl has to compute this call, layouts included, of which a tuner may pick
     * one (ops/record.h); none: n = 0. NULL = never a choice. */
    void (*choices)(const struct dcl_call *call, const struct dcl_limits *limits,
                    struct dcl_choices *out);
};

#define DCL_MANY 1000000

/* The op of that name, or NULL. */
const struct dcl_op *dcl_op_find(const char *name);

/* The op behind an ONNX operator type and its preset, or NULL. */
const struct dcl_op *dcl_op_find_onnx(const char *type, const char **preset);

/* All ops, NULL-terminated. */
extern const struct dcl_op *const dcl_ops[];

/* --- helpers for infer ------------------------------------------------------------------- */

/* Fail with a message that starts with op and node name. */
#define DCL_CALL_FAIL(call, status, format, ...)                                                   \
    DCL_FAIL((call)->error, (status), "%s '%s': " format, (call)->op->name, (call)->name,          \
             ##__VA_ARGS__)

/* True when input i exists. */
static inline bool dcl_has_in(const struct dcl_call *call, int i)
{
    return i < call->n_in && call->in[i];
}

static inline bool dcl_has_out(const struct dcl_call *call, int i)
{
    return i < call->n_out && call->out[i];
}

static inline int64_t dcl_count(const struct dcl_value *v)
{
    return detcl_desc_count(&v->desc);
}

/* True when there is nothing to run: an alias without further outputs. */
static inline bool dcl_is_free(const struct dcl_call *call)
{
    return (call->op->flags & DCL_OP_ALIAS) && !dcl_has_out(call, 1);
}

/* True when input i already lies where out[0] holds it. */
bool dcl_in_place(const struct dcl_call *call, int i);

/* For infer: when out[0] keeps the first dimension of v, as many of its entries are valid. */
static inline void dcl_follow_count(struct dcl_call *call, const struct dcl_value *v)
{
    struct dcl_value *y = call->out[0];
    if (v->count && v->desc.rank > 0 && y->desc.rank > 0 && DCL_DIM(v, 0) == DCL_DIM(y, 0))
        y->count = v->count;
}

/* Elements that the storage holds, padded lanes of the last channel block included. */
int64_t dcl_stored_count(const struct dcl_value *v);

/* Integers of input i when that input is given (it must be constant), else `fallback` unchanged.
 * int32 and int64 are accepted. */
enum detcl_status dcl_const_ints(const struct dcl_call *call, int i,
                                 const struct dcl_ints *fallback, struct dcl_ints *out);

/* One float / one integer of input i when given (it must be constant), else `fallback`. */
enum detcl_status dcl_const_float(const struct dcl_call *call, int i, float fallback, float *out);
enum detcl_status dcl_const_int(const struct dcl_call *call, int i, int64_t fallback, int64_t *out);

/* Turn a possibly negative axis into 0..rank-1. */
enum detcl_status dcl_axis(const struct dcl_call *call, int64_t axis, int rank, int *out);

/* Fail unless input i has one of the listed element types (a bit mask of 1 << dtype). */
enum detcl_status dcl_need_dtype(const struct dcl_call *call, int i, unsigned mask);

/* Fail unless input i has that rank. */
enum detcl_status dcl_need_rank(const struct dcl_call *call, int i, int rank);

#define DCL_F32 (1u << DETCL_F32)
#define DCL_I32 (1u << DETCL_I32)
#define DCL_I64 (1u << DETCL_I64)
#define DCL_U8 (1u << DETCL_U8)
#define DCL_BOOL (1u << DETCL_BOOL)
#define DCL_ANY 0x1fu
#define DCL_NUMERIC (DCL_F32 | DCL_I32 | DCL_I64 | DCL_U8)

/* NumPy broadcasting of two shapes (ONNX "Broadcasting"). */
enum detcl_status dcl_broadcast(const struct dcl_call *call, const struct detcl_desc *a,
                                const struct detcl_desc *b, struct detcl_desc *out);

/* Row-major strides in elements; a stride of 0 where `desc` is broadcast to `to`. Fills to->rank.
 */
void dcl_broadcast_strides(const struct detcl_desc *desc, const struct detcl_desc *to,
                           int64_t *strides);

#endif
