#include "graph/graph.h"
#include "core/desc.h"
#include "graph/passes.h"
#ifdef DETCL_ONNX
#include "onnx/import.h"
#endif

#include <stdlib.h>
#include <string.h>

enum detcl_status dcl_graph_wrap(struct detcl_context *ctx, struct dcl_graph *source,
                                 struct detcl_graph **out)
{
    struct detcl_graph *g = calloc(1, sizeof *g);
    if (!g) {
        dcl_graph_free(source);
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    }
    g->ctx = ctx;
    g->source = *source;
    *source = (struct dcl_graph){0};
    *out = g;
    return DETCL_OK;
}

void detcl_graph_destroy(struct detcl_graph **g)
{
    if (!g || !*g)
        return;
    dcl_exec_destroy(&(*g)->exec);
    dcl_graph_free(&(*g)->source);
    free(*g);
    *g = NULL;
}

int detcl_graph_input_count(const struct detcl_graph *g)
{
    return g->source.n_inputs;
}

int detcl_graph_output_count(const struct detcl_graph *g)
{
    return g->source.n_outputs;
}

static const struct dcl_graph *known(const struct detcl_graph *g)
{
    return g->exec ? &g->exec->graph : &g->source;
}

static enum detcl_status tell(const struct detcl_graph *g, struct dcl_value *const *now,
                              struct dcl_value *const *loaded, int count, int index,
                              const char **name, struct detcl_desc *desc)
{
    if (index < 0 || index >= count)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "index %d is outside 0..%d", index,
                        count - 1);
    if (name)
        *name = loaded[index]->name;
    if (desc)
        *desc = now[index]->desc;
    return DETCL_OK;
}

enum detcl_status detcl_graph_input(const struct detcl_graph *g, int index, const char **name,
                                    struct detcl_desc *desc)
{
    return tell(g, known(g)->inputs, g->source.inputs, g->source.n_inputs, index, name, desc);
}

enum detcl_status detcl_graph_output(const struct detcl_graph *g, int index, const char **name,
                                     struct detcl_desc *desc)
{
    return tell(g, known(g)->outputs, g->source.outputs, g->source.n_outputs, index, name, desc);
}

const char *detcl_graph_metadata(const struct detcl_graph *g, const char *key)
{
    for (int i = 0; i < g->source.n_metadata; i++)
        if (strcmp(g->source.metadata[i].key, key) == 0)
            return g->source.metadata[i].value;
    return NULL;
}

enum detcl_status detcl_graph_bind_constant(struct detcl_graph *g, const char *name,
                                            const struct detcl_desc *desc, const void *data)
{
    struct dcl_graph *s = &g->source;
    size_t bytes;
    DCL_TRY(&g->ctx->error, dcl_desc_bytes(g->ctx, desc, &bytes));
    for (int i = 0; i < s->n_inputs; i++) {
        if (strcmp(s->inputs[i]->name, name) != 0)
            continue;
        void *copy = dcl_arena_alloc(&s->arena, bytes);
        if (!copy)
            return DCL_FAIL(&g->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
        if (bytes)
            memcpy(copy, data, bytes);
        s->inputs[i]->desc = *desc;
        s->inputs[i]->constant = copy;
        memmove(s->inputs + i, s->inputs + i + 1,
                (size_t)(s->n_inputs - i - 1) * sizeof *s->inputs);
        s->n_inputs--;
        dcl_exec_destroy(&g->exec);
        return DETCL_OK;
    }
    return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "the graph has no input '%s'", name);
}

/* The model's own extents win where it states them; -1 there is open. */
static enum detcl_status bind_input(struct dcl_value *v, const struct detcl_desc *wanted,
                                    struct dcl_error *e)
{
    const struct detcl_desc own = v->desc;
    if (wanted) {
        bool fits = own.rank == wanted->rank && own.dtype == wanted->dtype;
        for (int i = 0; fits && i < own.rank; i++)
            fits = own.dims[i] < 0 || own.dims[i] == wanted->dims[i];
        if (!fits)
            return DCL_FAIL(e, DETCL_ERROR_ARGUMENT,
                            "input '%s' was given a shape or element type that the model does not "
                            "take (rank %d, %s)",
                            v->name, own.rank, detcl_dtype_name(own.dtype));
        v->desc = *wanted;
    }
    if (detcl_desc_count(&v->desc) < 0)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT,
                        "input '%s' has open or impossible extents: give its shape", v->name);
    return DETCL_OK;
}

