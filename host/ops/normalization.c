/* normalization: ONNX InstanceNormalization, LayerNormalization (with its mean and inverse
 * deviation) and GroupNormalization (opset 18: one scale a group; 21: one a channel), float32. */
#include "ops/record.h"

#include <math.h>

enum kind { INSTANCE, LAYER, GROUP };

static const char *const kinds[] = {"instance", "layer", "group", NULL};

struct attrs {
    int kind;
    int64_t axis, num_groups, stash_type;
    float epsilon;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds), DCL_INT(struct attrs, axis, "-1"),
    DCL_INT(struct attrs, num_groups, "1"),      DCL_INT(struct attrs, stash_type, "1"),
    DCL_FLOAT(struct attrs, epsilon, "1e-5"),    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"InstanceNormalization", "kind=instance"},
    {"LayerNormalization", "kind=layer"},
    {"GroupNormalization", "kind=group"},
    {NULL, NULL},
};

/* See kernels/normalization.cl. */
struct groups {
    int64_t groups, count, cycle, share, parameters;
    int axis; /* layer: the first normalised one */
};

static enum detcl_status layer_groups(const struct dcl_call *call, struct groups *out)
{
    const struct detcl_desc *x = &call->in[0]->desc;
    int axis;
    DCL_TRY(call->error, dcl_axis(call, ((const struct attrs *)call->attrs)->axis, x->rank, &axis));
    *out = (struct groups){.groups = 1, .count = 1, .cycle = 1, .share = 1, .axis = axis};
    for (int i = 0; i < x->rank; i++)
        *(i < axis ? &out->groups : &out->count) *= x->dims[i];
    out->parameters = out->count;
    return DETCL_OK;
}

/* Instance is group with one channel a group. */
static enum detcl_status channel_groups(const struct dcl_call *call, struct groups *out)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank < 3)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operand has rank %d, expected 3 or more",
                             x->rank);
    const int64_t channels = x->dims[1], groups = a->kind == INSTANCE ? channels : a->num_groups;
    int64_t plane = 1;
    for (int i = 2; i < x->rank; i++)
        plane *= x->dims[i];
    if (channels > 0 && (groups < 1 || channels % groups))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld groups do not divide %lld channels",
                             (long long)groups, (long long)channels);
    const int64_t each = channels ? channels / groups : 0;
    const bool a_group = dcl_count(call->in[1]) == groups; /* opset 18 */
    *out = (struct groups){.groups = x->dims[0] * groups,
                           .count = each * plane,
                           .cycle = groups ? groups : 1,
                           .share = a_group ? each * plane : plane,
                           .parameters = a_group ? groups : channels};
    return DETCL_OK;
}

static enum detcl_status find_groups(const struct dcl_call *call, struct groups *out)
{
    if (((const struct attrs *)call->attrs)->kind == LAYER)
        return layer_groups(call, out);
    return channel_groups(call, out);
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct groups g;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    DCL_TRY(call->error, find_groups(call, &g));
    for (int i = 1; i < 3; i++)
        if (dcl_has_in(call, i) && dcl_count(call->in[i]) != g.parameters)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' must have %lld elements",
                                 call->in[i]->name, (long long)g.parameters);
    if (a->kind != LAYER && (call->n_out > 1 || !dcl_has_in(call, 2)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "three inputs and one output are expected");
    for (int i = 0; i < call->n_out; i++) {
        if (!call->out[i])
            continue;
        call->out[i]->desc = call->in[0]->desc;
        for (int k = g.axis; i > 0 && k < call->out[i]->desc.rank; k++)
            call->out[i]->desc.dims[k] = 1;
    }
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const float *scale = call->in[1]->data;
    const float *shift = dcl_has_in(call, 2) ? call->in[2]->data : NULL;
    struct groups s;
    DCL_TRY(call->error, find_groups(call, &s));
    for (int64_t g = 0; g < s.groups; g++) {
        const float *x = (const float *)call->in[0]->data + g * s.count;
        float *y = (float *)call->out[0]->data + g * s.count;
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < s.count; i++)
            sum += (double)x[i];
        const double mean = sum / (double)s.count;
        for (int64_t i = 0; i < s.count; i++)
            squares += ((double)x[i] - mean) * ((double)x[i] - mean);
        const double inverse = 1 / sqrt(squares / (double)s.count + (double)a->epsilon);
        for (int64_t i = 0; i < s.count; i++) {
            const int64_t k = (g % s.cycle * s.count + i) / s.share % s.parameters;
            y[i] = (float)(((double)x[i] - mean) * inverse * (double)scale[k] +
                           (shift ? (double)shift[k] : 0.0));
        }
        if (dcl_has_out(call, 1))
            ((float *)call->out[1]->data)[g] = (float)mean;
        if (dcl_has_out(call, 2))
            ((float *)call->out[2]->data)[g] = (float)inverse;
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    struct groups s;
    DCL_TRY(call->error, find_groups(call, &s));
    struct dcl_launch *l = dcl_launch(r, "normalization", "", "normalization");
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, dcl_has_in(call, i) ? call->in[i] : call->in[1]);
    for (int i = 0; i < 3; i++)
        dcl_arg_value(l, dcl_has_out(call, i) ? call->out[i] : call->out[0]);
    dcl_arg_int(l, s.groups);
    dcl_arg_int(l, s.count);
    dcl_arg_int(l, s.cycle);
    dcl_arg_int(l, s.share);
    dcl_arg_int(l, s.parameters);
    dcl_arg_float(l, a->epsilon);
    dcl_arg_int(l, dcl_has_in(call, 2));
    dcl_arg_int(l, dcl_has_out(call, 1) + 2 * dcl_has_out(call, 2));
    return dcl_grid(l, 1, (size_t[]){s.count ? (size_t)s.groups : 0}, NULL);
}

const struct dcl_op dcl_op_normalization = {
    .name = "normalization",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 3,
    .max_out = 3,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 2e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
