#include "device/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's side is kernels/chain.cl. */
#define MOST_PLACES 16
#define MOST_KERNELS 64
#define STEP_INTS 9
#define MOST_ROWS ((size_t)1 << 24)
#define STATE_BYTES 512
#define TICKETS_PER_UNIT ((size_t)16)

/* Memory that arguments point into: a buffer of the plan, or what is bound at each run. */
struct place {
    const struct dcl_value *external;
    struct dcl_buffer *buffer;
};

struct dcl_chain {
    struct dcl_launch **launches;
    int n_launches;
    const struct dcl_launch *kernels[MOST_KERNELS]; /* the first launch of each */
    int n_kernels;
    struct place places[MOST_PLACES];
    int n_places;
    int *table, n_table, tickets;
    struct dcl_buffer state, device_table;
    cl_kernel kernel;
};

static bool same_kernel(const struct dcl_launch *a, const struct dcl_launch *b)
{
    return a->program == b->program && strcmp(a->kernel, b->kernel) == 0;
}

static int kernel_of(const struct dcl_chain *c, const struct dcl_launch *l)
{
    int i = 0;
    while (i < c->n_kernels && !same_kernel(c->kernels[i], l))
        i++;
    return i;
}

static int place_of(const struct dcl_chain *c, const struct dcl_value *v)
{
    int i = 0;
    while (i < c->n_places &&
           !(v->external ? c->places[i].external && c->places[i].external->external == v->external
                         : !c->places[i].external && c->places[i].buffer == v->buffer))
        i++;
    return i;
}

/* Work-items along a dimension. */
static size_t size_of(const struct dcl_launch *l, int dimension)
{
    return dimension < l->dims ? l->global[dimension] : 1;
}

static const struct dcl_value *value_of(const struct dcl_arg *a)
{
    return a->kind == DCL_ARG_VALUE ? a->value : NULL;
}

/* Whether the launch can be a step: its kernel is written for it (CHAINED in common.cl), and its
 * groups lie in rows. */
static bool chainable(const struct dcl_recorder *r, const struct dcl_launch *l)
{
    char text[160];
    const char *source = l->program < 0 ? NULL : dcl_kernel_source(r->programs[l->program].stem);
    snprintf(text, sizeof text, "CHAINED(%s)", l->kernel);
    return source && strstr(source, text) && (l->dims < 2 || l->local[1] == 1) &&
           (l->dims < 3 || l->local[2] == 1) && size_of(l, 1) * size_of(l, 2) <= MOST_ROWS;
}

/* Add a launch if it fits. */
static bool add(struct dcl_chain *c, const struct dcl_launch *l)
{
    const int kernel = kernel_of(c, l), n_places = c->n_places;
    if (kernel == MOST_KERNELS || !chainable(l->recorder, l))
        return false;
    for (int i = 0; i < l->n_args; i++) {
        const struct dcl_value *v = value_of(&l->args[i]);
        if (!v || place_of(c, v) < c->n_places)
            continue;
        if (c->n_places == MOST_PLACES) {
            c->n_places = n_places;
            return false;
        }
        c->places[c->n_places++] = (struct place){v->external ? v : NULL, v->buffer};
    }
    c->kernels[kernel] = l;
    c->n_kernels += kernel == c->n_kernels;
    c->n_launches++;
    return true;
}

static bool written(const struct dcl_exec *x, const struct dcl_launch *l, const struct dcl_value *v)
{
    const struct dcl_call *call = &x->graph.nodes[l->node]->call;
    bool read = v->constant != NULL;
    for (int i = 0; i < call->n_in; i++)
        read |= call->in[i] == v;
    return !read;
}

