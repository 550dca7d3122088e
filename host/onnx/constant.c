/* Constant: a tensor given in one of several forms. */
#include "onnx/model.h"

#include <string.h>

static enum detcl_status from_numbers(struct dcl_onnx_model *m, struct detcl_desc desc,
                                      const void *numbers, struct dcl_onnx_tensor *out)
{
    const size_t bytes = (size_t)detcl_desc_count(&desc) * detcl_dtype_size(desc.dtype);
    void *data = dcl_arena_alloc(&m->g->arena, bytes);
    if (!data)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "no memory for %zu bytes", bytes);
    if (bytes)
        memcpy(data, numbers, bytes);
    *out = (struct dcl_onnx_tensor){.desc = desc, .data = data};
    return DETCL_OK;
}

enum detcl_status dcl_onnx_constant(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                                    struct dcl_onnx_tensor *out)
{
    const DclOnnx__AttributeProto *a = from->n_attribute == 1 ? from->attribute[0] : NULL;
    if (!a || !a->name)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL, "it needs one attribute, has %zu",
                             from->n_attribute);
    if (strcmp(a->name, "value") == 0 && a->t)
        return dcl_onnx_read_tensor(m, a->t, out);
    if (strcmp(a->name, "value_float") == 0)
        return from_numbers(m, (struct detcl_desc){.dtype = DETCL_F32}, &a->f, out);
    if (strcmp(a->name, "value_int") == 0)
        return from_numbers(m, (struct detcl_desc){.dtype = DETCL_I64}, &a->i, out);
    if (strcmp(a->name, "value_floats") == 0)
        return from_numbers(m, (struct detcl_desc){DETCL_F32, 1, {(int64_t)a->n_floats}}, a->floats,
                            out);
    if (strcmp(a->name, "value_ints") == 0)
        return from_numbers(m, (struct detcl_desc){DETCL_I64, 1, {(int64_t)a->n_ints}}, a->ints,
                            out);
    return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "attribute '%s' is not supported", a->name);
}
