/* Writes ONNX files for tests: protobuf's wire format by hand, so that broken files are as easy to
 * make as good ones. Field numbers are those of ONNX's public schema. */
#ifndef TESTS_ONNX_WRITER_H
#define TESTS_ONNX_WRITER_H

#include <stdint.h>
#include <string.h>

struct pb {
    uint8_t data[4096];
    size_t n;
};

static inline void pb_raw(struct pb *p, const void *bytes, size_t n)
{
    if (n > sizeof p->data - p->n)
        n = sizeof p->data - p->n;
    if (n)
        memcpy(p->data + p->n, bytes, n);
    p->n += n;
}

static inline void pb_varint(struct pb *p, uint64_t v)
{
    do {
        const uint8_t byte = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        pb_raw(p, &byte, 1);
        v >>= 7;
    } while (v);
}

static inline void pb_tag(struct pb *p, uint32_t field, uint32_t wire)
{
    pb_varint(p, (uint64_t)field << 3 | wire);
}

static inline void pb_int(struct pb *p, uint32_t field, int64_t v)
{
    pb_tag(p, field, 0);
    pb_varint(p, (uint64_t)v);
}

static inline void pb_float(struct pb *p, uint32_t field, float v)
{
    pb_tag(p, field, 5);
    pb_raw(p, &v, sizeof v);
}

static inline void pb_bytes(struct pb *p, uint32_t field, const void *bytes, size_t n)
{
    pb_tag(p, field, 2);
    pb_varint(p, n);
    pb_raw(p, bytes, n);
}

static inline void pb_text(struct pb *p, uint32_t field, const char *text)
{
    pb_bytes(p, field, text, strlen(text));
}

static inline void pb_message(struct pb *p, uint32_t field, const struct pb *m)
{
    pb_bytes(p, field, m->data, m->n);
}

/* --- ONNX ------------------------------------------------------------------------------------ */

enum { FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6, INT64 = 7, BOOL = 9, FLOAT16 = 10, DOUBLE = 11 };

enum { GRAPH_NODE = 1, GRAPH_INITIALISER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };

/* A ValueInfoProto: extents < 0 are symbolic. */
static inline void onnx_info(struct pb *graph, uint32_t field, const char *name, int32_t type,
                             const int64_t *dims, int rank)
{
    struct pb shape = {0}, tensor = {0}, holder = {0}, info = {0};
    for (int i = 0; i < rank; i++) {
        struct pb dim = {0};
        if (dims[i] < 0)
            pb_text(&dim, 2, "open");
        else
            pb_int(&dim, 1, dims[i]);
        pb_message(&shape, 1, &dim);
    }
    pb_int(&tensor, 1, type);
    pb_message(&tensor, 2, &shape);
    pb_message(&holder, 1, &tensor);
    pb_text(&info, 1, name);
    pb_message(&info, 2, &holder);
    pb_message(graph, field, &info);
}

/* The start of a TensorProto; data follow. */
static inline struct pb onnx_tensor(const char *name, int32_t type, const int64_t *dims, int rank)
{
    struct pb t = {0};
    for (int i = 0; i < rank; i++)
        pb_int(&t, 1, dims[i]);
    pb_int(&t, 2, type);
    pb_text(&t, 8, name);
    return t;
}

static inline void onnx_tensor_raw(struct pb *t, const void *bytes, size_t n)
{
    pb_bytes(t, 9, bytes, n);
}

static inline void onnx_tensor_external(struct pb *t, const char *key, const char *value)
{
    struct pb entry = {0};
    pb_text(&entry, 1, key);
    pb_text(&entry, 2, value);
    pb_message(t, 13, &entry);
    pb_int(t, 14, 1);
}

/* A NodeProto without attributes; `in` and `out` are names separated by commas, "" = none. */
static inline struct pb onnx_node(const char *type, const char *name, const char *in,
                                  const char *out)
{
    struct pb node = {0};
    const char *lists[2] = {in, out};
    for (uint32_t field = 1; field <= 2; field++)
        for (const char *at = lists[field - 1]; *at;) {
            const size_t n = strcspn(at, ",");
            pb_bytes(&node, field, at, n);
            at += n;
            if (*at == ',' && *++at == 0)
                pb_text(&node, field, "");
        }
    if (*name)
        pb_text(&node, 3, name);
    pb_text(&node, 4, type);
    return node;
}

/* The start of an AttributeProto of AttributeType `type`; its value follows. */
static inline struct pb onnx_attribute(const char *name, int type)
{
    struct pb a = {0};
    pb_text(&a, 1, name);
    pb_int(&a, 20, type);
    return a;
}

static inline void onnx_attribute_int(struct pb *node, const char *name, int64_t v)
{
    struct pb a = onnx_attribute(name, 2);
    pb_int(&a, 3, v);
    pb_message(node, 5, &a);
}

static inline void onnx_attribute_float(struct pb *node, const char *name, float v)
{
    struct pb a = onnx_attribute(name, 1);
    pb_float(&a, 2, v);
    pb_message(node, 5, &a);
}

static inline void onnx_opset(struct pb *model, const char *domain, int64_t version)
{
    struct pb set = {0};
    if (*domain)
        pb_text(&set, 1, domain);
    pb_int(&set, 2, version);
    pb_message(model, 8, &set);
}

/* A ModelProto. The opset comes last and is needed, so no shorter prefix is a model. */
static inline struct pb onnx_model(const struct pb *graph, int64_t opset)
{
    struct pb model = {0};
    pb_int(&model, 1, 7);
    pb_message(&model, 7, graph);
    onnx_opset(&model, "", opset);
    return model;
}

#endif
