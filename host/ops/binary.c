/* binary: elementwise functions of two or more operands with NumPy broadcasting. Definitions are
 * ONNX's (operators of the same names). Integer division truncates, x / 0 = x mod 0 = 0, overflow
 * wraps; maximum and minimum let NaN through. More than two operands are folded from the left. */
#include "ops/binary.h"
#include "ops/blocked.h"
#include "ops/walk.h"

#include <stdio.h>

enum kind {
    ADD,
    SUB,
    MUL,
    DIV,
    POW,
    MOD,
    MAX,
    MIN,
    SUM,
    MEAN,
    PRELU,
    AND,
    OR,
    XOR,
    BITWISE_AND,
    BITWISE_OR,
    BITWISE_XOR,
    BIT_SHIFT,
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    EQUAL,
    KINDS
};

static const char *const kinds[] = {
    "add",     "sub",           "mul",         "div",        "pow",         "mod",
    "max",     "min",           "sum",         "mean",       "prelu",       "and",
    "or",      "xor",           "bitwise_and", "bitwise_or", "bitwise_xor", "bit_shift",
    "greater", "greater_equal", "less",        "less_equal", "equal",       NULL};

static const char *const directions[] = {"LEFT", "RIGHT", NULL};

struct attrs {
    int kind;
    int64_t fmod;
    int direction;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, kind, NULL, kinds), DCL_INT(struct attrs, fmod, "0"),
    DCL_CHOICE(struct attrs, direction, "LEFT", directions), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {
    {"Add", "kind=add"},
    {"Sub", "kind=sub"},
    {"Mul", "kind=mul"},
    {"Div", "kind=div"},
    {"Pow", "kind=pow"},
    {"Mod", "kind=mod"},
    {"Max", "kind=max"},
    {"Min", "kind=min"},
    {"Sum", "kind=sum"},
    {"Mean", "kind=mean"},
    {"PRelu", "kind=prelu"},
    {"And", "kind=and"},
    {"Or", "kind=or"},
    {"Xor", "kind=xor"},
    {"BitwiseAnd", "kind=bitwise_and"},
    {"BitwiseOr", "kind=bitwise_or"},
    {"BitwiseXor", "kind=bitwise_xor"},
    {"BitShift", "kind=bit_shift"},
    {"Greater", "kind=greater"},
    {"GreaterOrEqual", "kind=greater_equal"},
    {"Less", "kind=less"},
    {"LessOrEqual", "kind=less_equal"},
    {"Equal", "kind=equal"},
    {NULL, NULL},
};

/* What each kind accepts, and the function behind it. */
static const struct {
    unsigned types;
    bool variadic;
    enum dcl_binary function;
} table[KINDS] = {
    [ADD] = {DCL_NUMERIC, false, DCL_ADD},
    [SUB] = {DCL_NUMERIC, false, DCL_SUB},
    [MUL] = {DCL_NUMERIC, false, DCL_MUL},
    [DIV] = {DCL_NUMERIC, false, DCL_DIV},
    [POW] = {DCL_F32 | DCL_I32 | DCL_I64, false, DCL_POW},
    [MOD] = {DCL_NUMERIC, false, DCL_MOD},
    [MAX] = {DCL_NUMERIC, true, DCL_MAX},
    [MIN] = {DCL_NUMERIC, true, DCL_MIN},
    [SUM] = {DCL_F32, true, DCL_ADD},
    [MEAN] = {DCL_F32, true, DCL_ADD},
    [PRELU] = {DCL_F32 | DCL_I32 | DCL_I64, false, DCL_PRELU},
    [AND] = {DCL_BOOL, false, DCL_BIT_AND},
    [OR] = {DCL_BOOL, false, DCL_BIT_OR},
    [XOR] = {DCL_BOOL, false, DCL_BIT_XOR},
    [BITWISE_AND] = {DCL_I32 | DCL_I64 | DCL_U8, false, DCL_BIT_AND},
    [BITWISE_OR] = {DCL_I32 | DCL_I64 | DCL_U8, false, DCL_BIT_OR},
    [BITWISE_XOR] = {DCL_I32 | DCL_I64 | DCL_U8, false, DCL_BIT_XOR},
    [BIT_SHIFT] = {DCL_U8, false, DCL_SHIFT_LEFT},
    [GREATER] = {DCL_NUMERIC, false, DCL_GREATER},
    [GREATER_EQUAL] = {DCL_NUMERIC, false, DCL_GREATER_EQUAL},
    [LESS] = {DCL_NUMERIC, false, DCL_LESS},
    [LESS_EQUAL] = {DCL_NUMERIC, false, DCL_LESS_EQUAL},
    [EQUAL] = {DCL_ANY, false, DCL_EQUAL},
};

