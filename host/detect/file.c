#include "detect/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Read to the end of `f`, growing; stops one byte past the limit. */
static char *read_all(FILE *f, size_t *size)
{
    size_t room = 0, used = 0;
    char *text = NULL;
    while (used <= DCL_MAX_TEXT_BYTES) {
        if (used == room) {
            room = room ? room * 2 : 4096;
            char *grown = realloc(text, room);
            if (!grown) {
                free(text);
                return NULL;
            }
            text = grown;
        }
        const size_t n = fread(text + used, 1, room - used, f);
        if (n == 0)
            break;
        used += n;
    }
    *size = used;
    return text;
}

enum detcl_status dcl_text_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                char **text, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return DCL_FAIL(e, DETCL_ERROR_IO, "%s: %s", path, strerror(errno));
    size_t n = 0;
    char *read = read_all(f, &n);
    const int damaged = ferror(f);
    fclose(f);
    char *copy = NULL;
    enum detcl_status status = DETCL_OK;
    if (damaged)
        status = DCL_FAIL(e, DETCL_ERROR_IO, "%s: cannot be read", path);
    else if (read && n > DCL_MAX_TEXT_BYTES)
        status = DCL_FAIL(e, DETCL_ERROR_INPUT, "%s: larger than %zu MiB", path,
                          DCL_MAX_TEXT_BYTES >> 20);
    else if (!read || !(copy = dcl_arena_alloc(arena, n + 1)))
        status = DCL_FAIL(e, DETCL_ERROR_MEMORY, "%s: out of memory", path);
    if (status == DETCL_OK) {
        memcpy(copy, read, n);
        *text = copy;
        *size = n;
    }
    free(read);
    return status;
}