/* Whether two values may share memory. A caller may bind one buffer to inputs and outputs. */
static bool overlap(const struct dcl_exec *x, const struct dcl_chain *c, const struct dcl_value *a,
                    const struct dcl_value *b)
{
    const int inputs = x->graph.n_inputs;
    if (a->external && b->external)
        return a->external == b->external || (a->external <= inputs) != (b->external <= inputs);
    return place_of(c, a) == place_of(c, b) && a->offset < b->offset + dcl_stored_bytes(b) &&
           b->offset < a->offset + dcl_stored_bytes(a);
}

/* Whether `later` must wait for `l`: one writes what the other touches. */
static bool conflict(const struct dcl_exec *x, const struct dcl_chain *c,
                     const struct dcl_launch *l, const struct dcl_launch *later)
{
    for (int i = 0; i < l->n_args; i++)
        for (int k = 0; k < later->n_args; k++) {
            const struct dcl_value *a = value_of(&l->args[i]), *b = value_of(&later->args[k]);
            if (a && b && (written(x, l, a) || written(x, later, b)) && overlap(x, c, a, b))
                return true;
        }
    return false;
}

/* How the work of a launch is dealt out: a ticket is `items` neighbours of each of `lines` rows. */
struct deal {
    size_t items, lines, across, down, tickets;
};

static size_t parts_of(size_t whole, size_t part)
{
    return (whole + part - 1) / part;
}

/* A ticket is a work-group, or several where there are more than enough. */
static struct deal deal_out(const struct dcl_exec *x, const struct dcl_launch *l)
{
    const size_t enough = TICKETS_PER_UNIT * (size_t)x->ctx->limits.compute_units;
    const size_t groups = size_of(l, 0) / l->local[0], rows = size_of(l, 1) * size_of(l, 2);
    struct deal d = {.items = l->local[0], .lines = 1};
    if (d.items > 1 || groups * rows > 8 * enough) { /* groups of one are large mostly */
        d.items *= parts_of(groups, parts_of(enough, rows));
        d.lines = rows > enough ? rows / enough : 1;
    }
    d.across = parts_of(size_of(l, 0), d.items);
    d.down = parts_of(size_of(l, 1), d.lines);
    d.tickets = d.across * d.down * size_of(l, 2);
    return d;
}

static int argument_ints(const struct dcl_launch *l)
{
    int n = 0;
    for (int i = 0; i < l->n_args; i++)
        n += l->args[i].kind == DCL_ARG_VALUE ? 3 : 1;
    return n;
}

static int *put_arguments(const struct dcl_chain *c, const struct dcl_launch *l, int *to)
{
    for (int i = 0; i < l->n_args; i++) {
        const struct dcl_arg *a = &l->args[i];
        if (a->kind == DCL_ARG_VALUE) {
            const uint64_t offset = a->value && !a->value->external ? a->value->offset : 0;
            *to++ = a->value ? place_of(c, a->value) : -1;
            *to++ = (int)(uint32_t)offset;
            *to++ = (int)(uint32_t)(offset >> 32);
        } else if (a->kind == DCL_ARG_INT)
            *to++ = a->i;
        else
            memcpy(to++, &a->f, sizeof a->f);
    }
    return to;
}

static void fill_table(const struct dcl_exec *x, struct dcl_chain *c)
{
    int *arguments = c->table + STEP_INTS * c->n_launches;
    int level = 0, after = 0;
    for (int i = 0; i < c->n_launches; i++) {
        const struct dcl_launch *l = c->launches[i];
        bool wait = false;
        for (int k = level; k < i; k++)
            wait |= conflict(x, c, c->launches[k], l);
        if (wait) {
            level = i;
            after = c->tickets;
        }
        const struct deal d = deal_out(x, l);
        c->tickets += (int)d.tickets;
        const int step[STEP_INTS] = {
            kernel_of(c, l), c->tickets,         after,
            (int)d.items,    (int)d.lines,       (int)d.across,
            (int)d.down,     (int)size_of(l, 1), (int)(arguments - c->table)};
        memcpy(c->table + STEP_INTS * i, step, sizeof step);
        arguments = put_arguments(c, l, arguments);
    }
}

