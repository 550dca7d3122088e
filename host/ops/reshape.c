/* reshape: the same elements in another shape, without a copy: ONNX Reshape, Flatten, Squeeze,
 * Unsqueeze, Identity, and Dropout as it is in inference (its mask, when asked for, is all true).
 */
#include "ops/walk.h"

#include <string.h>

enum kind { RESHAPE, FLATTEN, SQUEEZE, UNSQUEEZE, IDENTITY, DROPOUT };

static const char *const kinds[] = {"reshape",  "flatten", "squeeze", "unsqueeze",
                                    "identity", "dropout", NULL};

struct attrs {
    int kind;
    struct dcl_ints shape; /* reshape: -1 = what is left, 0 = the input's unless allowzero */
    int64_t allowzero;
    int64_t axis;         /* flatten */
    struct dcl_ints axes; /* squeeze (none = every extent of 1), unsqueeze */
    float ratio;          /* dropout; without meaning in inference */
    int64_t seed;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "reshape", kinds),
                                             DCL_INTS(struct attrs, shape, ""),
                                             DCL_INT(struct attrs, allowzero, "0"),
                                             DCL_INT(struct attrs, axis, "1"),
                                             DCL_INTS(struct attrs, axes, ""),
                                             DCL_FLOAT(struct attrs, ratio, "0.5"),
                                             DCL_INT(struct attrs, seed, "0"),
                                             DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Reshape", "kind=reshape"},
                                            {"Flatten", "kind=flatten"},
                                            {"Squeeze", "kind=squeeze"},
                                            {"Unsqueeze", "kind=unsqueeze"},
                                            {"Identity", "kind=identity"},
                                            {"Dropout", "kind=dropout"},
                                            {NULL, NULL}};

static enum detcl_status infer_reshape(const struct dcl_call *call, struct detcl_desc *y)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_ints shape;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->shape, &shape));
    if (shape.n > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", shape.n,
                             DETCL_MAX_RANK);
    int free_at = -1;
    y->rank = shape.n;
    for (int i = 0; i < shape.n; i++) {
        y->dims[i] = shape.v[i];
        if (shape.v[i] == 0 && !a->allowzero) {
            if (i >= x->rank)
                return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                     "extent %d is 0, the input has rank %d", i, x->rank);
            y->dims[i] = x->dims[i];
        } else if (shape.v[i] == -1 && free_at < 0) {
            free_at = i;
            y->dims[i] = 1;
        } else if (shape.v[i] < 0) {
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "extent %d is %lld", i,
                                 (long long)shape.v[i]);
        }
    }
    const int64_t have = detcl_desc_count(x), rest = detcl_desc_count(y);
    if (free_at >= 0 && rest > 0 && have % rest == 0)
        y->dims[free_at] = have / rest;
    if (detcl_desc_count(y) != have)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld elements do not fit the shape",
                             (long long)have);
    return DETCL_OK;
}

static enum detcl_status infer_flatten(const struct dcl_call *call, struct detcl_desc *y)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    int64_t axis = ((const struct attrs *)call->attrs)->axis;
    if (axis < -x->rank || axis > x->rank)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %lld is outside rank %d",
                             (long long)axis, x->rank);
    axis += axis < 0 ? x->rank : 0;
    *y = (struct detcl_desc){.dtype = x->dtype, .rank = 2, .dims = {1, 1}};
    for (int i = 0; i < x->rank; i++)
        y->dims[i >= axis] *= x->dims[i];
    return DETCL_OK;
}

/* A bit per axis of `axes`, which refer to a tensor of that rank. */
static enum detcl_status axis_bits(const struct dcl_call *call, int rank, unsigned *bits)
{
    const struct attrs *a = call->attrs;
    struct dcl_ints axes;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->axes, &axes));
    *bits = 0;
    for (int i = 0; i < axes.n; i++) {
        int axis;
        DCL_TRY(call->error, dcl_axis(call, axes.v[i], rank, &axis));
        if (*bits >> axis & 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d is given twice", axis);
        *bits |= 1u << axis;
    }
    return DETCL_OK;
}

