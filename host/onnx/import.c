#include "onnx/import.h"
#include "onnx/file.h"
#include "onnx/model.h"
#include "onnx/unpack.h"

#include <stdlib.h>
#include <string.h>

#define MAX_EXTERNAL ((size_t)4 << 30)
#define MAX_NODES 20000     /* the passes over a graph are quadratic in places */
#define MAX_FUNCTIONS 10000 /* each node is looked up in their list */
#define FIRST_IR_WITH_OPSETS 3

/* --- opsets ---------------------------------------------------------------------------------- */

static enum detcl_status read_opset(struct dcl_onnx_model *m)
{
    const DclOnnx__ModelProto *p = m->proto;
    if (p->n_opset_import == 0 && p->ir_version < FIRST_IR_WITH_OPSETS)
        m->opset = 1;
    for (size_t i = 0; i < p->n_opset_import; i++) {
        const DclOnnx__OperatorSetIdProto *set = p->opset_import[i];
        if (!dcl_onnx_is_default_domain(set->domain))
            continue;
        if (set->version < 1 || (m->opset && m->opset != set->version))
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "the default domain's opset is not clear");
        m->opset = set->version;
    }
    if (m->opset && (m->opset < DCL_ONNX_MIN_OPSET || m->opset > DCL_ONNX_MAX_OPSET))
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED,
                             "opset %lld is not supported (%d to %d are)", (long long)m->opset,
                             DCL_ONNX_MIN_OPSET, DCL_ONNX_MAX_OPSET);
    return DETCL_OK;
}

/* --- definitions ----------------------------------------------------------------------------- */

/* Define `name`: a constant when `tensor` holds data, else a value to be computed or bound. */
static enum detcl_status define(struct dcl_onnx_model *m, const char *name,
                                const struct dcl_onnx_subject *by,
                                const struct dcl_onnx_tensor *tensor, struct dcl_value **out)
{
    struct dcl_onnx_definition entry = {.name = name, .by = *by};
    entry.value = tensor && tensor->data
                      ? dcl_graph_constant(m->g, name, &tensor->desc, tensor->data)
                      : dcl_graph_value(m->g, name);
    if (!entry.value)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    entry.narrow = tensor ? tensor->narrow : 0;
    if (out)
        *out = entry.value;
    return dcl_onnx_names_add(m, &entry);
}

static enum detcl_status define_initialisers(struct dcl_onnx_model *m)
{
    const DclOnnx__GraphProto *graph = m->proto->graph;
    for (size_t i = 0; i < graph->n_initializer; i++) {
        const DclOnnx__TensorProto *t = graph->initializer[i];
        if (!t->name || !*t->name)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "initialiser %zu has no name", i);
        const struct dcl_onnx_subject subject = {"initialiser", t->name, NULL};
        struct dcl_onnx_tensor tensor = {0};
        DCL_TRY(m->g->error, dcl_onnx_collect(m, dcl_onnx_read_tensor(m, t, &tensor), &subject));
        DCL_TRY(m->g->error, define(m, t->name, &subject, &tensor, NULL));
    }
    for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
        const DclOnnx__TensorProto *t = graph->sparse_initializer[i]->values;
        const struct dcl_onnx_subject subject = {"initialiser", t && t->name ? t->name : "", NULL};
        const enum detcl_status status =
            DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "sparse tensors are not supported");
        DCL_TRY(m->g->error, dcl_onnx_collect(m, status, &subject));
        DCL_TRY(m->g->error, define(m, subject.name, &subject, NULL, NULL));
    }
    return DETCL_OK;
}

/* The element type of a graph input or output. */
static enum detcl_status read_dtype(struct dcl_onnx_model *m, const DclOnnx__ValueInfoProto *info,
                                    enum detcl_dtype *out)
{
    const DclOnnx__TypeProto__Tensor *type = info->type ? info->type->tensor_type : NULL;
    if (!type)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED,
                             "values other than tensors are not supported");
    if (!dcl_onnx_dtype(type->elem_type, out))
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "element type %s is not supported",
                             dcl_onnx_type_name(type->elem_type));
    return DETCL_OK;
}

