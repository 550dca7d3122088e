#include "core/desc.h"

#include <stdio.h>
#include <string.h>

size_t detcl_dtype_size(enum detcl_dtype dtype)
{
    switch (dtype) {
    case DETCL_F32:
    case DETCL_I32:
        return 4;
    case DETCL_I64:
        return 8;
    case DETCL_U8:
    case DETCL_BOOL:
        return 1;
    }
    return 0;
}

const char *detcl_dtype_name(enum detcl_dtype dtype)
{
    switch (dtype) {
    case DETCL_F32:
        return "float32";
    case DETCL_I32:
        return "int32";
    case DETCL_I64:
        return "int64";
    case DETCL_U8:
        return "uint8";
    case DETCL_BOOL:
        return "bool";
    }
    return "unknown";
}

int64_t detcl_desc_count(const struct detcl_desc *desc)
{
    int64_t count = 1;
    for (int i = 0; i < desc->rank; i++)
        if (desc->dims[i] < 0 || __builtin_mul_overflow(count, desc->dims[i], &count))
            return -1;
    return count;
}

bool dcl_desc_same(const struct detcl_desc *a, const struct detcl_desc *b)
{
    bool same = a->dtype == b->dtype && a->rank == b->rank;
    for (int i = 0; same && i < a->rank; i++)
        same = a->dims[i] == b->dims[i];
    return same;
}

void dcl_desc_text(const struct detcl_desc *desc, char *text, size_t size)
{
    snprintf(text, size, "%s [", detcl_dtype_name(desc->dtype));
    for (int i = 0; i < desc->rank; i++) {
        const size_t at = strlen(text);
        snprintf(text + at, size - at, "%s%lld", i ? ", " : "", (long long)desc->dims[i]);
    }
    const size_t at = strlen(text);
    snprintf(text + at, size - at, "]");
}
