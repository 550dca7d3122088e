#include "detcl/status.h"

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
