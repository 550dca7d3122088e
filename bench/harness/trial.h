/* One case of the suite on one device: its plan, several sets of operands to rotate through, and
 * the proof that the device agrees with the CPU twin, without which nothing is timed. */
#ifndef DCL_BENCH_TRIAL_H
#define DCL_BENCH_TRIAL_H

#include "graph/graph.h"
#include "harness/suite.h"

#define DCL_BENCH_SETS 64
#define DCL_BENCH_OPERANDS (DCL_BENCH_INPUTS + 4)

struct dcl_trial {
    struct detcl_context *ctx;
    const struct dcl_bench_case *what;
    struct dcl_graph graph; /* dense, as the twin runs it */
    struct dcl_node *node;
    void *given[DCL_BENCH_OPERANDS];    /* dense inputs */
    void *expected[DCL_BENCH_OPERANDS]; /* the twin's outputs */
    struct dcl_exec *exec;
    struct dcl_buffer sets[DCL_BENCH_SETS][DCL_BENCH_OPERANDS]; /* inputs, then outputs */
    int n_sets;
    size_t set_bytes;
    void *found[DCL_BENCH_OPERANDS]; /* the device's outputs, dense */
    double error, limit;             /* of the verification, as dcl_compare_output measures */
};

/* In two steps, for who plans a case more than once: make the case, then plan it as the context
 * says now, run it once and hold it against the twin, which runs the first time. On failure the
 * context's error text says why, and `exec` is NULL; close it anyway. The caller may keep `exec`
 * and put it back for dcl_trial_run and dcl_trial_close. */
enum detcl_status dcl_trial_start(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                  struct dcl_trial *t);
enum detcl_status dcl_trial_plan(struct dcl_trial *t, size_t cache_bytes);

/* The ways to compute the case, after dcl_trial_start. */
enum detcl_status dcl_trial_choices(struct dcl_trial *t, struct dcl_choices *out);

/* Both steps. `cache_bytes`: what the sets together should exceed twice. */
enum detcl_status dcl_trial_open(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                 size_t cache_bytes, struct dcl_trial *t);
void dcl_trial_close(struct dcl_trial *t);

/* Run on a set and wait. Milliseconds from enqueueing to the end, and of the device alone. */
enum detcl_status dcl_trial_run(struct dcl_trial *t, int set, double *wall, double *device);

/* "1x64x56x56 64x64x3x3": of the inputs that are given. */
void dcl_trial_shapes(const struct dcl_bench_case *what, char *text, size_t size);

/* Bytes that the definition moves at least: inputs read once and outputs written once. */
double dcl_trial_bytes(const struct dcl_trial *t);

#endif
