/* `detcl tune`: of the ways that an operation has to compute a case, the one that is fastest on a
 * device, among those that agree with the CPU twin there. */
#ifndef DCL_BENCH_TUNE_H
#define DCL_BENCH_TUNE_H

#include "harness/suite.h"
#include "ops/record.h"

#include <signal.h>

struct dcl_bench_network;

/* What became of a case. Milliseconds are the mean of a run with cold and one with warm caches. */
struct dcl_tune_result {
    char key[DCL_TUNING_KEY];
    int choices, tried, barred;    /* ways there are, that ran, that were put into quarantine */
    char model[DCL_TUNING_CHOICE]; /* what is taken without tuning */
    char best[DCL_TUNING_CHOICE];
    double model_ms, best_ms; /* measured in turn after the choice was made; equal when best is
                                 model. model_ms is 0 when the model's own did not pass */
    double ratio;             /* median over turns of model / best, 1 for the model itself */
};

/* Choose for one case in about `seconds`, at least two ways being tried, and enter choice and
 * quarantine into `found`. Ways that the context's tuning has in quarantine are left out. The
 * context's tuning is put aside meanwhile. After `stop` nothing is entered and result->best is
 * empty. result->choices below 2: there is nothing to choose, and nothing was run. Fails when no
 * way passes, or when memory runs out. */
enum detcl_status dcl_tune_case(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                double seconds, const volatile sig_atomic_t *stop,
                                struct dcl_tuning *found, struct dcl_tune_result *result);

/* The key and the choices of a case, without running anything. */
enum detcl_status dcl_tune_key(struct detcl_context *ctx, const struct dcl_bench_case *what,
                               struct dcl_choices *out);

/* Add a case for each distinct convolution of a network with a choice, as its plan on the context's
 * device has it (tune_network.c). */
enum detcl_status dcl_tune_network(struct detcl_context *ctx,
                                   const struct dcl_bench_network *network,
                                   struct dcl_suite *suite);

#endif