static enum detcl_status read_input_desc(struct dcl_onnx_model *m,
                                         const DclOnnx__ValueInfoProto *info,
                                         struct detcl_desc *desc)
{
    DCL_TRY(m->g->error, read_dtype(m, info, &desc->dtype));
    const DclOnnx__TensorShapeProto *shape = info->type->tensor_type->shape;
    if (!shape || shape->n_dim > DETCL_MAX_RANK)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "inputs need a rank of at most %d",
                             DETCL_MAX_RANK);
    desc->rank = (int)shape->n_dim;
    int64_t known = 1;
    for (int i = 0; i < desc->rank; i++) {
        const DclOnnx__TensorShapeProto__Dimension *dim = shape->dim[i];
        const bool open = !dim->has_dim_value || dim->dim_value < 0;
        desc->dims[i] = open ? -1 : dim->dim_value;
        if (!open && (desc->dims[i] > INT32_MAX || (known *= desc->dims[i]) > INT32_MAX))
            return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED,
                                 "more than 2^31 - 1 elements are not supported");
    }
    return DETCL_OK;
}

/* Initialisers that are listed as inputs too are defaults, and stay constants. */
static enum detcl_status define_inputs(struct dcl_onnx_model *m)
{
    const DclOnnx__GraphProto *graph = m->proto->graph;
    DCL_TRY(m->g->error, dcl_onnx_names_sort(m));
    const int n_initialisers = m->names.n;
    for (size_t i = 0; i < graph->n_input; i++) {
        const DclOnnx__ValueInfoProto *info = graph->input[i];
        if (!info->name || !*info->name)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "input %zu has no name", i);
        if (dcl_onnx_names_find(&m->names, info->name, n_initialisers))
            continue;
        const struct dcl_onnx_subject subject = {"input", info->name, NULL};
        struct dcl_value *v;
        DCL_TRY(m->g->error, define(m, info->name, &subject, NULL, &v));
        DCL_TRY(m->g->error, dcl_onnx_collect(m, read_input_desc(m, info, &v->desc), &subject));
        DCL_TRY(m->g->error, dcl_graph_add_input(m->g, v));
    }
    return DETCL_OK;
}

static bool is_constant_node(const DclOnnx__NodeProto *node)
{
    return node->op_type && strcmp(node->op_type, "Constant") == 0 && node->n_output > 0 &&
           dcl_onnx_is_default_domain(node->domain);
}

static enum detcl_status define_node_outputs(struct dcl_onnx_model *m)
{
    const DclOnnx__GraphProto *graph = m->proto->graph;
    for (size_t i = 0; i < graph->n_node; i++) {
        const DclOnnx__NodeProto *node = graph->node[i];
        const struct dcl_onnx_subject subject = dcl_onnx_node_subject(node);
        struct dcl_onnx_tensor tensor = {0};
        if (is_constant_node(node))
            DCL_TRY(m->g->error,
                    dcl_onnx_collect(m, dcl_onnx_constant(m, node, &tensor), &subject));
        for (size_t k = 0; k < node->n_output; k++)
            if (*node->output[k])
                DCL_TRY(m->g->error,
                        define(m, node->output[k], &subject, k == 0 ? &tensor : NULL, NULL));
    }
    return dcl_onnx_names_sort(m);
}

/* --- the rest of the graph ------------------------------------------------------------------- */

static enum detcl_status add_nodes(struct dcl_onnx_model *m)
{
    const DclOnnx__GraphProto *graph = m->proto->graph;
    for (size_t i = 0; i < graph->n_node; i++) {
        if (is_constant_node(graph->node[i]))
            continue;
        const struct dcl_onnx_subject subject = dcl_onnx_node_subject(graph->node[i]);
        DCL_TRY(m->g->error, dcl_onnx_collect(m, dcl_onnx_add_node(m, graph->node[i]), &subject));
    }
    return DETCL_OK;
}

static enum detcl_status add_output(struct dcl_onnx_model *m, const DclOnnx__ValueInfoProto *info)
{
    const struct dcl_onnx_definition *found =
        info->name ? dcl_onnx_names_find(&m->names, info->name, m->names.n) : NULL;
    if (!found)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "nothing produces it");
    if (found->narrow)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "element type %s is not supported",
                             dcl_onnx_type_name(found->narrow));
    enum detcl_dtype ignored;
    if (info->type)
        DCL_TRY(m->g->error, read_dtype(m, info, &ignored));
    return dcl_graph_add_output(m->g, found->value);
}

