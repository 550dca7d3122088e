/* From bytes to protobuf-c messages, safely. protobuf-c copies every field, merges repeated
 * singular messages and says nothing about why it fails, so the bytes are checked before it sees
 * them. */
#ifndef DCL_ONNX_UNPACK_H
#define DCL_ONNX_UNPACK_H

#include "core/arena.h"
#include "core/error.h"

#include <protobuf-c/protobuf-c.h>

/* Check that `bytes` are one well-formed message of that type: tags, lengths, wire types, singular
 * messages given once, strings without control characters. DETCL_ERROR_MODEL names message type and
 * byte offset. */
enum detcl_status dcl_onnx_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                                size_t size, struct dcl_error *e);

/* Scan, then unpack into the arena, which owns the message: never free it with protobuf-c. Bytes
 * fields and numeric arrays are aligned to 64 bytes. DETCL_ERROR_MEMORY when the message needs much
 * more memory than its size justifies. */
enum detcl_status dcl_onnx_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                                  size_t size, struct dcl_arena *arena, ProtobufCMessage **out,
                                  struct dcl_error *e);

#endif
