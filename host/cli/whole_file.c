#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct content {
    bool (*fill)(FILE *out, const void *user);
    const void *user;
};

static bool fail(struct dcl_console *console, const char *path)
{
    dcl_console_error(console, "%s: cannot be written: %s", path, strerror(errno));
    return false;
}

/* Write to `fd`, which is closed in any case, and wait until the disk has it. */
static bool write_all(const struct content *content, int fd)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return false;
    }
    bool good =
        content->fill(file, content->user) && !ferror(file) && fflush(file) == 0 && fsync(fd) == 0;
    if (fclose(file) != 0)
        good = false;
    return good;
}

static bool write_beside(const struct content *content, const char *path, char *temporary)
{
    const int fd = mkstemp(temporary);
    if (fd < 0)
        return false;
    const mode_t mask = umask(0);
    umask(mask);
    const bool modes = fchmod(fd, 0666 & ~mask) == 0; /* mkstemp makes it private */
    if (write_all(content, fd) && modes && rename(temporary, path) == 0)
        return true;
    const int why = errno;
    unlink(temporary);
    errno = why;
    return false;
}

bool dcl_file_write(struct dcl_console *console, const char *path,
                    bool (*fill)(FILE *out, const void *user), const void *user)
{
    if (strcmp(path, "-") == 0)
        return (fill(stdout, user) && !ferror(stdout)) || fail(console, "standard output");
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
    const struct content content = {.fill = fill, .user = user};
    const bool good = write_beside(&content, path, temporary);
    free(temporary);
    return good || fail(console, path);
}
