/* fused_elementwise: every column of y [..., columns] is an expression over columns of the
 * operands, row by row: chains of slices, elementwise functions and joins along the last dimension
 * in one pass over memory, as decoders of boxes have them. Inputs: the program (int32 [n, 6],
 * constant; fused_elementwise.h), then the operands (float32, any shape: the program says which
 * element of a row's it reads). `shape` is that of y. */
#include "ops/fused_elementwise.h"
#include "ops/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct attrs {
    struct dcl_ints shape;
};

static const struct dcl_attr_spec specs[] = {DCL_INTS(struct attrs, shape, NULL), DCL_ATTRS_END};

/* Instruction i, also where the constant is not aligned. */
static struct dcl_elementwise instruction(const void *program, int64_t i)
{
    struct dcl_elementwise s;
    memcpy(&s, (const char *)program + i * (int64_t)sizeof s, sizeof s);
    return s;
}

static int64_t columns_of(const struct dcl_value *y)
{
    return DCL_DIM(y, y->desc.rank - 1);
}

static int64_t rows_of(const struct dcl_value *y)
{
    const int64_t columns = columns_of(y);
    return columns ? dcl_count(y) / columns : 0;
}

static bool reads_inside(const struct dcl_call *call, const struct dcl_elementwise *s)
{
    const int64_t rows = rows_of(call->out[0]);
    return s->which >= 1 && dcl_has_in(call, s->which) && s->first >= 0 && s->step >= 0 &&
           (rows == 0 || s->first + (rows - 1) * s->step < dcl_count(call->in[s->which]));
}

/* How many values the instruction leaves more, or fewer; false when it is none. */
static bool effect(const struct dcl_call *call, const struct dcl_elementwise *s, int *change)
{
    switch (s->code) {
    case DCL_ELEMENTWISE_LOAD:
        *change = 1;
        return reads_inside(call, s);
    case DCL_ELEMENTWISE_NUMBER:
        *change = 1;
        return true;
    case DCL_ELEMENTWISE_UNARY:
        *change = 0;
        return s->which >= 0 && s->which <= DCL_ELEMENTWISE_EXP;
    case DCL_ELEMENTWISE_BINARY:
        *change = -1;
        return (s->which >= DCL_ADD && s->which <= DCL_MIN) || s->which == DCL_DIV;
    case DCL_ELEMENTWISE_STORE:
        *change = -1;
        return s->which >= 0 && s->which < columns_of(call->out[0]);
    default:
        return false;
    }
}

/* Every instruction makes sense, the stack never runs dry or over, each column is stored. */
static enum detcl_status check_program(const struct dcl_call *call)
{
    const struct dcl_value *program = call->in[0];
    unsigned stored = 0;
    int depth = 0;
    for (int64_t i = 0; i < DCL_DIM(program, 0); i++) {
        const struct dcl_elementwise s = instruction(program->constant, i);
        int change = 0;
        const bool known = effect(call, &s, &change);
        const int taken = s.code == DCL_ELEMENTWISE_BINARY ? 2 : change < 1 ? 1 : 0;
        if (!known || depth < taken || depth + change > DCL_ELEMENTWISE_DEPTH)
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "instruction %lld is out of range",
                                 (long long)i);
        depth += change;
        if (s.code == DCL_ELEMENTWISE_STORE)
            stored |= 1u << s.which;
    }
    if (depth || stored != (1u << columns_of(call->out[0])) - 1)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "the program does not store every column");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct dcl_ints *shape = &((const struct attrs *)call->attrs)->shape;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_I32));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 2));
    for (int i = 1; i < call->n_in; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    if (!call->in[0]->constant || DCL_DIM(call->in[0], 1) != DCL_ELEMENTWISE_WORDS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "the program must be known and have %d words an instruction",
                             DCL_ELEMENTWISE_WORDS);
    if (shape->n < 1 || shape->n > DETCL_MAX_RANK || shape->v[shape->n - 1] < 1 ||
        shape->v[shape->n - 1] > DCL_ELEMENTWISE_COLUMNS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "the shape must end in 1 to %d columns",
                             DCL_ELEMENTWISE_COLUMNS);
    struct detcl_desc *y = &call->out[0]->desc;
    *y = (struct detcl_desc){.dtype = DETCL_F32, .rank = shape->n};
    for (int i = 0; i < shape->n; i++)
        y->dims[i] = shape->v[i];
    if (dcl_count(call->out[0]) < 0 || dcl_count(call->out[0]) > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "more than 2^31 - 1 elements");
    return check_program(call);
}

static float unary(const struct dcl_elementwise *s, float x)
{
    if (s->which == DCL_ELEMENTWISE_EXP)
        return expf(x);
    dcl_activate_row(s->which, s->alpha, s->beta, &x, 1);
    return x;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_value *program = call->in[0], *y = call->out[0];
    const int64_t columns = columns_of(y);
    float *out = y->data;
    for (int64_t row = 0; row < rows_of(y); row++) {
        float stack[DCL_ELEMENTWISE_DEPTH];
        int top = -1;
        for (int64_t i = 0; i < DCL_DIM(program, 0); i++) {
            const struct dcl_elementwise s = instruction(program->data, i);
            if (s.code == DCL_ELEMENTWISE_LOAD)
                stack[++top] = ((const float *)call->in[s.which]->data)[s.first + row * s.step];
            else if (s.code == DCL_ELEMENTWISE_NUMBER)
                stack[++top] = s.alpha;
            else if (s.code == DCL_ELEMENTWISE_UNARY)
                stack[top] = unary(&s, stack[top]);
            else if (s.code == DCL_ELEMENTWISE_BINARY) {
                top--;
                stack[top] =
                    dcl_binary_float((enum dcl_binary)s.which, 1, stack[top], stack[top + 1]);
            } else
                out[row * columns + s.which] = stack[top--];
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const int64_t rows = rows_of(call->out[0]);
    const int width = simd ? 16 : 1, sets = simd ? 4 : 1;
    char options[48];
    snprintf(options, sizeof options, "-DWIDTH=%d -DSETS=%d -DDEPTH=%d", width, sets,
             DCL_ELEMENTWISE_DEPTH);
    struct dcl_launch *l = dcl_launch(r, "fused_elementwise", options, "fused_elementwise_f32");
    for (int i = 0; i <= DCL_ELEMENTWISE_OPERANDS; i++)
        dcl_arg_value(l, dcl_has_in(call, i) ? call->in[i] : NULL);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, DCL_DIM(call->in[0], 0));
    dcl_arg_int(l, rows);
    dcl_arg_int(l, columns_of(call->out[0]));
    const int64_t items = (rows + width * sets - 1) / (width * sets);
    return dcl_grid(l, 1, (size_t[]){(size_t)items}, simd ? (size_t[]){1} : NULL);
}

const struct dcl_op dcl_op_fused_elementwise = {
    .name = "fused_elementwise",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 1 + DCL_ELEMENTWISE_OPERANDS,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "ONNX Slice, Concat, elementwise functions, composed",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