static enum detcl_status add_outputs(struct dcl_onnx_model *m)
{
    const DclOnnx__GraphProto *graph = m->proto->graph;
    if (graph->n_output == 0)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "the graph has no outputs");
    for (size_t i = 0; i < graph->n_output; i++) {
        const DclOnnx__ValueInfoProto *info = graph->output[i];
        const struct dcl_onnx_subject subject = {"output", info->name ? info->name : "", NULL};
        DCL_TRY(m->g->error, dcl_onnx_collect(m, add_output(m, info), &subject));
    }
    return DETCL_OK;
}

static enum detcl_status add_metadata(struct dcl_onnx_model *m)
{
    const DclOnnx__ModelProto *p = m->proto;
    struct dcl_pair *pairs = dcl_arena_array(&m->g->arena, p->n_metadata_props + 2, sizeof *pairs);
    if (!pairs)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    int n = 0;
    for (size_t i = 0; i < p->n_metadata_props; i++)
        if (p->metadata_props[i]->key)
            pairs[n++] =
                (struct dcl_pair){p->metadata_props[i]->key,
                                  p->metadata_props[i]->value ? p->metadata_props[i]->value : ""};
    if (p->producer_name)
        pairs[n++] = (struct dcl_pair){"producer_name", p->producer_name};
    if (p->producer_version)
        pairs[n++] = (struct dcl_pair){"producer_version", p->producer_version};
    m->g->metadata = pairs;
    m->g->n_metadata = n;
    return DETCL_OK;
}

static enum detcl_status build(struct dcl_onnx_model *m)
{
    struct dcl_error *e = m->g->error;
    if (!m->proto->graph)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "the file holds no graph");
    if (m->proto->graph->n_node > MAX_NODES || m->proto->n_functions > MAX_FUNCTIONS)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "more than %d nodes or %d functions",
                             MAX_NODES, MAX_FUNCTIONS);
    DCL_TRY(e, read_opset(m));
    DCL_TRY(e, define_initialisers(m));
    DCL_TRY(e, define_inputs(m));
    DCL_TRY(e, define_node_outputs(m));
    DCL_TRY(e, add_nodes(m));
    DCL_TRY(e, add_outputs(m));
    DCL_TRY(e, dcl_onnx_report(m));
    DCL_TRY(e, add_metadata(m));
    return dcl_graph_sort(m->g);
}

enum detcl_status dcl_onnx_import_memory(const void *bytes, size_t size, const char *folder,
                                         struct dcl_graph *g)
{
    ProtobufCMessage *proto;
    DCL_TRY(g->error, dcl_onnx_unpack(&dcl_onnx__model_proto__descriptor, bytes, size, &g->arena,
                                      &proto, g->error));
    struct dcl_onnx_model m = {.g = g,
                               .proto = (const DclOnnx__ModelProto *)proto,
                               .folder = folder,
                               .external_left = MAX_EXTERNAL};
    const enum detcl_status status = build(&m);
    free(m.names.list);
    return status;
}

/* --- files ----------------------------------------------------------------------------------- */

static enum detcl_status import_file(const char *path, struct dcl_graph *g)
{
    const char *slash = strrchr(path, '/');
    char *folder = dcl_arena_text(&g->arena, slash ? path : ".");
    if (!folder)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    if (slash)
        folder[slash == path ? 1 : slash - path] = 0;
    uint8_t *bytes;
    size_t size;
    DCL_TRY(g->error, dcl_onnx_read_file(path, &bytes, &size, g->error));
    const enum detcl_status status = dcl_onnx_import_memory(bytes, size, folder, g);
    free(bytes);
    return status;
}

enum detcl_status dcl_onnx_import(const char *path, struct dcl_graph *g)
{
    const enum detcl_status status = import_file(path, g);
    if (status != DETCL_OK)
        dcl_error_prefix(g->error, "%s: ", path);
    return status;
}