static enum detcl_status same_types(const struct dcl_call *call)
{
    for (int i = 1; i < call->n_in; i++)
        if (!call->in[i] || call->in[i]->desc.dtype != call->in[0]->desc.dtype)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "operands have different element types");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, table[a->kind].types));
    if (!table[a->kind].variadic && (call->n_in != 2 || !call->in[1]))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%s takes 2 inputs, found %d", kinds[a->kind],
                             call->n_in);
    DCL_TRY(call->error, a->kind == POW ? dcl_need_dtype(call, 1, DCL_NUMERIC) : same_types(call));
    if (a->kind == MOD && !a->fmod && call->in[0]->desc.dtype == DETCL_F32)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "Mod of float32 needs attribute fmod = 1");
    struct detcl_desc y = call->in[0]->desc;
    for (int i = 1; i < call->n_in; i++)
        DCL_TRY(call->error, dcl_broadcast(call, &y, &call->in[i]->desc, &y));
    if (a->kind == PRELU &&
        (y.rank != call->in[0]->desc.rank || detcl_desc_count(&y) != dcl_count(call->in[0])))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the slope does not broadcast to the input");
    if (table[a->kind].function >= DCL_GREATER)
        y.dtype = DETCL_BOOL;
    call->out[0]->desc = y;
    for (int i = call->n_in - 1; i >= 0; i--)
        if (call->in[i]->desc.rank == y.rank)
            dcl_follow_count(call, call->in[i]);
    return DETCL_OK;
}

static enum dcl_binary function_of(const struct attrs *a, bool last)
{
    if (a->kind == MOD)
        return a->fmod ? DCL_FMOD : DCL_MOD;
    if (a->kind == BIT_SHIFT)
        return a->direction ? DCL_SHIFT_RIGHT : DCL_SHIFT_LEFT;
    return a->kind == MEAN && last ? DCL_MEAN : table[a->kind].function;
}

