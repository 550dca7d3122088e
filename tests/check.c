#include "check.h"
#include "graph/graph.h"
#include "ops/blocked.h"
#include "ops/compare.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD ((size_t)512)
#define MAX_OPERANDS 16
#define DEFAULT_SEED 0x9e3779b97f4a7c15ull
#define SMALL_ELEMENTS ((int64_t)64 * 1024)

struct dcl_check {
    struct detcl_context *ctx;
    struct dcl_check_options options;
    struct dcl_check_totals *totals;
    const struct dcl_op *op;
    uint64_t random;
    char shapes[256];
};

#define DCL_OP(name) void dcl_check_##name(struct dcl_check *c);
#include "ops/ops.def"
#undef DCL_OP

bool dcl_check_small(const struct dcl_check *c)
{
    return c->options.small || c->options.limit;
}

/* --- inputs ------------------------------------------------------------------------------- */

/* xorshift64*: the same inputs on every machine for one seed. */
static double next_unit(struct dcl_check *c)
{
    c->random ^= c->random >> 12;
    c->random ^= c->random << 25;
    c->random ^= c->random >> 27;
    return (double)((c->random * 0x2545f4914f6cdd1dull) >> 11) * 0x1p-53;
}

static float special_float(struct dcl_check *c)
{
    static const float list[] = {NAN,    INFINITY, -INFINITY, 0.0f,  -0.0f,
                                 1e-30f, -1e-30f,  1e30f,     -1e30f};
    const double u = next_unit(c);
    const size_t n = sizeof list / sizeof *list;
    return u < 0.3 ? list[(size_t)(u / 0.3 * (double)n)] : (float)(2 * next_unit(c) - 1);
}

static void fill_one(struct dcl_check *c, const struct dcl_operand *in, void *data, int64_t i)
{
    const bool ranged = in->lo < in->hi;
    const double u = next_unit(c);
    const double lo = ranged ? (double)in->lo : in->desc.dtype == DETCL_F32 ? -1.0 : 0.0;
    const double hi = ranged ? (double)in->hi : in->desc.dtype == DETCL_F32 ? 1.0 : 10.0;
    const double v = lo + u * (hi - lo);
    switch (in->desc.dtype) {
    case DETCL_F32:
        ((float *)data)[i] = in->fill == DCL_FILL_SPECIAL ? special_float(c) : (float)v;
        break;
    case DETCL_I32:
        ((int32_t *)data)[i] = (int32_t)floor(v);
        break;
    case DETCL_I64:
        ((int64_t *)data)[i] = (int64_t)floor(v);
        break;
    case DETCL_U8:
        ((uint8_t *)data)[i] = (uint8_t)floor(v);
        break;
    case DETCL_BOOL:
        ((uint8_t *)data)[i] = u < 0.5;
        break;
    }
}

static size_t bytes_of(const struct detcl_desc *d)
{
    return (size_t)detcl_desc_count(d) * detcl_dtype_size(d->dtype);
}

static void *make_input(struct dcl_check *c, struct dcl_graph *g, const struct dcl_operand *in)
{
    const size_t bytes = bytes_of(&in->desc);
    void *data = dcl_arena_alloc(&g->arena, bytes);
    if (!data)
        return NULL;
    if (in->fill == DCL_FILL_DATA) {
        if (bytes)
            memcpy(data, in->data, bytes);
        return data;
    }
    const int64_t n = detcl_desc_count(&in->desc);
    for (int64_t i = 0; i < n; i++)
        fill_one(c, in, data, i);
    return data;
}

/* --- a one-node graph ---------------------------------------------------------------------- */

struct trial {
    struct dcl_graph graph;
    struct dcl_node *node;
    struct dcl_value *in[MAX_OPERANDS], *out[MAX_OPERANDS];
    void *data[MAX_OPERANDS];     /* dense inputs */
    void *expected[MAX_OPERANDS]; /* the twin's dense outputs */
    int n_in, n_out;
    char why[1200];
};

