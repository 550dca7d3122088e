/* NodeProto to a node of the graph: the registry says which op computes an ONNX operator. */
#include "onnx/model.h"

#include <stdlib.h>
#include <string.h>

#define ONNX_FLOAT16 10
#define ONNX_FLOAT 1

const char *dcl_onnx_node_name(const DclOnnx__NodeProto *from)
{
    if (from->name && *from->name)
        return from->name;
    for (size_t i = 0; i < from->n_output; i++)
        if (*from->output[i])
            return from->output[i];
    return from->op_type ? from->op_type : "";
}

struct dcl_onnx_subject dcl_onnx_node_subject(const DclOnnx__NodeProto *from)
{
    return (struct dcl_onnx_subject){"node", dcl_onnx_node_name(from),
                                     from->op_type ? from->op_type : ""};
}

bool dcl_onnx_is_default_domain(const char *domain)
{
    return !domain || strcmp(domain, "") == 0 || strcmp(domain, "ai.onnx") == 0;
}

static bool is_local_function(const struct dcl_onnx_model *m, const DclOnnx__NodeProto *from)
{
    for (size_t i = 0; i < m->proto->n_functions; i++) {
        const DclOnnx__FunctionProto *f = m->proto->functions[i];
        const char *domain = f->domain ? f->domain : "", *own = from->domain ? from->domain : "";
        if (f->name && strcmp(f->name, from->op_type) == 0 && strcmp(domain, own) == 0)
            return true;
    }
    return false;
}

static enum detcl_status find_op(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                                 const struct dcl_op **op, const char **preset)
{
    if (!from->op_type || !*from->op_type)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "it has no operator type");
    if (is_local_function(m, from))
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED,
                             "functions of the model are not supported");
    if (!dcl_onnx_is_default_domain(from->domain))
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "domain '%s' is not supported",
                             from->domain);
    if (m->opset == 0)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL,
                             "the model imports no opset of the default domain");
    *op = dcl_op_find_onnx(from->op_type, preset);
    if (!*op)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "the operator is not supported");
    return DETCL_OK;
}

/* A float16 or double constant is held as float32, which only Cast cannot tell: from float16
 * always, from double when it casts to float32 anyway. */
static bool may_read_narrow(const DclOnnx__NodeProto *from, int32_t narrow)
{
    if (strcmp(from->op_type, "Cast") != 0)
        return false;
    if (narrow == ONNX_FLOAT16)
        return true;
    for (size_t i = 0; i < from->n_attribute; i++) {
        const DclOnnx__AttributeProto *a = from->attribute[i];
        if (a->name && strcmp(a->name, "to") == 0)
            return a->i == ONNX_FLOAT;
    }
    return false;
}

/* Number of names without the empty ones at the end, which stand for absent operands. */
static int count_names(char *const *names, size_t n)
{
    while (n && !*names[n - 1])
        n--;
    return (int)n;
}

static enum detcl_status find_inputs(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                                     const struct dcl_op *op, struct dcl_value **in, int n)
{
    for (int i = 0; i < n; i++) {
        const char *name = from->input[i];
        if (!*name && op->max_in == DCL_MANY)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "input %d is absent", i);
        if (!*name)
            continue;
        const struct dcl_onnx_definition *found = dcl_onnx_names_find(&m->names, name, m->names.n);
        if (!found)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "it reads '%s', which nothing produces",
                                 name);
        if (found->narrow && !may_read_narrow(from, found->narrow))
            return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "element type %s is not supported",
                                 dcl_onnx_type_name(found->narrow));
        in[i] = found->value;
    }
    return DETCL_OK;
}

/* Absent outputs before a present one get a value that nobody reads, so that ops see absence only
 * at the end. */
static enum detcl_status find_outputs(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                                      struct dcl_value **out, int n)
{
    for (int i = 0; i < n; i++) {
        const char *name = from->output[i];
        out[i] = *name ? dcl_onnx_names_find(&m->names, name, m->names.n)->value
                       : dcl_graph_value(m->g, "");
        if (!out[i])
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    }
    return DETCL_OK;
}

