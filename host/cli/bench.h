/* detcl bench: what is to be measured. */
#ifndef DCL_CLI_BENCH_H
#define DCL_CLI_BENCH_H

#include "bench_documents.h"

#define DCL_BENCH_MODELS 256
#define DCL_BENCH_DEVICES 32
#define DCL_BENCH_BATCHES 8

struct dcl_bench_request {
    bool operations, networks;
    bool quick;
    const char *glob;
    const char *json; /* a file, or NULL; "-" is stdout */
    struct dcl_document_files files;
    const char *sidecars;             /* a folder, or NULL */
    const char *image;                /* NULL: the bundled one */
    char *devices[DCL_BENCH_DEVICES]; /* as given, or each of "all"; owned */
    int n_devices;
    char *models[DCL_BENCH_MODELS]; /* files; owned */
    int n_models;
    int batches[DCL_BENCH_BATCHES];
    int n_batches;
    char bundled_image[4096];
    char command[1024]; /* the command line */
};

/* Fill `r`, to be freed in any case. `*done`: --help was printed. */
enum dcl_exit dcl_bench_arguments(struct dcl_console *console, int argc, char **argv,
                                  struct dcl_bench_request *r, bool *done);
void dcl_bench_request_free(struct dcl_bench_request *r);

#endif