static enum detcl_status make_graph(struct dcl_check *c, struct trial *t, const char *attrs,
                                    const struct dcl_operand *in)
{
    struct dcl_graph *g = &t->graph;
    struct detcl_operand operands[MAX_OPERANDS];
    dcl_graph_init(g, &c->ctx->error);
    for (int i = 0; i < t->n_in; i++) {
        operands[i] = (struct detcl_operand){.desc = in[i].desc, .absent = in[i].absent};
        if (in[i].absent)
            continue;
        t->data[i] = make_input(c, g, &in[i]);
        if (!t->data[i])
            return DETCL_ERROR_MEMORY;
        operands[i].constant = in[i].constant ? t->data[i] : NULL;
    }
    DCL_TRY(g->error,
            dcl_graph_of_op(c->ctx, g, c->op, attrs, operands, t->n_in, t->n_out, &t->node));
    memcpy(t->in, t->node->call.in, (size_t)t->n_in * sizeof *t->in);
    memcpy(t->out, t->node->call.out, (size_t)t->n_out * sizeof *t->out);
    DCL_TRY(g->error, dcl_attrs_check(c->op->attrs, t->node->seen, g->error));
    return c->op->infer(&t->node->call);
}

/* The twin runs between guard zones too. */
static enum detcl_status run_twin(struct trial *t)
{
    struct dcl_call *call = &t->node->call;
    unsigned char *raw[MAX_OPERANDS] = {0};
    for (int i = 0; i < t->n_in; i++)
        if (t->in[i])
            t->in[i]->data = t->data[i];
    for (int i = 0; i < t->n_out; i++) {
        const size_t bytes = bytes_of(&t->out[i]->desc);
        raw[i] = dcl_arena_alloc(&t->graph.arena, bytes + 2 * GUARD);
        if (!raw[i])
            return DETCL_ERROR_MEMORY;
        memset(raw[i], DCL_GUARD_BYTE(0), bytes + 2 * GUARD);
        t->out[i]->data = t->expected[i] = raw[i] + GUARD;
    }
    call->workspace = dcl_arena_alloc(&t->graph.arena, call->cpu_workspace);
    DCL_TRY(call->error, call->op->run_cpu(call));
    dcl_clear_tails(call, t->expected);
    for (int i = 0; i < t->n_out; i++)
        for (size_t k = 0; k < GUARD; k++)
            if (raw[i][k] != DCL_GUARD_BYTE(0) ||
                raw[i][GUARD + bytes_of(&t->out[i]->desc) + k] != DCL_GUARD_BYTE(0))
                return DCL_FAIL(call->error, DETCL_ERROR_MISMATCH,
                                "the twin wrote outside its output %d", i);
    return DETCL_OK;
}

/* --- the device ----------------------------------------------------------------------------- */

/* Every buffer of the plan is guard, value, guard. */
static enum detcl_status check_guards(struct dcl_exec *x)
{
    if (!x->options.guard)
        return DETCL_OK;
    for (int i = 0; i < x->n_buffers; i++) {
        struct dcl_buffer *b = x->buffers[i];
        unsigned char zone[2 * GUARD];
        DCL_TRY(&x->ctx->error, x->ctx->device->read(x->ctx, b, 0, zone, GUARD, "guard"));
        DCL_TRY(&x->ctx->error,
                x->ctx->device->read(x->ctx, b, b->bytes - GUARD, zone + GUARD, GUARD, "guard"));
        for (size_t k = 0; k < sizeof zone; k++)
            if (zone[k] != DCL_GUARD_BYTE(i))
                return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MISMATCH,
                                "the kernel wrote outside buffer %d (%zu bytes), %s it", i,
                                b->bytes - 2 * GUARD, k < GUARD ? "before" : "after");
    }
    return DETCL_OK;
}

/* Upload input v (dense data) in the form that the exec stores it in. */
static enum detcl_status upload(struct dcl_exec *x, struct dcl_value *v, const void *dense)
{
    if (v->block == 1)
        return dcl_exec_write(x, v, dense);
    void *stored = dcl_arena_alloc(&x->graph.arena, (size_t)dcl_stored_count(v) * sizeof(float));
    if (!stored)
        return DETCL_ERROR_MEMORY;
    dcl_to_blocked(&v->desc, v->block, dense, stored, NAN);
    return dcl_exec_write(x, v, stored);
}

/* Outputs of a transform (dcl_transformed) are measured by the largest of them. */
static double scale_of(const struct dcl_exec *x, const struct dcl_value *v, const void *expected)
{
    for (int i = 0; i < x->recorder.n_launches; i++)
        if (x->recorder.launches[i]->transformed)
            return dcl_magnitude(v->desc.dtype, dcl_count(v), expected);
    return 0;
}