/* ConstantOfShape's value is a tensor in an attribute. It reaches the op as one more input, a
 * constant after ONNX's own inputs. */
static const DclOnnx__AttributeProto *tensor_attribute(const DclOnnx__NodeProto *from)
{
    if (strcmp(from->op_type, "ConstantOfShape") != 0)
        return NULL;
    for (size_t i = 0; i < from->n_attribute; i++) {
        const DclOnnx__AttributeProto *a = from->attribute[i];
        if (a->name && strcmp(a->name, "value") == 0 && a->t)
            return a;
    }
    return NULL;
}

static enum detcl_status make_input(struct dcl_onnx_model *m, const DclOnnx__AttributeProto *a,
                                    struct dcl_value **out)
{
    struct dcl_onnx_tensor tensor = {0};
    DCL_TRY(m->g->error, dcl_onnx_read_tensor(m, a->t, &tensor));
    if (tensor.narrow)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "element type %s is not supported",
                             dcl_onnx_type_name(tensor.narrow));
    *out = dcl_graph_constant(m->g, "", &tensor.desc, tensor.data);
    return *out ? DETCL_OK : DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
}

static enum detcl_status set_attributes(struct dcl_onnx_model *m, struct dcl_node *node,
                                        const DclOnnx__NodeProto *from)
{
    const struct dcl_onnx_subject subject = dcl_onnx_node_subject(from);
    for (size_t i = 0; i < from->n_attribute; i++) {
        const DclOnnx__AttributeProto *a = from->attribute[i];
        if (!a->name || !*a->name)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "an attribute has no name");
        for (size_t k = 0; k < i; k++)
            if (strcmp(from->attribute[k]->name, a->name) == 0)
                return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "attribute '%s' is given twice",
                                     a->name);
        if (a != tensor_attribute(from))
            DCL_TRY(
                m->g->error,
                dcl_onnx_collect(m, dcl_onnx_set_attribute(m, node, from->op_type, a), &subject));
    }
    const struct dcl_attr_value opset = {.type = DCL_ATTR_INT, .i = m->opset};
    if (!dcl_attrs_has(node->call.op->attrs, "opset"))
        return DETCL_OK;
    return dcl_attrs_set(node->call.op->attrs, node->attrs, &node->seen, "opset", &opset,
                         m->g->error);
}

static enum detcl_status add(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                             struct dcl_value **in, int n_in, struct dcl_value **out, int n_out)
{
    const struct dcl_op *op;
    const char *preset = NULL;
    DCL_TRY(m->g->error, find_op(m, from, &op, &preset));
    DCL_TRY(m->g->error, find_inputs(m, from, op, in, n_in));
    const int max_out = op->flags & DCL_OP_COUNTED ? op->max_out - 1 : op->max_out;
    if (n_in > op->max_in || n_out > max_out)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED,
                             "%d inputs and %d outputs, limits %d and %d", n_in, n_out, op->max_in,
                             max_out);
    DCL_TRY(m->g->error, find_outputs(m, from, out, n_out));
    if (op->flags & DCL_OP_COUNTED) {
        out[n_out++] = dcl_graph_value(m->g, "");
        if (!out[n_out - 1])
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    }
    const DclOnnx__AttributeProto *tensor = tensor_attribute(from);
    if (tensor)
        DCL_TRY(m->g->error, make_input(m, tensor, &in[n_in++]));
    struct dcl_node *node;
    DCL_TRY(m->g->error, dcl_graph_node(m->g, op->name, dcl_onnx_node_name(from), preset, in, n_in,
                                        out, n_out, &node));
    return set_attributes(m, node, from);
}

enum detcl_status dcl_onnx_add_node(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from)
{
    const int n_in = count_names(from->input, from->n_input);
    const int n_out = count_names(from->output, from->n_output);
    if (n_out == 0)
        return DETCL_OK; /* nobody can see whether it ran */
    struct dcl_value **operands = calloc((size_t)n_in + 1 + (size_t)n_out + 1, sizeof *operands);
    if (!operands)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    const enum detcl_status status = add(m, from, operands, n_in, operands + n_in + 1, n_out);
    free(operands);
    return status;
}
