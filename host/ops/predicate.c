/* predicate: a bool per element: ONNX Not (bool), IsNaN and IsInf (float32). */
#include "ops/walk.h"

#include <math.h>

enum kind { NOT, IS_NAN, IS_INF };

static const char *const kinds[] = {"not", "is_nan", "is_inf", NULL};

struct attrs {
    int kind;
    int64_t detect_positive, detect_negative; /* is_inf */
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds), DCL_INT(struct attrs, detect_positive, "1"),
    DCL_INT(struct attrs, detect_negative, "1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"Not", "kind=not"}, {"IsNaN", "kind=is_nan"}, {"IsInf", "kind=is_inf"}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, a->kind == NOT ? DCL_BOOL : DCL_F32));
    call->out[0]->desc = call->in[0]->desc;
    call->out[0]->desc.dtype = DETCL_BOOL;
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static bool holds(const struct attrs *a, float x)
{
    if (a->kind == IS_NAN)
        return isnan(x);
    return isinf(x) && (x > 0 ? a->detect_positive : a->detect_negative);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t n = dcl_count(call->in[0]);
    const void *x = call->in[0]->data;
    uint8_t *y = call->out[0]->data;
    for (int64_t i = 0; i < n; i++)
        y[i] = a->kind == NOT ? !((const uint8_t *)x)[i] : holds(a, ((const float *)x)[i]);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const int64_t n = dcl_count(call->in[0]);
    const int infinities = (a->detect_positive ? 2 : 0) | (a->detect_negative ? 4 : 0);
    struct dcl_launch *l =
        dcl_launch(r, "predicate", "", a->kind == NOT ? "predicate_not" : "predicate_float");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n);
    if (a->kind != NOT)
        dcl_arg_int(l, a->kind == IS_NAN ? 1 : infinities);
    return dcl_grid_line(r, l, n);
}

const struct dcl_op dcl_op_predicate = {
    .name = "predicate",
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