static enum detcl_status compare_outputs(struct trial *t, struct dcl_exec *x)
{
    void *found[MAX_OPERANDS];
    for (int i = 0; i < t->n_out; i++) {
        found[i] = dcl_arena_alloc(&x->graph.arena, bytes_of(&x->graph.outputs[i]->desc));
        if (!found[i])
            return DETCL_ERROR_MEMORY;
        DCL_TRY(&x->ctx->error, dcl_exec_read_dense(x, x->graph.outputs[i], found[i]));
    }
    dcl_clear_tails(&t->node->call, found);
    for (int i = 0; i < t->n_out; i++) {
        const struct dcl_value *v = x->graph.outputs[i];
        const struct dcl_difference d =
            dcl_compare_scaled(v->desc.dtype, dcl_count(v), found[i], t->expected[i],
                               (double)t->node->call.op->tolerance, scale_of(x, v, t->expected[i]));
        if (!d.same)
            return DCL_FAIL(
                &x->ctx->error, DETCL_ERROR_MISMATCH,
                "output %d element %lld is %.9g, the twin has %.9g (error %.3g, limit %.3g)", i,
                (long long)d.at, d.found, d.expected, d.error, (double)t->node->call.op->tolerance);
    }
    return DETCL_OK;
}

static enum detcl_status run_exec(struct trial *t, struct dcl_exec *x)
{
    for (int i = 0, at = 0; i < t->n_in; i++)
        if (t->in[i] && !t->in[i]->constant)
            DCL_TRY(&x->ctx->error, upload(x, x->graph.inputs[at++], t->data[i]));
    DCL_TRY(&x->ctx->error, dcl_exec_run(x, NULL));
    DCL_TRY(&x->ctx->error, x->ctx->device->finish(x->ctx));
    DCL_TRY(&x->ctx->error, check_guards(x));
    return compare_outputs(t, x);
}

static bool any_chained(const struct dcl_exec *x)
{
    for (int i = 0; i < x->recorder.n_launches; i++)
        if (x->recorder.launches[i]->chained)
            return true;
    return false;
}

/* Run on the device with the operands stored as `layout` says; `chained`: kernels that can be a
 * step of a chain as such, where there are any. */
static enum detcl_status run_form(struct dcl_check *c, struct trial *t, struct dcl_layout layout,
                                  bool chained)
{
    struct dcl_graph copy;
    DCL_TRY(t->graph.error, dcl_graph_clone(&t->graph, &copy));
    struct dcl_call *call = &copy.nodes[0]->call;
    for (int i = 0; i < t->n_in; i++)
        if (call->in[i] && (layout.in >> i & 1))
            call->in[i]->block = c->ctx->limits.block;
    for (int i = 0; i < t->n_out; i++)
        if (layout.out >> i & 1)
            call->out[i]->block = c->ctx->limits.block;
    struct dcl_exec *x = NULL;
    const struct dcl_exec_options options = {
        .separate = true, .chained = chained, .guard = c->options.bare ? 0 : GUARD};
    DCL_TRY(&c->ctx->error, dcl_exec_create(c->ctx, &copy, &options, &x));
    for (int i = 0; c->options.program && i < x->recorder.n_programs; i++)
        c->options.program(c->options.user, x->recorder.programs[i].stem,
                           x->recorder.programs[i].options);
    const enum detcl_status status = chained && !any_chained(x) ? DETCL_OK : run_exec(t, x);
    dcl_exec_destroy(&x);
    return status;
}

static enum detcl_status run_layout(struct dcl_check *c, struct trial *t, struct dcl_layout layout)
{
    DCL_TRY(&c->ctx->error, run_form(c, t, layout, false));
    return c->ctx->limits.chain ? run_form(c, t, layout, true) : DETCL_OK;
}

/* Oclgrind takes for uninitialised what was written at an offset into a buffer, and what lies in a
 * buffer beyond the size of an earlier one of the same context. */
