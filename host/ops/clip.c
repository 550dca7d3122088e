/* clip: y = min(max(x, min), max), float32 and integers. The bounds are scalars in inputs 1 and 2
 * (either may be absent, both may be computed by the graph) or, in opset 6, the attributes. NaN
 * stays NaN, and an infinity without a bound on its side stays infinite. */
#include "ops/clip.h"
#include "core/simd.h"
#include "ops/walk.h"

#include <float.h>
#include <string.h>

struct attrs {
    float min, max;
};

static const struct dcl_attr_spec specs[] = {DCL_FLOAT(struct attrs, min, "-3.40282347e+38"),
                                             DCL_FLOAT(struct attrs, max, "3.40282347e+38"),
                                             DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Clip", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0];
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_NUMERIC));
    for (int i = 1; i < 3; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, 1u << x->desc.dtype));
        if (dcl_count(call->in[i]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d must hold one number", i);
    }
    call->out[0]->desc = x->desc;
    dcl_follow_count(call, x);
    return DETCL_OK;
}

/* Attribute i (1 = min, 2 = max), and whether it bounds anything. */
static bool attribute_bound(const struct dcl_call *call, int i, float *v)
{
    const struct attrs *a = call->attrs;
    *v = i == 1 ? a->min : a->max;
    return call->in[0]->desc.dtype == DETCL_F32 && *v != (i == 1 ? -FLT_MAX : FLT_MAX);
}

bool dcl_clip_bounds(const struct dcl_call *call, float *lo, float *hi)
{
    float bound[3];
    if (strcmp(call->op->name, "clip") != 0 || call->in[0]->desc.dtype != DETCL_F32)
        return false;
    for (int i = 1; i < 3; i++) {
        attribute_bound(call, i, &bound[i]);
        if (!dcl_has_in(call, i))
            continue;
        if (!call->in[i]->constant)
            return false;
        bound[i] = *(const float *)call->in[i]->constant;
    }
    *lo = bound[1];
    *hi = bound[2];
    return *lo <= *hi;
}

/* A bound of type T, where there is one. */
#define DEFINE_CLIP(T)                                                                             \
    DCL_VECTORISED static void clip_##T(const T *x, const T *low, const T *high, T *y, int64_t n)  \
    {                                                                                              \
        const bool has_low = low != NULL, has_high = high != NULL;                                 \
        const T lo = has_low ? *low : 0, hi = has_high ? *high : 0;                                \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const T v = has_low && x[i] < lo ? lo : x[i];                                          \
            y[i] = has_high && v > hi ? hi : v;                                                    \
        }                                                                                          \
    }
DEFINE_CLIP(float)
DEFINE_CLIP(int32_t)
DEFINE_CLIP(int64_t)
DEFINE_CLIP(uint8_t)

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int64_t n = dcl_count(call->in[0]);
    const void *bounds[3] = {NULL, NULL, NULL};
    float fixed[3];
    for (int i = 1; i < 3; i++)
        if (dcl_has_in(call, i))
            bounds[i] = call->in[i]->data;
        else if (attribute_bound(call, i, &fixed[i]))
            bounds[i] = &fixed[i];
    switch (call->in[0]->desc.dtype) {
    case DETCL_F32:
        clip_float(call->in[0]->data, bounds[1], bounds[2], call->out[0]->data, n);
        break;
    case DETCL_I32:
        clip_int32_t(call->in[0]->data, bounds[1], bounds[2], call->out[0]->data, n);
        break;
    case DETCL_I64:
        clip_int64_t(call->in[0]->data, bounds[1], bounds[2], call->out[0]->data, n);
        break;
    default:
        clip_uint8_t(call->in[0]->data, bounds[1], bounds[2], call->out[0]->data, n);
        break;
    }
    return DETCL_OK;
}

static const struct dcl_value *bound_value(struct dcl_call *call, struct dcl_recorder *r, int i)
{
    float v;
    if (dcl_has_in(call, i))
        return call->in[i];
    if (!attribute_bound(call, i, &v))
        return NULL;
    void *data;
    const struct dcl_value *packed = dcl_packed(r, DETCL_F32, 1, &data);
    if (packed)
        *(float *)data = v;
    return packed;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {"-DT=float", "-DT=int", "-DT=long", "-DT=uchar"};
    const struct dcl_value *x = call->in[0];
    const struct dcl_value *lo = bound_value(call, r, 1), *hi = bound_value(call, r, 2);
    const int64_t n = dcl_stored_count(x);
    struct dcl_launch *l = dcl_launch(r, "clip", types[x->desc.dtype], "clip");
    dcl_arg_value(l, x);
    dcl_arg_value(l, lo);
    dcl_arg_value(l, hi);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    dcl_arg_int(l, (lo ? 1 : 0) | (hi ? 2 : 0));
    return dcl_grid_line(r, l, n);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)call;
    (void)block;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_clip = {
    .name = "clip",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 3,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