/* The longest chain from launch `first` on; none where it would be one launch, but for checkers. */
static void find(const struct dcl_exec *x, int first, struct dcl_chain *c)
{
    const struct dcl_recorder *r = &x->recorder;
    *c = (struct dcl_chain){.launches = r->launches + first};
    if (!x->ctx->limits.chain || x->options.profile || (x->options.separate && !x->options.chained))
        return;
    while (first + c->n_launches < r->n_launches && add(c, c->launches[c->n_launches]))
        continue;
    if (c->n_launches == 1 && !x->options.chained)
        c->n_launches = 0;
}

enum detcl_status dcl_chain_create(struct dcl_exec *x, int first, struct dcl_chain **out,
                                   int *length)
{
    struct dcl_chain found;
    find(x, first, &found);
    *length = found.n_launches;
    if (!found.n_launches)
        return DETCL_OK;
    struct dcl_chain *c = dcl_arena_alloc(&x->graph.arena, sizeof *c);
    if (!c)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    *c = found;
    for (int i = 0; i < c->n_launches; i++) {
        c->launches[i]->chained = true;
        c->n_table += STEP_INTS + argument_ints(c->launches[i]);
    }
    c->table = dcl_arena_array(&x->graph.arena, (size_t)c->n_table, sizeof *c->table);
    if (!c->table)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    fill_table(x, c);
    c->state.bytes = STATE_BYTES;
    c->device_table.bytes = (size_t)c->n_table * sizeof *c->table;
    *out = c;
    DCL_TRY(&x->ctx->error, x->ctx->device->alloc(x->ctx, &c->state));
    return x->ctx->device->alloc(x->ctx, &c->device_table);
}

static const char *type_of(const struct dcl_value *v)
{
    switch (v ? v->desc.dtype : DETCL_F32) {
    case DETCL_F32:
        return "float";
    case DETCL_I32:
        return "int";
    case DETCL_I64:
        return "long";
    default: /* what kernels cast to their own type */
        return "uchar";
    }
}

static void write_prototype(FILE *f, const struct dcl_launch *l, int n)
{
    fprintf(f, "void %s_%d(", l->kernel, n);
    for (int i = 0; i < l->n_args; i++) {
        const struct dcl_arg *a = &l->args[i];
        if (a->kind == DCL_ARG_VALUE)
            fprintf(f, "global %s *, ulong, ", type_of(a->value));
        else
            fputs(a->kind == DCL_ARG_INT ? "int, " : "float, ", f);
    }
    fputs("int, int, int);\n", f);
}

static void write_call(FILE *f, const struct dcl_launch *l, int n)
{
    fprintf(f, " \\\n    case %d: {", n);
    int at = 0;
    for (int i = 0; i < l->n_args; i++) {
        const struct dcl_arg *a = &l->args[i];
        if (a->kind == DCL_ARG_VALUE)
            fprintf(f, " global %s *a%d = AT(%s, %d);", type_of(a->value), i, type_of(a->value),
                    at);
        else
            fprintf(f,
                    a->kind == DCL_ARG_INT ? " const int a%d = a[%d];"
                                           : " const float a%d = as_float(a[%d]);",
                    i, at);
        at += a->kind == DCL_ARG_VALUE ? 3 : 1;
    }
    fprintf(f, " EACH_ITEM %s_%d(", l->kernel, n);
    for (int i = 0; i < l->n_args; i++)
        fprintf(f, l->args[i].kind == DCL_ARG_VALUE ? "a%d, 0, " : "a%d, ", i);
    fputs("x + i, y + j, z); break; }", f);
}

