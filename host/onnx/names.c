/* Value names. Sorted once and searched, rather than hashed: no file can make it quadratic. */
#include "onnx/model.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct dcl_onnx_definition *x = a, *y = b;
    return strcmp(x->name, y->name);
}

enum detcl_status dcl_onnx_names_add(struct dcl_onnx_model *m,
                                     const struct dcl_onnx_definition *name)
{
    struct dcl_onnx_names *names = &m->names;
    if (!dcl_grow((void **)&names->list, &names->capacity, names->n, sizeof *names->list))
        return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    names->list[names->n++] = *name;
    return DETCL_OK;
}

enum detcl_status dcl_onnx_names_sort(struct dcl_onnx_model *m)
{
    struct dcl_onnx_names *names = &m->names;
    if (names->n)
        qsort(names->list, (size_t)names->n, sizeof *names->list, by_name);
    for (int i = 1; i < names->n; i++) {
        const struct dcl_onnx_definition *a = &names->list[i - 1], *b = &names->list[i];
        if (strcmp(a->name, b->name) == 0)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MODEL,
                                 "value '%s' is defined twice: by %s '%s' and %s '%s'", a->name,
                                 a->by.kind, a->by.name, b->by.kind, b->by.name);
    }
    return DETCL_OK;
}

const struct dcl_onnx_definition *dcl_onnx_names_find(const struct dcl_onnx_names *names,
                                                      const char *name, int sorted)
{
    const struct dcl_onnx_definition key = {.name = name};
    return sorted ? bsearch(&key, names->list, (size_t)sorted, sizeof key, by_name) : NULL;
}
