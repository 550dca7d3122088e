/* cast: x converted to another element type, all pairs of the five. float32 to integers truncates
 * and saturates and NaN gives 0 (ONNX leaves both open); integers wrap; to bool is x != 0. */
#include "ops/onnx_types.h"
#include "ops/walk.h"

#include <math.h>
#include <stdio.h>

struct attrs {
    int64_t to;       /* ONNX's TensorProto.DataType; 0 = the type of input 1 (CastLike) */
    int64_t saturate; /* concerns 8-bit floats only */
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, to, "0"),
                                             DCL_INT(struct attrs, saturate, "1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Cast", NULL}, {"CastLike", NULL}, {NULL, NULL}};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct detcl_desc y = call->in[0]->desc;
    if (a->to == 0 && dcl_has_in(call, 1))
        y.dtype = call->in[1]->desc.dtype;
    else
        DCL_TRY(call->error, dcl_dtype_from_onnx(call, "to", a->to, &y.dtype));
    call->out[0]->desc = y;
    dcl_follow_count(call, call->in[0]);
    return DETCL_OK;
}

static int64_t saturated(float x, double lowest, double beyond)
{
    if (isnan(x))
        return 0;
    if ((double)x <= lowest)
        return (int64_t)lowest;
    return (double)x >= beyond ? (int64_t)((uint64_t)beyond - 1) : (int64_t)x;
}

static int64_t integer_from(enum detcl_dtype to, float x)
{
    switch (to) {
    case DETCL_I32:
        return saturated(x, -0x1p31, 0x1p31);
    case DETCL_I64:
        return saturated(x, -0x1p63, 0x1p63);
    case DETCL_U8:
        return saturated(x, 0, 0x1p8);
    default:
        return x != 0;
    }
}

static int64_t read(enum detcl_dtype type, const void *data, int64_t i)
{
    switch (type) {
    case DETCL_I32:
        return ((const int32_t *)data)[i];
    case DETCL_I64:
        return ((const int64_t *)data)[i];
    default:
        return ((const uint8_t *)data)[i];
    }
}

static void write(enum detcl_dtype type, void *data, int64_t i, int64_t v)
{
    switch (type) {
    case DETCL_F32:
        ((float *)data)[i] = (float)v;
        break;
    case DETCL_I32:
        ((int32_t *)data)[i] = (int32_t)v;
        break;
    case DETCL_I64:
        ((int64_t *)data)[i] = v;
        break;
    case DETCL_U8:
        ((uint8_t *)data)[i] = (uint8_t)v;
        break;
    case DETCL_BOOL:
        ((uint8_t *)data)[i] = v != 0;
        break;
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    const enum detcl_dtype from = x->desc.dtype, to = y->desc.dtype;
    const int64_t n = dcl_count(x);
    if (from == to)
        dcl_same_cpu(x, y);
    for (int64_t i = 0; i < n && from != to; i++)
        write(to, y->data, i,
              from == DETCL_F32 ? integer_from(to, ((const float *)x->data)[i])
                                : read(from, x->data, i));
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    static const char *const types[] = {"float", "int", "long", "uchar", "uchar"};
    static const char *const limits[] = {
        [DETCL_F32] = "",
        [DETCL_I32] = " -DREAL -DHIGHEST=INT_MAX -DLOWEST=INT_MIN -DHIGHEST_REAL=0x1p31f"
                      " -DLOWEST_REAL=-0x1p31f",
        [DETCL_I64] = " -DREAL -DHIGHEST=LONG_MAX -DLOWEST=LONG_MIN -DHIGHEST_REAL=0x1p63f"
                      " -DLOWEST_REAL=-0x1p63f",
        [DETCL_U8] = " -DREAL -DHIGHEST=255 -DLOWEST=0 -DHIGHEST_REAL=0x1p8f -DLOWEST_REAL=0.0f",
        [DETCL_BOOL] = ""};
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    const enum detcl_dtype from = x->desc.dtype, to = y->desc.dtype;
    if (from == to)
        return dcl_record_same(r, x, y);
    char options[200];
    snprintf(options, sizeof options, "-DFROM=%s -DTO=%s%s%s", types[from], types[to],
             to == DETCL_BOOL ? " -DBOOL" : "", from == DETCL_F32 ? limits[to] : "");
    struct dcl_launch *l = dcl_launch(r, "cast", options, "cast");
    dcl_arg_value(l, x);
    dcl_arg_value(l, y);
    dcl_arg_int(l, dcl_count(x));
    return dcl_grid_line(r, l, dcl_count(x));
}

const struct dcl_op dcl_op_cast = {
    .name = "cast",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
