/* AttributeProto to the typed attributes of an op. */
#include "onnx/model.h"

#include <string.h>

/* AttributeProto.AttributeType of the public schema. */
enum onnx_attribute {
    UNDEFINED = 0,
    FLOAT = 1,
    INT = 2,
    STRING = 3,
    TENSOR = 4,
    FLOATS = 6,
    INTS = 7
};

/* Attributes that cannot change the result of inference, or cannot while they are `only`. They are
 * looked up when the op has no such attribute. */
static const struct {
    const char *type, *name;
    bool any;
    int64_t only;
} ignored[] = {
    {"BatchNormalization", "momentum", true, 0},
    {"BatchNormalization", "spatial", false, 1},
    {"BatchNormalization", "training_mode", false, 0},
    {"Cast", "saturate", true, 0}, /* speaks of float8 only */
    {"CastLike", "saturate", true, 0},
    {"MaxPool", "storage_order", false, 0},
};

static bool is_ignored(const char *type, const DclOnnx__AttributeProto *a)
{
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (strcmp(ignored[i].type, type) == 0 && strcmp(ignored[i].name, a->name) == 0)
            return ignored[i].any || a->i == ignored[i].only;
    return false;
}

/* Names that op tables use and ONNX does not: a file must not set them. */
static bool is_internal(const char *name)
{
    return strcmp(name, "kind") == 0 || strcmp(name, "opset") == 0;
}

/* IR version 1 did not require the type. */
static int32_t type_of(const DclOnnx__AttributeProto *a)
{
    if (a->type != UNDEFINED)
        return a->type;
    if (a->has_f)
        return FLOAT;
    if (a->has_i)
        return INT;
    if (a->has_s)
        return STRING;
    if (a->t)
        return TENSOR;
    if (a->n_floats)
        return FLOATS;
    return a->n_ints ? INTS : UNDEFINED;
}

#define ATTRIBUTE_FAIL(m, a, status, format, ...)                                                  \
    DCL_ONNX_FAIL(m, status, "attribute '%s' " format, (a)->name, ##__VA_ARGS__)

static enum detcl_status read_value(struct dcl_onnx_model *m, const DclOnnx__AttributeProto *a,
                                    struct dcl_attr_value *v)
{
    char *text;
    switch (type_of(a)) {
    case FLOAT:
        *v = (struct dcl_attr_value){.type = DCL_ATTR_FLOAT, .f = a->f};
        return DETCL_OK;
    case INT:
        *v = (struct dcl_attr_value){.type = DCL_ATTR_INT, .i = a->i};
        return DETCL_OK;
    case STRING: /* bytes without an end */
        text = dcl_arena_alloc(&m->g->arena, a->s.len + 1);
        if (!text)
            return ATTRIBUTE_FAIL(m, a, DETCL_ERROR_MEMORY, "does not fit into memory");
        for (size_t i = 0; i < a->s.len; i++)
            text[i] = (char)(a->s.data[i] >= ' ' && a->s.data[i] < 0x7f ? a->s.data[i] : '?');
        *v = (struct dcl_attr_value){.type = DCL_ATTR_CHOICE, .text = text};
        return DETCL_OK;
    case FLOATS:
        if (a->n_floats > DCL_MAX_FLOATS)
            return ATTRIBUTE_FAIL(m, a, DETCL_ERROR_UNSUPPORTED, "has %zu numbers, limit %d",
                                  a->n_floats, DCL_MAX_FLOATS);
        *v = (struct dcl_attr_value){.type = DCL_ATTR_FLOATS, .floats.n = (int)a->n_floats};
        for (size_t i = 0; i < a->n_floats; i++)
            v->floats.v[i] = a->floats[i];
        return DETCL_OK;
    case INTS:
        if (a->n_ints > DCL_MAX_INTS)
            return ATTRIBUTE_FAIL(m, a, DETCL_ERROR_UNSUPPORTED, "has %zu numbers, limit %d",
                                  a->n_ints, DCL_MAX_INTS);
        *v = (struct dcl_attr_value){.type = DCL_ATTR_INTS, .ints.n = (int)a->n_ints};
        for (size_t i = 0; i < a->n_ints; i++)
            v->ints.v[i] = a->ints[i];
        return DETCL_OK;
    default:
        return ATTRIBUTE_FAIL(m, a, DETCL_ERROR_UNSUPPORTED, "is no number, text or list");
    }
}

enum detcl_status dcl_onnx_set_attribute(struct dcl_onnx_model *m, struct dcl_node *node,
                                         const char *type, const DclOnnx__AttributeProto *a)
{
    const struct dcl_attr_spec *specs = node->call.op->attrs;
    if (!dcl_attrs_has(specs, a->name) && is_ignored(type, a))
        return DETCL_OK;
    if (is_internal(a->name) || !dcl_attrs_has(specs, a->name))
        return ATTRIBUTE_FAIL(m, a, DETCL_ERROR_UNSUPPORTED, "is not supported");
    struct dcl_attr_value value;
    DCL_TRY(m->g->error, read_value(m, a, &value));
    return dcl_attrs_set(specs, node->attrs, &node->seen, a->name, &value, m->g->error);
}
