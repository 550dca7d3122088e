/* A walk over the wire format, led by the descriptors that protoc-c generated
 * (protobuf.dev/programming-guides/encoding). Its recursion is as deep as the schema, which does
 * not contain itself. */
#include "onnx/unpack.h"

#include <stdbool.h>
#include <string.h>

enum wire { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

struct cursor {
    const uint8_t *bytes;
    size_t at;
    struct dcl_error *error;
};

static enum detcl_status fail(const struct cursor *c, const ProtobufCMessageDescriptor *type,
                              const char *why)
{
    return DCL_FAIL(c->error, DETCL_ERROR_MODEL, "byte %zu (%s): %s", c->at, type->short_name, why);
}

/* At most ten bytes, seven bits each; false when cut short or longer. */
static bool varint(struct cursor *c, size_t end, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift < 70 && c->at < end; shift += 7) {
        const uint8_t byte = c->bytes[c->at++];
        *out |= (uint64_t)(byte & 0x7f) << (shift < 64 ? shift : 63);
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static enum wire wire_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return FIXED32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return LENGTH;
    default:
        return VARINT;
    }
}

/* A packed array must end with its last element. */
static bool packed_is_whole(enum wire element, const uint8_t *bytes, size_t n)
{
    switch (element) {
    case FIXED32:
        return n % 4 == 0;
    case FIXED64:
        return n % 8 == 0;
    default:
        return n == 0 || !(bytes[n - 1] & 0x80);
    }
}

/* Text ends up in messages on terminals; a NUL would make two different names equal. */
static bool is_text(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((bytes[i] < 0x20 && !strchr("\t\n\r", bytes[i])) || bytes[i] == 0 || bytes[i] == 0x7f)
            return false;
    return true;
}

static enum detcl_status scan_message(struct cursor *c, const ProtobufCMessageDescriptor *type,
                                      size_t end);

static enum detcl_status scan_length(struct cursor *c, const ProtobufCMessageDescriptor *type,
                                     const ProtobufCFieldDescriptor *field, size_t end)
{
    uint64_t n;
    if (!varint(c, end, &n) || n > end - c->at)
        return fail(c, type, "a field is longer than what holds it");
    const size_t field_end = c->at + (size_t)n;
    const uint8_t *data = c->bytes + c->at;
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return scan_message(c, field->descriptor, field_end);
    if (field && field->type == PROTOBUF_C_TYPE_STRING && !is_text(data, (size_t)n))
        return fail(c, type, "a text field holds control characters");
    if (field && wire_of(field->type) != LENGTH &&
        !packed_is_whole(wire_of(field->type), data, (size_t)n))
        return fail(c, type, "a packed array ends inside an element");
    c->at = field_end;
    return DETCL_OK;
}

static enum detcl_status scan_value(struct cursor *c, const ProtobufCMessageDescriptor *type,
                                    const ProtobufCFieldDescriptor *field, enum wire wire,
                                    size_t end)
{
    uint64_t ignored;
    const size_t fixed = wire == FIXED64 ? 8 : 4;
    switch (wire) {
    case VARINT:
        return varint(c, end, &ignored) ? DETCL_OK : fail(c, type, "a number does not end");
    case LENGTH:
        return scan_length(c, type, field, end);
    case FIXED64:
    case FIXED32:
        if (end - c->at < fixed)
            return fail(c, type, "a number does not end");
        c->at += fixed;
        return DETCL_OK;
    }
    return fail(c, type, "a field has an unknown wire type");
}

static bool wire_fits(const ProtobufCFieldDescriptor *field, enum wire wire)
{
    const enum wire own = wire_of(field->type);
    return wire == own || (wire == LENGTH && field->label == PROTOBUF_C_LABEL_REPEATED);
}

static enum detcl_status scan_message(struct cursor *c, const ProtobufCMessageDescriptor *type,
                                      size_t end)
{
    uint64_t seen = 0; /* singular messages, by index in the descriptor */
    while (c->at < end) {
        uint64_t tag;
        if (!varint(c, end, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
            return fail(c, type, "a field has no valid number");
        const enum wire wire = (enum wire)(tag & 7);
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        if (field && !wire_fits(field, wire))
            return fail(c, type, "a field has the wrong wire type");
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            field->label != PROTOBUF_C_LABEL_REPEATED) {
            const uint64_t bit = (uint64_t)1 << (field - type->fields);
            if (seen & bit)
                return fail(c, type, "a field is given twice");
            seen |= bit;
        }
        DCL_TRY(c->error, scan_value(c, type, field, wire, end));
    }
    return DETCL_OK;
}

enum detcl_status dcl_onnx_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                                size_t size, struct dcl_error *e)
{
    struct cursor c = {bytes, 0, e};
    return scan_message(&c, type, size);
}