enum detcl_status dcl_chain_source(struct dcl_exec *x, const struct dcl_chain *c, char **source)
{
    size_t size;
    FILE *f = open_memstream(source, &size);
    if (!f)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    fprintf(f, "-cl-std=CL1.2 -w\n");
    for (int i = 0; i < c->n_kernels; i++)
        write_prototype(f, c->kernels[i], i);
    fputs("#define PLACES global char *place_0, const ulong place_0_at", f);
    for (int i = 1; i < c->n_places; i++)
        fprintf(f, ", global char *place_%d, const ulong place_%d_at", i, i);
    fputs("\n#define PLACE_LIST place_0 + place_0_at", f);
    for (int i = 1; i < c->n_places; i++)
        fprintf(f, ", place_%d + place_%d_at", i, i);
    fputs("\n#define CALLS", f);
    for (int i = 0; i < c->n_kernels; i++)
        write_call(f, c->kernels[i], i);
    fprintf(f, "\n%s", dcl_kernel_source("chain"));
    for (int i = 0; i < c->n_kernels; i++) {
        const struct dcl_program_use *use = &x->recorder.programs[c->kernels[i]->program];
        fprintf(f, "\f-cl-std=CL1.2 -w -DCHAIN=_%d -DBLOCK=%d %s\n%s%s", i, x->ctx->limits.block,
                use->options, dcl_kernel_source("common"), dcl_kernel_source(use->stem));
    }
    if (fclose(f) != 0 || !*source)
        return DCL_FAIL(&x->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    return DETCL_OK;
}

static enum detcl_status set_places(struct dcl_exec *x, struct dcl_chain *c, bool external_only)
{
    for (int i = 0; i < c->n_places; i++) {
        const struct place *p = &c->places[i];
        if (external_only && !p->external)
            continue;
        const struct dcl_binding b =
            p->external ? dcl_exec_place(x, p->external) : (struct dcl_binding){p->buffer, 0};
        cl_mem mem = b.buffer ? b.buffer->mem : NULL; /* NULL: bound before each run */
        const cl_ulong offset = b.offset;
        const cl_uint at = 3 + 2 * (cl_uint)i;
        DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(c->kernel, at, sizeof mem, &mem)));
        DCL_TRY(&x->ctx->error,
                DCL_CL(x->ctx, clSetKernelArg(c->kernel, at + 1, sizeof offset, &offset)));
    }
    return DETCL_OK;
}

enum detcl_status dcl_chain_prepare(struct dcl_exec *x, struct dcl_chain *c, cl_program program)
{
    static const char zeros[STATE_BYTES];
    cl_int code;
    c->kernel = clCreateKernel(program, "chain", &code);
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, code));
    DCL_TRY(&x->ctx->error,
            x->ctx->device->write(x->ctx, &c->state, 0, zeros, sizeof zeros, "chain"));
    DCL_TRY(&x->ctx->error,
            x->ctx->device->write(x->ctx, &c->device_table, 0, c->table,
                                  (size_t)c->n_table * sizeof *c->table, "table of a chain"));
    const cl_mem state = c->state.mem, table = c->device_table.mem;
    const cl_int tickets = c->tickets;
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(c->kernel, 0, sizeof state, &state)));
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(c->kernel, 1, sizeof table, &table)));
    DCL_TRY(&x->ctx->error, DCL_CL(x->ctx, clSetKernelArg(c->kernel, 2, sizeof tickets, &tickets)));
    return set_places(x, c, false);
}

enum detcl_status dcl_chain_enqueue(struct dcl_exec *x, struct dcl_chain *c)
{
    const struct dcl_opencl *s = x->ctx->state;
    const size_t global = (size_t)x->ctx->limits.compute_units, local = 1;
    DCL_TRY(&x->ctx->error, set_places(x, c, true));
    return DCL_CL(x->ctx, clEnqueueNDRangeKernel(s->queue, c->kernel, 1, NULL, &global, &local, 0,
                                                 NULL, NULL));
}

void dcl_chain_release(struct dcl_exec *x, struct dcl_chain *c)
{
    if (!c)
        return;
    x->ctx->device->release(x->ctx, &c->state);
    x->ctx->device->release(x->ctx, &c->device_table);
    if (c->kernel)
        clReleaseKernel(c->kernel);
}