static enum detcl_status run_device(struct dcl_check *c, struct trial *t, struct dcl_layout layout)
{
    if (!c->options.bare)
        return run_layout(c, t, layout);
    struct detcl_context *shared = c->ctx;
    struct detcl_error error;
    const struct detcl_context_params params = {.device = shared->info.id};
    enum detcl_status status = detcl_context_create(&params, &c->ctx, &error);
    if (status != DETCL_OK)
        return DCL_FAIL(&shared->error, status, "%s", error.text);
    status = run_layout(c, t, layout);
    memcpy(shared->error.text, c->ctx->error.text, sizeof shared->error.text);
    detcl_context_destroy(&c->ctx);
    c->ctx = shared;
    return status;
}

/* --- reporting ------------------------------------------------------------------------------- */

static void describe(struct dcl_check *c, const struct dcl_operand *in, int n)
{
    size_t at = 0;
    c->shapes[0] = 0;
    for (int i = 0; i < n && at < sizeof c->shapes - 32; i++) {
        at += (size_t)snprintf(c->shapes + at, sizeof c->shapes - at, "%s", i ? " " : "");
        if (in[i].absent || in[i].desc.rank == 0)
            at +=
                (size_t)snprintf(c->shapes + at, sizeof c->shapes - at, in[i].absent ? "-" : "()");
        for (int k = 0; !in[i].absent && k < in[i].desc.rank && at < sizeof c->shapes - 32; k++)
            at += (size_t)snprintf(c->shapes + at, sizeof c->shapes - at, "%s%lld", k ? "x" : "",
                                   (long long)in[i].desc.dims[k]);
    }
}

static void report(struct dcl_check *c, const char *attrs, const char *form, bool passed,
                   const char *why)
{
    if (passed)
        c->totals->passed++;
    else
        c->totals->failed++;
    const struct dcl_check_report r = {c->op->name, attrs, c->shapes, form, passed, why};
    if (c->options.report)
        c->options.report(c->options.user, &r);
}

static void judge(struct dcl_check *c, const char *attrs, const char *form,
                  enum detcl_status status)
{
    report(c, attrs, form, status == DETCL_OK, c->ctx->error.text);
}

static bool too_large(const struct dcl_check *c, const struct dcl_operand *in, int n)
{
    int64_t total = 0;
    for (int i = 0; i < n; i++)
        total += in[i].absent ? 0 : detcl_desc_count(&in[i].desc);
    const int64_t limit = c->options.limit ? c->options.limit : SMALL_ELEMENTS;
    return (c->options.small || c->options.limit) && total > limit;
}

static bool fits(const struct detcl_desc *found, const struct detcl_desc *golden)
{
    if (found->dtype != golden->dtype)
        return false;
    if (golden->rank == 1)
        return detcl_desc_count(found) == golden->dims[0];
    bool same = found->rank == golden->rank;
    for (int i = 0; same && i < found->rank; i++)
        same = found->dims[i] == golden->dims[i];
    return same;
}

static void check_golden(struct dcl_check *c, struct trial *t, const char *attrs,
                         const struct dcl_operand *expected, double tolerance)
{
    enum detcl_status status = DETCL_OK;
    for (int i = 0; i < t->n_out && status == DETCL_OK; i++) {
        const struct detcl_desc *d = &t->out[i]->desc;
        if (expected[i].absent)
            continue;
        if (!fits(d, &expected[i].desc)) {
            status =
                DCL_FAIL(&c->ctx->error, DETCL_ERROR_MISMATCH,
                         "output %d is not of the golden shape and type (%s, rank %d, %lld "
                         "elements)",
                         i, detcl_dtype_name(d->dtype), d->rank, (long long)detcl_desc_count(d));
            break;
        }
        const struct dcl_difference diff =
            dcl_compare(d->dtype, detcl_desc_count(d), t->expected[i], expected[i].data, tolerance);
        if (!diff.same)
            status = DCL_FAIL(&c->ctx->error, DETCL_ERROR_MISMATCH,
                              "output %d element %lld: the twin has %.9g, golden is %.9g", i,
                              (long long)diff.at, diff.found, diff.expected);
    }
    judge(c, attrs, "golden", status);
}

static bool can_block(const struct dcl_value *v)
{
    return v && v->desc.rank == 4 && v->desc.dtype == DETCL_F32;
}

/* Dense; as the op wishes when its inputs come dense; and when they come blocked, if that differs.
 */