/* out = f(a, b); `a` may be `out` itself. */
static void run_pair(const struct dcl_call *call, const struct dcl_value *a,
                     const struct dcl_value *b, bool last)
{
    const struct dcl_value *y = call->out[0];
    struct dcl_walk w;
    dcl_walk_over(&w, &y->desc);
    dcl_walk_operand(&w, 0, &a->desc);
    dcl_walk_operand(&w, 1, &b->desc);
    dcl_walk_simplify(&w);
    const size_t a_size = detcl_dtype_size(a->desc.dtype), b_size = detcl_dtype_size(b->desc.dtype);
    const size_t y_size = detcl_dtype_size(y->desc.dtype);
    const int64_t rows = dcl_walk_rows(&w), n = dcl_walk_row_length(&w);
    struct dcl_binary_row row = {.function = function_of(call->attrs, last),
                                 .divisor = (float)call->n_in,
                                 .a_type = a->desc.dtype,
                                 .b_type = b->desc.dtype,
                                 .n = n,
                                 .a_step = w.stride[0][w.rank - 1],
                                 .b_step = w.stride[1][w.rank - 1]};
    for (int64_t i = 0; i < rows; i++) {
        int64_t at[DCL_WALK_OPERANDS];
        dcl_walk_row(&w, i, at);
        row.a = (const char *)a->data + (size_t)at[0] * a_size;
        row.b = (const char *)b->data + (size_t)at[1] * b_size;
        row.y = (char *)y->data + (size_t)(i * n) * y_size;
        dcl_binary_run(&row);
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    if (call->n_in == 1)
        dcl_same_cpu(call->in[0], call->out[0]);
    for (int i = 1; i < call->n_in; i++)
        run_pair(call, i == 1 ? call->in[0] : call->out[0], call->in[i], i == call->n_in - 1);
    return DETCL_OK;
}

/* --- OpenCL ------------------------------------------------------------------------------------
 */

/* `desc` aligned right to rank 4. */
static struct detcl_desc rank4(const struct detcl_desc *desc)
{
    struct detcl_desc d = {.dtype = desc->dtype, .rank = 4, .dims = {1, 1, 1, 1}};
    for (int i = 0; i < desc->rank; i++)
        d.dims[4 - desc->rank + i] = desc->dims[i];
    return d;
}

/* Describe operand k for a walk over the blocked output y, and return what to read: a dense
 * constant with channels is packed into blocks, a dense operand without channels is read as it is.
 */
static const struct dcl_value *blocked_operand(struct dcl_recorder *r, struct dcl_walk *w, int k,
                                               const struct dcl_value *v, int block)
{
    struct detcl_desc d = rank4(&v->desc);
    const struct dcl_value *read = v;
    if (v->block == 1 && d.dims[1] > 1) {
        struct dcl_value shape = {.desc = d, .block = block};
        void *data;
        read = dcl_packed(r, DETCL_F32, dcl_stored_count(&shape), &data);
        if (read)
            dcl_to_blocked(&d, block, v->constant, data, 0);
    }
    d.rank = 5;
    d.dims[4] = read == v && v->block == 1 ? 1 : block;
    d.dims[1] = (d.dims[1] + block - 1) / block;
    dcl_walk_operand(w, k, &d);
    return read;
}

static void describe(struct dcl_recorder *r, struct dcl_walk *w, const struct dcl_value *y,
                     const struct dcl_value **a, const struct dcl_value **b)
{
    const struct detcl_desc d = dcl_stored_desc(y);
    dcl_walk_over(w, &d);
    if (y->block > 1) {
        *a = blocked_operand(r, w, 0, *a, y->block);
        *b = blocked_operand(r, w, 1, *b, y->block);
    } else {
        dcl_walk_operand(w, 0, &(*a)->desc);
        dcl_walk_operand(w, 1, &(*b)->desc);
    }
    dcl_walk_simplify(w);
}

static const char *type_options(enum detcl_dtype dtype)
{
    static const char *const types[] = {[DETCL_F32] = "-DT=float -DREAL",
                                        [DETCL_I32] = "-DT=int",
                                        [DETCL_I64] = "-DT=long",
                                        [DETCL_U8] = "-DT=uchar",
                                        [DETCL_BOOL] = "-DT=uchar"};
    return types[dtype];
}

static struct dcl_launch *launch(struct dcl_recorder *r, enum dcl_binary function,
                                 enum detcl_dtype a, enum detcl_dtype b)
{
    static const char *const exponents[] = {
        [DETCL_F32] = "float", [DETCL_I32] = "int", [DETCL_I64] = "long", [DETCL_U8] = "uchar"};
    char options[96];
    const int n =
        snprintf(options, sizeof options, "%s -DWIDTH=%d", type_options(a), dcl_walk_width(r));
    char *end = options + n;
    if (function == DCL_POW && !(a == DETCL_F32 && b == DETCL_F32)) {
        snprintf(end, sizeof options - (size_t)n, " -DEXPONENT=%s", exponents[b]);
        return dcl_launch(r, "power", options, "power_mixed");
    }
    if (a == DETCL_F32 && (function == DCL_POW || function == DCL_FMOD))
        snprintf(end, sizeof options - (size_t)n, " -DLONG_FUNCTION=%s",
                 function == DCL_POW ? "pow" : "fmod");
    return dcl_launch(r, "binary", options, function >= DCL_GREATER ? "compare" : "binary");
}

/* True when b is the constant 2 and does not widen a. */
static bool is_square(const struct dcl_value *a, const struct dcl_value *b)
{
    return a->desc.dtype == DETCL_F32 && b->desc.dtype == DETCL_F32 && b->constant &&
           dcl_count(b) == 1 && b->desc.rank <= a->desc.rank && *(const float *)b->constant == 2;
}

static enum detcl_status record_pair(struct dcl_call *call, struct dcl_recorder *r,
                                     const struct dcl_value *a, const struct dcl_value *b,
                                     const struct dcl_value *to, bool last)
{
    enum dcl_binary function = function_of(call->attrs, last);
    if (function == DCL_POW && is_square(a, b)) {
        function = DCL_MUL;
        b = a;
    }
    const enum detcl_dtype a_type = a->desc.dtype, b_type = b->desc.dtype;
    struct dcl_walk w;
    describe(r, &w, call->out[0], &a, &b);
    struct dcl_launch *l = launch(r, function, a_type, b_type);
    dcl_arg_value(l, a);
    dcl_arg_value(l, b);
    dcl_arg_value(l, to);
    dcl_arg_walk(r, l, &w);
    dcl_arg_int(l, w.stride[0][w.rank - 1]);
    dcl_arg_int(l, w.stride[1][w.rank - 1]);
    if (function != DCL_POW || (a_type == DETCL_F32 && b_type == DETCL_F32)) {
        dcl_arg_int(l, function);
        if (function < DCL_GREATER)
            dcl_arg_float(l, (float)call->n_in);
    }
    return dcl_grid_walk(r, l, &w);
}

/* A partial result has the whole output's shape and form; two of them take turns. */
static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    if (call->n_in == 1)
        return dcl_record_same(r, call->in[0], call->out[0]);
    struct dcl_value *turn[2] = {NULL, NULL};
    const struct dcl_value *a = call->in[0];
    for (int i = 1; i < call->n_in; i++) {
        struct dcl_value *to = call->out[0];
        if (i < call->n_in - 1) {
            if (!turn[i % 2])
                turn[i % 2] = dcl_workspace(r, to->desc.dtype, dcl_stored_count(to));
            to = turn[i % 2];
            if (!to)
                return dcl_recorded(r);
            to->desc = call->out[0]->desc;
            to->block = call->out[0]->block;
        }
        DCL_TRY(call->error, record_pair(call, r, a, call->in[i], to, i == call->n_in - 1));
        a = to;
    }
    return DETCL_OK;
}

/* Blocked operands have the output's channels; others must lack channels or be constants. */
static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    const struct dcl_layout plain = {DCL_LAYOUT_PLAIN, 0, 0};
    const struct dcl_value *y = call->out[0];
    struct dcl_layout wish = {DCL_LAYOUT_FOLLOW, 0, 1};
    if (y->desc.rank != 4 || y->desc.dtype != DETCL_F32 || call->n_in > 32)
        return plain;
    for (int i = 0; i < call->n_in; i++) {
        const struct dcl_value *v = call->in[i];
        const int64_t channels = rank4(&v->desc).dims[1];
        if (v->desc.dtype != DETCL_F32)
            return plain;
        if (!v->constant && v->desc.rank == 4 && channels == DCL_DIM(y, 1))
            wish.in |= 1u << i;
        else if (!v->constant && channels > 1)
            return plain;
    }
    return wish;
}

const struct dcl_op dcl_op_binary = {
    .name = "binary",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = DCL_MANY,
    .max_out = 1,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
