/* TensorProto to dense host data: inline bytes, typed fields or an external file. */
#include "onnx/file.h"
#include "onnx/model.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ONNX stores raw data little-endian");

/* TensorProto.DataType of the public schema. */
enum onnx_type {
    ONNX_FLOAT = 1,
    ONNX_UINT8 = 2,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7,
    ONNX_BOOL = 9,
    ONNX_FLOAT16 = 10,
    ONNX_DOUBLE = 11
};

#define EXTERNAL 1 /* TensorProto.DataLocation */

static const char *const type_names[] = {
    "undefined",      "float32",    "uint8",          "int8",       "uint16",   "int16",
    "int32",          "int64",      "string",         "bool",       "float16",  "double",
    "uint32",         "uint64",     "complex64",      "complex128", "bfloat16", "float8e4m3fn",
    "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",      "int4",     "float4e2m1"};

const char *dcl_onnx_type_name(int32_t type)
{
    const int32_t n = (int32_t)(sizeof type_names / sizeof *type_names);
    return type >= 0 && type < n ? type_names[type] : "unknown";
}

bool dcl_onnx_dtype(int32_t type, enum detcl_dtype *out)
{
    switch (type) {
    case ONNX_FLOAT:
        *out = DETCL_F32;
        return true;
    case ONNX_UINT8:
        *out = DETCL_U8;
        return true;
    case ONNX_INT32:
        *out = DETCL_I32;
        return true;
    case ONNX_INT64:
        *out = DETCL_I64;
        return true;
    case ONNX_BOOL:
        *out = DETCL_BOOL;
        return true;
    default:
        return false;
    }
}

/* One tensor on its way in. */
struct reader {
    struct dcl_onnx_model *m;
    const DclOnnx__TensorProto *t;
    size_t count;
    struct dcl_onnx_tensor *out;
};

static size_t file_element_size(const struct reader *r)
{
    switch (r->t->data_type) {
    case ONNX_FLOAT16:
        return 2;
    case ONNX_DOUBLE:
        return 8;
    default:
        return detcl_dtype_size(r->out->desc.dtype);
    }
}

static enum detcl_status read_desc(struct reader *r)
{
    const DclOnnx__TensorProto *t = r->t;
    struct detcl_desc *d = &r->out->desc;
    d->dtype = DETCL_F32;
    r->out->narrow = t->data_type == ONNX_FLOAT16 || t->data_type == ONNX_DOUBLE ? t->data_type : 0;
    if (!r->out->narrow && !dcl_onnx_dtype(t->data_type, &d->dtype))
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_UNSUPPORTED, "element type %s is not supported",
                             dcl_onnx_type_name(t->data_type));
    if (t->segment)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_UNSUPPORTED,
                             "tensors in segments are not supported");
    if (t->n_dims > DETCL_MAX_RANK)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_UNSUPPORTED, "rank %zu is above %d", t->n_dims,
                             DETCL_MAX_RANK);
    d->rank = (int)t->n_dims;
    for (int i = 0; i < d->rank; i++) {
        d->dims[i] = t->dims[i];
        if (d->dims[i] < 0 || d->dims[i] > INT32_MAX)
            return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "extent %lld is out of range",
                                 (long long)d->dims[i]);
    }
    const int64_t count = detcl_desc_count(d);
    if (count < 0 || count > INT32_MAX)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "it has too many elements");
    r->count = (size_t)count;
    return DETCL_OK;
}

/* --- conversion ---------------------------------------------------------------------------- */

/* IEEE 754 binary16 to binary32, exact. */
static float half_to_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = h >> 10 & 0x1f, mantissa = h & 0x3ff;
    if (exponent == 0x1f) {
        exponent = 0xff;
    } else if (exponent) {
        exponent += 127 - 15;
    } else if (mantissa) {
        exponent = 127 - 14;
        while (!(mantissa & 0x400)) {
            mantissa <<= 1;
            exponent--;
        }
        mantissa &= 0x3ff;
    }
    const uint32_t bits = sign | exponent << 23 | mantissa << 13;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static enum detcl_status new_data(struct reader *r, void **data)
{
    *data = dcl_arena_array(&r->m->g->arena, r->count, detcl_dtype_size(r->out->desc.dtype));
    if (!*data)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MEMORY, "no memory for %zu elements", r->count);
    r->out->data = *data;
    return DETCL_OK;
}

/* `raw` is ours, aligned to 64 bytes and of the right size. */
static enum detcl_status take_raw(struct reader *r, void *raw)
{
    void *data;
    switch (r->t->data_type) {
    case ONNX_FLOAT16:
        DCL_TRY(r->m->g->error, new_data(r, &data));
        for (size_t i = 0; i < r->count; i++)
            ((float *)data)[i] = half_to_float(((const uint16_t *)raw)[i]);
        return DETCL_OK;
    case ONNX_DOUBLE:
        DCL_TRY(r->m->g->error, new_data(r, &data));
        for (size_t i = 0; i < r->count; i++)
            ((float *)data)[i] = (float)((const double *)raw)[i];
        return DETCL_OK;
    case ONNX_BOOL:
        for (size_t i = 0; i < r->count; i++)
            ((uint8_t *)raw)[i] = ((uint8_t *)raw)[i] != 0;
        break;
    default:
        break;
    }
    r->out->data = raw;
    return DETCL_OK;
}

