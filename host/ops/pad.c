/* pad: x with each dimension extended at both ends by a value, by its mirror image, by its edge or
 * by itself repeated (np.pad: constant, reflect, edge, wrap), any element type. Negative amounts
 * crop, in constant mode. Channel-blocked when the channels keep their number. */
#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

enum mode { CONSTANT, REFLECT, EDGE, WRAP };

static const char *const modes[] = {"constant", "reflect", "edge", "wrap", NULL};

struct attrs {
    int mode;
    struct dcl_ints pads; /* opset 2; else input 1 */
    float value;          /* opset 2; else input 2 */
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, mode, "constant", modes),
                                             DCL_INTS(struct attrs, pads, ""),
                                             DCL_FLOAT(struct attrs, value, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Pad", NULL}, {NULL, NULL}};

struct amounts {
    int64_t begin[DETCL_MAX_RANK], end[DETCL_MAX_RANK];
};

static enum detcl_status parse(const struct dcl_call *call, struct amounts *out)
{
    const struct attrs *a = call->attrs;
    const int rank = call->in[0]->desc.rank;
    const struct dcl_ints none = {0};
    struct dcl_ints pads, axes;
    DCL_TRY(call->error, dcl_const_ints(call, 1, &a->pads, &pads));
    DCL_TRY(call->error, dcl_const_ints(call, 3, &none, &axes));
    const int n = dcl_has_in(call, 3) ? axes.n : rank;
    if (pads.n != 2 * n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "pads has %d entries, expected %d", pads.n,
                             2 * n);
    *out = (struct amounts){{0}, {0}};
    for (int i = 0; i < n; i++) {
        int axis = i;
        if (dcl_has_in(call, 3))
            DCL_TRY(call->error, dcl_axis(call, axes.v[i], rank, &axis));
        out->begin[axis] = pads.v[i];
        out->end[axis] = pads.v[n + i];
    }
    return DETCL_OK;
}

static enum detcl_status pad_axis(const struct dcl_call *call, int mode, int axis, int64_t begin,
                                  int64_t end, int64_t *extent)
{
    const int64_t limit = INT32_MAX, x = *extent;
    if (begin > limit || end > limit || begin < -limit || end < -limit || x + begin + end < 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d of %lld cannot take pads %lld, %lld",
                             axis, (long long)x, (long long)begin, (long long)end);
    if (mode != CONSTANT && (begin < 0 || end < 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "negative pads in mode %s",
                             modes[mode]);
    if (mode != CONSTANT && x == 0 && begin + end > 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d is empty: mode %s cannot extend it",
                             axis, modes[mode]);
    *extent = x + begin + end;
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    struct detcl_desc y = call->in[0]->desc;
    struct amounts amounts;
    DCL_TRY(call->error, parse(call, &amounts));
    for (int i = 0; i < y.rank; i++)
        DCL_TRY(call->error,
                pad_axis(call, a->mode, i, amounts.begin[i], amounts.end[i], &y.dims[i]));
    if (dcl_has_in(call, 2)) {
        DCL_TRY(call->error, dcl_need_dtype(call, 2, 1u << y.dtype));
        if (dcl_count(call->in[2]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input 2 must hold one value");
    } else if (a->value != 0 && y.dtype != DETCL_F32) {
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "attribute 'value' is for float32");
    }
    call->out[0]->desc = y;
    return DETCL_OK;
}

/* Where position p of the padded axis comes from, or -1. */
static int64_t source(int mode, int64_t p, int64_t extent)
{
    if (mode == CONSTANT)
        return p >= 0 && p < extent ? p : -1;
    if (mode == EDGE)
        return p < 0 ? 0 : p >= extent ? extent - 1 : p;
    const int64_t period = mode == WRAP ? extent : extent > 1 ? 2 * extent - 2 : 1;
    const int64_t m = (p % period + period) % period;
    return m < extent ? m : period - m;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc, *y = &call->out[0]->desc;
    const size_t size = detcl_dtype_size(x->dtype);
    struct amounts amounts;
    DCL_TRY(call->error, parse(call, &amounts));
    uint8_t value[8] = {0};
    memcpy(value, dcl_has_in(call, 2) ? call->in[2]->data : &a->value,
           dcl_has_in(call, 2)     ? size
           : x->dtype == DETCL_F32 ? sizeof a->value
                                   : 0);
    const int64_t n = detcl_desc_count(y);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = 0, step = 1;
        bool inside = true;
        for (int64_t d = y->rank - 1, rest = i; d >= 0; d--) {
            const int64_t p = source(a->mode, rest % y->dims[d] - amounts.begin[d], x->dims[d]);
            inside = inside && p >= 0;
            from += p * step;
            step *= x->dims[d];
            rest /= y->dims[d];
        }
        memcpy((char *)call->out[0]->data + (size_t)i * size,
               inside ? (const char *)call->in[0]->data + (size_t)from * size : (char *)value,
               size);
    }
    return DETCL_OK;
}

/* One dimension of the kernel's table. */
struct row {
    int64_t y, x, stride, begin;
};

/* The stored dimensions, neighbours without pads merged; returns how many, at least 1. */
static int make_rows(const struct dcl_call *call, const struct amounts *amounts,
                     struct row rows[DETCL_MAX_RANK])
{
    const struct detcl_desc x = dcl_stored_desc(call->in[0]), y = dcl_stored_desc(call->out[0]);
    int n = 0;
    bool merges = false;
    for (int i = 0; i < x.rank; i++) {
        const bool padded = i < call->in[0]->desc.rank && (amounts->begin[i] || amounts->end[i]);
        if (!padded && merges) {
            rows[n - 1].x *= x.dims[i];
            rows[n - 1].y *= y.dims[i];
        } else {
            rows[n++] = (struct row){y.dims[i], x.dims[i], 1, padded ? amounts->begin[i] : 0};
        }
        merges = !padded;
    }
    if (n == 0)
        rows[n++] = (struct row){1, 1, 1, 0};
    for (int i = n - 2; i >= 0; i--)
        rows[i].stride = rows[i + 1].stride * rows[i + 1].x;
    return n;
}

static const struct dcl_value *fill_value(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    if (dcl_has_in(call, 2))
        return call->in[2];
    if (a->value == 0)
        return NULL;
    void *data;
    const struct dcl_value *v = dcl_packed(r, DETCL_F32, 1, &data);
    if (v)
        *(float *)data = a->value;
    return v;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0], *y = call->out[0];
    struct amounts amounts;
    DCL_TRY(call->error, parse(call, &amounts));
    struct row rows[DETCL_MAX_RANK];
    const int rank = make_rows(call, &amounts, rows);
    void *data;
    const struct dcl_value *table = dcl_packed(r, DETCL_I32, 4 * rank, &data);
    const struct dcl_value *value = fill_value(call, r);
    if (!table)
        return dcl_recorded(r);
    int64_t lines = 1;
    for (int i = 0; i < rank; i++) {
        const struct row *row = &rows[i];
        int32_t *entry = (int32_t *)data + 4 * i;
        entry[0] = (int32_t)row->y;
        entry[1] = (int32_t)row->x;
        entry[2] = (int32_t)row->stride;
        entry[3] = (int32_t)row->begin;
        lines *= i < rank - 1 ? row->y : 1;
    }
    char options[64];
    const int64_t width = dcl_walk_width(r), length = rows[rank - 1].y;
    snprintf(options, sizeof options, "-D%s -DWIDTH=%d", dcl_bits_type(x->desc.dtype), (int)width);
    struct dcl_launch *l = dcl_launch(r, "pad", options, "pad");
    dcl_arg_value(l, x);
    dcl_arg_value(l, value);
    dcl_arg_value(l, y);
    dcl_arg_value(l, table);
    dcl_arg_int(l, rank);
    dcl_arg_int(l, length);
    dcl_arg_int(l, lines);
    dcl_arg_int(l, a->mode);
    dcl_arg_int(l, value != NULL);
    return dcl_grid_line(r, l, (length + width - 1) / width * lines);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    struct amounts amounts;
    const struct detcl_desc *x = &call->in[0]->desc;
    if (x->rank != 4 || x->dtype != DETCL_F32 || parse(call, &amounts) != DETCL_OK ||
        amounts.begin[1] || amounts.end[1])
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_pad = {
    .name = "pad",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 4,
    .max_out = 1,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
