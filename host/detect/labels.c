#include "detect/labels.h"

#include "detect/file.h"

#include <string.h>

static const char *trim(const char *from, const char *to, size_t *length)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    *length = (size_t)(to - from);
    return from;
}

const char *dcl_label_copy(const char *name, size_t length, struct dcl_arena *arena)
{
    if (length > DCL_MAX_LABEL_BYTES) {
        length = DCL_MAX_LABEL_BYTES;
        while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80)
            length--;
    }
    char *copy = dcl_arena_alloc(arena, length + 1);
    for (size_t i = 0; copy && i < length; i++) {
        const unsigned char c = (unsigned char)name[i];
        copy[i] = c < 0x20 || c == 0x7f ? '?' : name[i];
    }
    return copy;
}

static enum detcl_status split(const char *path, const char *text, size_t size,
                               struct dcl_arena *arena, struct dcl_error *e, struct dcl_labels *out)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n' || i + 1 == size;
    if (lines > DCL_MAX_LABELS)
        return DCL_FAIL(e, DETCL_ERROR_INPUT, "%s: more than %d class names", path, DCL_MAX_LABELS);
    const char **names = dcl_arena_array(arena, lines + 1, sizeof *names);
    if (!names)
        return DCL_FAIL(e, DETCL_ERROR_MEMORY, "%s: out of memory", path);
    int n = 0, last = 0;
    const char *end = text + size;
    for (const char *line = text, *next; line < end; line = next, n++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        next = stop ? stop + 1 : end;
        size_t length;
        const char *name = trim(line, stop ? stop : end, &length);
        if (length == 0)
            continue;
        names[n] = dcl_label_copy(name, length, arena);
        if (!names[n])
            return DCL_FAIL(e, DETCL_ERROR_MEMORY, "%s: out of memory", path);
        last = n + 1;
    }
    if (last == 0)
        return DCL_FAIL(e, DETCL_ERROR_INPUT, "%s: holds no class name", path);
    *out = (struct dcl_labels){last, names};
    return DETCL_OK;
}

enum detcl_status dcl_labels_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                  struct dcl_labels *out)
{
    char *text;
    size_t size;
    DCL_TRY(e, dcl_text_read(path, arena, e, &text, &size));
    if (memchr(text, 0, size))
        return DCL_FAIL(e, DETCL_ERROR_INPUT, "%s: not a text file", path);
    const size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return split(path, text + mark, size - mark, arena, e, out);
}