static enum detcl_status specialise(struct detcl_graph *g, const struct detcl_desc *inputs,
                                    struct dcl_graph *out)
{
    DCL_TRY(&g->ctx->error, dcl_graph_clone(&g->source, out));
    for (int i = 0; i < out->n_inputs; i++)
        DCL_TRY(&g->ctx->error,
                bind_input(out->inputs[i], inputs ? &inputs[i] : NULL, &g->ctx->error));
    return dcl_graph_optimise(out, &g->ctx->limits);
}

enum detcl_status dcl_graph_specialise(struct detcl_graph *g, const struct detcl_desc *inputs,
                                       struct dcl_graph *out)
{
    const enum detcl_status status = specialise(g, inputs, out);
    if (status != DETCL_OK)
        dcl_graph_free(out);
    return status;
}

enum detcl_status detcl_graph_prepare(struct detcl_graph *g, const struct detcl_desc *inputs,
                                      const struct detcl_graph_options *options)
{
    if (options)
        g->options = *options;
    struct dcl_graph work;
    DCL_TRY(&g->ctx->error, dcl_graph_specialise(g, inputs, &work));
    const struct dcl_exec_options how = {.profile = g->options.profile != 0};
    struct dcl_exec *made = NULL;
    DCL_TRY(&g->ctx->error, dcl_exec_create(g->ctx, &work, &how, &made));
    dcl_exec_destroy(&g->exec);
    g->exec = made;
    return DETCL_OK;
}

/* Prepare (again) when nothing is prepared yet or a given input has another shape. */
static enum detcl_status prepare_for(struct detcl_graph *g, struct detcl_tensor *const *inputs)
{
    const int n = g->source.n_inputs;
    bool fits = g->exec != NULL;
    for (int i = 0; fits && inputs && i < n; i++)
        fits = !inputs[i] || dcl_desc_same(&inputs[i]->desc, &g->exec->graph.inputs[i]->desc);
    if (fits)
        return DETCL_OK;
    struct detcl_desc *descs = calloc((size_t)n + 1, sizeof *descs);
    if (!descs)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < n; i++)
        descs[i] = inputs && inputs[i] ? inputs[i]->desc : known(g)->inputs[i]->desc;
    const enum detcl_status status = detcl_graph_prepare(g, descs, NULL);
    free(descs);
    return status;
}

static enum detcl_status bind_outputs(struct detcl_graph *g, struct detcl_tensor *const *outputs)
{
    for (int i = 0; i < g->source.n_outputs; i++) {
        struct detcl_tensor *t = outputs ? outputs[i] : NULL;
        if (t && !dcl_desc_same(&t->desc, &g->exec->graph.outputs[i]->desc))
            return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT,
                            "output '%s' was given a tensor of another shape or element type",
                            g->source.outputs[i]->name);
        dcl_exec_bind_output(g->exec, i, t ? &t->buffer : NULL, t ? t->offset : 0);
    }
    return DETCL_OK;
}

enum detcl_status detcl_graph_run(struct detcl_graph *g, struct detcl_tensor *const *inputs,
                                  struct detcl_tensor *const *outputs,
                                  const struct detcl_sync *sync)
{
    DCL_TRY(&g->ctx->error, prepare_for(g, inputs));
    for (int i = 0; i < g->source.n_inputs; i++) {
        struct detcl_tensor *t = inputs ? inputs[i] : NULL;
        dcl_exec_bind_input(g->exec, i, t ? &t->buffer : NULL, t ? t->offset : 0);
    }
    DCL_TRY(&g->ctx->error, bind_outputs(g, outputs));
    return dcl_exec_run(g->exec, sync);
}