static enum detcl_status infer_squeeze(const struct dcl_call *call, struct detcl_desc *y)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    unsigned bits;
    DCL_TRY(call->error, axis_bits(call, x->rank, &bits));
    const bool all = bits == 0;
    y->rank = 0;
    for (int i = 0; i < x->rank; i++) {
        const bool named = bits >> i & 1;
        if (named && x->dims[i] != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the extent of axis %d is %lld, not 1", i,
                                 (long long)x->dims[i]);
        if (!named && !(all && x->dims[i] == 1))
            y->dims[y->rank++] = x->dims[i];
    }
    return DETCL_OK;
}

static enum detcl_status infer_unsqueeze(const struct dcl_call *call, struct detcl_desc *y)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    struct dcl_ints axes;
    unsigned bits;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->axes, &axes));
    const int rank = x->rank + axes.n;
    if (rank > DETCL_MAX_RANK)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "rank %d, limit %d", rank,
                             DETCL_MAX_RANK);
    DCL_TRY(call->error, axis_bits(call, rank, &bits));
    y->rank = rank;
    for (int i = 0, from = 0; i < rank; i++)
        y->dims[i] = bits >> i & 1 ? 1 : x->dims[from++];
    return DETCL_OK;
}

/* Inputs 1 and 2 are the ratio and whether the network is being trained. */
static enum detcl_status infer_dropout(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    if (dcl_has_in(call, 2)) {
        float ratio;
        DCL_TRY(call->error, dcl_need_dtype(call, 2, DCL_BOOL));
        if (!call->in[2]->constant || dcl_count(call->in[2]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                                 "input '%s' must be known before the run", call->in[2]->name);
        const bool training = *(const uint8_t *)call->in[2]->constant;
        DCL_TRY(call->error, dcl_const_float(call, 1, a->ratio, &ratio));
        if (training && ratio != 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "training mode is not supported");
    }
    if (dcl_has_out(call, 1)) {
        call->out[1]->desc = call->in[0]->desc;
        call->out[1]->desc.dtype = DETCL_BOOL;
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct detcl_desc y = call->in[0]->desc;
    if (dcl_has_out(call, 1) && a->kind != DROPOUT)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s has one output", kinds[a->kind]);
    switch (a->kind) {
    case RESHAPE:
        DCL_TRY(call->error, infer_reshape(call, &y));
        break;
    case FLATTEN:
        DCL_TRY(call->error, infer_flatten(call, &y));
        break;
    case SQUEEZE:
        DCL_TRY(call->error, infer_squeeze(call, &y));
        break;
    case UNSQUEEZE:
        DCL_TRY(call->error, infer_unsqueeze(call, &y));
        break;
    case DROPOUT:
        DCL_TRY(call->error, infer_dropout(call));
        break;
    default:
        break;
    }
    call->out[0]->desc = y;
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    dcl_same_cpu(call->in[0], call->out[0]);
    if (dcl_has_out(call, 1) && dcl_count(call->out[1]) > 0)
        memset(call->out[1]->data, 1, (size_t)dcl_count(call->out[1]));
    return DETCL_OK;
}

/* Only the mask is work. */
static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    void *one;
    struct dcl_value *set = dcl_packed(r, DETCL_BOOL, 1, &one);
    if (!set)
        return dcl_recorded(r);
    *(uint8_t *)one = 1;
    const struct dcl_walk w = {
        .rank = 1, .extent = {dcl_count(call->out[1])}, .stride = {{0}, {1}, {0}}};
    return dcl_record_copy(r, &w, set, call->out[1]);
}

const struct dcl_op dcl_op_reshape = {
    .name = "reshape",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 3,
    .max_out = 2,
    .flags = DCL_OP_ALIAS,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
