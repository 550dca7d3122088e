#include "onnx/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK)

/* The size of an open regular file, or -1 with the reason in the error. */
static int64_t regular_size(int fd, struct dcl_error *e)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        dcl_fail_at(e, __FILE__, __LINE__, DETCL_ERROR_IO, "%s", strerror(errno));
        return -1;
    }
    if (!S_ISREG(info.st_mode)) {
        dcl_fail_at(e, __FILE__, __LINE__, DETCL_ERROR_IO, "not a regular file");
        return -1;
    }
    return info.st_size;
}

static enum detcl_status read_at(int fd, uint64_t offset, void *out, size_t bytes,
                                 struct dcl_error *e)
{
    size_t done = 0;
    while (done < bytes) {
        const ssize_t n =
            pread(fd, (char *)out + done, bytes - done, (off_t)(offset + (uint64_t)done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return DCL_FAIL(e, DETCL_ERROR_IO, "%s", strerror(errno));
        if (n == 0)
            return DCL_FAIL(e, DETCL_ERROR_IO, "the file became shorter while it was read");
        done += (size_t)n;
    }
    return DETCL_OK;
}

static enum detcl_status read_open_file(int fd, uint8_t **out, size_t *size, struct dcl_error *e)
{
    const int64_t length = regular_size(fd, e);
    if (length < 0)
        return DETCL_ERROR_IO;
    if ((uint64_t)length > DCL_ONNX_MAX_FILE)
        return DCL_FAIL(e, DETCL_ERROR_MODEL, "the file is larger than 2 GiB");
    uint8_t *bytes = malloc((size_t)length + 1);
    if (!bytes)
        return DCL_FAIL(e, DETCL_ERROR_MEMORY, "no memory for %lld bytes", (long long)length);
    const enum detcl_status status = read_at(fd, 0, bytes, (size_t)length, e);
    if (status != DETCL_OK) {
        free(bytes);
        return status;
    }
    *out = bytes;
    *size = (size_t)length;
    return DETCL_OK;
}

enum detcl_status dcl_onnx_read_file(const char *path, uint8_t **out, size_t *size,
                                     struct dcl_error *e)
{
    const int fd = open(path, OPEN_FLAGS);
    if (fd < 0)
        return DCL_FAIL(e, DETCL_ERROR_IO, "%s", strerror(errno));
    const enum detcl_status status = read_open_file(fd, out, size, e);
    close(fd);
    return status;
}

/* Relative, and made of plain names only. */
static bool stays_inside(const char *location)
{
    for (const char *at = location;; at++) {
        const size_t n = strcspn(at, "/");
        if (n == 0 || n > NAME_MAX || strncmp(at, ".", n) == 0 || strncmp(at, "..", n) == 0)
            return false;
        at += n;
        if (!*at)
            return true;
    }
}

/* Component by component, so that a link in the middle is seen too. */
static int open_inside(const char *folder, const char *location)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && *location) {
        char name[NAME_MAX + 1];
        const size_t n = strcspn(location, "/");
        const bool last = location[n] == 0;
        memcpy(name, location, n);
        name[n] = 0;
        location += last ? n : n + 1;
        const int next = openat(fd, name, OPEN_FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
        const int why = errno;
        close(fd);
        errno = why;
        fd = next;
    }
    return fd;
}

static enum detcl_status read_part(int fd, uint64_t offset, void *out, size_t bytes,
                                   struct dcl_error *e)
{
    const int64_t length = regular_size(fd, e);
    if (length < 0)
        return DETCL_ERROR_IO;
    if (offset > (uint64_t)length || bytes > (uint64_t)length - offset)
        return DCL_FAIL(e, DETCL_ERROR_MODEL,
                        "%zu bytes at offset %llu are beyond the file's %lld bytes", bytes,
                        (unsigned long long)offset, (long long)length);
    return read_at(fd, offset, out, bytes, e);
}

enum detcl_status dcl_onnx_read_external(const char *folder, const char *location, uint64_t offset,
                                         void *out, size_t bytes, struct dcl_error *e)
{
    if (!stays_inside(location))
        return DCL_FAIL(e, DETCL_ERROR_MODEL,
                        "the path must be relative to the model's folder, without '.' or '..'");
    const int fd = open_inside(folder, location);
    if (fd < 0)
        return DCL_FAIL(e, DETCL_ERROR_IO, "%s",
                        errno == ELOOP ? "symbolic links are refused" : strerror(errno));
    const enum detcl_status status = read_part(fd, offset, out, bytes, e);
    close(fd);
    return status;
}
