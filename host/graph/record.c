/* Recording: plain lists of launches. No OpenCL here, so ops compile the same in every build. */
#include "ops/record.h"
#include "graph/exec.h"

#include <stdio.h>
#include <string.h>

static struct dcl_error *error_of(const struct dcl_recorder *r)
{
    return &r->exec->ctx->error;
}

static const char *node_name(const struct dcl_recorder *r)
{
    return r->exec->graph.nodes[r->node]->call.name;
}

static void fail(struct dcl_recorder *r, enum detcl_status status, const char *why)
{
    if (r->status == DETCL_OK)
        r->status = DCL_FAIL(error_of(r), status, "node '%s': %s", node_name(r), why);
}

const struct dcl_limits *dcl_limits(const struct dcl_recorder *r)
{
    return &r->exec->ctx->limits;
}

enum detcl_status dcl_recorded(const struct dcl_recorder *r)
{
    return r->status;
}

bool dcl_add_choice(struct dcl_choices *c, const char *format, ...)
{
    if (c->n == DCL_MOST_CHOICES)
        return false;
    char *text = c->text[c->n];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(text, sizeof c->text[0], format, args);
    va_end(args);
    bool fresh = length > 0 && length < (int)sizeof c->text[0];
    for (int i = 0; i < c->n; i++)
        fresh &= strcmp(c->text[i], text) != 0;
    c->n += fresh;
    return fresh;
}

int dcl_choose(const struct dcl_recorder *r, const struct dcl_choices *c)
{
    const struct dcl_tuning *t = &r->exec->ctx->tuning;
    const char *wanted = dcl_tuning_find(t, c->key);
    for (int i = 0; wanted && i < c->n; i++)
        if (strcmp(c->text[i], wanted) == 0)
            return i;
    for (int i = 0; i < c->n; i++)
        if (!dcl_tuning_why(t, c->key, c->text[i]))
            return i;
    return 0;
}

static int use_program(struct dcl_recorder *r, const char *stem, const char *options)
{
    for (int i = 0; i < r->n_programs; i++)
        if (strcmp(r->programs[i].stem, stem) == 0 && strcmp(r->programs[i].options, options) == 0)
            return i;
    const struct dcl_program_use use = {.stem = dcl_arena_text(&r->exec->graph.arena, stem),
                                        .options = dcl_arena_text(&r->exec->graph.arena, options)};
    if (!use.stem || !use.options ||
        !dcl_grow((void **)&r->programs, &r->cap_programs, r->n_programs, sizeof *r->programs)) {
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
        return -1;
    }
    r->programs[r->n_programs] = use;
    return r->n_programs++;
}

static struct dcl_launch *new_launch(struct dcl_recorder *r)
{
    r->sink.recorder = r;
    r->sink.n_args = 0;
    if (r->status != DETCL_OK)
        return &r->sink;
    struct dcl_launch *l = dcl_arena_alloc(&r->exec->graph.arena, sizeof *l);
    if (!l ||
        !dcl_grow((void **)&r->launches, &r->cap_launches, r->n_launches, sizeof *r->launches)) {
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
        return &r->sink;
    }
    l->recorder = r;
    l->node = r->node;
    l->program = -1;
    return l;
}

struct dcl_launch *dcl_launch(struct dcl_recorder *r, const char *stem, const char *options,
                              const char *kernel)
{
    struct dcl_launch *l = new_launch(r);
    if (l == &r->sink)
        return l;
    l->program = use_program(r, stem, options);
    l->kernel = dcl_arena_text(&r->exec->graph.arena, kernel);
    if (!l->kernel)
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
    return l;
}

static void add_arg(struct dcl_launch *l, struct dcl_arg arg)
{
    if (l->n_args == DCL_MAX_ARGS)
        fail(l->recorder, DETCL_ERROR_INTERNAL, "a kernel has too many arguments");
    else
        l->args[l->n_args++] = arg;
}

void dcl_arg_value(struct dcl_launch *l, const struct dcl_value *v)
{
    if (v && dcl_stored_count(v) > INT32_MAX)
        fail(l->recorder, DETCL_ERROR_UNSUPPORTED, "a tensor has more than 2^31 - 1 elements");
    add_arg(l, (struct dcl_arg){.kind = DCL_ARG_VALUE, .value = v});
}

