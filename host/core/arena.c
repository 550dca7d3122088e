#include "core/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64
#define BLOCK_BYTES ((size_t)64 * 1024)

struct dcl_arena_block {
    struct dcl_arena_block *next;
    size_t used, size; /* of the memory that follows the header */
};

/* The header occupies one aligned unit so that what follows it is aligned. */
static char *block_data(struct dcl_arena_block *b)
{
    return (char *)b + ALIGNMENT;
}

static struct dcl_arena_block *add_block(struct dcl_arena *a, size_t bytes)
{
    const size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    if (size > SIZE_MAX - 2 * ALIGNMENT)
        return NULL;
    struct dcl_arena_block *b = aligned_alloc(ALIGNMENT, size + ALIGNMENT);
    if (!b)
        return NULL;
    *b = (struct dcl_arena_block){a->blocks, 0, size};
    a->blocks = b;
    return b;
}

void *dcl_arena_alloc(struct dcl_arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    struct dcl_arena_block *b = a->blocks;
    if (!b || b->size - b->used < bytes)
        b = add_block(a, bytes);
    if (!b)
        return NULL;
    void *p = block_data(b) + b->used;
    b->used += bytes;
    a->used += bytes;
    return memset(p, 0, bytes);
}

void *dcl_arena_array(struct dcl_arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return dcl_arena_alloc(a, bytes);
}

char *dcl_arena_text(struct dcl_arena *a, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = dcl_arena_alloc(a, n);
    return copy ? memcpy(copy, text, n) : NULL;
}

void dcl_arena_free(struct dcl_arena *a)
{
    while (a->blocks) {
        struct dcl_arena_block *b = a->blocks;
        a->blocks = b->next;
        free(b);
    }
    a->used = 0;
}

int dcl_grow(void **items, int *capacity, int count, size_t size)
{
    if (count < *capacity)
        return 1;
    if (*capacity > INT32_MAX / 2)
        return 0;
    const int wanted = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*items, (size_t)wanted * size);
    if (!grown)
        return 0;
    *items = grown;
    *capacity = wanted;
    return 1;
}
