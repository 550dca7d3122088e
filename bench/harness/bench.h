/* `detcl bench`: limits, operations and networks of one device, as a RUN of the document that
 * bench/README.md describes. */
#ifndef DCL_BENCH_BENCH_H
#define DCL_BENCH_BENCH_H

#include "harness/limits.h"
#include "harness/statistics.h"
#include "json/values.h"

struct detcl_image;

struct dcl_bench_network {
    const char *model;  /* ONNX file */
    const char *folder; /* sidecars are looked for here too; may be NULL */
};

struct dcl_bench_options {
    bool operations, networks;
    bool quick;
    const char *glob; /* names of cases or operations, as fnmatch(3); NULL: all */
    const int *batches;
    int n_batches;
    const struct dcl_bench_network *models;
    int n_models;
    const struct detcl_image *image; /* that networks look at */
    const char *image_file;
    const char *device;                /* as asked for, for the processes that measure starts */
    const volatile sig_atomic_t *stop; /* not 0: end early, keep what is there */
    /* What is being measured, and the share 0..1 that is done. */
    void (*progress)(void *user, const char *what, double done);
    void (*failure)(void *user, const char *what, const char *why);
    void *user;
};

/* Measure. NULL when memory runs out; what fails on the device is part of the result. */
json_t *dcl_bench_run(struct detcl_context *ctx, const struct dcl_bench_options *options);

/* The head of a document with no runs. */
json_t *dcl_bench_document(const char *command, bool quick);

/* --- parts -------------------------------------------------------------------------------------
 */

/* How long something is sampled. */
struct dcl_bench_budget {
    int least;      /* samples */
    double seconds; /* and as many more as fill this time */
    int most;
};
extern const struct dcl_bench_budget dcl_budget_cold, dcl_budget_warm, dcl_budget_quick;

json_t *dcl_bench_operation(struct detcl_context *ctx, const struct dcl_bench_options *options,
                            const struct dcl_bench_limits *limits, const void *bench_case);
json_t *dcl_bench_measure_network(struct detcl_context *ctx,
                                  const struct dcl_bench_options *options,
                                  const struct dcl_bench_network *network);

/* TIME: statistics of `samples`; `room` has as many. */
json_t *dcl_json_time(const double *samples, int n, double *room);
/* flags of a TIME, appended: noisy, throttled. */
void dcl_json_flags(json_t *flags, const struct dcl_statistics *s);

#endif
