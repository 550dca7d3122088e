/* What an op's record_cl says: which kernels run, with which arguments, over which grid. Recording
 * makes plain data; programs are built (in parallel) and kernels made when all nodes are recorded,
 * and a run only enqueues. The first failure sticks to the recorder, so op code reads straight:
 *
 *     struct dcl_launch *l = dcl_launch(r, "unary", "-DT=float", "unary_f32");
 *     dcl_arg_value(l, call->in[0]);
 *     dcl_arg_value(l, call->out[0]);
 *     dcl_arg_int(l, n);
 *     return dcl_grid(l, 1, (size_t[]){ n }, NULL);
 */
#ifndef DCL_OPS_RECORD_H
#define DCL_OPS_RECORD_H

#include "device/tuning.h"
#include "ops/op.h"

/* How kernels are shaped for the device. */
enum dcl_profile {
    DCL_PROFILE_SIMD, /* CPU: one work-item a group, wide vectors, no local memory */
    DCL_PROFILE_GPU   /* many work-items, local memory */
};

struct dcl_limits {
    enum dcl_profile profile;
    int block; /* channel block of activations */
    int compute_units;
    size_t max_work_group; /* work-items in a group, all dimensions together */
    size_t local_bytes;
    bool winograd; /* 3 x 3 convolutions may use fewer products at some loss of accuracy */
    bool chain;    /* launches may be put together into one */
    bool gemm;     /* CLBlast is there and worth calling */
};

/* The ways to compute one call on one device, the model's own first, and what describes the call in
 * a table of tunings. */
#define DCL_MOST_CHOICES 32
struct dcl_choices {
    char key[DCL_TUNING_KEY];
    int n;
    char text[DCL_MOST_CHOICES][DCL_TUNING_CHOICE];
};

/* Append a way; what there already is, or is too much, is left out. Returns whether it was added.
 */
bool dcl_add_choice(struct dcl_choices *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Index of the way to take: what the device's tuning says, where that is one of these, else the
 * first that is not in quarantine, else 0. */
int dcl_choose(const struct dcl_recorder *r, const struct dcl_choices *c);

struct dcl_launch;

const struct dcl_limits *dcl_limits(const struct dcl_recorder *r);

/* Add a launch of `kernel` from kernels/<stem>.cl built with `options` (may be ""; kept by copy).
 * Launches of one recorder with equal stem and options share one program: prefer few option sets.
 */
struct dcl_launch *dcl_launch(struct dcl_recorder *r, const char *stem, const char *options,
                              const char *kernel);

/* Two kernel arguments: the buffer and its offset in elements; TENSOR and OPEN in common.cl are the
 * other side. A NULL value passes the null buffer and 0 (the kernel must not touch it). */
void dcl_arg_value(struct dcl_launch *l, const struct dcl_value *v);
void dcl_arg_int(struct dcl_launch *l, int64_t v); /* `int`; fails when out of its range */
void dcl_arg_float(struct dcl_launch *l, float v); /* `float` */

/* The launch computes long sums through a transform (Winograd): its rounding errors follow the
 * largest output, not each one, and checks measure them by that. */
void dcl_transformed(struct dcl_launch *l);

/* Close the launch. `local` may be NULL: 64 or, in narrow grids, 8 work-items along the first
 * dimension. `global` is in work-items and is rounded up to a multiple of `local`, so kernels test
 * their bounds. A global size with a zero drops the launch. */
enum detcl_status dcl_grid(struct dcl_launch *l, int dims, const size_t *global,
                           const size_t *local);

/* Device memory that lives for this node only, as a dense value of `count` elements. */
struct dcl_value *dcl_workspace(struct dcl_recorder *r, enum detcl_dtype dtype, int64_t count);

/* A new constant in a form of the op's own (packed weights, tables): a dense value of `count`
 * elements whose zeroed host memory `*data` the caller fills before record_cl returns; it is
 * uploaded once, when the graph is prepared. On failure returns NULL and the recorder has failed.
 */
struct dcl_value *dcl_packed(struct dcl_recorder *r, enum detcl_dtype dtype, int64_t count,
                             void **data);

/* DETCL_OK, or the first failure of this recorder. */
enum detcl_status dcl_recorded(const struct dcl_recorder *r);

/* C = alpha * op(A) * op(B) through CLBlast where the build and the device have it; row-major,
 * dense float32. Returns false when it is not available: record a kernel then. */
bool dcl_record_gemm(struct dcl_recorder *r, const struct dcl_value *a, bool transpose_a,
                     const struct dcl_value *b, bool transpose_b, const struct dcl_value *c,
                     int64_t m, int64_t n, int64_t k, float alpha, float beta);

#endif
