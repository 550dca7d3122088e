#include "device/device.h"

#include <stdlib.h>

enum detcl_status dcl_desc_bytes(struct detcl_context *ctx, const struct detcl_desc *desc,
                                 size_t *bytes)
{
    if (desc->rank < 0 || desc->rank > DETCL_MAX_RANK || detcl_dtype_size(desc->dtype) == 0)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "rank %d or element type %d is not valid", desc->rank, (int)desc->dtype);
    const int64_t count = detcl_desc_count(desc);
    if (count < 0 || __builtin_mul_overflow((size_t)count, detcl_dtype_size(desc->dtype), bytes))
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "tensor has a negative or too large extent");
    return DETCL_OK;
}

static enum detcl_status new_tensor(struct detcl_context *ctx, const struct detcl_desc *desc,
                                    struct detcl_tensor **out)
{
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    if (!desc || !out)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "tensor needs a desc and an output");
    size_t bytes;
    DCL_TRY(&ctx->error, dcl_desc_bytes(ctx, desc, &bytes));
    struct detcl_tensor *t = calloc(1, sizeof *t);
    if (!t)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    *t = (struct detcl_tensor){.ctx = ctx, .desc = *desc, .buffer.bytes = bytes};
    *out = t;
    return DETCL_OK;
}

enum detcl_status detcl_tensor_create(struct detcl_context *ctx, const struct detcl_desc *desc,
                                      struct detcl_tensor **out)
{
    struct detcl_tensor *t = NULL;
    const enum detcl_status made = new_tensor(ctx, desc, out ? &t : NULL);
    if (made != DETCL_OK)
        return made;
    const enum detcl_status status = ctx->device->alloc(ctx, &t->buffer);
    if (status != DETCL_OK) {
        free(t);
        return status;
    }
    *out = t;
    return DETCL_OK;
}

enum detcl_status detcl_tensor_wrap_host(struct detcl_context *ctx, const struct detcl_desc *desc,
                                         void *memory, struct detcl_tensor **out)
{
    if (ctx && ctx->device != &dcl_cpu_device)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT,
                        "host memory can be wrapped on the CPU device only");
    struct detcl_tensor *t = NULL;
    const enum detcl_status made = new_tensor(ctx, desc, out ? &t : NULL);
    if (made != DETCL_OK)
        return made;
    if (!memory || (uintptr_t)memory % detcl_dtype_size(desc->dtype)) {
        free(t);
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "memory is NULL or not aligned");
    }
    t->buffer.host = memory;
    t->buffer.borrowed = true;
    *out = t;
    return DETCL_OK;
}

void detcl_tensor_destroy(struct detcl_tensor **t)
{
    if (!t || !*t)
        return;
    (*t)->ctx->device->release((*t)->ctx, &(*t)->buffer);
    free(*t);
    *t = NULL;
}

const struct detcl_desc *detcl_tensor_desc(const struct detcl_tensor *t)
{
    return &t->desc;
}

static enum detcl_status check_bytes(const struct detcl_tensor *t, size_t bytes)
{
    size_t own;
    DCL_TRY(&t->ctx->error, dcl_desc_bytes(t->ctx, &t->desc, &own));
    if (own != bytes)
        return DCL_FAIL(&t->ctx->error, DETCL_ERROR_ARGUMENT, "tensor has %zu bytes, not %zu", own,
                        bytes);
    return DETCL_OK;
}

enum detcl_status detcl_tensor_write(struct detcl_tensor *t, const void *from, size_t bytes)
{
    DCL_TRY(&t->ctx->error, check_bytes(t, bytes));
    return t->ctx->device->write(t->ctx, &t->buffer, t->offset, from, bytes, "tensor");
}

enum detcl_status detcl_tensor_read(struct detcl_tensor *t, void *to, size_t bytes)
{
    DCL_TRY(&t->ctx->error, check_bytes(t, bytes));
    return t->ctx->device->read(t->ctx, &t->buffer, t->offset, to, bytes, "tensor");
}
