#include "ops/scatter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const dcl_reduction_names[] = {"none", "add", "mul", "max", "min", NULL};

static float real(enum dcl_reduction reduction, float a, float b)
{
    switch (reduction) {
    case DCL_REDUCE_ADD:
        return a + b;
    case DCL_REDUCE_MUL:
        return a * b;
    case DCL_REDUCE_MAX:
        return a > b || isnan(a) ? a : b;
    case DCL_REDUCE_MIN:
        return a < b || isnan(a) ? a : b;
    default:
        return b;
    }
}

static int64_t whole(enum dcl_reduction reduction, int64_t a, int64_t b)
{
    switch (reduction) {
    case DCL_REDUCE_ADD:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    case DCL_REDUCE_MUL:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    case DCL_REDUCE_MAX:
        return a > b ? a : b;
    case DCL_REDUCE_MIN:
        return a < b ? a : b;
    default:
        return b;
    }
}

void dcl_scatter_one(enum dcl_reduction reduction, enum detcl_dtype type, void *y, int64_t to,
                     const void *updates, int64_t from)
{
    switch (type) {
    case DETCL_F32:
        ((float *)y)[to] = real(reduction, ((float *)y)[to], ((const float *)updates)[from]);
        break;
    case DETCL_I32:
        ((int32_t *)y)[to] =
            (int32_t)whole(reduction, ((int32_t *)y)[to], ((const int32_t *)updates)[from]);
        break;
    case DETCL_I64:
        ((int64_t *)y)[to] = whole(reduction, ((int64_t *)y)[to], ((const int64_t *)updates)[from]);
        break;
    default:
        ((uint8_t *)y)[to] =
            (uint8_t)whole(reduction, ((uint8_t *)y)[to], ((const uint8_t *)updates)[from]);
        break;
    }
}

enum detcl_status dcl_scatter_types(const struct dcl_call *call, enum dcl_reduction reduction)
{
    DCL_TRY(call->error,
            dcl_need_dtype(call, 0, reduction == DCL_REDUCE_NONE ? DCL_ANY : DCL_NUMERIC));
    return dcl_need_dtype(call, 2, 1u << call->in[0]->desc.dtype);
}

void dcl_scatter_options(const struct dcl_call *call, char options[96])
{
    static const char *const types[] = {"float -DREAL", "int", "long", "uchar", "uchar"};
    snprintf(options, 96, "-DT=%s -DINDEX=%s", types[call->in[0]->desc.dtype],
             call->in[1]->desc.dtype == DETCL_I64 ? "long" : "int");
}
