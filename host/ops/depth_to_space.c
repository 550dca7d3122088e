/* depth_to_space: blocks of channels become blocksize x blocksize patches (ONNX DepthToSpace; mode
 * DCR: channel = (row, column, depth), CRD: (depth, row, column)); space_to_depth: the inverse of
 * DCR (also known as reorg or focus). NCHW, any element type. */
#include "ops/walk.h"

enum kind { DEPTH_TO_SPACE, SPACE_TO_DEPTH };
enum mode { DCR, CRD };

static const char *const kinds[] = {"depth_to_space", "space_to_depth", NULL};
static const char *const modes[] = {"DCR", "CRD", NULL};

struct attrs {
    int kind, mode;
    int64_t blocksize;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, NULL, kinds),
                                             DCL_CHOICE(struct attrs, mode, "DCR", modes),
                                             DCL_INT(struct attrs, blocksize, NULL), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"DepthToSpace", "kind=depth_to_space"}, {"SpaceToDepth", "kind=space_to_depth"}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t b = a->blocksize;
    DCL_TRY(call->error, dcl_need_rank(call, 0, 4));
    struct detcl_desc y = call->in[0]->desc;
    if (b < 1 || b > INT16_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "blocksize is %lld", (long long)b);
    if (a->kind == DEPTH_TO_SPACE ? y.dims[1] % (b * b) : y.dims[2] % b || y.dims[3] % b)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld x %lld x %lld is no multiple of "
                             "blocksize %lld",
                             (long long)y.dims[1], (long long)y.dims[2], (long long)y.dims[3],
                             (long long)b);
    if (a->kind == DEPTH_TO_SPACE) {
        y.dims[1] /= b * b;
        y.dims[2] *= b;
        y.dims[3] *= b;
    } else {
        y.dims[1] *= b * b;
        y.dims[2] /= b;
        y.dims[3] /= b;
    }
    call->out[0]->desc = y;
    return DETCL_OK;
}

/* A walk over image, depth, row, row in the block, column, column in the block. */
static void make_walk(const struct dcl_call *call, struct dcl_walk *w)
{
    const struct attrs *a = call->attrs;
    const bool to_space = a->kind == DEPTH_TO_SPACE;
    const struct detcl_desc *space = &call->out[0]->desc, *deep = &call->in[0]->desc;
    if (!to_space) {
        space = &call->in[0]->desc;
        deep = &call->out[0]->desc;
    }
    const int64_t b = a->blocksize, depth = space->dims[1];
    const int64_t plane = deep->dims[2] * deep->dims[3], width = space->dims[3];
    const bool crd = to_space && a->mode == CRD;
    const int64_t row_step = crd ? b * plane : b * depth * plane;
    const int64_t column_step = crd ? plane : depth * plane;
    const struct dcl_walk walk = {
        .rank = 6,
        .extent = {space->dims[0], depth, deep->dims[2], b, deep->dims[3], b},
        .stride = {{depth * b * b * plane, crd ? b * b * plane : plane, deep->dims[3], row_step, 1,
                    column_step},
                   {depth * b * b * plane, b * b * plane, b * width, width, b, 1}}};
    *w = walk;
    for (int i = 0; i < w->rank && !to_space; i++) {
        w->stride[0][i] = walk.stride[1][i];
        w->stride[1][i] = walk.stride[0][i];
    }
    dcl_walk_simplify(w);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_walk w;
    make_walk(call, &w);
    dcl_copy_cpu(&w, detcl_dtype_size(call->in[0]->desc.dtype), call->in[0]->data,
                 call->out[0]->data);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_walk w;
    make_walk(call, &w);
    return dcl_record_copy(r, &w, call->in[0], call->out[0]);
}

const struct dcl_op dcl_op_depth_to_space = {
    .name = "depth_to_space",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
