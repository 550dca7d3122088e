/* Bump allocator: everything that a graph owns is freed at once, so no error path can leak. */
#ifndef DCL_CORE_ARENA_H
#define DCL_CORE_ARENA_H

#include <stddef.h>

struct dcl_arena_block;

struct dcl_arena {
    struct dcl_arena_block *blocks;
    size_t used; /* bytes handed out, for reports */
};

/* Zeroed memory aligned to 64 bytes, or NULL. Lives until dcl_arena_free. */
void *dcl_arena_alloc(struct dcl_arena *a, size_t bytes);

/* count * size with an overflow check. */
void *dcl_arena_array(struct dcl_arena *a, size_t count, size_t size);

/* A copy of the text; NULL when memory runs out. */
char *dcl_arena_text(struct dcl_arena *a, const char *text);

void dcl_arena_free(struct dcl_arena *a);

/* Grow `*items` (malloc'ed, `size` bytes each) so that index `count` is valid. Returns 0 on
 * failure. */
int dcl_grow(void **items, int *capacity, int count, size_t size);

#endif
