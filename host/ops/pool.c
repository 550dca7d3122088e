/* pool: max, average and lp pooling over windows of one to three spatial dimensions, and over whole
 * planes (`global`). Definitions are those of ONNX MaxPool, AveragePool, LpPool and their Global
 * forms; a window that would start in the padding after the input is left out, as in PyTorch. */
#include "ops/pool.h"
#include "ops/conv2d.h"
#include "ops/record.h"

#include <stdio.h>

static const char *const kinds[] = {"max", "average", "lp", NULL};

#define GROUP 64 /* work-items that share a plane in pool_global */

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct dcl_pool_attrs, kind, NULL, kinds),
                                             DCL_INT(struct dcl_pool_attrs, global, "0"),
                                             DCL_INT(struct dcl_pool_attrs, ceil_mode, "0"),
                                             DCL_INT(struct dcl_pool_attrs, count_include_pad, "0"),
                                             DCL_INT(struct dcl_pool_attrs, storage_order, "0"),
                                             DCL_FLOAT(struct dcl_pool_attrs, p, "2"),
                                             DCL_WINDOW_SPECS(struct dcl_pool_attrs, window),
                                             DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"MaxPool", "kind=max"},
    {"AveragePool", "kind=average"},
    {"LpPool", "kind=lp"},
    {"GlobalMaxPool", "kind=max global=1"},
    {"GlobalAveragePool", "kind=average global=1"},
    {"GlobalLpPool", "kind=lp global=1"},
    {NULL, NULL},
};

/* The kernels count positions of the padded input in 32 bits. */
#define LIMIT ((int64_t)1 << 24)

/* One window over all of x. */
static enum detcl_status whole_plane(const struct dcl_call *call, const struct detcl_desc *x,
                                     struct dcl_window *w)
{
    int n;
    DCL_TRY(call->error, dcl_spatial_rank(call, x, &n));
    for (int i = 0; i < 3; i++) {
        const int64_t extent = i < 3 - n ? 1 : x->dims[2 + i - (3 - n)];
        w->size[i] = w->kernel[i] = extent;
        w->stride[i] = w->dilation[i] = w->out[i] = 1;
        w->begin[i] = w->end[i] = 0;
    }
    return DETCL_OK;
}

enum detcl_status dcl_pool_windows(const struct dcl_call *call, struct dcl_window *w)
{
    const struct dcl_pool_attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (a->global)
        return whole_plane(call, x, w);
    DCL_TRY(call->error, dcl_window_resolve(call, &a->window, x, NULL, w));
    for (int i = 0; i < 3; i++) {
        if (w->stride[i] > LIMIT || w->begin[i] > LIMIT || w->end[i] > LIMIT ||
            dcl_window_extent(w, i) > LIMIT)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                                 "the window is larger than %lld positions", (long long)LIMIT);
        if (!a->ceil_mode)
            continue;
        const int64_t room = w->size[i] + w->begin[i] + w->end[i] - dcl_window_extent(w, i);
        w->out[i] = (room + w->stride[i] - 1) / w->stride[i] + 1;
        if ((w->out[i] - 1) * w->stride[i] >= w->size[i] + w->begin[i])
            w->out[i]--;
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_pool_attrs *a = call->attrs;
    struct dcl_window w;
    DCL_TRY(call->error,
            dcl_need_dtype(call, 0, a->kind == DCL_POOL_MAX ? DCL_F32 | DCL_U8 : DCL_F32));
    DCL_TRY(call->error, dcl_pool_windows(call, &w));
    if (a->kind == DCL_POOL_LP && !(a->p > 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "p is %g", (double)a->p);
    if (dcl_has_out(call, 1) && (a->kind != DCL_POOL_MAX || a->global))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "indices belong to MaxPool alone");
    struct detcl_desc *y = &call->out[0]->desc;
    *y = call->in[0]->desc;
    for (int i = 2; i < y->rank; i++)
        y->dims[i] = w.out[i - 2 + 5 - y->rank];
    dcl_follow_count(call, call->in[0]);
    if (dcl_has_out(call, 1)) {
        call->out[1]->desc = *y;
        call->out[1]->desc.dtype = DETCL_I64;
    }
    return dcl_pool_workspace(call, &w);
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static void arg_shape(struct dcl_launch *l, const struct dcl_window *w, int64_t planes)
{
    const int64_t *const lists[] = {w->size, w->out, w->kernel, w->stride, w->begin, w->dilation};
    dcl_arg_int(l, planes);
    for (int i = 0; i < 6; i++)
        for (int d = 0; d < 3; d++)
            dcl_arg_int(l, lists[i][d]);
}

/* One group a plane pays where many work-items run at once and share local memory. */
static bool by_group(const struct dcl_pool_attrs *a, const struct dcl_call *call,
                     const struct dcl_recorder *r)
{
    return a->global && call->in[0]->desc.dtype == DETCL_F32 &&
           dcl_limits(r)->profile == DCL_PROFILE_GPU && dcl_limits(r)->max_work_group >= GROUP;
}

static enum detcl_status record_global(struct dcl_call *call, struct dcl_recorder *r,
                                       const char *options, const struct dcl_window *w,
                                       int64_t planes)
{
    const struct dcl_pool_attrs *a = call->attrs;
    struct dcl_launch *l = dcl_launch(r, "pool", options, "pool_global");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, planes);
    dcl_arg_int(l, w->size[0] * w->size[1] * w->size[2]);
    dcl_arg_int(l, a->kind);
    dcl_arg_float(l, a->p);
    return dcl_grid(l, 1, (size_t[]){(size_t)planes * GROUP}, (size_t[]){GROUP});
}