static void check_forms(struct dcl_check *c, struct trial *t, const char *attrs)
{
    judge(c, attrs, "dense", run_device(c, t, (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0}));
    const int block = c->ctx->limits.block;
    if (!c->op->layout || block == 1)
        return;
    struct dcl_layout wish[2];
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < t->n_in; i++)
            if (can_block(t->in[i]))
                t->in[i]->block = k ? block : 1;
        wish[k] = c->op->layout(&t->node->call, block);
    }
    for (int i = 0; i < t->n_in; i++)
        if (t->in[i])
            t->in[i]->block = 1;
    for (int k = 0; k < (wish[0].in == wish[1].in && wish[0].out == wish[1].out ? 1 : 2); k++) {
        bool possible = wish[k].wish != DCL_LAYOUT_PLAIN;
        for (int i = 0; i < t->n_in; i++)
            possible &= !(wish[k].in >> i & 1) || !t->in[i] || can_block(t->in[i]);
        if (possible)
            judge(c, attrs, k ? "blocked inputs" : "blocked", run_device(c, t, wish[k]));
    }
}

static void run_case(struct dcl_check *c, const char *attrs, const struct dcl_operand *in, int n_in,
                     const struct dcl_operand *expected, int n_out, double tolerance)
{
    describe(c, in, n_in);
    if (too_large(c, in, n_in)) {
        c->totals->skipped++;
        return;
    }
    struct trial *t = calloc(1, sizeof *t);
    if (!t || n_in > MAX_OPERANDS || n_out > MAX_OPERANDS) {
        free(t);
        report(c, attrs, "dense", false, "the case is too large for the harness");
        return;
    }
    t->n_in = n_in;
    t->n_out = n_out;
    enum detcl_status status = make_graph(c, t, attrs, in);
    if (status == DETCL_OK)
        status = run_twin(t);
    if (status != DETCL_OK) {
        judge(c, attrs, "twin", status);
    } else {
        if (expected)
            check_golden(c, t, attrs, expected, tolerance);
        check_forms(c, t, attrs);
    }
    dcl_graph_free(&t->graph);
    free(t);
}

void dcl_check_case(struct dcl_check *c, const char *attrs, const struct dcl_operand *in, int n_in,
                    int n_out)
{
    run_case(c, attrs, in, n_in, NULL, n_out, 0);
}

void dcl_check_golden(struct dcl_check *c, const char *attrs, const struct dcl_operand *in,
                      int n_in, const struct dcl_operand *expected, int n_out, double tolerance)
{
    run_case(c, attrs, in, n_in, expected, n_out, tolerance);
}

void dcl_check_refused(struct dcl_check *c, const char *attrs, const struct dcl_operand *in,
                       int n_in, int n_out, enum detcl_status status)
{
    describe(c, in, n_in);
    struct trial *t = calloc(1, sizeof *t);
    if (!t) {
        report(c, attrs, "refused", false, "out of memory");
        return;
    }
    t->n_in = n_in;
    t->n_out = n_out;
    const enum detcl_status found = make_graph(c, t, attrs, in);
    snprintf(t->why, sizeof t->why, "expected '%s', got '%s'", detcl_status_text(status),
             detcl_status_text(found));
    report(c, attrs, "refused", found == status, t->why);
    dcl_graph_free(&t->graph);
    free(t);
}

void dcl_check_row(struct detcl_context *ctx, const struct dcl_check_options *options,
                   const struct dcl_op *op, void (*check)(struct dcl_check *c),
                   struct dcl_check_totals *totals)
{
    struct dcl_check c = {.ctx = ctx, .options = *options, .totals = totals, .op = op};
    c.random = options->seed ? options->seed : DEFAULT_SEED;
    totals->ops++;
    check(&c);
}

enum detcl_status dcl_check_run(struct detcl_context *ctx, const struct dcl_check_options *options,
                                struct dcl_check_totals *totals)
{
    static void (*const checks[])(struct dcl_check *) = {
#define DCL_OP(name) dcl_check_##name,
#include "ops/ops.def"
#undef DCL_OP
    };
    *totals = (struct dcl_check_totals){0};
    for (int i = 0; dcl_ops[i]; i++)
        if (!options->glob || fnmatch(options->glob, dcl_ops[i]->name, 0) == 0)
            dcl_check_row(ctx, options, dcl_ops[i], checks[i], totals);
    return DETCL_OK;
}