static enum detcl_status take_int32s(struct reader *r, const int32_t *from)
{
    void *data;
    DCL_TRY(r->m->g->error, new_data(r, &data));
    for (size_t i = 0; i < r->count; i++) {
        const int32_t v = from[i];
        switch (r->t->data_type) {
        case ONNX_BOOL:
            ((uint8_t *)data)[i] = v != 0;
            break;
        case ONNX_UINT8:
            if (v < 0 || v > UINT8_MAX)
                return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "%d is no uint8", v);
            ((uint8_t *)data)[i] = (uint8_t)v;
            break;
        case ONNX_FLOAT16: /* the bits, in the low half */
            ((float *)data)[i] = half_to_float((uint16_t)v);
            break;
        default:
            ((int32_t *)data)[i] = v;
            break;
        }
    }
    return DETCL_OK;
}

/* --- the three places where data may be ------------------------------------------------------ */

static enum detcl_status read_typed(struct reader *r)
{
    const DclOnnx__TensorProto *t = r->t;
    size_t n = t->n_int32_data;
    if (t->data_type == ONNX_FLOAT)
        n = t->n_float_data;
    else if (t->data_type == ONNX_INT64)
        n = t->n_int64_data;
    else if (t->data_type == ONNX_DOUBLE)
        n = t->n_double_data;
    if (n != r->count)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "it has %zu elements and data for %zu",
                             r->count, n);
    void *empty;
    if (n == 0)
        return new_data(r, &empty);
    switch (t->data_type) {
    case ONNX_FLOAT:
        r->out->data = t->float_data;
        return DETCL_OK;
    case ONNX_INT64:
        r->out->data = t->int64_data;
        return DETCL_OK;
    case ONNX_DOUBLE:
        return take_raw(r, t->double_data);
    default:
        return take_int32s(r, t->int32_data);
    }
}

static enum detcl_status read_raw(struct reader *r)
{
    const size_t expected = r->count * file_element_size(r);
    if (r->t->raw_data.len != expected)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "it needs %zu bytes and has %zu", expected,
                             r->t->raw_data.len);
    return take_raw(r, r->t->raw_data.data);
}

/* A decimal number without sign; false when it is anything else. */
static bool read_number(const char *text, uint64_t *out)
{
    if (*text == 0)
        return false;
    for (*out = 0; *text; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(*out, 10, out) ||
            __builtin_add_overflow(*out, (uint64_t)(*text - '0'), out))
            return false;
    return true;
}

static enum detcl_status read_external(struct reader *r)
{
    const DclOnnx__TensorProto *t = r->t;
    struct dcl_error *e = r->m->g->error;
    const char *location = NULL;
    const size_t bytes = r->count * file_element_size(r);
    uint64_t offset = 0, length = bytes;
    for (size_t i = 0; i < t->n_external_data; i++) {
        const char *key = t->external_data[i]->key, *value = t->external_data[i]->value;
        if (!key || !value)
            continue;
        if (strcmp(key, "location") == 0)
            location = value;
        else if ((strcmp(key, "offset") == 0 && !read_number(value, &offset)) ||
                 (strcmp(key, "length") == 0 && !read_number(value, &length)))
            return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "external data: %s is '%s'", key, value);
    }
    if (!location || !r->m->folder)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL, "external data: %s",
                             location ? "there is no folder to read it from"
                                      : "it has no location");
    if (length != bytes)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MODEL,
                             "it needs %zu bytes, its external data has %llu", bytes,
                             (unsigned long long)length);
    if (bytes > r->m->external_left)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_UNSUPPORTED, "the model has too much external data");
    r->m->external_left -= bytes;
    void *raw = dcl_arena_alloc(&r->m->g->arena, bytes);
    if (!raw)
        return DCL_ONNX_FAIL(r->m, DETCL_ERROR_MEMORY, "no memory for %zu bytes", bytes);
    const enum detcl_status status =
        dcl_onnx_read_external(r->m->folder, location, offset, raw, bytes, e);
    if (status != DETCL_OK) {
        dcl_error_prefix(e, "external data '%s': ", location);
        return status;
    }
    return take_raw(r, raw);
}

enum detcl_status dcl_onnx_read_tensor(struct dcl_onnx_model *m, const DclOnnx__TensorProto *t,
                                       struct dcl_onnx_tensor *out)
{
    struct reader r = {m, t, 0, out};
    DCL_TRY(m->g->error, read_desc(&r));
    if (t->data_location == EXTERNAL)
        return read_external(&r);
    return t->raw_data.len ? read_raw(&r) : read_typed(&r);
}
