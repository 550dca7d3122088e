/* Pooling, shared by its files: the row and the OpenCL launches (pool.c) and the CPU twin
 * (pool_cpu.c). */
#ifndef DCL_OPS_POOL_H
#define DCL_OPS_POOL_H

#include "ops/window.h"

enum dcl_pool_kind { DCL_POOL_MAX, DCL_POOL_AVERAGE, DCL_POOL_LP };

struct dcl_pool_attrs {
    int kind;
    int64_t global, ceil_mode, count_include_pad, storage_order;
    float p;
    struct dcl_window_attrs window;
};

/* The windows of the call; fails when they do not fit. */
enum detcl_status dcl_pool_windows(const struct dcl_call *call, struct dcl_window *w);

/* What the twin needs, into the call. */
enum detcl_status dcl_pool_workspace(struct dcl_call *call, const struct dcl_window *w);
enum detcl_status dcl_pool_run_cpu(struct dcl_call *call);

#endif