static enum detcl_status own_memory(struct detcl_graph *g, const struct dcl_value *v, size_t bytes)
{
    if (dcl_stored_bytes(v) != bytes)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "'%s' has %zu bytes, not %zu",
                        v->name, dcl_stored_bytes(v), bytes);
    return DETCL_OK;
}

static enum detcl_status check_index(struct detcl_graph *g, int index, int count)
{
    if (!g->exec)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "the graph is not prepared");
    if (index < 0 || index >= count)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "index %d is outside 0..%d", index,
                        count - 1);
    return DETCL_OK;
}

enum detcl_status detcl_graph_write_input(struct detcl_graph *g, int index, const void *data,
                                          size_t bytes)
{
    DCL_TRY(&g->ctx->error, check_index(g, index, g->source.n_inputs));
    const struct dcl_value *v = g->exec->graph.inputs[index];
    DCL_TRY(&g->ctx->error, own_memory(g, v, bytes));
    dcl_exec_bind_input(g->exec, index, NULL, 0);
    return dcl_exec_write(g->exec, v, data);
}

enum detcl_status detcl_graph_read_output(struct detcl_graph *g, int index, void *data,
                                          size_t bytes)
{
    DCL_TRY(&g->ctx->error, check_index(g, index, g->source.n_outputs));
    const struct dcl_value *v = g->exec->graph.outputs[index];
    DCL_TRY(&g->ctx->error, own_memory(g, v, bytes));
    return dcl_exec_read(g->exec, v, data);
}

enum detcl_status detcl_graph_valid_rows(struct detcl_graph *g, int index, int64_t *rows)
{
    DCL_TRY(&g->ctx->error, check_index(g, index, g->source.n_outputs));
    const struct dcl_value *v = g->exec->graph.outputs[index];
    *rows = v->desc.rank ? v->desc.dims[0] : 1;
    if (!v->count || v->count->desc.rank != 0)
        return DETCL_OK;
    int32_t valid;
    DCL_TRY(&g->ctx->error, dcl_exec_read(g->exec, v->count, &valid));
    *rows = valid < *rows ? valid : *rows;
    return DETCL_OK;
}

enum detcl_status detcl_graph_profile(struct detcl_graph *g, struct detcl_node_time *list,
                                      int capacity, int *count)
{
    DCL_TRY(&g->ctx->error, check_index(g, 0, 1));
    if (!g->exec->options.profile)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT,
                        "the graph was prepared without profile");
    *count = g->exec->graph.n_nodes;
    for (int i = 0; i < *count && i < capacity; i++) {
        double ns;
        DCL_TRY(&g->ctx->error, g->ctx->device->node_time(g->exec, i, &ns));
        const struct dcl_call *c = &g->exec->graph.nodes[i]->call;
        list[i] = (struct detcl_node_time){c->name, c->op->name, ns * 1e-6};
    }
    return DETCL_OK;
}

enum detcl_status detcl_graph_stats(const struct detcl_graph *g, struct detcl_graph_stats *out)
{
    if (!g->exec)
        return DCL_FAIL(&g->ctx->error, DETCL_ERROR_ARGUMENT, "the graph is not prepared");
    *out = (struct detcl_graph_stats){.nodes = g->exec->graph.n_nodes,
                                      .launches = g->exec->recorder.n_launches,
                                      .programs = g->exec->recorder.n_programs,
                                      .device_bytes = dcl_exec_bytes(g->exec)};
    return DETCL_OK;
}

enum detcl_status detcl_graph_load_onnx(struct detcl_context *ctx, const char *path,
                                        struct detcl_graph **out)
{
    if (!ctx || !out)
        return DETCL_ERROR_ARGUMENT;
    if (!path)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "path is NULL");
#ifdef DETCL_ONNX
    struct dcl_graph source;
    dcl_graph_init(&source, &ctx->error);
    const enum detcl_status status = dcl_onnx_import(path, &source);
    if (status != DETCL_OK) {
        dcl_graph_free(&source);
        return status;
    }
    return dcl_graph_wrap(ctx, &source, out);
#else
    return DCL_FAIL(&ctx->error, DETCL_ERROR_UNSUPPORTED, "'%s': this build has no ONNX", path);
#endif
}