/* Windows that pool_max_rows unrolls. */
static bool by_rows(const struct dcl_pool_attrs *a, const struct dcl_call *call,
                    const struct dcl_recorder *r, const struct dcl_window *w)
{
    const int64_t most = 5;
    return a->kind == DCL_POOL_MAX && dcl_limits(r)->profile == DCL_PROFILE_SIMD &&
           call->in[0]->block > 1 && w->kernel[1] <= most && w->kernel[2] <= most &&
           w->stride[2] <= most && w->dilation[1] == 1 && w->dilation[2] == 1;
}

static enum detcl_status record_rows(struct dcl_call *call, struct dcl_recorder *r,
                                     const struct dcl_window *w, int64_t planes)
{
    char options[80];
    snprintf(options, sizeof options, "-DLANES=%d -DKH=%d -DKW=%d -DSX=%d", call->in[0]->block,
             (int)w->kernel[1], (int)w->kernel[2], (int)w->stride[2]);
    struct dcl_launch *l = dcl_launch(r, "pool_rows", options, "pool_max_rows");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    for (int d = 1; d < 3; d++)
        dcl_arg_int(l, w->size[d]);
    for (int d = 1; d < 3; d++)
        dcl_arg_int(l, w->out[d]);
    dcl_arg_int(l, w->stride[1]);
    for (int d = 1; d < 3; d++)
        dcl_arg_int(l, w->begin[d]);
    return dcl_conv2d_launch_parts(l, dcl_limits(r), planes * w->out[1]);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const kernels[] = {"pool_max", "pool_average", "pool_lp"};
    const struct dcl_pool_attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    const bool real = x->desc.dtype == DETCL_F32, indices = dcl_has_out(call, 1);
    struct dcl_window w;
    DCL_TRY(call->error, dcl_pool_windows(call, &w));
    const int lanes = x->block;
    const int64_t planes = DCL_DIM(x, 0) * ((DCL_DIM(x, 1) + lanes - 1) / lanes);
    char options[80];
    snprintf(options, sizeof options, "-DLANES=%d -DT=%s -DLOWEST=%s -DGROUP=%d%s", lanes,
             real ? "float" : "uchar", real ? "(-INFINITY)" : "0", GROUP, real ? " -DREAL" : "");
    if (by_group(a, call, r))
        return record_global(call, r, options, &w, planes);
    if (by_rows(a, call, r, &w))
        return record_rows(call, r, &w, planes);
    struct dcl_launch *l =
        dcl_launch(r, "pool", options, indices ? "pool_max_indices" : kernels[a->kind]);
    dcl_arg_value(l, x);
    dcl_arg_value(l, call->out[0]);
    if (indices)
        dcl_arg_value(l, call->out[1]);
    arg_shape(l, &w, planes);
    if (indices)
        dcl_arg_int(l, a->storage_order != 0);
    if (a->kind == DCL_POOL_AVERAGE) {
        dcl_arg_int(l, a->count_include_pad != 0);
        for (int d = 0; d < 3; d++)
            dcl_arg_int(l, w.end[d]);
    }
    if (a->kind == DCL_POOL_LP)
        dcl_arg_float(l, a->p);
    return dcl_grid(
        l, 3, (size_t[]){(size_t)w.out[2], (size_t)(w.out[0] * w.out[1]), (size_t)planes}, NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank != 4 || x->dtype != DETCL_F32 || dcl_has_out(call, 1))
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_pool = {
    .name = "pool",
    .attrs = specs,
    .attrs_size = sizeof(struct dcl_pool_attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 2,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = dcl_pool_run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
