#include "json_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 9 digits tell any two float32 apart. */
#define FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

static bool fail(struct dcl_console *console, const char *path)
{
    dcl_console_error(console, "%s: cannot be written: %s", path, strerror(errno));
    return false;
}

/* Dump to `fd`, which is closed in any case, and wait until the disk has it. */
static bool fill(const json_t *root, int fd)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return false;
    }
    bool good = json_dumpf(root, file, FLAGS) == 0 && fputc('\n', file) != EOF &&
                fflush(file) == 0 && fsync(fd) == 0;
    if (fclose(file) != 0)
        good = false;
    return good;
}

static bool write_beside(const json_t *root, const char *path, char *temporary)
{
    const int fd = mkstemp(temporary);
    if (fd < 0)
        return false;
    const mode_t mask = umask(0);
    umask(mask);
    const bool modes = fchmod(fd, 0666 & ~mask) == 0; /* mkstemp makes it private */
    if (fill(root, fd) && modes && rename(temporary, path) == 0)
        return true;
    const int why = errno;
    unlink(temporary);
    errno = why;
    return false;
}

bool dcl_json_write(struct dcl_console *console, const json_t *root, const char *path)
{
    if (strcmp(path, "-") == 0)
        return (json_dumpf(root, stdout, FLAGS) == 0 && putchar('\n') != EOF) ||
               fail(console, "standard output");
    /* A rename would replace a device or a pipe instead of writing to it. */
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        dcl_console_error(console, "%s: exists and is not a regular file", path);
        return false;
    }
    const size_t size = strlen(path) + sizeof ".XXXXXX";
    char *temporary = malloc(size);
    if (!temporary)
        return fail(console, path);
    snprintf(temporary, size, "%s.XXXXXX", path);
    const bool good = write_beside(root, path, temporary);
    free(temporary);
    return good || fail(console, path);
}

/* Bytes of the character that `s` begins with; 0 when it is not UTF-8. */
static size_t character(const unsigned char *s)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (n < 2 || s[0] >= 0xf8)
        return n == 1;
    unsigned code = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

json_t *dcl_json_text(const char *text)
{
    char *copy = malloc(3 * strlen(text) + 1), *to = copy;
    if (!copy)
        return NULL;
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const size_t n = character(s);
        memcpy(to, n ? (const char *)s : "\xef\xbf\xbd", n ? n : 3);
        to += n ? n : 3;
        s += n ? n : 1;
    }
    json_t *out = json_stringn(copy, (size_t)(to - copy));
    free(copy);
    return out;
}

json_t *dcl_json_number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}
