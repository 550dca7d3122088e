#include "onnx/unpack.h"

/* A message of few bytes may legitimately need more memory than its size: nodes and attributes are
 * small on the wire, and integers grow from one byte to eight. */
#define BUDGET_BASE ((size_t)64 << 20)
#define BUDGET_FACTOR 16

struct budget {
    struct dcl_arena *arena;
    size_t limit; /* of arena->used */
};

static void *budget_alloc(void *user, size_t bytes)
{
    const struct budget *b = user;
    if (b->arena->used > b->limit || bytes > b->limit - b->arena->used)
        return NULL;
    return dcl_arena_alloc(b->arena, bytes);
}

static void budget_free(void *user, void *memory)
{
    (void)user; /* the arena frees everything at once */
    (void)memory;
}

enum detcl_status dcl_onnx_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                                  size_t size, struct dcl_arena *arena, ProtobufCMessage **out,
                                  struct dcl_error *e)
{
    DCL_TRY(e, dcl_onnx_scan(type, bytes, size, e));
    struct budget budget = {arena, arena->used + BUDGET_BASE + BUDGET_FACTOR * size};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, size, bytes);
    if (!message)
        return DCL_FAIL(e, DETCL_ERROR_MEMORY,
                        "%zu bytes need more than %zu MiB of memory to read as %s", size,
                        (BUDGET_BASE + BUDGET_FACTOR * size) >> 20, type->short_name);
    *out = message;
    return DETCL_OK;
}