void dcl_arg_int(struct dcl_launch *l, int64_t v)
{
    if (v < INT32_MIN || v > INT32_MAX)
        fail(l->recorder, DETCL_ERROR_UNSUPPORTED, "a kernel argument is beyond 32 bits");
    else
        add_arg(l, (struct dcl_arg){.kind = DCL_ARG_INT, .i = (int32_t)v});
}

void dcl_arg_float(struct dcl_launch *l, float v)
{
    add_arg(l, (struct dcl_arg){.kind = DCL_ARG_FLOAT, .f = v});
}

static void keep(struct dcl_recorder *r, struct dcl_launch *l)
{
    if (r->status == DETCL_OK)
        r->launches[r->n_launches++] = l;
}

/* Drivers that specialise kernels by local size (PoCL) would otherwise compile one variant a shape.
 */
static size_t default_local(const struct dcl_recorder *r, size_t global)
{
    const size_t wanted = global > 16 ? 64 : 8, limit = dcl_limits(r)->max_work_group;
    return wanted < limit ? wanted : limit;
}

void dcl_transformed(struct dcl_launch *l)
{
    l->transformed = true;
}

enum detcl_status dcl_grid(struct dcl_launch *l, int dims, const size_t *global,
                           const size_t *local)
{
    struct dcl_recorder *r = l->recorder;
    if (r->status != DETCL_OK)
        return r->status;
    l->dims = dims;
    for (int i = 0; i < dims; i++) {
        if (global[i] == 0)
            return DETCL_OK;
        l->local[i] = local ? local[i] : i == 0 ? default_local(r, global[0]) : 1;
        l->global[i] = (global[i] + l->local[i] - 1) / l->local[i] * l->local[i];
    }
    keep(r, l);
    return r->status;
}

/* Constants and workspaces are values that no graph node produces. */
static struct dcl_value *loose_value(struct dcl_recorder *r, enum detcl_dtype dtype, int64_t count)
{
    struct dcl_value *v = dcl_arena_alloc(&r->exec->graph.arena, sizeof *v);
    if (!v) {
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    *v = (struct dcl_value){.name = node_name(r),
                            .desc = {.dtype = dtype, .rank = 1, .dims = {count}},
                            .block = 1,
                            .producer = -1,
                            .first = r->node,
                            .last = r->node};
    return v;
}

struct dcl_value *dcl_workspace(struct dcl_recorder *r, enum detcl_dtype dtype, int64_t count)
{
    struct dcl_exec *x = r->exec;
    struct dcl_value *v = loose_value(r, dtype, count);
    if (!v || !dcl_grow((void **)&x->temporaries, &x->cap_temporaries, x->n_temporaries,
                        sizeof(*x->temporaries))) {
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    x->temporaries[x->n_temporaries++] = v;
    return v;
}

struct dcl_value *dcl_packed(struct dcl_recorder *r, enum detcl_dtype dtype, int64_t count,
                             void **data)
{
    struct dcl_value *v = loose_value(r, dtype, count);
    if (!v)
        return NULL;
    *data = dcl_arena_array(&r->exec->graph.arena, (size_t)count, detcl_dtype_size(dtype));
    if (!*data) {
        fail(r, DETCL_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    v->constant = *data;
    return v;
}

bool dcl_record_gemm(struct dcl_recorder *r, const struct dcl_value *a, bool transpose_a,
                     const struct dcl_value *b, bool transpose_b, const struct dcl_value *c,
                     int64_t m, int64_t n, int64_t k, float alpha, float beta)
{
    if (!r->exec->ctx->limits.gemm || m == 0 || n == 0 || k == 0)
        return false;
    struct dcl_launch *l = new_launch(r);
    dcl_arg_value(l, a);
    dcl_arg_value(l, b);
    dcl_arg_value(l, c);
    l->gemm = (struct dcl_gemm){true,      transpose_a, transpose_b, (size_t)m,
                                (size_t)n, (size_t)k,   alpha,       beta};
    keep(r, l);
    return true;
}
