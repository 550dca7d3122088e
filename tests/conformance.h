/* One case of ONNX's backend test suite: a folder with model.onnx and
 * test_data_set_N/{input,output}_K.pb. */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include "detcl/graph.h"

enum conformance_outcome {
    CONFORMANCE_PASSED,
    CONFORMANCE_REFUSED, /* DETCL_ERROR_UNSUPPORTED, with the reason */
    CONFORMANCE_FAILED
};

struct conformance_result {
    enum conformance_outcome outcome;
    char why[1024]; /* unless passed */
};

/* Load, run and compare with the suite's own bounds. */
void conformance_run(struct detcl_context *ctx, const char *folder,
                     struct conformance_result *result);

#endif
